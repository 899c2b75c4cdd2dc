#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: dfota_status
short_description: Unfinished upgrades of a computer, as facts
description:
  - Runs C(dfota status), which changes nothing.
extends_documentation_fragment: [dfota.dfota.dfota]
"""

EXAMPLES = r"""
- name: What was left
  dfota.dfota.dfota_status:
"""

RETURN = r"""
ansible_facts:
  description: C(dfota_unfinished), a list, newest first; record, model, imei, port, from, to, since, step, installing, pid each.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dfota.dfota.plugins.module_utils import dfota


def main():
    module = AnsibleModule(argument_spec=dfota.EXECUTABLE, supports_check_mode=True)
    module.exit_json(changed=False, ansible_facts=dict(dfota_unfinished=dfota.unfinished(module)))


if __name__ == "__main__":
    main()
