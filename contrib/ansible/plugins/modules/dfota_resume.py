#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: dfota_resume
short_description: Keep watching an unfinished upgrade until it has a result
description:
  - Runs C(dfota resume) for the unfinished upgrade of a module, which sends nothing that
    changes the module. Where nothing is unfinished it does nothing.
  - In check mode it says what is unfinished.
options:
  port:
    description: Where the module is now.
    type: str
    required: true
  imei:
    description: The module; else the one whose upgrade was begun on O(port).
    type: str
  record:
    description: The record of the upgrade, in place of looking for it.
    type: path
extends_documentation_fragment: [dfota.dfota.dfota, dfota.dfota.dfota.watch]
"""

EXAMPLES = r"""
- name: See to what was left
  dfota.dfota.dfota_resume:
    port: rfc2217://site7:4001
    imei: "490154203237518"
"""

RETURN = r"""
resumed:
  description: Whether something was unfinished.
  returned: always
  type: bool
outcome:
  description: As of M(dfota.dfota.dfota_run), like all else.
  returned: where something was unfinished
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dfota.dfota.plugins.module_utils import dfota


def record_of(module):
    if module.params["record"]:
        return module.params["record"]
    for entry in dfota.unfinished(module):
        wanted = module.params["imei"]
        if entry["imei"] == wanted if wanted else entry["port"] == module.params["port"]:
            return entry["record"]
    return None


def main():
    module = AnsibleModule(
        argument_spec=dict(imei=dict(type="str"), record=dict(type="path"),
                           **dict(dfota.PORT, **dict(dfota.EXECUTABLE, **dfota.RESUME_ARGUMENTS))),
        supports_check_mode=True)
    record = record_of(module)
    if not record:
        module.exit_json(changed=False, resumed=False, msg="nothing is unfinished")
    if module.check_mode:
        module.exit_json(changed=False, resumed=False, unfinished=record, msg="unfinished: a run watches it on")
    dfota.leave(module, dfota.resume(module, record), resumed=True)


if __name__ == "__main__":
    main()
