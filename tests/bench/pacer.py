"""A serial line between two programs: bytes go one way no faster than the rate."""
import os
import select
import signal
import time
import tty


class Pacer:
    """A process that carries what is written to PATH to FAR, a descriptor of the other
    side, at BAUD (8N1: ten bits a byte), and what comes back at once."""

    def __init__(self, far, baud):
        master, self.near = os.openpty()
        tty.setraw(self.near)
        self.path = os.ttyname(self.near)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.near)		# when nobody has it any more, this ends
            try:
                carry(master, far, baud / 10)
            finally:
                os._exit(0)
        os.close(master)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.near)


def carry(near, far, rate):
    free = time.monotonic()		# the line can carry the next byte then
    part = max(1, int(rate / 500))	# of 2 ms
    while True:
        now = time.monotonic()
        wanted = [far] + ([near] if free <= now else [])
        ready = select.select(wanted, [], [], max(0, free - now) if free > now else None)[0]
        if far in ready:
            os.write(near, os.read(far, 65536))
        if near in ready:
            data = os.read(near, part)
            os.write(far, data)
            # late by a little it goes on as if it had not been; a line that was idle begins anew
            free = (free if now - free < 0.005 else now) + len(data) / rate


def check(baud, size=100000):
    """The share of the line that the pacer itself comes to, with nothing but bytes."""
    master, slave = os.openpty()
    tty.setraw(slave)
    pacer = Pacer(master, baud)
    fd = os.open(pacer.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    sent = got = 0
    begin = time.monotonic()
    while got < size:
        ready = select.select([slave], [fd] if sent < size else [], [])
        if ready[1]:
            sent += os.write(fd, bytes(min(4096, size - sent)))
        if ready[0]:
            got += len(os.read(slave, 65536))
    share = size / (time.monotonic() - begin) / (baud / 10)
    pacer.close()
    for each in (fd, master, slave):
        os.close(each)
    return share
