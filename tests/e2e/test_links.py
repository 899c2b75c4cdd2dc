"""Links over the network: the simulated module on a TCP port, and behind a real
ser2net over a pair of pseudo-terminals."""

import os
import re
import select
import signal
import socket
import subprocess
import threading
import time

from fault_proxy import FaultServer
from harness import DEADLINE, HERE, Nginx, Skip, find_program
from test_ways import PULL, assert_upgraded

RAW = "tcp"
TELNET = "telnet(rfc2217),tcp"


class Client:
    """A connection to "tcp:HOST:PORT", what came in .data."""

    def __init__(self, t, path):
        host, port = path[len("tcp:"):].rsplit(":", 1)
        self.socket = socket.create_connection((host.strip("[]"), int(port)), DEADLINE)
        self.data = b""
        t.others.append(self.socket.close)

    def send(self, data):
        self.socket.sendall(data)

    def until(self, text):
        """Until TEXT is there, or the end when it is None; then what came."""
        while text is None or text not in self.data:
            more = self.socket.recv(65536)
            if not more:
                assert text is None, "closed, and no %r in %r" % (text, self.data)
                break
            self.data += more
        return self.data


class Ser2net:
    """Serves DEVICE at 127.0.0.1:.port; started when it listens. The port is held by
    a socket that is bound and does not listen, which SO_REUSEADDR allows, so that no
    other program gets it."""

    def __init__(self, t, device, accepter=RAW, settings="115200n81,local", options="", locks=False,
                 text=None):
        program = find_program("ser2net")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        work = t.path("ser2net%d" % self.port)
        os.mkdir(work)
        conf = t.write(os.path.join(work, "conf"), text and text(self.port) or """%%YAML 1.1
---
connection: &module
  accepter: %s,127.0.0.1,%d
  connector: serialdev,%s,%s
%s""" % (accepter, self.port, device, settings,
         "  options:\n" + "".join("    %s\n" % o for o in options.split("; ")) if options else ""))
        errors = open(os.path.join(work, "err"), "wb")
        self.popen = subprocess.Popen(
            [program, "-n", *([] if locks else ["-u"]), "-c", conf, "-P", os.path.join(work, "pid")], env=t.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors)
        errors.close()
        t.others.append(self.stop)
        self.wait_listening()
        self.raw = "tcp:127.0.0.1:%d" % self.port
        self.telnet = "rfc2217://127.0.0.1:%d" % self.port

    def wait_listening(self):
        """It writes its number before it listens, and says nothing when it does: the kernel
        is asked, since a connection would be a user of the port."""
        end = time.monotonic() + DEADLINE
        while not is_listening(self.port):
            assert self.popen.poll() is None and time.monotonic() < end, "ser2net does not start"
            select.select([], [], [], 0.02)

    def stop(self):
        self.popen.kill()
        self.popen.wait()
        self.socket.close()


def is_listening(port):
    """Something, at 127.0.0.1:PORT."""
    with open("/proc/net/tcp") as table:
        return any(line.split()[1:4:2] == ["0100007F:%04X" % port, "0A"] for line in table)


IAC, SE, SB, WILL, WONT, DO, DONT = b"\xff", b"\xf0", b"\xfa", b"\xfb", b"\xfc", b"\xfd", b"\xfe"
BINARY, SGA, COM_PORT = b"\0", b"\x03", b"\x2c"
BAUD, CONTROL, PURGE = 1, 5, 12


class TelnetServer(FaultServer):
    """RFC 2217 in front of SIM, which listens. REFUSES: options that are answered no;
    ANSWER(command, value): what is answered to COM-PORT-OPTION (None: nothing), without
    the end; GREETING is sent first. What the client asked is in .asked."""

    def __init__(self, t, sim, refuses=(), answer=lambda command, value: bytes([command + 100]) + value,
                 greeting=b"", mute=False):
        self.sim, self.refuses, self.answer = sim, refuses, answer
        self.greeting, self.mute, self.asked, self.sent = greeting, mute, [], b""
        self.free = threading.Lock()
        super().__init__(t, None)
        self.telnet = "rfc2217://127.0.0.1:%d" % self.port
        self.raw = "tcp:127.0.0.1:%d" % self.port

    def handle(self, connection):
        """The line is another's no more when this client has it: the sim has but one."""
        host, port = self.sim.path[len("tcp:"):].rsplit(":", 1)
        self.state = {}
        with self.free, socket.create_connection((host, int(port)), DEADLINE) as line:
            connection.send(self.greeting)
            try:
                self.serve(line, connection)
            finally:
                line.shutdown(socket.SHUT_WR)
                while self.ending[0] not in select.select([line, self.ending[0]], [], [])[0] and line.recv(4096):
                    pass

    def serve(self, line, connection):
        while True:
            ready = select.select([line, connection.socket, self.ending[0]], [], [])[0]
            if self.ending[0] in ready:
                return
            if line in ready:
                data = line.recv(4096)
                if not data:
                    return
                connection.send(self.to_client(data, connection))
            if connection.socket in ready:
                data = connection.socket.recv(4096)
                if not data:
                    return
                connection.data += data
                line.sendall(self.data_of(connection))

    def to_client(self, data, connection):
        return data.replace(IAC, IAC + IAC)

    def package_size(self, data):
        """How many bytes of the package have come in with DATA, however they were cut."""
        self.sent += data
        return len(self.sent.partition(b"AT+QFOTADL=")[2])

    def data_of(self, connection):
        """What is data of all that came in; half a command waits."""
        out, rest = b"", connection.data
        while rest:
            if rest[:1] != IAC:
                plain = rest.split(IAC, 1)[0]
                out, rest = out + plain, rest[len(plain):]
            elif rest[1:2] == IAC:
                out, rest = out + IAC, rest[2:]
            elif rest[1:2] == SB and IAC + SE in rest:
                option, rest = rest[2:].split(IAC + SE, 1)
                self.com_port(option.replace(IAC + IAC, IAC), connection)
            elif rest[1:2] != SB and len(rest) > 2:
                self.option(rest[1:2], rest[2:3], connection)
                rest = rest[3:]
            else:
                break
        connection.data = rest
        return out

    def option(self, verb, option, connection):
        if self.mute:
            return
        yes, no = (DO, DONT) if verb in WILL + WONT else (WILL, WONT)
        reply = no if option in self.refuses or verb in WONT + DONT else yes
        if self.state.get((yes, option)) != reply:
            self.state[(yes, option)] = reply
            connection.send(IAC + reply + option)

    def com_port(self, option, connection):
        assert option[:1] == COM_PORT, option
        self.asked.append((option[1], option[2:]))
        answer = self.answer(option[1], option[2:])
        if answer:
            connection.send(IAC + SB + COM_PORT + answer.replace(IAC, IAC + IAC) + IAC + SE)


def every_value(times=40):
    """Package bytes with every value, 255 and what telnet makes of it in all places."""
    return (bytes(range(256)) + b"\xff\xff\xff\xfb\x00\xff\xfa\x2c\x05\xff\xf0\r\n\r\0\x11\x13" * 8) * times


def start_run(t, port, package, *args):
    return t.start("run", "--json", "--verbose", "-y", "-p", port, "-f", package, *args)


def test_sim_listens(t):
    """Push over TCP: closed when the module restarts, refused while it is away."""
    package = t.package()
    sim = t.sim(listen="0", package=package)
    assert sim.path.startswith("tcp:127.0.0.1:"), sim.path
    run = t.start_push(sim, package)
    assert_upgraded(run, sim)


def test_sim_listens_to_one_client(t):
    sim = t.sim(listen="localhost:0")
    first = Client(t, sim.path)
    first.send(b"AT\r")
    first.until(b"\r\nOK\r\n")
    second = Client(t, sim.path)
    assert second.until(None) == b"Port already in use\r\n", second.data
    first.send(b"ATI\r")
    first.until(b"Revision: ")
    first.socket.close()
    third = Client(t, sim.path)
    third.send(b"AT\r")
    third.until(b"\r\nOK\r\n")
    assert b"Revision" not in third.data, third.data


def test_sim_that_listens_goes_away_with_its_module(t):
    """Whatever it has said before comes over, and the port is taken meanwhile."""
    sim = t.sim(listen="0", fast=False, scenario="on AT+CFUN=1,1\n\tline OK\n\treboot\n")
    client = Client(t, sim.path)
    client.send(b"AT+CFUN=1,1\r")
    assert client.until(None).endswith(b"\r\nOK\r\n"), client.data
    away = Client(t, sim.path)
    assert away.until(None).startswith(b"Device open failure: "), away.data


def test_sim_refuses_what_is_no_address(t):
    for words, status, text in ((["--listen", "x"], 64, b"PORT or HOST:PORT"),
                                (["--listen", "no.such.invalid:1"], 64, b"no.such.invalid"),
                                (["--listen", "192.0.2.1:1"], 20, b"Cannot assign")):
        sim = t.run("sim", *words)
        assert sim.status == status and text in sim.err, sim.report()


def push_through(t, accepter, port_of, *args, sim_args=(), **server):
    package = t.package(every_value())
    sim = t.sim(*sim_args, package=package)
    ser2net = Ser2net(t, sim.path, accepter, **server)
    run = start_run(t, port_of(ser2net), package, *args)
    assert_upgraded(run, sim)
    return run


def test_ser2net_raw_push(t):
    run = push_through(t, RAW, lambda s: s.raw)
    assert "bit rate and flow control are the server's" in run.notices(), run.notices()


def test_ser2net_telnet_push(t):
    run = push_through(t, TELNET, lambda s: s.telnet)
    assert "not confirmed" not in run.notices(), run.notices()


def test_ser2net_telnet_taken_for_raw_push(t):
    """It greets in telnet: spoken so, whatever the port is called."""
    run = push_through(t, TELNET, lambda s: s.raw)
    assert "greets in telnet" in run.notices(), run.notices()


def pull_through(t, accepter, port_of):
    package = t.package(name=os.path.join("files", "demo.bin")) if t.web() else None
    server = t.serve(Nginx, t.web())
    sim = t.sim(package=package)
    ser2net = Ser2net(t, sim.path, accepter)
    run = t.start("run", "--json", "--verbose", "-y", "-p", port_of(ser2net),
                  "-u", server.url + "demo.bin", *PULL)
    assert_upgraded(run, sim)


def test_ser2net_raw_pull(t):
    pull_through(t, RAW, lambda s: s.raw)


def test_ser2net_telnet_pull(t):
    pull_through(t, TELNET, lambda s: s.telnet)


def test_ser2net_sets_the_rate(t):
    """The server is told the rate of -b, or the one at which the module answers."""
    for baud, args in (("57600", ["-b", "57600"]), ("9600", [])):
        sim = t.sim("-b", baud)
        ser2net = Ser2net(t, sim.path, TELNET, settings="19200n81,local")
        run = t.run("probe", "--json", "-p", ser2net.telnet, *args)
        run.expect("ready", 0)


def test_ser2net_in_use(t):
    """Raw and telnet: busy, in the server's words (faults.md A37)."""
    for accepter in (RAW, TELNET):
        sim = t.sim()
        ser2net = Ser2net(t, sim.path, accepter)
        first = Client(t, ser2net.raw)
        first.send(b"AT\r")
        first.until(b"OK\r\n")
        for port in (ser2net.raw, ser2net.telnet) if accepter == TELNET else (ser2net.raw,):
            run = t.run("probe", "--json", "-p", port)
            run.expect("busy", 21, message="Port already in use")


def test_ser2net_without_its_device(t):
    """From the start (faults.md A38)."""
    for accepter, kind in ((RAW, "raw"), (TELNET, "telnet"), (TELNET, "raw")):
        ser2net = Ser2net(t, t.path("none"), accepter)
        run = t.run("probe", "--json", "-p", getattr(ser2net, kind))
        run.expect("port", 20, message="Device open failure")


def test_ser2net_whose_device_is_taken(t):
    """By a program on the server's own machine, which locks it as ser2net does."""
    if not os.access("/var/lock", os.W_OK):
        raise Skip("/var/lock is not writable")
    sim = t.sim()
    first, second = (Ser2net(t, sim.path, locks=True) for _ in range(2))
    holder = Client(t, first.raw)
    holder.send(b"AT\r")
    holder.until(b"OK\r\n")
    run = t.run("probe", "--json", "-p", second.raw)
    run.expect("busy", 21, message="already in use")


def test_ser2net_with_a_banner(t):
    """Shown, and no answer to anything (faults.md A42)."""
    for banner in ("Welcome to gate 7\\r\\n", "OK\\r\\n", "login: "):
        sim = t.sim()
        ser2net = Ser2net(t, sim.path, options='banner: "%s"' % banner)
        run = t.run("probe", "--json", "--verbose", "-p", ser2net.raw)
        run.expect("ready", 0)
        assert banner.split("\\")[0].strip() in run.notices(), run.notices()


def test_ser2net_that_kicks_the_old_user(t):
    """The newer one gets the port; the older one is told what happened, and does not
    take it back."""
    sim = t.sim()
    ser2net = Ser2net(t, sim.path, options="kickolduser: true")
    first = Client(t, ser2net.raw)
    first.send(b"AT\r")
    first.until(b"OK\r\n")
    run = t.run("probe", "--json", "-p", ser2net.raw)
    run.expect("ready", 0)
    first.until(None)


def test_ser2net_that_kicks_us(t):
    """While the module is asked: who closed the connection is said."""
    sim = t.sim(scenario="on AT+CBC\n\thold\n\tline OK\n")
    ser2net = Ser2net(t, sim.path, options="kickolduser: true")
    run = t.start("probe", "--json", "--verbose", "-p", ser2net.raw)
    run.wait_event(type="line", text="AT+CBC")
    Client(t, ser2net.raw)
    run.expect("gone", 24, message="closed the connection")
    sim.go_on()


def telnet_push(t, message, answer=None, refuses=(), expect=("success", 0), **how):
    package = t.package(every_value())
    sim = t.sim(listen="0", package=package)
    how.update({"answer": answer} if answer else {})
    server = TelnetServer(t, sim, refuses, **how)
    run = start_run(t, server.telnet, package)
    result = run.expect(*expect)
    said = run.notices() + result["message"]
    assert message in said, said
    return server, run


def test_telnet_all_is_set(t):
    server, _ = telnet_push(t, "")
    asked = dict((command, value) for command, value in server.asked if command != CONTROL)
    assert asked[BAUD] == (115200).to_bytes(4, "big"), server.asked
    assert (asked[2], asked[3], asked[4]) == (b"\x08", b"\x01", b"\x01"), server.asked
    controls = [value for command, value in server.asked if command == CONTROL]
    assert controls[:2] == [b"\x08", b"\x03"] and set(controls) == {b"\x08", b"\x03"}, \
        controls	# DTR on, RTS/CTS; DTR never off


def test_telnet_server_that_takes_no_settings(t):
    telnet_push(t, "takes no line settings", refuses=(COM_PORT,))


def test_telnet_server_that_answers_no_setting(t):
    telnet_push(t, "has not confirmed", answer=lambda command, value: None)


def test_telnet_server_that_answers_some_settings(t):
    telnet_push(t, "has not confirmed",
                answer=lambda command, value: bytes([command + 100]) + value if command == BAUD else None)


def test_telnet_server_that_keeps_its_rate(t):
    """Whatever it is asked; that of the module is another matter."""
    telnet_push(t, "keeps the line at 115201 baud, not 115200",
                answer=lambda command, value: bytes([command + 100]) + (
                    (115201).to_bytes(4, "big") if command == BAUD else value))


def test_telnet_server_with_another_frame(t):
    for command, value in ((2, b"\x07"), (3, b"\x03"), (4, b"\x02")):
        telnet_push(t, "8 data bits, no parity, 1 stop bit", expect=("port", 20),
                    answer=lambda c, v: bytes([c + 100]) + (value if c == command else v))


def test_telnet_server_that_answers_one_to_all(t):
    """RTS/CTS is not in force then: as said, and sent without it."""
    telnet_push(t, "does not switch RTS/CTS flow control on",
                answer=lambda command, value: bytes([command + 100]) + (b"\x01" if command == CONTROL else value))


def test_telnet_server_without_binary(t):
    for way in (BINARY, BINARY + SGA):
        telnet_push(t, "binary mode", refuses=tuple(way[i:i + 1] for i in range(len(way))), expect=("port", 20))


def test_telnet_server_that_says_nothing(t):
    telnet_push(t, "does not answer telnet", mute=True, expect=("port", 20))


def test_telnet_server_that_stops_in_an_option(t):
    """Its rest never comes: what follows later is the line's."""
    class Server(TelnetServer):
        def com_port(self, option, connection):
            if option[1] != BAUD:
                super().com_port(option, connection)
            elif not self.asked:
                self.asked.append((BAUD, option[2:]))
                connection.send(IAC + SB + COM_PORT + b"\x65\0\0")
    package = t.package()
    sim = t.sim(listen="0", package=package)
    server = Server(t, sim)
    run = start_run(t, server.telnet, package)
    run.expect("success", 0)
    assert "has not confirmed" in run.notices(), run.notices()


def test_telnet_server_that_stops_and_goes_on(t):
    """FLOWCONTROL-SUSPEND within the package: not a byte until it is taken back."""
    class Server(TelnetServer):
        stopped = False

        def data_of(self, connection):
            data = super().data_of(connection)
            if self.package_size(data) > 1000 and not self.stopped:
                self.stopped = True
                connection.send(IAC + SB + COM_PORT + b"\x6c" + IAC + SE)
                while select.select([connection.socket], [], [], 2)[0]:
                    connection.data += connection.socket.recv(4096)	# was under way
                ready = select.select([connection.socket, self.ending[0]], [], [], 1.5)[0]
                assert not ready, "it does not stop"
                connection.send(IAC + SB + COM_PORT + b"\x6d" + IAC + SE)
                data += super().data_of(connection)
            return data
    package = t.package(every_value(200))
    sim = t.sim(listen="0", package=package)
    server = Server(t, sim)
    run = start_run(t, server.telnet, package)
    run.expect("success", 0)
    assert server.stopped


def test_telnet_server_that_never_stops_negotiating(t):
    """The limit holds all the same."""
    def flood(connection):
        while True:
            connection.send((IAC + NOP) * 1000)
    NOP = b"\xf1"
    server = FaultServer(t, flood)
    run = t.run("probe", "--json", "-p", "rfc2217://127.0.0.1:%d" % server.port)
    run.expect("port", 20, message="does not answer telnet")


def test_telnet_server_that_leaves_binary_mode(t):
    """Within the package: not a byte more, and the module is asked over a new connection."""
    class Server(TelnetServer):
        left = False

        def data_of(self, connection):
            data = super().data_of(connection)
            if self.package_size(data) > 500 and not self.left:
                self.left = True
                connection.send(IAC + WONT + BINARY)
            return data
    package = t.package(every_value(200))
    sim = t.sim(listen="0", package=package, paced=True)
    server = Server(t, sim)
    run = start_run(t, server.telnet, package)
    run.expect("unchanged", 10)
    assert server.connections == 2, server.connections


def test_telnet_purges_what_the_server_holds(t):
    """After a transfer that was stopped: it would reach the module later."""
    package = t.package(every_value(200))
    sim = t.sim(listen="0", package=package)
    server = TelnetServer(t, sim)
    run = start_run(t, server.telnet, package)
    run.wait_event(type="line", text="CONNECT")
    run.signal(signal.SIGINT)
    run.expect("unchanged", 10)
    assert (PURGE, b"\x02") in server.asked, server.asked


def test_server_is_not_hammered(t):
    """Its device is missing from the module's restart on: said once, and it is asked
    twice a second at most, then less often (faults.md A36, A38)."""
    class Server(TelnetServer):
        times = []

        def handle(self, connection):
            self.times.append(time.monotonic())
            if connection.number == 1:
                super().handle(connection)
            elif connection.number < 8:
                connection.send("Device open failure: no such thing\r\n")
            else:
                super().handle(connection)
    package = t.package()
    sim = t.sim(listen="0", package=package)
    server = Server(t, sim)
    run = start_run(t, server.telnet, package)
    run.expect("success", 0)
    gaps = [b - a for a, b in zip(server.times[1:], server.times[2:])]
    # as the server sees them: the first may come late on a busy machine
    assert min(gaps) > 0.25 and sum(gaps) > 0.9 * (5 * 0.5 + 2), gaps
    assert run.notices().count("no such thing") == 1, run.notices()


def test_server_that_speaks_late(t):
    """Refused after the first AT went out: its words all the same."""
    def late(connection):
        connection.exactly(3)
        connection.send("Port already in use\r\n")
    server = FaultServer(t, late)
    run = t.run("probe", "--json", "-p", "tcp:127.0.0.1:%d" % server.port)
    run.expect("busy", 21, message="Port already in use")


def test_server_that_closes_without_a_word(t):
    for kind in ("tcp:", "telnet:", "rfc2217://"):
        server = FaultServer(t, lambda connection: None)
        run = t.run("probe", "--json", "-p", "%s127.0.0.1:%d" % (kind, server.port))
        run.expect("port", 20, message="before a byte came")


def test_server_refusals_of_other_makes(t):
    for words, outcome, status in (("All ports on this unit are BUSY\r\n", "busy", 21),
                                   ("\r\nThis line is occupied by ada\n", "busy", 21),
                                   ("ERR no device\r\n", "port", 20)):
        server = FaultServer(t, lambda connection: connection.send(words))
        run = t.run("probe", "--json", "-p", "tcp:127.0.0.1:%d" % server.port)
        run.expect(outcome, status, message=words.strip())


def test_raw_server_of_another_rate(t):
    """The line is at 9,600 and so is the module; -b means nothing there. Nothing is sent
    or stored about rate or flow, and the next run finds the module as before (A31, A41)."""
    package = t.package(every_value(10))
    sim = t.sim("-b", "9600", package=package, paced=True)
    ser2net = Ser2net(t, sim.path, settings="9600n81,local")
    run = start_run(t, ser2net.raw, package, "-b", "115200")
    run.expect("success", 0)
    sent = [line for line in run.lines("tx") if re.match(r"AT\+(IPR|IFC)=|.*&W|AT\+QURCCFG=.*,", line)]
    assert not sent, sent
    progress = [e for e in run.events("progress") if e["step"] == "transfer"]
    first, last = progress[0], progress[-1]
    assert last["t"] - first["t"] > 0.7 * (last["done"] - first["done"]) / 960, (first, last)
    t.run("probe", "--json", "-p", ser2net.raw).expect("ready", 0)


def test_ser2net_as_the_manual_configures_it(t):
    """Both of its connections, on ports and a device of the test."""
    with open(os.path.join(os.path.dirname(HERE), "..", "man", "dfota.1")) as file:
        block = re.search(r"^%YAML.*?(?=^\.Ed)", file.read(), re.M | re.S).group()
    for number, kind in ((2001, "raw"), (2002, "telnet")):
        sim = t.sim()

        def text(port, number=number, path=sim.path):
            left = [c for c in block.split("connection:") if ",%d" % number in c or "%YAML" in c]
            return "connection:".join(left).replace(
                ",%d" % number, ",127.0.0.1,%d" % port).replace("/dev/serial/by-path/PORT", path)
        ser2net = Ser2net(t, sim.path, text=text)
        t.run("probe", "--json", "-p", getattr(ser2net, kind)).expect("ready", 0)
