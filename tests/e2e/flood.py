#!/usr/bin/python3
"""A module that never stops talking, and talks to hurt: flood.py [-n BYTES] DFOTA

While it installs, BYTES (10 GiB; K, M, G may follow) of what a terminal, a reader of
lines or a parser could trip over come down the line: to the screen, and to `run` beside it
(the program takes some 10 MB/s, of which it shows half: two cores do 10 GiB in 25 minutes).
Prints how the memory of the program grew after the first part of them, how soon a key
was answered on the screen, and what was looked through. Fails where memory is not flat
within 1 MiB, or a byte that harms came to the terminal, standard output or the record.
"""

import codecs
import fcntl
import getopt
import os
import pty
import random
import re
import select
import struct
import sys
import termios
import threading
import time
import traceback
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness	# noqa: E402

FLAT_KIB = 1024
WARM = 1 << 20		# bytes after which nothing may grow any more
PIECE = 4096

# What may reach no sink. The first stands for every sequence that is not of our screen.
EVIL = "\x1b[66;6;6m"
HOSTILE = (
    EVIL.encode() + b"RED", b"\x1b]0;title\x07", b"\x1b]52;c;aGk=\x07", b"\x1bP+q\x1b\\", b"\x9b66;6;6m", b"\xc2\x9b2J", b"\x0e\x0f\x08\x7f",
    "\u202egnp.\u2066x\u2069".encode(), "a\u200bb\ufeffc".encode(), b"\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", b"\xe2\x82",
    "e\u0301\u0302\u0303\u0304\u0305".encode(), "\ue000\U000f0000".encode(), b"\0\0\0OK", b"+QIND: \"FOTX\",\"END\",7", b"%n%s%s",
    b"OK", b"ERROR", b"+CME ERROR: 30", b"+CSQ: 99,99", b"+QIND: \"", b"\"}\n{\"type\":\"result\",\"outcome\":\"success\"}",
    b"{\"type\":\"result\"}", b"AT+QFOTADL=\"ftp://u:p@h/x\"", b"A" * 3000, b" " * 200,
)
INVISIBLE = "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U0010ffff"
HARM = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f%s]" % INVISIBLE)
# What our screen sends itself.
OURS = re.compile(r"\x1b(?:\[[?>]?[0-9;]*[A-Za-z]|[()][0-9A-Z]|[=>78M])")
# One that has begun; a longer one is none of ours.
BEGUN = re.compile(r"\x1b(?:\[[?>]?[0-9;]*|[()])?\Z")
LONGEST = 64
SCREEN_HARM = re.compile("[\x00-\x07\x0b\x0c\x10-\x1f\x7f-\x9f%s]" % INVISIBLE)


def hostile_block():
    """Lines of hostile words and of random bytes, some without an end."""
    chance = random.Random(1)
    out = b""
    while len(out) < 1 << 18:
        words = [chance.choice(HOSTILE) if chance.random() < 0.7 else chance.randbytes(chance.randrange(40))
                 for _ in range(chance.randrange(1, 4))]
        out += b" ".join(words) + chance.choice((b"\r\n", b"\r\n", b"\r\n", b"\r", b"\n", b""))
    return out + b"\r\n"


class Line:
    """Between the program and a simulated module: a pseudo-terminal. When the module has
    said that it is at 37 percent, it holds, and once GO is set SIZE bytes come first."""

    def __init__(self, case, sim, size):
        self.go, self.holds = threading.Event(), threading.Event()
        self.sim, self.size, self.sent, self.done = sim, size, 0, False
        self.device = os.open(sim.path, os.O_RDWR | os.O_NOCTTY)
        self.master, self.slave = pty.openpty()
        for fd in (self.device, self.slave):
            tty.setraw(fd)
        self.path = os.ttyname(self.slave)
        self.ended = os.pipe()
        case.others.append(self.close)
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def _reopen(self):
        """The module restarts: its terminal goes, and is there again at the same link."""
        os.close(self.device)
        while True:
            try:
                self.device = os.open(self.sim.path, os.O_RDWR | os.O_NOCTTY)
                tty.setraw(self.device)
                return True
            except OSError:
                if select.select([self.ended[0]], [], [], 0.05)[0]:
                    self.device = os.open(os.devnull, os.O_RDWR)
                    return False

    def _carry(self):
        block, seen, flooding = hostile_block(), b"", False
        while True:
            writing = [self.master] if flooding else []
            ready, free, _ = select.select([self.master, self.device, self.ended[0]], writing, [])
            if self.ended[0] in ready:
                return
            try:
                if self.master in ready:
                    os.write(self.device, os.read(self.master, 65536))
                if self.device in ready:
                    data = os.read(self.device, 65536)
                    os.write(self.master, data)
                    seen = (seen + data)[-4096:] if not self.sent else b""
                    if not self.sent and re.search(rb"UPDATING\",\s*37", seen):
                        flooding = True
                        self.holds.set()
                        self.go.wait()
            except OSError:
                if not self._reopen():
                    return
            if flooding and free:
                at = self.sent % len(block)
                self.sent += os.write(self.master, block[at:at + min(PIECE, self.size - self.sent)])
                if self.sent >= self.size:
                    os.write(self.master, b"\r\n")
                    flooding, self.done = False, True
                    self.sim.go_on()

    def close(self):
        self.go.set()
        os.write(self.ended[1], b"x")
        self.thread.join()
        for fd in (self.device, self.master, self.slave, *self.ended):
            os.close(fd)


class Sink:
    """What a program writes, looked through as it comes: nothing of it is kept. However it
    comes in pieces, the same is found: a character or sequence that has begun waits for its end."""

    def __init__(self, name, screen):
        self.name, self.screen, self.rest, self.size = name, screen, "", 0
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def take(self, data, last=False):
        self.size += len(data)
        text = self.rest + self.decoder.decode(data, last)	# raises on what is none
        begun = None if last else BEGUN.search(text, max(0, len(text) - LONGEST))
        cut = begun.start() if begun else len(text)
        text, self.rest = text[:cut], text[cut:]
        assert EVIL not in text, "a sequence of the module came to " + self.name
        text = OURS.sub("", text) if self.screen else text
        found = (SCREEN_HARM if self.screen else HARM).search(text)
        assert not found, "%r in %s: %r" % (found.group(), self.name, text[max(0, found.start() - 40):][:80])


def rss_kib(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M).group(1))


class Memory:
    """How it grew between the first part of the flood and its end."""

    def __init__(self, pid, line):
        self.pid, self.line, self.warm, self.most, self.next = pid, line, None, 0, 0

    def look(self):
        """Often enough; each time costs as much as a piece of the flood."""
        if self.line.sent < WARM or self.line.done or time.monotonic() < self.next:
            return
        self.next = time.monotonic() + 0.02
        kib = rss_kib(self.pid)
        self.warm = self.warm or kib
        self.most = max(self.most, kib - self.warm)


class Keys:
    """A sign is typed into the filter of the log and taken back; how soon it is there."""

    def __init__(self, fd):
        self.fd, self.count, self.took, self.wanted, self.since = fd, 0, [], None, 0
        self.next, self.rest = 0, b""

    def press(self):
        now = time.monotonic()
        if self.wanted is None and now >= self.next:
            self.wanted = chr(0x4e00 + self.count % 5000).encode()
            self.since, self.count = now, self.count + 1
            os.write(self.fd, (b"\x7f" if self.count > 1 else b"") + self.wanted)
        assert self.wanted is None or now - self.since < harness.DEADLINE, "a key was not answered"

    def look(self, data):
        data = self.rest + data		# a sign may come in pieces
        self.rest = data[-3:]
        if self.wanted and self.wanted in data:
            now = time.monotonic()
            self.took.append((now - self.since) * 1000)
            self.wanted, self.next = None, now + 0.05

    def at(self, share):
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * share))] if self.took else float("nan")


def prepare(case, size):
    package = case.package()
    sim = case.sim(scenario="at updating 40\n\thold\n", package=package)
    return package, Line(case, sim, size)


def check_records(case):
    for name, data in harness.records(case).items():
        if not str(name).endswith(".jsonl"):
            continue		# what was typed: a table
        sink = Sink("the record " + str(name), False)
        sink.take(data, True)


def flood_run(case, size):
    """Returns what was seen, in words."""
    package, line = prepare(case, size)
    out = os.pipe()
    run = case.start("run", "-v", "-y", "-p", line.path, "-f", package, "--watch-timeout", "86400", stdout=out[1])
    os.close(out[1])
    line.go.set()
    sink, memory, said = Sink("standard output", False), Memory(run.pid, line), b""
    while True:
        data = os.read(out[0], 1 << 20)
        if not data:
            break
        sink.take(data)
        said = (said + data)[-2000:]
        memory.look()
    os.close(out[0])
    sink.take(b"", True)
    run.wait()
    return finish(case, "run", run, line, sink, memory)


class Screen:
    """The screen on a pseudo-terminal, looked through and not kept."""

    def __init__(self, case, line, package):
        self.master, self.slave = pty.openpty()
        case.others.append(self.close)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = harness.Process([case.dfota, "-p", line.path, "-f", package, "--watch-timeout", "86400"], case.env,
                                       stdin=self.slave, stdout=self.slave)
        self.sink, self.shown = Sink("the terminal", True), b""
        self.memory, self.keys, self.line = Memory(self.process.pid, line), Keys(self.master), line

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return
        data = os.read(self.master, 65536)
        self.sink.take(data)
        self.keys.look(data)
        self.shown = (self.shown + data)[-20000:]

    def type(self, keys):
        """Each for itself, as a person does; what comes at once counts as pasted."""
        for key in keys:
            os.write(self.master, key.encode())
            end = time.monotonic() + 0.15
            while time.monotonic() < end:
                self.read(0.05)

    def until(self, condition, keys):
        """Type KEYS again and again until CONDITION()."""
        end = time.monotonic() + harness.DEADLINE
        while not condition():
            assert time.monotonic() < end and self.process.status is None, (keys, self.shown[-3000:], self.process.report())
            self.type(keys)

    def close(self):
        self.process.kill()
        os.close(self.master)
        os.close(self.slave)


def flood_screen(case, size):
    package, line = prepare(case, size)
    screen = Screen(case, line, package)
    screen.until(lambda: b"Upgrade this module" in screen.shown, "s")
    screen.until(lambda: b"Type yes" in screen.shown, " ")
    screen.until(line.holds.is_set, "\x15yes\r")
    screen.type("3/")
    line.go.set()
    while not line.done:
        screen.keys.press()
        screen.read(0.02)
        screen.memory.look()
    screen.until(lambda: b"Outcome" in screen.shown, "\x1b")
    screen.until(lambda: screen.process.status is not None, "\x1bxq")
    screen.process.wait()
    screen.sink.take(b"", True)
    keys = screen.keys
    assert keys.took, "no key was answered"
    return finish(case, "screen", screen.process, line, screen.sink, screen.memory) + (
        ", %d keys answered: median %.1f ms, 99 of 100 within %.1f ms" % (len(keys.took), keys.at(0.5), keys.at(0.99)))


def finish(case, what, process, line, sink, memory):
    assert line.done, "%s ended within the flood\n%s" % (what, process.report())
    assert process.status == 0, process.report()
    check_records(case)
    if not case.instrumented():
        assert memory.most <= FLAT_KIB, "%s: memory grew by %d KiB" % (what, memory.most)
    return "%s: %d MiB came, %d MiB looked through, memory +%d KiB after the first MiB" % (
        what, line.sent >> 20, sink.size >> 20, memory.most)


def start(flood, program, size):
    """In a process of its own. Returns its number."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    case = harness.Case(program)
    try:
        print(flood(case, size), flush=True)
        case.check()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        case.close()
        os._exit(status)


def main():
    units = {"K": 10, "M": 20, "G": 30}
    options, words = getopt.getopt(sys.argv[1:], "n:")
    size = dict(options).get("-n", "10G")
    size = int(size.rstrip("KMG")) << units.get(size[-1], 0)
    children = [start(flood, os.path.abspath(words[0]), size) for flood in (flood_screen, flood_run)]
    return max([os.waitpid(pid, 0)[1] != 0 for pid in children])


if __name__ == "__main__":
    sys.exit(main())
