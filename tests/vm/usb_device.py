"""The module's own USB: a device of QEMU's usb-redir (the usbredir protocol of
spice-space.org on a socket), so that the machine's cdc_acm and option drivers
speak with a simulated module of the host.

One function is the AT port: what is written there reaches the module, what the
module says comes out, as long as the port is open (DTR is on): before that it
is lost, or (KEEPS) kept for the first reader, and goes out within its opening.
The other functions
swallow everything. When the module hangs up (it restarts) the device leaves
the bus, and comes back with it.
"""

import os
import select
import socket
import struct
import termios
import threading
import tty

from harness import DEADLINE

(HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS, SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION,
 SET_ALT, GET_ALT, ALT) = range(12)
START_INTERRUPT, STOP_INTERRUPT, INTERRUPT_STATUS = 15, 16, 17
CANCEL = 21
CONTROL, BULK, INTERRUPT = 100, 101, 103
# bits of the capabilities: without these QEMU does not take a device on xhci
MAX_PACKET_SIZE, IDS_64, BULK_32 = 4, 5, 6
DONE, CANCELLED, STALL = 0, 1, 4
BULK_EP, INTERRUPT_EP, NO_EP = 2, 3, 255


def descriptor(kind, *content):
    body = b"".join(c if isinstance(c, bytes) else bytes([c]) for c in content)
    return bytes([len(body) + 2, kind]) + body


def endpoint(address, attributes, size, interval):
    return descriptor(5, address, attributes, struct.pack("<H", size), interval)


class Function:
    """Interfaces and endpoints of one serial port of the device."""

    def __init__(self, number, first, packet, acm):
        self.notify, self.read, self.write = 0x80 | 2 * number + 1, 0x80 | 2 * number + 2, number + 1
        self.interfaces = [(first, 2, 2, 1), (first + 1, 10, 0, 0)] if acm else [(first, 255, 0, 0)]
        bulk = endpoint(self.read, 2, packet, 0) + endpoint(self.write, 2, packet, 0)
        notify = endpoint(self.notify, 3, 16, 9)
        if acm:
            self.bytes = descriptor(11, first, 2, 2, 2, 1, 0) \
                + descriptor(4, first, 0, 1, 2, 2, 1, 0) + descriptor(36, 0, 16, 1) + descriptor(36, 1, 0, first + 1) \
                + descriptor(36, 2, 2) + descriptor(36, 6, first, first + 1) + notify \
                + descriptor(4, first + 1, 0, 2, 10, 0, 0, 0) + bulk
        else:
            self.bytes = descriptor(4, first, 0, 3, 255, 0, 0, 0) + notify + bulk


# vendor, product, CDC-ACM, functions, the AT one (protocol.md 9)
UG96 = (0x1519, 0x0020, True, 7, 3)
EC25 = (0x2c7c, 0x0125, False, 4, 2)


class UsbDevice:
    """KIND of device with the module at PATH behind it. HIGH_SPEED: packets of
    512 bytes, else of 64. HOLDS_BACK: what is a multiple of the packet size
    waits in the device for what comes next, since no zero-length packet says
    that it has ended."""

    def __init__(self, case, path, kind, serial, high_speed=True, holds_back=True, keeps=False, name="module"):
        self.vendor, self.product, acm, count, at = kind
        self.module_path = path
        self.serial = serial
        self.high_speed = high_speed
        self.packet = 512 if high_speed else 64
        self.holds_back = holds_back
        self.keeps, self.kept, self.keeping = keeps, b"", threading.Condition()
        step = 2 if acm else 1
        self.functions = [Function(n, n * step, self.packet, acm) for n in range(count)]
        self.at = self.functions[at]
        self.writes = 0		# to the AT port
        self.settings = []	# control requests that set something: (request, value, index)
        self.path = case.path("usb-" + name)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.stopped, self.stop_fd = os.pipe()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        case.others.append(self.stop)

    def stop(self):
        os.close(self.stop_fd)
        self.thread.join()
        self.listener.close()

    # --- messages --------------------------------------------------------

    def _send(self, kind, number, body):
        """The ids have 64 bits once both sides have said hello."""
        form = "<IIQ" if kind != HELLO else "<III"
        self.socket.sendall(struct.pack(form, kind, len(body), number) + body)

    def _read_exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise OSError
            data += more
        return data

    def _serve(self):
        while True:
            ready = select.select([self.stopped, self.listener], [], [])[0]
            if self.stopped in ready:
                return
            self.socket, _ = self.listener.accept()
            try:
                self._converse()
            except OSError:
                pass		# unplugged
            finally:
                self.socket.close()

    def _converse(self):
        self._send(HELLO, 0, b"dfota test".ljust(64, b"\0") + struct.pack(
            "<I", 1 << MAX_PACKET_SIZE | 1 << IDS_64 | 1 << BULK_32))
        _, length, _ = struct.unpack("<III", self._read_exactly(12))
        self._read_exactly(length)
        self.module = None
        self.waiting = {}		# endpoint: ids of reads that wait
        self.held = b""
        self.kept = self.kept if self.keeps else b""
        self.open = False		# DTR of the AT port
        try:
            while True:
                if self.module is None:
                    self._arrive()
                sources = [self.stopped, self.socket]
                if self.module is not None and (self.keeps or self.waiting.get(self.at.read) or not self.open):
                    sources.append(self.module)
                ready = select.select(sources, [], [], None if self.module is not None else 0.05)[0]
                if self.stopped in ready:
                    raise OSError
                if self.socket in ready:
                    self._message()
                if self.module is not None and self.module in ready:
                    self._module_speaks()
        finally:
            if self.module is not None:
                os.close(self.module)

    # --- the bus ---------------------------------------------------------

    def _arrive(self):
        try:
            self.module = os.open(self.module_path, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.module, termios.TCSANOW)	# what was said meanwhile stays
            attributes = termios.tcgetattr(self.module)
            attributes[4:6] = [termios.B115200] * 2	# no wire has it
            termios.tcsetattr(self.module, termios.TCSANOW, attributes)
        except (OSError, termios.error):
            return
        interfaces = [i for f in self.functions for i in f.interfaces]
        columns = [bytes(column).ljust(32, b"\0") for column in zip(*interfaces)]
        self._send(INTERFACES, 0, struct.pack("<I", len(interfaces)) + b"".join(columns))
        kinds, intervals, owners, sizes = [NO_EP] * 32, [0] * 32, [0] * 32, [0] * 32
        kinds[0] = kinds[16] = 0
        for f in self.functions:
            for address, kind, size, interval in ((f.notify, INTERRUPT_EP, 16, 9), (f.read, BULK_EP, self.packet, 0),
                                                  (f.write, BULK_EP, self.packet, 0)):
                at = (address & 0x80) >> 3 | address & 15
                kinds[at], intervals[at], sizes[at] = kind, interval, size
                owners[at] = f.interfaces[0 if kind == INTERRUPT_EP else -1][0]
        self._send(ENDPOINTS, 0, bytes(kinds) + bytes(intervals) + bytes(owners) + struct.pack("<32H", *sizes))
        self._send(CONNECT, 0, struct.pack("<BBBBHH", 2 if self.high_speed else 1, 239, 2, 1, self.vendor, self.product))

    def _leave(self):
        os.close(self.module)
        self.module = None
        self.waiting, self.kept = {}, b""
        self.open = False
        self._send(DISCONNECT, 0, b"")

    def _module_speaks(self):
        try:
            data = os.read(self.module, 1024)
        except OSError:
            data = b""
        if not data:
            self._leave()
            return
        if not self.open and not self.keeps:
            return
        with self.keeping:
            self.kept += data
            self.keeping.notify_all()
        self._give()

    def _give(self):
        """What there is, to the reads that wait."""
        while self.kept and self.waiting.get(self.at.read):
            data, self.kept = self.kept[:self.packet], self.kept[self.packet:]
            self._send(BULK, self.waiting[self.at.read].pop(0), struct.pack("<BBHIH", self.at.read, DONE, len(data), 0, 0) + data)

    def wait_kept(self, text):
        """Until the module has said TEXT and nobody has read it."""
        with self.keeping:
            assert self.keeping.wait_for(lambda: text in self.kept, DEADLINE), self.kept

    def _written(self, data):
        if self.holds_back and data and len(data) % self.packet == 0:
            self.held += data
            return
        data, self.held = self.held + data, b""
        if self.module is not None:
            try:
                while data:
                    data = data[os.write(self.module, data):]
            except OSError:
                self._leave()

    # --- requests of the machine ------------------------------------------

    def _message(self):
        kind, length, number = struct.unpack("<IIQ", self._read_exactly(16))
        body = self._read_exactly(length)
        if kind == SET_CONFIGURATION:
            self._send(CONFIGURATION, number, bytes([DONE, body[0]]))
        elif kind == GET_CONFIGURATION:
            self._send(CONFIGURATION, number, bytes([DONE, 1]))
        elif kind == SET_ALT:
            self._send(ALT, number, bytes([DONE, body[0], body[1]]))
        elif kind == GET_ALT:
            self._send(ALT, number, bytes([DONE, body[0], 0]))
        elif kind == START_INTERRUPT:
            self._send(INTERRUPT_STATUS, number, bytes([DONE, body[0]]))
        elif kind == STOP_INTERRUPT:
            self._send(INTERRUPT_STATUS, number, bytes([DONE, body[0]]))
        elif kind == CANCEL:
            self._cancel(number)
        elif kind == CONTROL:
            self._control(number, body)
        elif kind == BULK:
            self._bulk(number, body)

    def _cancel(self, number):
        for address, numbers in self.waiting.items():
            if number in numbers:
                numbers.remove(number)
                self._send(BULK, number, struct.pack("<BBHIH", address, CANCELLED, 0, 0, 0))

    def _bulk(self, number, body):
        address, _, low, _, high = struct.unpack("<BBHIH", body[:10])
        if address & 0x80:
            self.waiting.setdefault(address, []).append(number)
            self._give()
            return
        self._send(BULK, number, struct.pack("<BBHIH", address, DONE, low, 0, high))
        if address == self.at.write:
            self.writes += 1
            self._written(body[10:])

    def _control(self, number, body):
        address, request, kind, _, value, index, length = struct.unpack("<BBBBHHH", body[:10])
        status, answer = DONE, b""
        if kind == 0x80 and request == 6:
            answer = self._descriptor(value >> 8, value & 255)
            status = DONE if answer is not None else STALL
        elif kind == 0x80 and request == 0:
            answer = b"\0\0"
        elif kind & 0x60 == 0x20:
            self.settings.append((request, value, index))
            if request == 0x22 and index == self.at.interfaces[0][0]:
                self.open = bool(value & 1)
            answer = b"\0\xc2\1\0\0\0\x08" if request == 0x21 else b""
        answer = (answer or b"")[:length]
        size = len(answer) if kind & 0x80 else length
        self._send(CONTROL, number, struct.pack("<BBBBHHH", address, request, kind, status, value, index, size) + answer)

    def _descriptor(self, kind, index):
        if kind == 1:
            return descriptor(1, struct.pack("<H", 0x0200), 239, 2, 1, 64,
                              struct.pack("<HHH", self.vendor, self.product, 0x0100), 1, 2, 3, 1)
        if kind == 2:
            body = b"".join(f.bytes for f in self.functions)
            count = sum(len(f.interfaces) for f in self.functions)
            return descriptor(2, struct.pack("<H", len(body) + 9), count, 1, 0, 0xc0, 50) + body
        if kind == 3:
            if index == 0:
                return descriptor(3, struct.pack("<H", 0x0409))
            return descriptor(3, ("", "Quectel", "Mobile module", self.serial)[index].encode("utf-16-le"))
        return None
