#!/usr/bin/python3
"""What the screen costs on a slow line, beside other programs of terminals: tests/bench/screen.py [DFOTA]

A table: bytes of the first screen, bytes and wake-ups of five idle seconds, echo of a
key. Then the screen alone in a 60 s upgrade, with its limits (ux: slow lines) beside
what was measured; the exit status is 1 where one is missed. Other programs are those
that are installed: htop, minicom, tio, picocom, mc, ncdu, tig. Measured on a machine
that does other things as well, times are only an upper bound.
"""
import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from pace import Line, quiet_env	# noqa: E402

DFOTA = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/dfota")
IDLE_S = 5
Seen = collections.namedtuple("Seen", "first letters idle woken cpu_ms echo")
OUT_OF_SIGHT = rb"\x1b(?:\[[?>]?[0-9;]*[A-Za-z]|[()].|[=>78M])|[\x00-\x20]"
PACKAGE = 20000

# 60 s of an installation: a hundred lines of 73 bytes as the log shows them, and nothing but time between
BUSY = "set flash-ms 1000\nat start\n" + "".join(
    "\tline +CREG: 1,\"%04X\",\"0A1B2C3D\",2,\"a cell that changes agai\"\n\twait 600\n" % n for n in range(100))
STILL = "set flash-ms 30000\nset percents \"0\"\nset echo off\n"
AWAY = "set absent-ms 20000\n"


class Module:
    """dfota sim on a port of its own."""

    def __init__(self, home, scenario):
        self.path = home + "/module"
        with open(home + "/scenario", "w", encoding="ascii") as file:
            file.write(scenario)
        package = home + "/delta.bin"
        with open(package, "wb") as file:
            file.write(bytes(n * 7 % 251 for n in range(PACKAGE)))
        env = dict(os.environ, XDG_STATE_HOME=home + "/sim")
        subprocess.run([DFOTA, "manifest", "--model", "UG96", "--from", "UG96LNAR02A06E1G", "--to", "UG96LNAR02A08E1G", package],
                       env=env, check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen([DFOTA, "sim", "--link", self.path, "--fast", "--unpaced", "--package", package, "--scenario", home + "/scenario"],
                                        env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdout.readline()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def start_upgrade(line):
    """From the panes to the installation, by hand."""
    line.listen(20, quiet=1)
    first = line.size
    line.type("s")
    if not line.listen(60, until=b"yes"):
        raise SystemExit("no question:\n%r" % line.text()[-2000:])
    line.listen(20, quiet=1)
    line.type_by_hand("yes\r")
    return first


def on_module(scenario, term, baud, do):
    with tempfile.TemporaryDirectory() as home:
        module = Module(home, scenario)
        line = Line([DFOTA, "-p", module.path, "-f", home + "/delta.bin"], quiet_env(home, term), baud)
        try:
            return do(line, start_upgrade(line))
        finally:
            line.close()
            module.close()


def whole(line, _first):
    before, start = line.size, time.monotonic()
    done = line.listen(180, until=b"Done")
    return line.size - before, time.monotonic() - start, done


def ticks(line, _first):
    """Bytes of each drawing while nothing but the time changes."""
    line.listen(30, until=b"UPDATING")
    line.listen(3)
    start = len(line.shown)
    line.listen(12)
    sizes, last = [0], 0
    for when, data in line.shown[start:]:
        if when - last > 0.15:
            sizes.append(0)
        sizes[-1] += len(data)
        last = when
    return max(sizes), len(sizes) - 1


def echoes(line, _first):
    """A letter in the field of the filter, while lines come; the worst of ten."""
    line.listen(30, until=b"CREG")
    line.type("/")
    line.listen(2)
    worst = 0
    for key in "qzjvkqzjvk":
        start, at = len(line.shown), time.monotonic()
        line.type(key)
        line.listen(5, until=key.encode())
        came = next((when for when, data in line.shown[start:] if key.encode() in data), at + 5)
        worst = max(worst, came - at)
        line.listen(0.7)
    return worst * 1000


def away(line, _first):
    """Processor time while the module is away."""
    line.listen(60, until=b"Restart")
    line.listen(4)
    cpu, _ = line.used()
    start = time.monotonic()
    line.listen(12)
    return (line.used()[0] - cpu) / (time.monotonic() - start) * 100


def blocked(line, _first):
    """XOFF: nothing is taken while the module installs. How long the worker took."""
    sessions = None
    start = time.monotonic()
    while time.monotonic() - start < 120:
        time.sleep(0.2)
        sessions = sessions or find_record(line)
        if sessions and b'"type":"result"' in open(sessions, "rb").read():
            return time.monotonic() - start
    return 0


def find_record(line):
    with open("/proc/%d/environ" % line.pid, "rb") as file:
        state = dict(v.split(b"=", 1) for v in file.read().split(b"\0") if b"=" in v)[b"XDG_STATE_HOME"].decode()
    folder = state + "/dfota/sessions"
    names = [n for n in os.listdir(folder) if n.endswith(".jsonl")] if os.path.isdir(folder) else []
    return os.path.join(folder, names[0]) if names else None


def look(argv, term, baud, key, cwd=None):
    """First screen, idle, key: what every program of the table is asked. None: it ended."""
    with tempfile.TemporaryDirectory() as home:
        line = Line(argv, quiet_env(home, term), baud, cwd=cwd)
        try:
            line.listen(20, quiet=1.5)
            first, letters = line.size, len(re.sub(OUT_OF_SIGHT, b"", line.text()))
            cpu, woken = line.used()
            line.listen(IDLE_S)
            cpu2, woken2 = line.used()
            idle, start = line.size - first, len(line.shown)
            at = time.monotonic()
            line.type(key)
            line.listen(2, quiet=0.5)
            echo = line.shown[start][0] - at if len(line.shown) > start else None
            return Seen(first, letters, idle, woken2 - woken, (cpu2 - cpu) * 1000, echo)
        except (ProcessLookupError, FileNotFoundError):
            return None
        finally:
            line.close()


def own_screen(term, baud):
    """With a module of another process: that of a demo lives in this one."""
    with tempfile.TemporaryDirectory() as home:
        module = Module(home, "")
        try:
            return look([DFOTA, "-p", module.path, "-f", home + "/delta.bin"], term, baud, "?")
        finally:
            module.close()


def tell(name, term, baud, seen):
    print("%-9s %-7s %6d" % (name, term, baud) + (" %9d B %7d B %8d %9.1f ms %s" % (
        seen.first, seen.idle, seen.woken, seen.cpu_ms, "%6.0f ms" % (seen.echo * 1000) if seen.echo is not None else "     none")
        if seen else "   has ended by itself"))


def peers():
    master, slave = os.openpty()
    port = os.ttyname(slave)
    yield "htop", ["htop"], "j"
    yield "minicom", ["minicom", "-o", "-D", port], "\x01z"
    yield "tio", ["tio", port], "\x14?"
    yield "picocom", ["picocom", "-q", port], "\x01\x08"
    yield "mc", ["mc", "-d"], "\x0e"
    yield "ncdu", ["ncdu", "."], "j"
    yield "tig", ["tig"], "j"
    os.close(master)
    os.close(slave)


MISSED = []


def limit(what, value, most, unit):
    ok = value <= most
    if not ok:
        MISSED.append(what)
    print("%-58s %9.1f %-3s at most %6g  %s" % (what, value, unit, most, "" if ok else "MISSED"))


def main():
    print("%-9s %-7s %6s %11s %9s %8s %12s %9s" % ("program", "term", "baud", "1st screen", "idle 5 s", "woken", "idle cpu", "key"))
    kinds = [("vt100", 9600), ("vt100", 19200), ("vt100", 115200), ("xterm", 115200)]
    own = {kind: own_screen(*kind) for kind in kinds}
    for kind, seen in own.items():
        tell("dfota", *kind, seen)
    for name, argv, key in peers():
        if not shutil.which(name):
            print("%-9s is not installed" % name)
            continue
        for kind in (("vt100", 9600), ("xterm", 115200)):
            tell(name, *kind, look(argv, *kind, key, cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
    print()
    for (term, baud), seen in own.items():
        most = 2050 if term == "xterm" else 1500 if baud <= 19200 else 2000
        limit("first screen, %s, %d baud" % (term, baud), seen.first, most, "B")
        limit("idle for %d s: bytes" % IDLE_S, seen.idle, 0, "B")
        limit("idle for %d s: wake-ups" % IDLE_S, seen.woken, 0, "")
    for baud in (9600, 115200):
        worst, count = on_module(STILL, "vt100", baud, ticks)
        limit("a tick, %d baud, the worst of %d" % (baud, count), worst, 60, "B")
    size, took, done = on_module(BUSY, "vt100", 9600, whole)
    limit("an upgrade of %.0f s at 9,600 baud, after the first screen" % took, size if done else 1e9, 8000, "B")
    limit("echo of a key at 9,600 baud, busy log, the worst of ten", on_module(BUSY, "vt100", 9600, echoes), 100, "ms")
    limit("waiting for a module that is away", on_module(AWAY, "vt100", 9600, away), 0.1, "%")
    limit("an upgrade with a terminal that takes nothing", on_module(BUSY, "vt100", 9600, blocked), took + 5, "s")
    sys.exit(1 if MISSED else 0)


if __name__ == "__main__":
    main()
