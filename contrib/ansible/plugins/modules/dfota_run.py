#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: dfota_run
short_description: Upgrade the firmware of a module, where that is needed
description:
  - Runs C(dfota run --if-needed), so a module that runs the target already is left alone. The
    task is changed only where the version changed.
  - An upgrade of this module that was left unfinished is watched on to its result, and not
    begun again; after its success the module is looked at once more.
  - In check mode it is a dry run, which sends nothing that changes the module. With diff
    the version before and the one after are shown.
  - It fails where dfota does, and says what the module is in then. RV(exit) 10 is a module
    that runs what it ran before, 11 one that needs a person, 12 one of which nothing is known.
options:
  file:
    description: The delta package, where dfota runs; sent over the serial port.
    type: path
  url:
    description: The module downloads the package from here; ftp:// or http://.
    type: str
  relay:
    description: With O(url), dfota downloads the package and sends it over the serial port.
    type: bool
    default: false
  publish:
    description: With O(file), put it on this server, then let the module download it.
    type: str
  overwrite:
    description: Publish even over another file of that name.
    type: bool
    default: false
  verify_source:
    description: With O(url), download and hash the file before the module downloads it.
    type: bool
    default: false
  manifest:
    description: What the package is made for; else PACKAGE.manifest.
    type: path
  target:
    description: The version the package makes, where no manifest says it.
    type: str
  user:
    description: Of the server.
    type: str
  password:
    description: Of the server. It reaches dfota by its standard input only.
    type: str
  cacert:
    description: CA certificates to trust besides the system's.
    type: path
  keep_settings:
    description: Leave what has to be stored in the module as it is then.
    type: bool
    default: false
  resume:
    description: Watch on an unfinished upgrade of this module; without, it makes the task fail.
    type: bool
    default: true
  report:
    description: Return the report for support, C(dfota report), where there is a record.
    type: bool
    default: false
  anonymize:
    description: With O(report), C(dfota report --anonymize).
    type: bool
    default: false
extends_documentation_fragment: [dfota.dfota.dfota, dfota.dfota.dfota.port, dfota.dfota.dfota.watch]
"""

EXAMPLES = r"""
- name: Over the serial line of a terminal server
  dfota.dfota.dfota_run:
    port: rfc2217://site7:4001
    file: /srv/dfota/ug96-06-08.bin

- name: The module downloads; the password is in a vault
  dfota.dfota.dfota_run:
    port: /dev/ttyACM3
    url: ftp://files.example.net/ug96-06-08.bin
    target: UG96LNAR02A08E1G
    user: "{{ dfota_user }}"
    password: "{{ dfota_password }}"
"""

RETURN = r"""
outcome:
  description: success, unchanged, device-failed, unknown, ready (of a dry run), or what stopped it.
  returned: always
  type: str
exit:
  description: The exit status of dfota.
  returned: always
  type: int
version_changed:
  description: Whether the module runs another firmware than before; null where nobody knows.
  returned: always
  type: bool
from_version:
  description: What it ran. RV(to_version) is what it is to run, RV(now_version) what it runs.
  returned: always
  type: str
record:
  description: The record of the session; null where there is none.
  returned: always
  type: str
resumed:
  description: Whether an unfinished upgrade was watched to its end.
  returned: always
  type: bool
report:
  description: The report for support, Markdown.
  returned: with O(report), where there is a record
  type: str
commands:
  description: The AT commands that were planned.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dfota.dfota.plugins.module_utils import dfota

TEXTS = dict(url="--url", publish="--publish", target="--target", imei="--imei", profile="--profile")
PATHS = dict(file="--file", manifest="--manifest", cacert="--cacert")
NUMBERS = dict(baud="--baud", supply_min="--supply-min", watch_timeout="--watch-timeout",
               return_timeout="--return-timeout")
SWITCHES = dict(relay="--relay", overwrite="--overwrite", verify_source="--verify-source",
                keep_settings="--keep-settings")
FLAGS = dict(dict(TEXTS, port="--port"), **dict(PATHS, **dict(NUMBERS, **SWITCHES)))


def arguments():
    spec = dict(user=dict(type="str"), password=dict(type="str", no_log=True), resume=dict(type="bool", default=True),
                report=dict(type="bool", default=False), anonymize=dict(type="bool", default=False))
    for names, kind in ((TEXTS, dict(type="str")), (PATHS, dict(type="path")), (NUMBERS, dict(type="int")),
                        (SWITCHES, dict(type="bool", default=False))):
        spec.update((name, kind) for name in names)
    for more in (dfota.PORT, dfota.EXECUTABLE, dfota.RESUME_ARGUMENTS):
        spec.update(more)
    return spec


def credentials(module):
    """What dfota reads from its standard input; None: nothing."""
    user, password = module.params["user"], module.params["password"]
    if user is None:
        return None
    if "\n" in user or "\n" in password:
        module.fail_json(msg="user and password are one line each")
    return "user = %s\npassword = %s\n" % (user, password)


def run(module):
    argv = ["run", "--json", "--if-needed"] + dfota.options(module, FLAGS)
    argv.append("--dry-run" if module.check_mode else "--yes")
    secret = credentials(module)
    if secret:
        argv.extend(["--credentials", "-"])
    return dfota.execute(module, argv, secret)


def finish(module, found):
    """An unfinished upgrade stands in the way: that one first."""
    if module.check_mode:
        return dict(found, excused=True, message="an upgrade is unfinished: a run watches it on")
    found = dfota.resume(module, found["unfinished"])
    if found["exit"] != 0:
        return found
    again = run(module)
    if again["exit"] == 0 and again["version_changed"] is False:
        return found
    return again


def add_report(module, found):
    if not module.params["report"] or not found["record"]:
        return
    argv = [module.params["executable"], "report", found["record"]] + (["--anonymize"] if module.params["anonymize"] else [])
    status, out, errors = module.run_command(argv, environ_update=dict(LC_ALL="C.UTF-8"))
    if status == 0:
        found["report"] = out
    else:
        module.warn("no report of %s: %s" % (found["record"], errors.strip()))


def main():
    module = AnsibleModule(argument_spec=arguments(), required_one_of=[("file", "url")], mutually_exclusive=[("file", "url")],
                           required_together=[("user", "password")], required_by=dict(publish="file"),
                           supports_check_mode=True)
    found = run(module)
    resumed = bool(found["unfinished"]) and module.params["resume"]
    if resumed:
        found = finish(module, found)
    add_report(module, found)
    if module.check_mode and found["outcome"] == "ready":
        found["version_changed"] = found["from_version"] != found["to_version"]
    dfota.leave(module, found, resumed=resumed and not module.check_mode)


if __name__ == "__main__":
    main()
