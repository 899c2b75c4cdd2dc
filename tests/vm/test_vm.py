"""dfota on Debian's kernel with its real drivers: ftdi_sio behind a USB plug
that can be pulled, and a 16550. The module is simulated by the host."""

import re

from harness import FROM, TO
from machine import Machine, Wire
from usb_device import EC25, UG96, UsbDevice

PACKAGE = "/root/ug96-06-08.bin"
# The upgrade command has gone out.
SENDING = r'"dir":"tx","text":"AT\+QFOTADL=\\"COM'


def machine(t, serial=None):
    files = {}
    for end in ("", ".manifest"):
        with open(t.path("ug96-06-08.bin" + end), "rb") as file:
            files[PACKAGE + end] = file.read()
    return Machine(t, files, serial)


def module(t, *args, **how):
    return t.sim(*args, package=t.package(20000), **how)


def plugged(t, sim, node="/dev/ttyUSB0"):
    """A machine with the module behind an adapter."""
    vm = machine(t)
    wire = Wire(t, sim.path)
    vm.plug("adapter", wire.path, 1)
    vm.wait_node(node)
    return vm, wire


def test_an_adapter_is_listed_with_its_driver(t):
    vm, _ = plugged(t, module(t))
    ports = vm.command("dfota ports --json").events("port")
    assert [(p["driver"], p["path"]) for p in ports if "USB" in p["path"]] == [("ftdi_sio", "/dev/ttyUSB0")], ports


def upgrade(node="/dev/ttyUSB0", *options):
    return " ".join(("dfota run --json -v -y -p", node, "-f", PACKAGE) + options)


def test_a_push_through_an_adapter(t):
    sim = module(t)
    vm, _ = plugged(t, sim)
    result = vm.command(upgrade()).expect("success", 0)
    assert result["settings"] == [], result
    assert sim.stop() == TO


def test_a_push_over_a_16550(t):
    sim = module(t)
    vm = machine(t, Wire(t, sim.path).path)
    vm.command(upgrade("/dev/ttyS1")).expect("success", 0)
    assert sim.stop() == TO


def test_a_probe_changes_nothing(t):
    sim = module(t)
    vm, _ = plugged(t, sim)
    vm.command("dfota probe --json -p /dev/ttyUSB0").expect("ready", 0)
    assert sim.stop() == FROM


def test_the_rate_behind_an_adapter_is_found(t):
    sim = module(t, scenario="set baud 57600\n")
    vm, _ = plugged(t, sim)
    vm.command(upgrade()).expect("success", 0)
    assert sim.stop() == TO


def test_an_adapter_pulled_in_the_checks(t):
    sim = module(t, scenario="on AT+CGREG?\n\tdrop\n")
    vm, _ = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text('"state":"begin".*"step":"check"|"step":"check","state":"begin"')
    vm.unplug("adapter")
    vm.end().expect("gone", 24)
    assert sim.stop() == FROM


def test_an_adapter_pulled_in_the_transfer_and_plugged_in_again(t):
    """Every write is taken at once by the driver: what was written is not sent."""
    sim = module(t)
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text(SENDING)
    vm.unplug("adapter")
    vm.plug("again", wire.path, 1)
    result = vm.end().expect("unchanged", 10)
    assert result["step"] == "transfer", result
    assert sim.stop() == FROM


def test_an_adapter_pulled_while_the_module_installs_comes_back_under_another_name(t):
    sim = module(t, fast=False, scenario="set flash-ms 20000\n")
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text('"step":"install","state":"begin"')
    vm.unplug("adapter")
    other = Wire(t, t.sim(fast=True).path)
    vm.plug("other", other.path, 2)
    vm.plug("again", wire.path, 1)
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_another_module_in_the_place_of_ours_is_not_upgraded(t):
    sim = module(t, fast=False, scenario="set flash-ms 20000\n")
    vm, wire = plugged(t, sim)
    vm.begin(upgrade("/dev/ttyUSB0", "--return-timeout", "30"))
    vm.wait_text('"step":"install","state":"begin"')
    vm.unplug("adapter")
    other = t.sim(scenario="set imei 358240051111110\n")
    vm.plug("other", Wire(t, other.path).path, 1)
    vm.end().expect("unknown", 12)
    assert other.stop() == FROM


def test_a_power_cut_of_the_computer_while_the_module_installs(t):
    sim = module(t, fast=False, scenario="set flash-ms 20000\n")
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text('"step":"install","state":"begin"')
    vm.power_cut()
    vm.start()
    vm.plug("adapter", wire.path, 1)
    vm.wait_node("/dev/ttyUSB0")
    vm.command("dfota resume --json").expect("success", 0)
    assert sim.stop() == TO


def test_two_modules_at_a_time(t):
    sims = [module(t), module(t, scenario="set imei 358240051111110\n")]
    vm = machine(t)
    for place, sim in enumerate(sims):
        vm.plug("adapter%d" % place, Wire(t, sim.path).path, place + 1)
        vm.wait_node("/dev/ttyUSB%d" % place)
    vm.begin("%s >/tmp/other & %s; one=$?; wait $!; echo; cat /tmp/other; (exit $one)" % (
        upgrade("/dev/ttyUSB0"), upgrade("/dev/ttyUSB1")))
    ended = vm.end()
    assert [r["outcome"] for r in ended.events("result")] == ["success", "success"], ended.text
    assert [sim.stop() for sim in sims] == [TO, TO]


# --- the module's own USB -------------------------------------------------

OWN = "set port usbat\nset urcport usbat\n"

def on_usb(t, sim, kind, node, **how):
    vm = machine(t)
    device = UsbDevice(t, sim.path, kind, "A1", **how)
    vm.plug_usb("module", device, 1)
    vm.wait_node(node)
    return vm, device


def test_the_at_port_of_own_usb_is_listed(t):
    vm, _ = on_usb(t, module(t), UG96, "/dev/ttyACM6")
    ports = vm.command("dfota ports --json").events("port")
    assert [p["path"] for p in ports if p["at"]] == ["/dev/ttyACM3"], ports


def push_on_usb(t, kind, node, **how):
    sim = module(t, scenario=OWN)
    vm, device = on_usb(t, sim, kind, node, **how)
    result = vm.command(upgrade(node)).expect("success", 0)
    assert result["settings"] == [], result
    assert not re.search("CTS|IPR|URCCFG|bit rate", result["message"]), result
    assert sim.stop() == TO
    return device


def test_a_push_over_cdc_acm_with_packets_of_512_bytes(t):
    push_on_usb(t, UG96, "/dev/ttyACM3")


def test_a_push_over_cdc_acm_with_packets_of_64_bytes(t):
    push_on_usb(t, UG96, "/dev/ttyACM3", high_speed=False)


def test_urcs_that_go_elsewhere_are_put_back(t):
    """Own USB: the module sends them to its UART, and does so again afterwards."""
    sim = module(t, scenario="set port usbat\nset urcport uart1\n")
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM3")
    result = vm.command(upgrade("/dev/ttyACM3")).expect("success", 0)
    assert len(result["settings"]) == 1 and "urcport" in str(result["settings"]), result
    assert sim.stop() == TO


def test_a_push_over_option(t):
    """That driver has no line settings, and no CTS before a notification."""
    push_on_usb(t, EC25, "/dev/ttyUSB2", holds_back=False)


def test_a_probe_without_a_port_takes_the_at_port_of_own_usb(t):
    sim = module(t)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.command("dfota probe --json").expect("ready", 0)
    assert sim.stop() == FROM


def test_the_wrong_port_of_the_right_module_is_said(t):
    sim = module(t)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    ended = vm.command("dfota probe --json -p /dev/ttyACM1")
    assert ended.status == 24 and "/dev/ttyACM3" in ended.result()["message"] + ended.result()["advice"], ended.text


def test_own_usb_pulled_in_the_transfer(t):
    sim = module(t, paced=True, scenario=OWN)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM3")
    vm.begin(upgrade("/dev/ttyACM3", "--return-timeout", "20"))
    vm.wait_text(SENDING)
    vm.unplug("module")
    result = vm.end().result()
    assert result["outcome"] in ("unchanged", "unknown") and result["step"] == "transfer", result
    assert sim.stop() == FROM


def test_a_twin_with_the_same_serial_number_is_not_spoken_to(t):
    """Ours goes to another place while it installs; the twin was there before."""
    sim = module(t, fast=False, scenario="set flash-ms 20000\n")
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    twin = t.sim(scenario="set imei 358240051111110\n")
    vm.plug_usb("twin", UsbDevice(t, twin.path, UG96, "A1", name="twin"), 2)
    vm.wait_node("/dev/ttyACM13")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text('"step":"install","state":"begin"')
    vm.unplug("module")
    vm.plug_usb("again", ours, 3)
    vm.end().expect("success", 0)
    assert (sim.stop(), twin.stop()) == (TO, FROM)


def test_a_power_cut_with_own_usb(t):
    sim = module(t, fast=False, scenario="set flash-ms 20000\n")
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text('"step":"install","state":"begin"')
    vm.power_cut()
    vm.start()
    vm.plug_usb("again", ours, 1)
    vm.wait_node("/dev/ttyACM6")
    vm.command("dfota resume --json").expect("success", 0)
    assert sim.stop() == TO
