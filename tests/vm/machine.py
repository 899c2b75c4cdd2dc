"""A small computer with Debian's kernel, in QEMU without KVM: real drivers on
real (emulated) hardware, and a plug that can be pulled.

It boots from memory in seconds and holds what the program under test needs
and nothing else. Its first serial line is the console on which its shell is
driven; the second one, /dev/ttyS1, is a real 16550 for a module; adapters
(usb-serial: an FT232 on ftdi_sio) come and go at USB ports. What a simulated
module of the host says goes through its pseudo-terminal.
"""

import glob
import json
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import termios
import threading
import time
import tty

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

from harness import Process, Skip, clip	# noqa: E402

# In the order in which they are loaded.
MODULES = ("usb-common", "usbcore", "xhci-hcd", "xhci-pci", "usbserial", "ftdi_sio", "cdc-acm", "usb_wwan", "option",
           "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk", "crc16", "crc32c_generic", "mbcache", "jbd2", "ext4")

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
mkdir -p /dev/pts; mount -t devpts pts /dev/pts
for m in %s; do insmod /lib/modules/$m.ko 2>/dev/null; done
mkdir -p /disk; mount -t ext4 /dev/vda /disk 2>/dev/null
export PATH=/bin LC_ALL=C.UTF-8 HOME=/root XDG_STATE_HOME=/disk TERM=vt100 PS1=
stty -echo -onlcr
exec setsid cttyhack sh
""" % " ".join(MODULES)

RATES = {getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)}

BOOT = 600	# seconds: 4 on a quiet machine, and ten times slower ones exist


def libraries(program):
    """The files that the dynamic linker takes for it."""
    said = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"(/\S+) \(0x", said))


def loaded():
    """What the program loads when it is needed, with what that takes."""
    found = glob.glob("/usr/lib/*/libcurl-gnutls.so.4")
    return set(found).union(*(libraries(path) for path in found))


def kernel(root):
    """(image, folder of its modules) as unpacked by tests/vm/kernel."""
    images = glob.glob(os.path.join(root, "boot", "vmlinuz-*"))
    if not images:
        raise Skip("no kernel in %s: ./bootstrap vm" % root)
    return images[0], os.path.join(root, "lib", "modules", os.path.basename(images[0])[len("vmlinuz-"):])


def initramfs(case, dfota, modules, files):
    """FILES: path in the machine to bytes. Returns the path of the archive."""
    root = case.path("root")
    for folder in ("bin", "dev", "proc", "sys", "tmp", "root", "var/lock", "lib/modules", "etc"):
        os.makedirs(os.path.join(root, folder))
    busybox = shutil.which("busybox")
    if not busybox:
        raise Skip("busybox-static is not installed")
    shutil.copy(busybox, os.path.join(root, "bin", "busybox"))
    shutil.copy(dfota, os.path.join(root, "bin", "dfota"))
    for path in sorted(libraries(dfota) | loaded()) + glob.glob("/usr/lib/locale/C.utf8/LC_*") + ["/lib/terminfo/v/vt100"]:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        if os.path.isfile(path):
            shutil.copy(path, root + path)
    for path in glob.glob(os.path.join(modules, "kernel", "**", "*.ko"), recursive=True):
        if os.path.basename(path)[:-len(".ko")] in MODULES:
            shutil.copy(path, os.path.join(root, "lib/modules"))
    for path, content in files.items():
        with open(root + path, "wb") as file:
            file.write(content)
    with open(os.path.join(root, "init"), "w", encoding="ascii") as file:
        file.write(INIT)
    os.chmod(os.path.join(root, "init"), 0o755)
    archive = case.path("initramfs")
    with open(archive, "wb") as out:
        names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, stdout=out, check=True)
    return archive


class Wire:
    """Three lines of copper between an adapter (or a 16550), of which .path is
    the device, and the module at PATH. The wire stays when the module restarts;
    what is written then is lost. It carries its bits at the rate of the near
    end: the far end gets them in time, and sees that rate."""

    def __init__(self, case, path):
        self.far_path = path
        self.near, slave = pty.openpty()
        self.path = os.ttyname(slave)
        self.slave = slave		# kept: a closed one would hang up
        self.stopped, self.stop_fd = os.pipe()
        self.carried = 0		# bytes that reached the module
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()
        case.others.append(self.stop)

    def stop(self):
        os.close(self.stop_fd)
        self.thread.join()

    def _open(self):
        try:
            return os.open(self.far_path, os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return None

    def _take_rate(self, far):
        """The near end's for the far one. Returns it in bit/s."""
        speed = termios.tcgetattr(self.slave)[4]
        if far is not None:
            attributes = termios.tcgetattr(far)
            attributes[0:6] = [0, 0, termios.CS8 | termios.CREAD | termios.CLOCAL, 0, speed, speed]
            termios.tcsetattr(far, termios.TCSANOW, attributes)
        return RATES.get(speed) or 115200

    def _to_module(self, far, data):
        """A piece a hundredth of a second, as the line lets them through."""
        rate = self._take_rate(far)
        piece = max(1, rate // 10 // 100)
        for at in range(0, len(data), piece):
            until = time.monotonic() + 0.01
            select.select([self.stopped], [], [], max(0, until - time.monotonic()))
            if far is not None:
                self.carried += os.write(far, data[at:at + piece])

    def _carry(self):
        far = None
        while True:
            if far is None:
                far = self._open()
            ends = [self.stopped, self.near] + ([far] if far is not None else [])
            ready = select.select(ends, [], [], None if far is not None else 0.05)[0]
            if self.stopped in ready:
                return
            try:
                if far in ready:
                    data = os.read(far, 4096)
                    if not data:
                        raise OSError
                    os.write(self.near, data)
                if self.near in ready:
                    self._to_module(far, os.read(self.near, 4096))
            except (OSError, termios.error):
                if far is not None:
                    os.close(far)
                far = None


class Console:
    """A person at the far end of a wire, of which .wire.path is the near one: .out is what
    was shown."""

    def __init__(self, case):
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.slave = slave		# kept: the wire comes and goes
        self.out = b""
        case.others.append(self.close)
        self.wire = Wire(case, os.ttyname(slave))

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.out += os.read(self.master, 65536)

    def until(self, condition, keys):
        """Type KEYS, each for itself as a person does, again and again until CONDITION()."""
        end = time.monotonic() + BOOT
        while not condition():
            assert time.monotonic() < end, "the console does not come to it:\n%s" % clip(self.out.decode("utf-8", "replace"), 6000)
            for key in keys or "\0":
                if keys:
                    os.write(self.master, key.encode())
                until = time.monotonic() + 0.5
                while time.monotonic() < until and not condition():
                    self.read(0.05)

    def close(self):
        os.close(self.master)
        os.close(self.slave)


class Command:
    """What a command of the machine's shell has said: .status None while it
    runs; .text as far as it came."""

    def __init__(self, text, status):
        self.text = text
        self.status = status

    def events(self, kind=None):
        found = [json.loads(line) for line in self.text.split("\n") if line.startswith("{") and line.endswith("}")]
        return [event for event in found if kind is None or event["type"] == kind]

    def result(self):
        found = self.events("result")
        assert len(found) == 1, "%d results\n%s" % (len(found), clip(self.text))
        return found[0]

    def expect(self, outcome, status):
        result = self.result()
        assert (result["outcome"], self.status) == (outcome, status), "%s (%s), not %s (%d)\n%s" % (
            result["outcome"], self.status, outcome, status, clip(self.text, 6000))
        return result


class Machine:
    """FILES as of initramfs(); SERIAL: the device of the host behind /dev/ttyS1. CTS_LOW: the
    inputs of its serial lines are (tests/ttylines.c answers for the terminals of the host), else
    QEMU has them high. It starts at once and ends with the case."""

    def __init__(self, case, files, serial=None, cts_low=False):
        self.case = case
        self.build = os.environ.get("builddir", os.path.join(HERE, "..", "..", "build"))
        self.env = dict(case.env)
        if cts_low:
            self.env.update(LD_PRELOAD=os.path.abspath(os.path.join(self.build, "tests", "ttylines.so")), TTYLINES_IN="0x0")
        self.image, modules = kernel(os.path.join(self.build, "vm"))
        self.archive = initramfs(case, case.dfota, modules, files)
        self.disk = case.path("disk")
        with open(self.disk, "wb") as file:
            file.truncate(8 << 20)
        subprocess.run(["/usr/sbin/mkfs.ext4", "-q", "-F", self.disk], check=True)
        self.serial = serial
        self.plugs = 0
        self.number = 0		# of the command
        self.start()

    def start(self):
        """Switch it on; what is on its disk is there."""
        program = shutil.which("qemu-system-x86_64")
        if not program:
            raise Skip("qemu-system-x86 is not installed")
        control = self.case.path("control%d" % self.number)
        argv = [program, "-accel", "tcg", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot",
                "-kernel", self.image, "-initrd", self.archive, "-append", "console=ttyS0 quiet panic=-1 no_timer_check",
                "-serial", "stdio", "-device", "qemu-xhci", "-qmp", "unix:%s,server=on,wait=off" % control,
                "-drive", "file=%s,format=raw,if=virtio,cache=writethrough" % self.disk]
        if self.serial:
            argv += ["-chardev", "serial,id=serial,path=" + self.serial, "-serial", "chardev:serial"]
        # no leader of a session: the terminals that it opens would be its own, and end it when they hang up
        self.process = Process(argv, self.env, stdin=subprocess.PIPE, session=False)
        self.case.processes.append(self.process)
        self.plugged = {}
        self.read_to = 0
        self.process.wait_for(lambda: b"built-in commands" in self.process.out, "shell", BOOT)
        self.qmp = socket.socket(socket.AF_UNIX)
        self.qmp.settimeout(BOOT)
        self.qmp.connect(control)
        self.answers = self.qmp.makefile("r", encoding="utf-8")
        self.control("qmp_capabilities")

    def power_cut(self):
        self.qmp.close()
        self.process.kill()

    # --- its shell -------------------------------------------------------

    def begin(self, line):
        self.number += 1
        self.mark = "@@%d " % self.number
        text = "%s; s=$?; echo; echo \"%s\"$s\n" % (line, self.mark)
        os.write(self.process.popen.stdin.fileno(), text.encode())

    def so_far(self):
        text = self.process.text()[self.read_to:].replace("\r", "")
        found = re.search(r"^%s(\d+)\n" % re.escape(self.mark), text, re.M)
        return Command(text[:found.start()] if found else text, int(found.group(1)) if found else None)

    def wait_text(self, pattern, deadline=BOOT):
        """Until what the command has said matches."""
        self.process.wait_for(lambda: re.search(pattern, self.so_far().text), "text " + pattern, deadline)

    def end(self, deadline=BOOT):
        self.process.wait_for(lambda: self.so_far().status is not None, "end of a command", deadline)
        ended = self.so_far()
        self.read_to = len(self.process.text())
        return ended

    def command(self, line, deadline=BOOT):
        self.begin(line)
        return self.end(deadline)

    def wait_node(self, path, there=True):
        self.command("%s [ -e %s ]; do :; done" % ("until" if there else "while", path))

    # --- its plugs -------------------------------------------------------

    def control(self, command, **arguments):
        self.qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.answers.readline())
            if "error" in answer:
                raise AssertionError("%s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def plug(self, name, device, place):
        """An adapter with DEVICE (of the host) behind it, at the USB port PLACE."""
        self.plugs += 1
        wire = "wire%d" % self.plugs
        self.control("chardev-add", id=wire, backend={"type": "serial", "data": {"device": device}})
        self.control("device_add", driver="usb-serial", id=name, chardev=wire, port=str(place), **{"always-plugged": True})
        self.plugged[name] = wire

    def plug_usb(self, name, device, place):
        """DEVICE: a UsbDevice; it is on the bus whenever its module is there."""
        self.plugs += 1
        wire = "wire%d" % self.plugs
        self.control("chardev-add", id=wire, backend={"type": "socket", "data": {
            "addr": {"type": "unix", "data": {"path": device.path}}, "server": False}})
        self.control("device_add", driver="usb-redir", id=name, chardev=wire, port=str(place))
        self.plugged[name] = None	# its wire goes with it

    def unplug(self, name):
        self.control("device_del", id=name)
        while True:
            event = json.loads(self.answers.readline())
            if event.get("event") == "DEVICE_DELETED" and event["data"].get("device") == name:
                break
        wire = self.plugged.pop(name)
        if wire:
            self.control("chardev-remove", id=wire)
