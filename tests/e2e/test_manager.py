"""ModemManager, told over D-Bus to leave a module alone: a mock of its interface for
what goes well, the real daemon for what does not. Each test has a bus of its own."""

import json
import os
import signal
import socket
import sys

from harness import Process, Skip, find_program

SERVICE = "org.freedesktop.ModemManager1"
OBJECT = "/org/freedesktop/ModemManager1"
DEVICE = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"

CONFIG = """<busconfig>
  <type>system</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
    %s
  </policy>
</busconfig>
"""


def reaches_manager(t):
    with open(t.dfota, "rb") as file:
        if b"InhibitDevice" not in file.read():
            raise Skip("built without libsystemd")


class Bus:
    """A bus; POLICY is put into its configuration."""

    def __init__(self, t, policy=""):
        reaches_manager(t)
        self.t = t
        self.socket = t.path("bus")
        self.address = "unix:path=" + self.socket
        daemon = find_program("dbus-daemon")
        self.daemon = self.start([daemon, "--nofork", "--print-address", "--config-file",
                                  t.write("bus.conf", CONFIG % (self.socket, policy))])
        self.daemon.wait_for(lambda: os.path.exists(self.socket), "the bus")
        t.env["DBUS_SYSTEM_BUS_ADDRESS"] = self.address
        self.monitor = self.start([find_program("dbus-monitor"), "--address", self.address,
                                   "type='signal',member='NameOwnerChanged'",
                                   "type='method_call',member='InhibitDevice'"])
        self.monitor.wait_for(lambda: b"NameLost" in self.monitor.out, "the monitor")

    def owners(self, name):
        """Who has had NAME, "" for nobody, as the bus has told it."""
        words = [line.strip() for line in self.monitor.text().splitlines()]
        return [words[i + 2][len('string "'):-1] for i in range(len(words) - 2) if words[i] == 'string "%s"' % name
                and "NameOwnerChanged" in words[i - 1]]

    def wait_owner(self, name, wanted):
        """Until the last owner of NAME is WANTED: True for somebody."""
        self.monitor.wait_for(lambda: self.owners(name)[-1:] and bool(self.owners(name)[-1]) == wanted, name)

    def start(self, argv, env=None):
        process = Process(argv, dict(self.t.env, DBUS_SYSTEM_BUS_ADDRESS=self.address, **(env or {})))
        self.t.processes.append(process)
        return process

    def connect(self):
        try:
            import dbus.bus
        except ImportError:
            raise Skip("python3-dbus is not installed")
        return dbus.bus.BusConnection(self.address)


TEMPLATE = """# What ModemManager is, all of it before the first call is answered.
BUS_NAME = MAIN_IFACE = %r
MAIN_OBJ = %r
SYSTEM_BUS = IS_OBJECT_MANAGER = True

def load(mock, parameters):
    mock.AddMethod(BUS_NAME, "InhibitDevice", "sb", "", parameters["code"])
    mock.AddObject(MAIN_OBJ + "/Modem/0", BUS_NAME + ".Modem", %s, [])
"""
MODEM = """{"Manufacturer": "Quectel", "Device": %r, "Ports": dbus.Array(
    [dbus.Struct((name, dbus.UInt32(3))) for name in ("ttyACM9", %r)], signature="(su)")}"""


class Mock:
    """ModemManager's interface on BUS, with one modem that has TTY; CODE is what
    InhibitDevice does."""

    def __init__(self, bus, tty, code=""):
        connection = bus.connect()
        import dbus
        try:
            import dbusmock
        except ImportError:
            raise Skip("python3-dbusmock is not installed")
        template = bus.t.write("mock_manager.py", "import dbus\n" + TEMPLATE % (SERVICE, OBJECT, MODEM % (DEVICE, tty)))
        self.process = bus.start([sys.executable, "-u", "-m", "dbusmock", "--template", template,
                                  "--parameters", json.dumps({"code": code})], {"PYTHONUNBUFFERED": "1"})
        bus.wait_owner(SERVICE, True)
        self.control = dbus.Interface(connection.get_object(SERVICE, OBJECT), dbusmock.MOCK_IFACE)

    def add_modem(self, number, tty, device):
        import dbus
        path = dbus.ObjectPath(OBJECT + "/Modem/%d" % number)
        self.control.AddObject(path, SERVICE + ".Modem", eval(MODEM % (device, tty), {"dbus": dbus}), [])
        self.control.EmitSignal("org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", [
            path, dbus.Dictionary({}, signature="sa{sv}")])

    def calls(self):
        """The arguments of InhibitDevice, as far as the mock has said."""
        return [line.split("InhibitDevice ", 1)[1].strip() for line in self.process.text().splitlines()
                if "InhibitDevice " in line and " raised: " not in line]

    def wait_calls(self, count):
        self.process.wait_for(lambda: len(self.calls()) >= count, "%d calls" % count)
        return self.calls()


def tty_of(sim):
    return os.path.realpath(sim.path)[len("/dev/"):]


def ids(run):
    return [notice.get("id") for notice in run.events("notice")]


def upgrade(t, sim, *args, **how):
    return t.start_push(sim, t.package(20000), *args, **how)


HELD = "at updating 40\n\thold\n\tdefault"	# installs, and stays there until it is told to go on
HOLD = ['"%s" True' % DEVICE, '"%s" False' % DEVICE]


def test_it_is_kept_off_from_before_the_first_command_to_the_end(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    mock = Mock(bus, tty_of(sim))
    run = upgrade(t, sim)
    run.expect("success", 0)
    assert mock.wait_calls(2) == HOLD, mock.calls()
    assert ids(run).count("manager-off") == 1, run.report()
    first = next(i for i, event in enumerate(run.events()) if event["type"] in ("tx", "line"))
    held = next(i for i, event in enumerate(run.events()) if event.get("id") == "manager-off")
    assert held < first, run.report()


def test_a_probe_and_a_dry_run_leave_it_alone(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    mock = Mock(bus, tty_of(sim))
    t.run("probe", "--json", "-p", sim.path)
    upgrade(t, sim, "--dry-run").wait()
    t.run("run", "--demo", "-y", "--fast", "--unpaced")
    assert mock.calls() == [], mock.calls()


def test_a_crash_lets_it_go(t):
    """The mock says when who asked has left the bus; ModemManager watches the same."""
    bus, sim = Bus(t), t.sim(package=t.package(20000), scenario=HELD)
    mock = Mock(bus, tty_of(sim))
    run = upgrade(t, sim)
    mock.wait_calls(1)
    bus.monitor.wait_for(lambda: b"member=InhibitDevice" in bus.monitor.out, "the call")
    call = next(line for line in bus.monitor.text().splitlines() if "member=InhibitDevice" in line)
    caller = call.split("sender=", 1)[1].split()[0]
    run.signal(signal.SIGKILL)
    bus.wait_owner(caller, False)
    assert mock.calls() == HOLD[:1], mock.calls()


def raises(name, words="no"):
    return "raise dbus.exceptions.DBusException(%r, name=%r)" % (words, name)


def test_what_it_answers_else_is_said(t):
    bus = Bus(t)
    for error, wanted in (
            ("org.freedesktop.DBus.Error.AccessDenied", "manager-forbidden"),
            (SERVICE + ".Error.Core.Unauthorized", "manager-forbidden"),
            (SERVICE + ".Error.Core.InProgress", "manager-off-already"),
            (SERVICE + ".Error.Core.Failed", "manager-refuses"),
            (SERVICE + ".Error.Core.NotFound", None)):
        sim = t.sim(package=t.package(20000))
        mock = Mock(bus, tty_of(sim), raises(error, "\033[2J{port} %s"))
        run = upgrade(t, sim)
        run.expect("success", 0)
        said = [notice for notice in run.events("notice") if notice.get("id", "").startswith("manager-")]
        assert [notice["id"] for notice in said] == ([wanted] if wanted else []), (error, run.report())
        if wanted in ("manager-forbidden", "manager-refuses"):
            assert said[0]["severity"] == "warning" and "\033" not in said[0]["text"], said
        assert mock.wait_calls(1) == HOLD[:1], mock.calls()
        mock.process.kill()
        bus.wait_owner(SERVICE, False)
        sim.stop()


def test_lines_for_a_person_hold_the_command_that_helps(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    Mock(bus, tty_of(sim), raises("org.freedesktop.DBus.Error.AccessDenied"))
    run = t.run("run", "-y", "-p", sim.path, "-f", t.package(20000))
    assert run.status == 0 and "systemctl stop ModemManager" in run.text() + run.errors(), run.report()


def test_it_is_asked_again_while_it_looks_at_the_device(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    mock = Mock(bus, tty_of(sim), "self.asked = getattr(self, 'asked', 0) + 1\nif self.asked < 3: " +
                raises(SERVICE + ".Error.Core.WrongState"))
    run = upgrade(t, sim)
    run.expect("success", 0)
    assert mock.wait_calls(4) == HOLD[:1] * 3 + HOLD[1:], mock.calls()
    assert [name for name in ids(run) if name and name.startswith("manager")] == ["manager-wait", "manager-off"]


def test_one_that_ends_in_the_middle_is_said_to_have_let_go(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    mock = Mock(bus, tty_of(sim), "if not args[1]: " + raises(SERVICE + ".Error.Core.NotFound"))
    run = upgrade(t, sim)
    run.expect("success", 0)
    assert ids(run).count("manager-lost") == 1, run.report()


def wait_installing(run):
    run.wait_event(type="progress", step="install")


def manager_ids(run):
    return [name for name in ids(run) if name and name.startswith("manager")]


def finish(sim, run):
    sim.go_on()
    run.expect("success", 0)


def restart(bus, mock, tty, code=""):
    mock.process.kill()
    bus.wait_owner(SERVICE, False)
    return Mock(bus, tty, code)


def test_one_that_is_started_again_in_the_middle_is_told_again(t):
    bus = Bus(t)
    sim = t.sim(package=t.package(20000), scenario=HELD)
    mock = Mock(bus, tty_of(sim))
    run = upgrade(t, sim)
    run.wait_for(lambda: "manager-off" in manager_ids(run), "the notice")
    wait_installing(run)
    for times in (2, 3):
        mock = restart(bus, mock, tty_of(sim))
        assert mock.wait_calls(1) == HOLD[:1]
        run.wait_for(lambda: manager_ids(run).count("manager-off") == times, "%d times" % times)
    finish(sim, run)
    assert mock.wait_calls(2) == HOLD, mock.calls()
    assert manager_ids(run) == ["manager-off"] + ["manager-came", "manager-off"] * 2, run.report()


def test_one_that_is_started_late_is_told(t):
    bus = Bus(t)
    sim = t.sim(package=t.package(20000), scenario=HELD)
    run = upgrade(t, sim)
    wait_installing(run)
    assert manager_ids(run) == [], run.report()
    mock = Mock(bus, tty_of(sim))
    assert mock.wait_calls(1) == HOLD[:1]
    run.wait_for(lambda: "manager-off" in manager_ids(run), "the notice")
    finish(sim, run)
    assert mock.wait_calls(2) == HOLD, mock.calls()
    assert manager_ids(run) == ["manager-off"], run.report()


def test_one_that_finds_the_module_late_is_told_when_it_has(t):
    """It looks for some seconds at a module that was plugged in, or came back."""
    bus = Bus(t)
    sim = t.sim(package=t.package(20000), scenario=HELD)
    mock = Mock(bus, "ttyUSB77")
    run = upgrade(t, sim)
    wait_installing(run)
    assert mock.calls() == [], mock.calls()
    mock.add_modem(1, tty_of(sim), "/sys/devices/late")
    assert mock.wait_calls(1) == ['"/sys/devices/late" True']
    run.wait_for(lambda: "manager-off" in manager_ids(run), "the notice")
    finish(sim, run)
    assert mock.wait_calls(2)[1] == '"/sys/devices/late" False', mock.calls()


def test_what_it_refuses_after_a_restart_is_said_once(t):
    bus = Bus(t)
    sim = t.sim(package=t.package(20000), scenario=HELD)
    mock = Mock(bus, tty_of(sim))
    run = upgrade(t, sim)
    run.wait_for(lambda: "manager-off" in manager_ids(run), "the notice")
    wait_installing(run)
    mock = restart(bus, mock, tty_of(sim), raises("org.freedesktop.DBus.Error.AccessDenied"))
    run.wait_for(lambda: "manager-forbidden" in manager_ids(run), "the refusal")
    mock.add_modem(1, "ttyUSB78", "/sys/devices/other")
    mock.wait_calls(2)
    finish(sim, run)
    assert manager_ids(run) == ["manager-off", "manager-came", "manager-forbidden"], manager_ids(run)


def test_a_bus_that_goes_is_said_and_stops_nothing(t):
    bus = Bus(t)
    sim = t.sim(package=t.package(20000), scenario=HELD)
    mock = Mock(bus, tty_of(sim))
    run = upgrade(t, sim)
    run.wait_for(lambda: "manager-off" in manager_ids(run), "the notice")
    wait_installing(run)
    bus.daemon.kill()
    run.wait_for(lambda: "manager-lost" in manager_ids(run), "the notice")
    finish(sim, run)
    assert manager_ids(run) == ["manager-off", "manager-lost"], manager_ids(run)


def test_a_modem_of_another_port_is_left_alone(t):
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    mock = Mock(bus, "ttyUSB77")
    run = upgrade(t, sim)
    run.expect("success", 0)
    assert mock.calls() == [] and "manager-off" not in ids(run), run.report()


def test_a_bus_that_says_nothing_stops_no_upgrade(t):
    reaches_manager(t)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(t.path("bus"))
        silent.listen()
        t.env["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=" + t.path("bus")
        upgrade(t, t.sim(package=t.package(20000))).expect("success", 0)


def test_no_bus_and_rubbish_for_an_address(t):
    reaches_manager(t)
    for address in ("unix:path=" + t.path("nowhere"), "nonsense", "tcp:host=127.0.0.1,port=1"):
        t.env["DBUS_SYSTEM_BUS_ADDRESS"] = address
        sim = t.sim(package=t.package(20000))
        upgrade(t, sim).expect("success", 0)
        sim.stop()


def test_without_libsystemd(t):
    """It is loaded for an upgrade; that goes on where it is not there, or is something else."""
    reaches_manager(t)
    with open("/proc/self/maps", encoding="ascii") as maps:
        another = next(line.split()[-1] for line in maps if "libc.so" in line)
    os.mkdir(t.path("lib"))
    os.symlink(another, t.path("lib/libsystemd.so.0"))
    t.env["LD_LIBRARY_PATH"] = t.path("lib")
    upgrade(t, t.sim(package=t.package(20000))).expect("success", 0)


def test_the_real_daemon_has_nothing_to_do_with_a_terminal(t):
    daemon = find_program("ModemManager")
    bus, sim = Bus(t), t.sim(package=t.package(20000))
    bus.start([daemon, "--test-session", "--test-no-udev", "--test-no-suspend-resume"],
                        {"DBUS_SESSION_BUS_ADDRESS": bus.address})
    bus.wait_owner(SERVICE, True)
    run = upgrade(t, sim)
    run.expect("success", 0)
    assert not [name for name in ids(run) if name and name.startswith("manager-")], run.report()


def test_one_that_is_not_running_is_not_started(t):
    """The bus could start it: there is a service file."""
    bus, sim = Bus(t, ""), t.sim(package=t.package(20000))
    started = t.path("started")
    os.mkdir(t.path("services"))
    t.write("services/%s.service" % SERVICE, "[D-BUS Service]\nName=%s\nExec=/usr/bin/touch %s\nUser=root\n" % (
        SERVICE, started))
    upgrade(t, sim).expect("success", 0)
    assert not os.path.exists(started)
