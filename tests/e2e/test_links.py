"""Links over the network: the simulated module on a TCP port, and behind a real
ser2net over a pair of pseudo-terminals."""

import os
import select
import socket
import subprocess

from harness import DEADLINE, FROM, TO, Nginx, Skip, find_program, watch_directory
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

    def __init__(self, t, device, accepter=RAW, settings="115200n81,local", options="", locks=False):
        program = find_program("ser2net")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        work = t.path("ser2net%d" % self.port)
        os.mkdir(work)
        conf = t.write(os.path.join(work, "conf"), """%%YAML 1.1
---
connection: &module
  accepter: %s,127.0.0.1,%d
  connector: serialdev,%s,%s
%s""" % (accepter, self.port, device, settings,
         "  options:\n" + "".join("    %s\n" % o for o in options.split("; ")) if options else ""))
        errors = open(os.path.join(work, "err"), "wb")
        watch = watch_directory(work)	# it writes its number when it listens
        self.popen = subprocess.Popen(
            [program, "-n", *([] if locks else ["-u"]), "-c", conf, "-P", os.path.join(work, "pid")], env=t.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors)
        errors.close()
        t.others.append(self.stop)
        ready = select.select([watch], [], [], DEADLINE)[0]
        os.close(watch)
        assert ready, "ser2net does not start"
        self.raw = "tcp:127.0.0.1:%d" % self.port
        self.telnet = "rfc2217://127.0.0.1:%d" % self.port

    def stop(self):
        self.popen.kill()
        self.popen.wait()
        self.socket.close()


def every_value(size=20000):
    """Package bytes with every value, 255 and what telnet makes of it in all places."""
    return (bytes(range(256)) + b"\xff\xff\xff\xfb\x00\xff\xfa\x2c\x05\xff\xf0\r\n\r\0\x11\x13" * 8) * 200 + \
        b"\xff" * (size % 7)


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
