#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: dfota_probe
short_description: Ask a module who it is, as facts
description:
  - Runs C(dfota probe), which identifies the module and checks whether it is ready for an
    upgrade. It changes nothing in the module, in check mode and without.
  - A module that answers and is not ready is no failure; C(dfota.ready) says so. Another one
    than O(imei) is.
extends_documentation_fragment: [dfota.dfota.dfota, dfota.dfota.dfota.port]
"""

EXAMPLES = r"""
- name: Who is there
  dfota.dfota.dfota_probe:
    port: rfc2217://site7:4001

- name: Only those that still run the old release
  ansible.builtin.debug:
    msg: "{{ dfota.imei }} runs {{ dfota.version }}"
  when: dfota.version == 'UG96LNAR02A06E1G'
"""

RETURN = r"""
ansible_facts:
  description: What is known of the module.
  returned: always
  type: dict
  contains:
    dfota:
      description: >-
        port, model, version, imei, ready; checks with supply_mv, rssi, sim and registration
        (null where it was not measured or not told); message and advice where it is not ready.
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dfota.dfota.plugins.module_utils import dfota

FLAGS = dict(port="--port", baud="--baud", imei="--imei", profile="--profile", supply_min="--supply-min")


def main():
    module = AnsibleModule(
        argument_spec=dict(baud=dict(type="int"), imei=dict(type="str"), profile=dict(type="str"),
                           supply_min=dict(type="int"), **dict(dfota.PORT, **dfota.EXECUTABLE)),
        supports_check_mode=True)
    found = dfota.execute(module, ["probe", "--json"] + dfota.options(module, FLAGS))
    if not found["imei"] or module.params["imei"] not in (None, found["imei"]):
        module.fail_json(msg=dfota.words(found), **found)
    facts = dict((key, found[key]) for key in ("model", "imei", "checks", "outcome", "message", "advice"))
    facts.update(port=module.params["port"], ready=found["exit"] == 0, version=found["now_version"])
    module.exit_json(changed=False, ansible_facts=dict(dfota=facts))


if __name__ == "__main__":
    main()
