# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several modules have, documented once. What they are made of for Ansible
stands in module_utils/dfota.py."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    # all modules
    DOCUMENTATION = r"""
options:
  executable:
    description: Where dfota is.
    type: path
    default: dfota
author: [dfota maintainers (@dfota)]
"""

    # what finds a module and talks to it
    PORT = r"""
options:
  port:
    description: The AT port, /dev/ttyACM3, a link to it, tcp:HOST:PORT or rfc2217://HOST:PORT.
    type: str
    required: true
  baud:
    description: Bit rate of the port.
    type: int
  imei:
    description: Only the module with this IMEI.
    type: str
  profile:
    description: Treat the module as one of this family.
    type: str
  supply_min:
    description: Below this supply voltage, in millivolts, the module is not ready.
    type: int
"""

    # an upgrade that is watched to its result
    WATCH = r"""
options:
  listen_timeout:
    description: Of an unfinished upgrade, ask the module after so many seconds of silence.
    type: int
  watch_timeout:
    description: Stop watching after so many seconds in all.
    type: int
  return_timeout:
    description: Wait so many seconds for an answer after the installation.
    type: int
"""
