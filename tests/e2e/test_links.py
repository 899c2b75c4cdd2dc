"""Links over the network: the simulated module as a serial server serves it."""

import socket

from harness import DEADLINE
from test_ways import assert_upgraded


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
