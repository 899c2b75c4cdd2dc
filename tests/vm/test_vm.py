"""dfota on Debian's kernel with its real drivers: ftdi_sio behind a USB plug
that can be pulled, and a 16550. The module is simulated by the host."""

import os
import re

from harness import FROM, TO, Nginx, watch_directory
from machine import Console, Machine, Wire
from usb_device import EC25, UG96, UsbDevice

MAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "man")
PACKAGE = "/root/ug96-06-08.bin"
# The upgrade command has gone out.
SENDING = r'"dir":"tx","text":"AT\+QFOTADL=\\"COM'
BACK = '"id":"port-back'
INSTALLS = '"step":"install","state":"begin"'
# It waits at its installation until it is told to go on: no machine is too slow for what is done meanwhile.
HELD = "at updating 40\n\thold\n"
KEPT = "set flash-ms 20000\nset percents 10,20,50,60,90\nat updating 50\n\thold\n"
SLOW = "set flash-ms 20000\n" + HELD	# then it has seconds left, of which one line has to be heard
OTHER = "set imei 358240051111110\n"
RESULTS = "/disk/dfota/sessions/*.jsonl"


def machine(t, serial=None, **how):
    files = {}
    for end in ("", ".manifest"):
        with open(t.path("ug96-06-08.bin" + end), "rb") as file:
            files[PACKAGE + end] = file.read()
    files["/etc/passwd"] = b"root:x:0:0::/root:/bin/sh\ntech:x:1000:1000::/tmp:/bin/sh\nmember:x:1001:1001::/tmp:/bin/sh\n"
    files["/etc/group"] = b"root:x:0:\ndialout:x:20:member\ntech:x:1000:\nmember:x:1001:\n"
    return Machine(t, files, serial, **how)


def resume_and_listen(vm, node, then=""):
    """Until `resume` has the port open with its echo off: from here on it can warrant that nothing
    goes to a module that speaks. What it says before comes back to it from the kernel (port_tty.c).
    THEN: what the shell does, before it waits for the end of $dfota."""
    vm.begin("dfota resume --json -v & dfota=$!; until stty -a -F %s | grep -q ' -echo '; do :; done; "
             "echo; echo quiet; %s wait $dfota" % (node, then))
    vm.wait_text("(?m)^quiet$")


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


def test_A33_cts_that_is_low_is_said_and_not_waited_for(t):
    """A 16550 and an adapter of which only three wires lead to the module."""
    sims = [module(t), module(t)]
    vm = machine(t, Wire(t, sims[0].path).path, cts_low=True)
    vm.plug("adapter", Wire(t, sims[1].path).path, 1)
    vm.wait_node("/dev/ttyUSB0")
    for node in "/dev/ttyS1", "/dev/ttyUSB0":
        ended = vm.command(upgrade(node))
        ended.expect("success", 0)
        assert "port-cts-low" in [e["id"] for e in ended.events("notice")] and "AT+IFC=2,2" not in ended.text, ended.text
    assert [sim.stop() for sim in sims] == [TO, TO]


def test_a_probe_changes_nothing(t):
    """But for the echo of the kernel's tty, which stays off."""
    sim = module(t)
    vm, _ = plugged(t, sim)
    before = vm.command("stty -a -F /dev/ttyUSB0").text
    vm.command("dfota probe --json -p /dev/ttyUSB0").expect("ready", 0)
    after = vm.command("stty -a -F /dev/ttyUSB0").text
    assert " echo " in before and after == before.replace(" echo ", " -echo ").replace(" hupcl ", " -hupcl "), before + after
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
    sim = module(t, scenario=HELD)
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text(INSTALLS)
    vm.unplug("adapter")
    other = Wire(t, t.sim(fast=True).path)
    vm.plug("other", other.path, 2)
    vm.plug("again", wire.path, 1)
    vm.wait_text(BACK)
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_another_module_in_the_place_of_ours_is_not_upgraded(t):
    sim = module(t, scenario=HELD)
    vm, wire = plugged(t, sim)
    vm.begin(upgrade("/dev/ttyUSB0", "--return-timeout", "30"))
    vm.wait_text(INSTALLS)
    vm.unplug("adapter")
    other = t.sim(scenario=OTHER)
    vm.plug("other", Wire(t, other.path).path, 1)
    vm.end().expect("unknown", 12)
    assert other.stop() == FROM
    sim.go_on()


def test_a_power_cut_of_the_computer_while_the_module_installs(t):
    sim = module(t, fast=False, scenario=SLOW)
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text(INSTALLS)
    vm.power_cut()
    vm.start()
    vm.plug("adapter", wire.path, 1)
    vm.wait_node("/dev/ttyUSB0")
    resume_and_listen(vm, "/dev/ttyUSB0")
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_a_module_that_ended_while_the_computer_was_off(t):
    """Nobody heard its END: it may still install, so it is listened to as long as one that
    does may be silent (protocol.md 4.2), or as long as the operator says."""
    sim = module(t, scenario=HELD)
    vm, wire = plugged(t, sim)
    vm.begin(upgrade())
    vm.wait_text(INSTALLS)
    vm.power_cut()
    back = watch_directory(t.dir)
    sim.go_on()
    t.wait_return(back, sim)
    os.close(back)
    vm.start()
    vm.plug("adapter", wire.path, 1)
    vm.wait_node("/dev/ttyUSB0")
    ended = vm.command("dfota resume --json --listen-timeout 5")
    listens = [e["args"]["seconds"] for e in ended.events("notice") if e["id"].startswith("listens-")]
    # longer only where START was not on the disk yet: then it may take a question for package bytes
    assert listens in ([5], [25]), ended.text
    ended.expect("success", 0)
    assert sim.stop() == TO


def test_a_pull_through_an_adapter_stores_nothing(t):
    """The module downloads from the host; the machine has the file where it looks for it."""
    server = t.serve(Nginx, t.web())
    t.package(20000, name="files/delta.bin")
    sim = module(t)
    vm, _ = plugged(t, sim)
    vm.command("echo .bin:application/octet-stream >/etc/httpd.conf; ifconfig lo up; mkdir /www; cp %s /www/delta.bin; httpd -p 127.0.0.1:%d -h /www" % (PACKAGE, server.port))
    ended = vm.command("dfota run --json -v -y -p /dev/ttyUSB0 -u %sdelta.bin --manifest %s.manifest" % (server.url, PACKAGE))
    assert ended.expect("success", 0)["settings"] == [], ended.text
    assert not re.search(r'AT&W|AT\+IPR=|AT\+QURCCFG=\\"urcport\\",', ended.text), ended.text
    assert sim.stop() == TO


def test_who_is_not_in_dialout_is_told_so(t):
    sim = module(t)
    vm, _ = plugged(t, sim)
    vm.command("chown root:dialout /dev/ttyUSB0; chmod 660 /dev/ttyUSB0")	# as udev does
    line = "su -s /bin/sh %s -c 'mkdir -m 700 -p /tmp/%s; XDG_STATE_HOME=/tmp/%s dfota probe --json -p /dev/ttyUSB0'"
    result = vm.command(line % (("tech",) * 3)).expect("port", 20)
    assert "dialout" in result["message"] + result["advice"], result
    vm.command(line % (("member",) * 3)).expect("ready", 0)
    assert sim.stop() == FROM


def screen_on_console(t, sim):
    """The screen on a console of 9,600 bit/s, as the login of a serial console starts it,
    confirmed. Returns (machine, console) when the module has the package."""
    vm, wire = plugged(t, sim)
    console = Console(t)
    vm.plug("console", console.wire.path, 2)
    vm.wait_node("/dev/ttyUSB1")
    vm.command("(setsid -c sh -c 'stty 9600 rows 24 cols 80; exec dfota -p /dev/ttyUSB0 -f %s"
               "' <>/dev/ttyUSB1 >&0 2>&1 &)" % PACKAGE)
    console.until(lambda: b"Upgrade this module" in console.out, "s")
    console.until(lambda: b"Type yes" in console.out, " ")
    console.until(lambda: wire.carried > 5000, "\x15yes\r")
    return vm, console


def test_the_screen_on_a_console_of_9600_baud(t):
    sim = module(t)
    vm, console = screen_on_console(t, sim)
    console.until(lambda: b"Outcome" in console.out, "")
    vm.command("until grep -q '\"type\":\"result\".*\"outcome\":\"success\"' %s; do :; done" % RESULTS)
    console.until(lambda: console.out.endswith(b"\x1b[?1l\x1b>") or not vm.command("pidof dfota").text.strip(), "\x1bxq")
    assert sim.stop() == TO


def test_an_upgrade_goes_on_when_its_console_hangs_up(t):
    """The console is an adapter, and is pulled: the driver hangs its terminal up."""
    sim = module(t, scenario=HELD)
    vm, console = screen_on_console(t, sim)
    vm.command("until grep -q UPDATING %s; do :; done" % RESULTS)
    vm.unplug("console")
    sim.go_on()
    vm.command("while pidof dfota; do :; done >/dev/null")
    result = vm.command("grep '\"type\":\"result\"' " + RESULTS).result()
    assert result["outcome"] == "success", result
    assert sim.stop() == TO


def test_two_modules_at_a_time(t):
    sims = [module(t), module(t, scenario=OTHER)]
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
    vm, _ = on_usb(t, module(t, scenario=OWN), UG96, "/dev/ttyACM6")
    ports = vm.command("dfota ports --json").events("port")
    assert [p["path"] for p in ports if p["at"]] == ["/dev/ttyACM3"], ports


def push_on_usb(t, kind, node, **how):
    sim = module(t, scenario=OWN)
    vm, device = on_usb(t, sim, kind, node, **how)
    ended = vm.command(upgrade(node))
    result = ended.expect("success", 0)
    assert result["settings"] == [], result
    assert not re.search("CTS|IPR|URCCFG|bit rate", result["message"]), result
    assert not re.search("cts-low|other-rate", ended.text), ended.text	# neither has a wire
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
    sim = module(t, scenario=OWN)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.command("dfota probe --json").expect("ready", 0)
    assert sim.stop() == FROM


def test_the_wrong_port_of_the_right_module_is_said(t):
    sim = module(t, scenario=OWN)
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
    sim = module(t, scenario=OWN + HELD)
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    twin = t.sim(scenario=OTHER)
    vm.plug_usb("twin", UsbDevice(t, twin.path, UG96, "A1", name="twin"), 2)
    vm.wait_node("/dev/ttyACM13")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text(INSTALLS)
    vm.unplug("module")
    vm.plug_usb("again", ours, 3)
    vm.wait_text(BACK)
    sim.go_on()
    vm.end().expect("success", 0)
    assert (sim.stop(), twin.stop()) == (TO, FROM)


def test_a_power_cut_with_own_usb(t):
    sim = module(t, fast=False, scenario=OWN + SLOW)
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text(INSTALLS)
    vm.power_cut()
    vm.start()
    vm.plug_usb("again", ours, 1)
    vm.wait_node("/dev/ttyACM6")
    resume_and_listen(vm, "/dev/ttyACM3")
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_own_usb_keeps_its_messages_for_whoever_opens_its_port_again(t):
    """They come within the opening: the echo was left off by who had it open before, although it
    had found it on."""
    sim = module(t, fast=False, scenario=OWN + KEPT + "at updating 90\n\thold\n")
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6", keeps=True)
    vm.command(upgrade("/dev/ttyACM3") + " >/tmp/out & dfota=$!; until grep -q UPDATING..,20 /tmp/out; do :; done; "
               "kill -9 $dfota; wait $dfota; stty -F /dev/ttyACM3 sane")
    resume_and_listen(vm, "/dev/ttyACM3", "kill $dfota;")
    vm.end().expect("unknown", 12)
    sim.go_on()
    ours.wait_kept(b'UPDATING",60')
    vm.begin("dfota resume --json -v")
    vm.wait_text('rx.*UPDATING..,60')
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_own_usb_of_a_kernel_that_was_told_not_to_echo(t):
    """After a power cut, with the remedy of dfota(1)."""
    sim = module(t, fast=False, scenario=OWN + KEPT)
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6", keeps=True)
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text(INSTALLS)
    vm.power_cut()
    vm.start()
    vm.plug_usb("again", ours, 1)
    vm.wait_node("/dev/ttyACM6")
    ours.wait_kept(b'UPDATING",20')
    with open(os.path.join(MAN, "dfota.1"), encoding="utf-8") as page:
        vm.command(re.search(r"(?s)\n(modprobe cdc_acm\n.*?)\n\.Ed", page.read()).group(1))
    vm.wait_node("/dev/ttyACM6")
    assert " -echo " in vm.command("stty -a -F /dev/ttyACM2").text
    vm.begin("dfota resume --json -v")
    vm.wait_text('rx.*UPDATING..,20')
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_own_usb_pulled_in_the_checks(t):
    sim = module(t, scenario=OWN + "on AT+CGREG?\n\tdrop\n")
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text('"dir":"tx","text":"AT.CGREG')
    vm.unplug("module")
    vm.end().expect("gone", 24)
    assert sim.stop() == FROM


def pulled_and_plugged_in_again(t, scenario, until):
    """Own USB goes when UNTIL was said, and is plugged in again; the module waits meanwhile."""
    sim = module(t, scenario=OWN + scenario)
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text(until)
    vm.unplug("module")
    vm.plug_usb("again", ours, 1)
    vm.wait_text(BACK)
    sim.go_on()
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_own_usb_pulled_while_the_module_installs(t):
    pulled_and_plugged_in_again(t, HELD, INSTALLS)


def test_own_usb_pulled_between_two_percents(t):
    pulled_and_plugged_in_again(t, HELD, "rx.*UPDATING..,4")


def test_own_usb_pulled_when_the_module_is_about_to_restart(t):
    pulled_and_plugged_in_again(t, "at reboot\n\thold\n", '"step":"restart","state":"begin"')


def test_own_usb_pulled_while_the_version_is_read(t):
    sim = module(t, scenario=OWN + "on AT+CGMR nth 2\n\thold\n")
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3"))
    vm.wait_text(r'(?s)"step":"verify","state":"begin".*"dir":"tx","text":"AT\+CGMR"')
    vm.unplug("module")
    sim.go_on()
    vm.plug_usb("again", ours, 1)
    vm.end().expect("success", 0)
    assert sim.stop() == TO


def test_own_usb_takes_no_more_of_the_computer_than_it_carries(t):
    """Counted, not timed: the package goes in blocks, and the program sleeps while nothing comes."""
    sim = module(t, scenario=OWN + HELD)
    vm, ours = on_usb(t, sim, UG96, "/dev/ttyACM6")
    look = "cut -d' ' -f14,15 /proc/$dfota/stat; grep -h ctxt /proc/$dfota/task/*/status; echo looked; "
    vm.begin(upgrade("/dev/ttyACM3") + " >/tmp/out & dfota=$!; until grep -q UPDATING..,4 /tmp/out; do sleep 1; done; "
             + look + "sleep 10; " + look + "wait $dfota; s=$?; cat /tmp/out; (exit $s)")
    vm.wait_text("(?s)looked.*looked")
    sim.go_on()
    ended = vm.end()
    ended.expect("success", 0)
    (pushed, ticks), (slept, more) = [
        (sum(int(n) for n in re.findall(r"switches:\s*(\d+)", part)), sum(int(n) for n in re.search(r"(\d+) (\d+)\s", part).groups()))
        for part in ended.text.split("looked")[:2]]
    assert ours.writes < 200, ours.writes
    assert pushed < 2000, pushed
    assert slept - pushed < 100 and more - ticks < 500, (slept - pushed, more - ticks)
    assert sim.stop() == TO


def test_own_usb_restarts_under_other_numbers(t):
    """Somebody holds one of its ports: the kernel keeps that number."""
    sim = module(t, scenario=OWN)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.command("(sleep 100000 </dev/ttyACM0 &)")
    ended = vm.command(upgrade("/dev/ttyACM3"))
    ended.expect("success", 0)
    assert "/dev/ttyACM4" in [e["args"]["port"] for e in ended.events("notice") if e["id"] == "port-back-as"], ended.text
    assert sim.stop() == TO


def test_another_module_in_the_place_of_own_usb_is_not_upgraded(t):
    sim = module(t, scenario=OWN + HELD)
    vm, _ = on_usb(t, sim, UG96, "/dev/ttyACM6")
    vm.begin(upgrade("/dev/ttyACM3", "--return-timeout", "30"))
    vm.wait_text(INSTALLS)
    vm.unplug("module")
    other = t.sim(scenario=OTHER)
    vm.plug_usb("other", UsbDevice(t, other.path, UG96, "B2", name="other"), 1)
    vm.end().expect("unknown", 12)
    assert other.stop() == FROM
    sim.go_on()


def test_two_modules_that_change_places_are_known_by_their_serial_numbers(t):
    sims = [module(t, scenario=OWN + HELD), module(t, scenario=OWN + HELD + OTHER)]
    vm = machine(t)
    devices = [UsbDevice(t, sim.path, UG96, serial, name=serial) for sim, serial in zip(sims, ("A1", "B2"))]
    for place, device in enumerate(devices):
        vm.plug_usb("module%d" % place, device, place + 1)
        vm.wait_node("/dev/ttyACM%d" % (7 * place + 6))
    vm.begin("dfota run --json -v -y -p /dev/ttyACM3 -p /dev/ttyACM10 -f " + PACKAGE)
    vm.wait_text("(?s)(%s.*){2}" % INSTALLS)
    vm.unplug("module0")
    vm.unplug("module1")
    vm.plug_usb("crossed1", devices[1], 1)
    vm.plug_usb("crossed0", devices[0], 2)
    vm.wait_text("(?s)(%s.*){2}" % BACK)
    for sim in sims:
        sim.go_on()
    ended = vm.end()
    assert [r["outcome"] for r in ended.events("result")] == ["success", "success"], ended.text
    assert [sim.stop() for sim in sims] == [TO, TO]
