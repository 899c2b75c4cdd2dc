# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of this collection have in common: dfota is called with --json,
and what it prints is read. Nothing here knows what a module or a package is."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

# What names the module, for all that talk to one.
PORT = dict(port=dict(type="str", required=True))
EXECUTABLE = dict(executable=dict(type="path", default="dfota"))


def options(module, flags):
    """The arguments for those of FLAGS, {parameter: option}, that are set."""
    argv = []
    for name, flag in sorted(flags.items()):
        value = module.params.get(name)
        if value is True:
            argv.append(flag)
        elif value is not None and value is not False:
            argv.extend([flag, str(value)])
    return argv


def call(module, argv, stdin=None):
    """Run dfota ARGV. Returns (status, the objects it printed). A secret goes by STDIN:
    arguments are seen by every user of the computer, and logged."""
    argv = [module.params["executable"]] + argv
    status, out, errors = module.run_command(argv, data=stdin, environ_update=dict(LC_ALL="C.UTF-8"), handle_exceptions=False)
    try:
        events = [json.loads(line) for line in out.splitlines()]
    except ValueError:
        module.fail_json(msg="%s printed no JSON" % argv[0], rc=status, stderr=errors[-2000:])
    return status, events


def execute(module, argv, stdin=None):
    """call(), for what ends in a result: returns what came of it."""
    try:
        status, events = call(module, argv, stdin)
    except (IOError, OSError) as error:
        module.fail_json(msg="%s cannot be run: %s" % (module.params["executable"], error))
    results = [event for event in events if event.get("type") == "result"]
    if len(results) != 1:
        module.fail_json(msg="dfota ended with status %d and no result" % status, rc=status)
    return summary(events, results[0])


def last(events, kind):
    """The newest of KIND, without what only its line needs; None."""
    for event in reversed(events):
        if event.get("type") == kind:
            return dict((key, value) for key, value in event.items() if key not in ("type", "t"))
    return None


def summary(events, result):
    identity = last(events, "identity") or {}
    plan = last(events, "plan") or {}
    return dict(
        outcome=result["outcome"], exit=result["exit"], id=result.get("id"),
        message=result["message"], cause=result.get("cause", ""), advice=result.get("advice", ""),
        safety=result.get("safety", ""), code=result.get("code"),
        from_version=result.get("from"), to_version=result.get("to"), now_version=result.get("now"),
        version_changed=result.get("changed"), settings=result.get("settings", []),
        record=result.get("record"), unfinished=result.get("unfinished"),
        model=identity.get("model"), imei=identity.get("imei"),
        checks=last(events, "checks"), commands=plan.get("commands", []), planned_settings=plan.get("settings", []),
        warnings_of_dfota=[event["text"] for event in events
                           if event.get("type") == "notice" and event.get("severity") != "info"],
        seconds=result["t"])


def words(found):
    """What went wrong, and what to do about it."""
    return ". ".join(text.rstrip(".") for text in (found["message"], found["advice"]) if text)


def unfinished(module):
    """The unfinished upgrades that dfota has records of, newest first."""
    try:
        status, events = call(module, ["status", "--json"])
    except (IOError, OSError) as error:
        module.fail_json(msg="%s cannot be run: %s" % (module.params["executable"], error))
    if status != 0:
        module.fail_json(msg="dfota status ended with status %d" % status, rc=status)
    return [dict((key, value) for key, value in event.items() if key != "type")
            for event in events if event.get("type") == "open"]


RESUME_ARGUMENTS = dict(listen_timeout=dict(type="int"), watch_timeout=dict(type="int"), return_timeout=dict(type="int"))
RESUME_FLAGS = dict(port="--port", listen_timeout="--listen-timeout", watch_timeout="--watch-timeout",
                    return_timeout="--return-timeout")


def resume(module, record):
    """Keep watching the upgrade of RECORD, which sends nothing that changes the module."""
    return execute(module, ["resume", "--json"] + options(module, RESUME_FLAGS) + [record])


def leave(module, found, **more):
    """End as FOUND says: changed where the version did, failed where dfota failed."""
    found.update(more)
    excused = found.pop("excused", False)
    found["changed"] = found["version_changed"] is True
    if module._diff and found["from_version"] and found["to_version"]:
        after = found["now_version"] if not module.check_mode else found["to_version"]
        found["diff"] = dict(before_header="firmware of %s" % module.params["port"],
                             after_header="firmware of %s" % module.params["port"],
                             before="%s\n" % found["from_version"], after="%s\n" % (after or "not known"))
    if found["exit"] != 0 and not excused:
        module.fail_json(msg=words(found), **found)
    module.exit_json(msg=found["message"], **found)
