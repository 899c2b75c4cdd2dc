"""A terminal that is a serial line: a pseudo-terminal whose bytes are taken no
faster than the rate, and a program on it."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

SPEEDS = {9600: termios.B9600, 19200: termios.B19200, 115200: termios.B115200}


def quiet_env(home, term):
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home, "TMPDIR": home, "TERM": term,
            "XDG_STATE_HOME": home + "/state", "XDG_CONFIG_HOME": home + "/config",
            "LC_ALL": "C.UTF-8" if term.startswith("xterm") else "C"}


class Line:
    """ARGV on a line of BAUD; what it shows, and when each part arrived."""

    def __init__(self, argv, env, baud, rows=24, columns=80, cwd=None):
        self.rate = baud / 10
        self.shown = []			# (when, bytes)
        self.size = 0
        self.free = time.monotonic()	# the line can carry the next byte then
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                mode = termios.tcgetattr(0)
                mode[4] = mode[5] = SPEEDS[baud]
                termios.tcsetattr(0, termios.TCSANOW, mode)
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        os.set_blocking(self.fd, False)

    def listen(self, seconds, until=None, quiet=None):
        """Take what comes for SECONDS; less when UNTIL is in it, or nothing came for
        QUIET seconds. Whether UNTIL came."""
        end, start = time.monotonic() + seconds, len(self.shown)
        last = time.monotonic()
        while True:
            now = time.monotonic()
            if until and until in self.text(start):
                return True
            if now >= end or (quiet and now - last >= quiet):
                return False
            if self.free > now:		# the line is busy with what was taken
                select.select([], [], [], min(self.free, end) - now)
                continue
            limit = end if quiet is None else min(end, last + quiet)
            if not select.select([self.fd], [], [], max(0, limit - now))[0]:
                continue
            try:
                data = os.read(self.fd, max(1, int(self.rate / 50)))
            except OSError:
                return bool(until) and until in self.text(start)
            self.free = max(self.free, now) + len(data) / self.rate
            last = self.free
            self.size += len(data)
            self.shown.append((self.free, data))

    def text(self, start=0):
        return b"".join(data for _, data in self.shown[start:])

    def type(self, text):
        os.write(self.fd, text.encode())

    def type_by_hand(self, text):
        """With pauses of a hand: what comes faster is taken for a paste."""
        for key in text:
            self.type(key)
            self.listen(0.25)

    def used(self):
        """Seconds of the processor, and how often it was woken."""
        switches = busy_ns = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/status" % (self.pid, task), encoding="ascii") as file:
                switches += sum(int(line.split()[1]) for line in file if line.startswith("voluntary"))
            with open("/proc/%d/task/%s/schedstat" % (self.pid, task), encoding="ascii") as file:
                busy_ns += int(file.read().split()[0])
        return busy_ns / 1e9, switches

    def close(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            os.kill(self.pid, sign)
            end = time.monotonic() + 3
            while time.monotonic() < end:
                self.listen(0.1)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return
        os.waitpid(self.pid, 0)
        os.close(self.fd)
