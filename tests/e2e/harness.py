"""What the end-to-end tests stand on: the program under test, simulated
modules on real terminals, servers on loopback.

A test is a function test_NAME(t) in a test_*.py beside this file; T is a Case.
What a Case starts ends with it, whatever happens; a simulated module that
counted a violation of its host fails the test. Nothing here sleeps: all
waiting is for an event, with a deadline.
"""

import contextlib
import ctypes
import fcntl
import glob
import hashlib
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time

try:
    import json_lines
    CHECKER = json_lines.Checker()
except ImportError:		# in the virtual machine; what needs it is run outside as well
    CHECKER = None

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(os.path.dirname(HERE), "scenarios")

FROM = "UG96LNAR02A06E1G"
TO = "UG96LNAR02A08E1G"
IMEI = "490154203237518"
USER = "ftp"
PASSWORD = "s3cret-canary"
NOBODY = 65534

DEADLINE = 300		# seconds for one thing: none takes so long, however slow the machine is


class Skip(Exception):
    """This machine cannot run the test; the text says why."""


def find_program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Skip(name + " is not installed")
    return path


def clip(text, size=1500):
    return text if len(text) <= size else text[:size // 2] + "\n[...]\n" + text[-size // 2:]


class Process:
    """A program with its output collected; argv[0] is the program."""

    def __init__(self, argv, env, stdin=subprocess.DEVNULL, stdout=None, cwd=None, session=True):
        self.argv = argv
        self.out = b""
        self.err = b""
        self.status = None		# exit status; -N: killed by signal N
        self.usage = None
        self.peak_kib = 0		# of memory, as long as it talked
        self.changed = threading.Condition()
        self.popen = subprocess.Popen(
            argv, env=env, stdin=stdin, cwd=cwd, start_new_session=session,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE)
        self.pid = self.popen.pid
        self.threads = [threading.Thread(target=self._wait, daemon=True)]
        self.readers = 0		# that have not come to the end yet
        for name, pipe in (("out", self.popen.stdout), ("err", self.popen.stderr)):
            if pipe:
                self.readers += 1
                self.threads.append(threading.Thread(
                    target=self._read, args=(name, pipe), daemon=True))
        for thread in self.threads:
            thread.start()

    def _read(self, name, pipe):
        while True:
            data = os.read(pipe.fileno(), 65536)
            if not data:
                break
            peak_kib = memory_peak_kib(self.pid)
            with self.changed:
                setattr(self, name, getattr(self, name) + data)
                self.peak_kib = max(self.peak_kib, peak_kib)
                self.changed.notify_all()
        pipe.close()
        with self.changed:
            self.readers -= 1
            self.changed.notify_all()

    def _wait(self):
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self.changed:	# signal() must find it, or know that it has ended
            _, status, self.usage = os.wait4(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
            self.popen.returncode = self.status
            self.changed.notify_all()

    def signal(self, number):
        with self.changed:
            if self.status is None:
                os.kill(self.pid, number)

    def ended(self):
        """And all that it has said is there."""
        return self.status is not None and not self.readers

    def wait_for(self, condition, what, deadline=DEADLINE):
        """Until CONDITION() is true; what it looks at is locked meanwhile."""
        with self.changed:
            good = self.changed.wait_for(lambda: condition() or self.ended(),
                                         deadline) and condition()
        if not good:
            raise AssertionError("%s: no %s%s\n%s" % (
                self.name(), what,
                " before it ended with %d" % self.status if self.status is not None
                else " within %d s" % deadline, self.report()))

    def wait(self, deadline=DEADLINE):
        """Until it has ended and all output is in. Returns self."""
        end = time.monotonic() + deadline
        with self.changed:
            self.changed.wait_for(lambda: self.status is not None, deadline)
        if self.status is None:
            self.kill()
            raise AssertionError("%s did not end within %d s\n%s" % (
                self.name(), deadline, self.report()))
        for thread in self.threads:
            thread.join(max(1, end - time.monotonic()))
            assert not thread.is_alive(), "%s: its output does not end" % self.name()
        for text in (b"Sanitizer", b"runtime error:", b"ASSERT"):
            if text in self.err:
                raise AssertionError("%s: %s\n%s" % (self.name(), text.decode(), self.report()))
        return self

    def kill(self):
        self.signal(signal.SIGKILL)
        with self.changed:
            self.changed.wait_for(lambda: self.status is not None, DEADLINE)

    def name(self):
        return " ".join(os.path.basename(a) if i == 0 else a
                        for i, a in enumerate(self.argv[:4]))

    def text(self):
        return self.out.decode("utf-8", "replace")

    def errors(self):
        return self.err.decode("utf-8", "replace")

    def report(self):
        return "stdout:\n%s\nstderr:\n%s" % (clip(self.text()), clip(self.errors()))


class Sim(Process):
    """dfota sim: a module at .path"""

    def __init__(self, case, args):
        super().__init__([case.dfota, "sim", *args], case.env)
        self.stopped = False
        try:
            self.wait_for(lambda: self.out.startswith(b"ready ") and b"\n" in self.out,
                          "ready line")
        except AssertionError:
            self.stopped = True
            raise
        self.path = self.text().splitlines()[0][len("ready "):]

    def stop(self, stored=0):
        """End it. Returns the version it ran; raises on violations of the host.
        STORED: so many settings were left in it on purpose."""
        if not self.stopped:
            self.stopped = True
            self.signal(signal.SIGTERM)
            self.wait()
            assert self.status == 0, "sim ended with %d\n%s" % (self.status, self.report())
            last = self.text().splitlines()[-1]
            wanted = "violations %d" % stored + (": stored and not put back" if stored else "")
            assert last == wanted or (stored and last.startswith(wanted)), "the simulated module counts: " + last
        return self.version()

    def go_on(self):
        """From a `hold` of its scenario, where it is or comes to."""
        self.signal(signal.SIGUSR1)

    def upgrades(self):
        """How often it was told to upgrade, when it was stopped."""
        return int(re.search(r"^upgrades (\d+)$", self.text(), re.M).group(1))

    def version(self):
        """What it ran when it was stopped; None of a record that was played."""
        found = re.search(r"^version (\S+)$", self.text(), re.M)
        return found and found.group(1)


class Run(Process):
    """dfota run, probe, ... with JSON lines."""

    def events(self, kind=None):
        found = []
        for line in self.text().split("\n")[:-1]:
            event = json.loads(line)
            if kind is None or event["type"] == kind:
                found.append(event)
        return found

    def wait_event(self, deadline=DEADLINE, **fields):
        """Until an event with these fields is there; values may be functions."""
        def there():
            for event in self.events():
                if all(test(event.get(key)) if callable(test) else event.get(key) == test
                       for key, test in fields.items()):
                    return True
            return False
        self.wait_for(there, "event %s" % fields, deadline)

    def result(self):
        """The result line: exactly one, and the last."""
        try:
            events = self.events()
        except ValueError as error:
            raise AssertionError("no JSON: %s\n%s" % (error, self.report()))
        results = [e for e in events if e["type"] == "result"]
        assert len(results) == 1, "%d result lines\n%s" % (len(results), self.report())
        assert events[-1] is results[0] or events[-1] == results[0], \
            "the result is not the last line\n" + self.report()
        times = [e["t"] for e in events]
        assert times == sorted(times), "time goes backwards: %s" % times
        return results[0]

    def expect(self, outcome, status, code=None, message=None, step=None, deadline=DEADLINE):
        """Wait for its end and hold the result against what must come out."""
        self.wait(deadline)
        result = self.result()
        got = (result["outcome"], result["exit"], self.status)
        assert got == (outcome, status, status), "%s, not %s: %s\n%s" % (
            got, (outcome, status), result["message"], self.report())
        if code:
            assert result["code"] and (result["code"]["table"], result["code"]["number"]) == code, \
                "code %s, not %s" % (result["code"], code)
            assert result["code"]["meaning"], "a code without a meaning"
        for text in [message] if isinstance(message, str) else message or []:
            said = result["message"] + "\n" + result["advice"]
            assert text in said, "%r is not in %r" % (text, said)
        if step:
            assert result["step"] == step, "in step %s, not %s" % (result["step"], step)
        assert result["advice"], "a result without advice"
        return result

    def notices(self):
        return "\n".join(e["text"] for e in self.events("notice"))

    def lines(self, direction):
        return [e["text"] for e in self.events("line") if e["dir"] == direction]


class Server:
    """A listening socket and what answers on it."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.socket()
        self.socket.bind((host, 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]


class Nginx(Server):
    """The socket is handed down as nginx's own upgrade does it, so it takes
    connections from the first moment and no port is ever guessed."""

    def __init__(self, case, root):
        super().__init__()
        self.socket.setblocking(False)
        work = case.path("nginx")
        os.mkdir(work)
        conf = os.path.join(work, "conf")
        case.write(conf, """
daemon off; worker_processes 1; pid %(w)s/pid; error_log stderr; %(user)s
events { worker_connections 64; }
http {
	access_log %(w)s/access; default_type application/octet-stream;
	client_body_temp_path %(w)s/body; proxy_temp_path %(w)s/proxy;
	fastcgi_temp_path %(w)s/fastcgi; uwsgi_temp_path %(w)s/uwsgi;
	scgi_temp_path %(w)s/scgi;
	server { listen 127.0.0.1:%(port)d; root %(root)s; }
}
""" % {"w": work, "port": self.port, "root": root,
            "user": "user root;" if os.getuid() == 0 else ""})
        fd = self.socket.fileno()
        self.popen = subprocess.Popen(
            [find_program("nginx"), "-c", conf, "-p", work, "-e", "stderr"],
            env=dict(case.env, NGINX="%d;" % fd), pass_fds=[fd],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(case.path("nginx.err"), "wb"))
        self.socket.close()
        self.url = "http://127.0.0.1:%d/" % self.port
        self.access = os.path.join(work, "access")

    def stop(self):
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


class Vsftpd(Server):
    """One vsftpd for each connection, as inetd would start it. The account is
    the anonymous one with a password list, so that no account of the system
    is needed and none is made; it runs as whoever runs the tests."""

    def __init__(self, case, root):
        super().__init__()
        program = find_program("vsftpd")
        work = case.path("vsftpd")
        os.mkdir(work)
        case.write(os.path.join(work, "passwords"), PASSWORD + "\n", 0o600)
        conf = os.path.join(work, "conf")
        case.write(conf, """listen=NO
background=NO
local_enable=NO
anonymous_enable=YES
secure_email_list_enable=YES
email_password_file=%(w)s/passwords
anon_root=%(root)s
run_as_launching_user=YES
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
connect_from_port_20=NO
xferlog_enable=NO
secure_chroot_dir=%(w)s
""" % {"w": work, "root": root})
        self.children = []
        self.errors = open(case.path("vsftpd.err"), "wb")
        self.url = "ftp://127.0.0.1:%d/" % self.port
        self.thread = threading.Thread(target=self._serve, args=([program, conf],))
        self.thread.start()

    def _serve(self, argv):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.children.append(subprocess.Popen(
                argv, stdin=connection, stdout=connection, stderr=self.errors))
            connection.close()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)	# wakes the accept
        self.thread.join()
        self.socket.close()
        for child in self.children:
            child.kill()
            child.wait()
        self.errors.close()


class HeadOnly(Server):
    """An HTTP server that has the file while it is only asked about it."""

    def __init__(self, _case, _root):
        super().__init__()
        self.url = "http://127.0.0.1:%d/" % self.port
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as request:
                connection.settimeout(DEADLINE)
                lines = list(iter(lambda: request.readline(4096).strip(), b""))
                if lines and lines[0].startswith(b"HEAD"):
                    answer, body = b"200 OK\r\nContent-Length: 20000", b""
                elif any(line.lower().startswith(b"range:") for line in lines):
                    answer, body = (b"206 Partial Content\r\nContent-Range: bytes 0-0/20000\r\n"
                                    b"Content-Length: 1"), b"x"
                else:
                    answer, body = b"404 Not Found\r\nContent-Length: 0", b""
                connection.sendall(b"HTTP/1.1 " + answer + b"\r\nConnection: close\r\n\r\n" + body)

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


class Terminal:
    """A pseudo-terminal with a program on it; what it shows is collected."""

    def __init__(self, argv, env, size=(24, 80), controlling=True):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[0], size[1], 0, 0))
        if controlling:		# setsid -c makes its stdin the controlling terminal
            argv = [find_program("setsid"), "-c", "-w", *argv]
        self.process = Process(argv, env, stdin=slave, stdout=slave)
        self.slave = slave
        self.out = b""
        self.changed = self.process.changed
        self.stopped, self.stop = os.pipe()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            if self.stopped in select.select([self.master, self.stopped], [], [])[0]:
                return
            try:
                data = os.read(self.master, 65536)
            except OSError:		# its last user is gone
                return
            with self.changed:
                self.out += data
                self.changed.notify_all()

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, text, deadline=DEADLINE, ends=False):
        """Until it is shown; where the program ENDS before, that may be."""
        if isinstance(text, str):
            text = text.encode()
        with self.changed:
            self.changed.wait_for(
                lambda: text in self.out or self.process.status is not None, deadline)
            there = text in self.out
        if not there and self.process.status is not None:
            self.read_rest()
            there = text in self.out
        assert there or (ends and self.process.status is not None), "the terminal does not show %r:\n%s\n%s" % (
            text, clip(self.text()), self.process.report())

    def text(self):
        return self.out.decode("utf-8", "replace")

    def wait(self):
        """Until the program has ended and all that it showed is there. Returns it."""
        self.process.wait()
        self.read_rest()
        return self.process

    def read_rest(self):
        """Of a program that has ended: the terminal ends when we let go of it, too."""
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1
            self.thread.join(DEADLINE)

    def hang_up(self):
        """The terminal is gone: its reader stops and its master is closed."""
        if self.master < 0:
            return
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1
        os.write(self.stop, b"x")
        self.thread.join()
        for fd in (self.master, self.stop, self.stopped):
            os.close(fd)
        self.master = -1

    def close(self):
        self.process.kill()
        self.hang_up()


class Case:
    """One test: its directory, and all it started."""

    host = "127.0.0.1"		# where its servers of fault_proxy.py are

    def __init__(self, dfota):
        self.dfota = dfota
        self.dir = tempfile.mkdtemp(prefix="dfota-e2e-")
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self.dir,
            "TMPDIR": self.dir,
            "XDG_STATE_HOME": self.path("state"),
            "XDG_CONFIG_HOME": self.path("config"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "SHELL": "/bin/sh",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",	# no daemon of this computer
        }
        for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if key in os.environ:
                self.env[key] = os.environ[key]
        self.sessions = self.path("state", "dfota", "sessions")
        for directory in ("state", "state/dfota", "state/dfota/sessions"):
            os.mkdir(self.path(directory), 0o700)
        self.processes = []
        self.others = []
        self.sims = 0

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        if isinstance(content, str):
            content = content.encode()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def instrumented(self):
        """Built with a sanitizer: no limits on memory then."""
        with open(self.dfota, "rb") as file:
            return re.search(rb"__(asan|tsan|ubsan)_", file.read()) is not None

    def no_leak_check(self):
        """Environment for where a leak checker cannot work."""
        options = self.env.get("ASAN_OPTIONS", "")
        return {"ASAN_OPTIONS": ":".join(filter(None, (options, "detect_leaks=0")))}

    def package(self, content=20000, name="ug96-06-08.bin", model="UG96", frm=FROM, to=TO,
                manifest=True):
        """A package of CONTENT, or of so many bytes that look like one."""
        if isinstance(content, int):
            content = random.Random(content).randbytes(content)
        path = self.write(name, content)
        if manifest:
            self.write(name + ".manifest",
                       "model = %s\nfrom = %s\nto = %s\nsize = %d\nsha256 = %s\n" % (
                           model, frm, to, len(content), hashlib.sha256(content).hexdigest()))
        return path

    def sim(self, *args, scenario=None, package=None, fast=True, paced=False, listen=None):
        """A module; SCENARIO is text, or the name of a file in tests/scenarios.
        LISTEN: on TCP there in place of a terminal; "0" is any free port."""
        self.sims += 1
        argv = ["--listen", listen] if listen else [] if "--link" in args else [
            "--link", self.path("tty%d" % self.sims)]
        if scenario and scenario.endswith(".at"):
            argv += ["--scenario", os.path.join(SCENARIOS, scenario)]
        elif scenario:
            argv += ["--scenario", self.write("scenario%d.at" % self.sims, scenario)]
        if package:
            argv += ["--package", package]
        if fast:
            argv.append("--fast")
        if not paced:
            argv.append("--unpaced")
        sim = Sim(self, argv + list(args))
        self.processes.append(sim)
        return sim

    def start(self, *args, env=None, wrap=(), kind=Run, **how):
        """dfota ARGS. WRAP is put before it: a shell with limits, say."""
        process = kind([*wrap, self.dfota, *args], dict(self.env, **(env or {})), **how)
        self.processes.append(process)
        return process

    def plain_user(self):
        """How to start() dfota as somebody who may not do what root may."""
        if os.getuid() != 0:
            return {}
        home = self.path("nobody")
        os.makedirs(home, exist_ok=True)
        os.chown(home, NOBODY, NOBODY)
        os.chmod(self.dir, 0o755)
        copy = self.path("nobody", "program")	# where it was built may be out of reach
        shutil.copyfile(self.dfota, copy)
        os.chmod(copy, 0o755)
        become = "%s --reuid=%d --regid=%d --clear-groups" % (find_program("setpriv"), NOBODY, NOBODY)
        return {"wrap": ("sh", "-c", 'shift; exec %s -- "$0" "$@"' % become, copy),
                "env": dict.fromkeys(("HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), home)}

    def run(self, *args, deadline=DEADLINE, **how):
        return self.start(*args, **how).wait(deadline)

    def start_push(self, sim, package, *args, **how):
        return self.start("run", "--json", "--verbose", "-y", "-p", sim.path,
                          "-f", package, *args, **how)

    def push(self, scenario=None, *args, content=20000, sim_args=(), fast=True,
             paced=False, **how):
        """Upgrade a module of SCENARIO over the wire. Returns (run, sim)."""
        package = self.package(content)
        sim = self.sim(*sim_args, scenario=scenario, package=package, fast=fast, paced=paced)
        return self.start_push(sim, package, *args, **how), sim

    def wait_return(self, watch, sim, deadline=DEADLINE):
        """Until SIM's link is renewed, told by WATCH, a watch_directory(self.dir)
        from before: the module has restarted."""
        end = time.monotonic() + deadline
        name = os.path.basename(sim.path).encode()
        while True:
            left = end - time.monotonic()
            assert left > 0 and select.select([watch], [], [], left)[0], \
                "the module did not return within %d s" % deadline
            if re.search(rb"(^|\0)" + name + rb"\0", os.read(watch, 65536)):
                return

    def wait_record(self, text, deadline=DEADLINE):
        """Until TEXT stands in a record; asked again at every write to it."""
        end = time.monotonic() + deadline
        watch = watch_directory(self.sessions)
        try:
            while not any(text.encode() in data for data in records(self).values()):
                left = end - time.monotonic()
                assert left > 0 and select.select([watch], [], [], left)[0], \
                    "no %r in a record within %d s" % (text, deadline)
                os.read(watch, 65536)
        finally:
            os.close(watch)

    def credentials(self, user=USER, password=PASSWORD, mode=0o600):
        return self.write("credentials", "user = %s\npassword = %s\n" % (user, password), mode)

    def serve(self, kind, root):
        server = kind(self, root)
        self.others.append(server.stop)
        return server

    def web(self):
        """Directory that a server may serve."""
        root = self.path("files")
        os.makedirs(root, exist_ok=True)
        return root

    def terminal(self, argv, env=None, **how):
        terminal = Terminal(argv, dict(self.env, **(env or {})), **how)
        self.others.append(terminal.close)
        return terminal

    def check(self):
        """After the test: no module may have anything to complain of, and what was
        printed as JSON is of the form that is promised."""
        for process in self.processes:
            if isinstance(process, Sim):
                process.stop()
        for process in self.processes:
            if CHECKER and isinstance(process, Run) and "--json" in process.argv:
                CHECKER.check(process.text())

    def close(self):
        for process in reversed(self.processes):
            process.kill()
        for stop in reversed(self.others):
            stop()
        # what was killed had no time to remove its lock file
        for path in glob.glob("/var/lock/LCK..*%s*" % glob.escape(os.path.basename(self.dir))):
            with contextlib.suppress(OSError):
                os.unlink(path)
        shutil.rmtree(self.dir, ignore_errors=True)


def watch_directory(path):
    """A descriptor that is readable when a file in PATH is made, renamed or written."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(os.O_CLOEXEC)
    if fd < 0 or libc.inotify_add_watch(fd, path.encode(), 0x182) < 0:	# MODIFY, MOVED_TO, CREATE
        raise OSError(ctypes.get_errno(), "inotify", path)
    return fd


def records(case):
    """All that is written under the state directory, by path."""
    found = {}
    for base, _, names in os.walk(case.path("state")):
        for name in names:
            with open(os.path.join(base, name), "rb") as file:
                found[os.path.join(base, name)] = file.read()
    return found


def assert_clean(data, what):
    """No control byte but the line end, however it is coded."""
    bad = re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", data)
    assert not bad, "control byte %r in %s: %r" % (
        bad.group(), what, data[max(0, bad.start() - 40):bad.end() + 40])


def memory_peak_kib(pid):
    """Not from getrusage(): there the peak of the harness, which it was forked from, counts."""
    try:
        with open("/proc/%d/status" % pid) as file:
            return int(re.search(r"^VmHWM:\s+(\d+)", file.read(), re.M).group(1))
    except (AttributeError, OSError):	# it has ended
        return 0


def peak_mib(process):
    assert process.peak_kib, "nothing is known of its memory"
    return process.peak_kib / 1024
