"""A password is put into every place that takes one and looked for in all that
comes out, in every spelling. Each test also sees it arrive where it belongs."""

import base64
import os
import re
import subprocess
import threading
from urllib.parse import quote

from fault_proxy import FaultFtp, FaultHttp
from harness import FROM, TO, USER, Skip
from test_network import WRITABLE, Package, ftp
from test_screen import Screen, choose_port, choose_source
from test_sources import choose_delivery, fill_next

PLAIN = "Zk9q!canary-41b"		# may stand in the URL a module is given
ODD = "Zk9q@ca:na/ry %41\"\\&?#;ü"	# what this computer alone uses may be anything

# Files of a test that hold it by their nature, and those of the servers.
HOLDERS = ("credentials", ".netrc", "vsftpd", "tmux.conf", "files", "scenario")

OUTPUTS = (("--json", "--verbose"), ("--verbose",))


def windows(parts, size):
    return b"|".join(b"".join(parts[i:i + size]) for i in range(max(1, len(parts) - size + 1)))


class Canary:
    """Knows the spellings of a password. A part of it is found as well."""

    def __init__(self, password):
        self.password = password
        data = password.encode()
        spelled = []
        for byte in data:
            char = bytes([byte])
            forms = {re.escape(char), b"(?i:%%%02x)" % byte, rb"(?i:\\x%02x)" % byte,
                     rb"(?i:\\u00%02x)" % byte}
            if char in b"\"\\/":
                forms.add(re.escape(b"\\" + char))
            spelled.append(b"(?:" + b"|".join(sorted(forms)) + b")")
        self.spelled = re.compile(windows(spelled, 6))
        single = [re.escape(bytes([b])) for b in data]
        mangled = [[b * 2 for b in single]]
        mangled += [[b for i, b in enumerate(single) if i % 3 != k] for k in range(3)]
        self.mangled = re.compile(b"|".join(windows(parts, 6) for parts in mangled))
        coded = []
        for before in range(3):		# at any place in what is encoded, so with a user before it too
            text = base64.b64encode(b"x" * before + data)
            first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
            core = text[first:last]
            for alphabet in (core, core.replace(b"+", b"-").replace(b"/", b"_")):
                coded.append(windows([re.escape(bytes([c])) for c in alphabet], 10))
        self.coded = re.compile(b"|".join(coded))

    def find(self, data):
        for name, pattern in (("as it is", self.spelled), ("mangled", self.mangled),
                              ("in base64", self.coded)):
            match = pattern.search(data)
            if match:
                return "%s: %r" % (name, data[max(0, match.start() - 60):match.end() + 60])
        return None

    def assert_not_in(self, what, data):
        found = self.find(data)
        assert not found, "the password stands in %s %s" % (what, found)

    def assert_nowhere(self, t, *runs):
        """In no file under the test's directory, no output, no process list."""
        for base, directories, names in os.walk(t.dir):
            if base == t.dir:
                names = [n for n in names if not n.startswith(HOLDERS)]
                directories[:] = [d for d in directories if not d.startswith(HOLDERS)]
            for name in names:
                path = os.path.join(base, name)
                self.assert_not_in("the name " + path, os.fsencode(path))
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        self.assert_not_in(path, file.read())
        for run in runs:
            self.assert_not_in("stdout", run.out)
            self.assert_not_in("stderr", run.err)
            if b'{"type"' in run.out:	# over the ends of lines too
                for way in ("tx", "rx"):
                    self.assert_not_in(way, "".join(run.lines(way)).encode())


class Watch:
    """Looks at what everybody may read of a process and its children, from its
    start to its end, whenever it has said something."""

    def __init__(self, process):
        self.process = process
        self.seen = {}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with self.process.changed:
            while self.process.status is None:
                self._look(str(self.process.pid))
                self.process.changed.wait(1)

    def _look(self, pid):
        for name in ("cmdline", "environ", "comm", "limits"):
            try:
                with open(os.path.join("/proc", pid, name), "rb") as file:
                    self.seen.setdefault(name, set()).add(file.read())
            except OSError:		# gone, or kept from us as well
                pass
        try:
            with open("/proc/%s/task/%s/children" % (pid, pid)) as file:
                for child in file.read().split():
                    self._look(child)
        except OSError:
            pass

    def assert_without(self, canary):
        self.thread.join()
        lines = self.seen.get("cmdline", ())
        assert self.process.status == 64 or any(b"run\0" in line for line in lines), lines
        for name, values in self.seen.items():
            for value in values:
                canary.assert_not_in("/proc/PID/" + name, value)


def begin(package, canary, output, *args, login=True):
    """Returns (run, watch)."""
    t = package.t
    if login:
        args += ("--credentials", t.write("credentials of " + os.path.basename(package.sim.path),
                                          "user = %s\npassword = %s\n" % (USER, canary.password), 0o600))
    run = t.start("run", "-y", "-p", package.sim.path, "--manifest", package.manifest, *output, *args,
                  cwd=t.dir)
    return run, Watch(run)


def finish(canary, begun, status, *words):
    """Their ends, and that the password stands nowhere."""
    for package, (run, watch) in begun:
        run.wait()
        assert run.status == status, "%s ended with %d\n%s" % (run.argv, run.status, run.report())
        for word in words:
            assert word in run.text() + run.errors(), "%r is not in\n%s" % (word, run.report())
        watch.assert_without(canary)
        assert package.sim.stop() == (TO if status == 0 else FROM)
    canary.assert_nowhere(begun[0][0].t, *[run for _, (run, _) in begun])


def each(t, canary, status, *args, words=(), **how):
    """The same with each kind of output, at the same time."""
    begun = []
    for number, output in enumerate(OUTPUTS):
        package = Package(t, name="delta%d.bin" % number)
        begun.append((package, begin(package, canary, output, *args, **how)))
    finish(canary, begun, status, *words)


def passwords(server):
    return [line[5:] for line in server.commands if line.startswith("PASS ")]


def content(t):
    package = t.package(name="content.bin")
    with open(package, "rb") as file:
        return file.read()


# --- the search itself ---------------------------------------------------------

def test_the_search_finds_every_spelling(t):
    for password in (PLAIN, ODD):
        canary = Canary(password)
        data = password.encode()
        spellings = [data, quote(password, safe="").encode(), quote(password, safe="").lower().encode(),
                     b"".join(b"%%%02X" % b for b in data), data[:8], data[-8:],
                     b"".join(rb"\x%02x" % b for b in data), b"".join(bytes([b, b]) for b in data),
                     bytes(b for i, b in enumerate(data) if i % 3 != 1)]
        for user in ("", "f", "ftp", "ftp:", "user:", "longer:"):
            spellings += [base64.b64encode(user.encode() + data),
                          base64.urlsafe_b64encode(user.encode() + data + b" and more")]
        for spelling in spellings:
            found = canary.find(b"before " + spelling + b" behind")
            assert found, "%r is not found" % spelling
        for other in (b"", b"Zk9q", b"the password ******", base64.b64encode(b"ftp:s3cret")):
            assert not canary.find(other), other


# --- the ways --------------------------------------------------------------------

def test_pull_from_ftp(t):
    canary = Canary(PLAIN)
    server = FaultFtp(t, content(t))
    each(t, canary, 0, "-u", server.url + "delta.bin")
    assert passwords(server).count(PLAIN) >= 4, server.commands	# ours and the modules'
    each(t, canary, 0, "-u", server.url + "delta.bin", "--verify-source")


def test_relay_from_ftp(t):
    canary = Canary(ODD)
    server = FaultFtp(t, content(t))
    server_gets = ODD.encode().decode("latin-1")
    each(t, canary, 0, "-u", server.url + "delta.bin", "--relay")
    assert passwords(server) == [server_gets] * 2, server.commands


def guarded(t, password, body):
    """An HTTP server that tells everybody what it was told."""
    want = "Basic " + base64.b64encode(("%s:%s" % (USER, password)).encode()).decode()

    def handler(request):
        told = request.headers.get("authorization", "")
        if told == want:
            return request.part(body, "X-Echo: " + told)
        return request.answer("401 no: " + told, 'WWW-Authenticate: Basic realm="%s"' % told,
                              "X-Echo: " + told, body=told.encode())
    return FaultHttp(t, handler)


def test_relay_from_http(t):
    canary = Canary(ODD)
    server = guarded(t, ODD, content(t))
    each(t, canary, 0, "-u", server.url + "delta.bin", "--relay")
    assert canary.find(server.requests[-1].raw), "the server did not get it either"


def test_publish_by_ftp(t):
    canary = Canary(PLAIN)
    t.web()
    server = ftp(t, WRITABLE)
    t.write("vsftpd/passwords", PLAIN + "\n", 0o600)	# and no other
    begun = []
    for number, output in enumerate(OUTPUTS):
        package = Package(t, name="delta%d.bin" % number)
        begun.append((package, begin(package, canary, output, "-f", package.path,
                                     "--publish", server.url + "delta%d.bin" % number)))
    finish(canary, begun, 0)


def test_netrc(t):
    canary = Canary(PLAIN)
    t.write(".netrc", "machine 127.0.0.1 login %s password %s\n" % (USER, PLAIN), 0o600)
    server = FaultFtp(t, content(t))
    each(t, canary, 0, "-u", server.url + "delta.bin", "--relay", "--netrc", login=False)
    assert passwords(server) == [PLAIN] * 2, server.commands
    server = FaultFtp(t, content(t), {"PASS": "530 not " + PLAIN})
    each(t, canary, 23, "-u", server.url + "delta.bin", "--relay", "--netrc", login=False, words=["530"])


def test_what_would_be_sent(t):
    canary = Canary(PLAIN)
    package = Package(t)
    run, watch = begin(package, canary, OUTPUTS[0], "-u", FaultFtp(t, package.content).url + "delta.bin",
                       "--dry-run")
    run.wait()
    assert run.status == 0 and 'AT+QFOTADL="ftp://***:***@127' in run.notices(), run.report()
    watch.assert_without(canary)
    canary.assert_nowhere(t, run)


# --- errors ----------------------------------------------------------------------

def test_ftp_errors(t):
    """A server that says the password aloud, one without the file, one that cuts off."""
    for password, relay in ((PLAIN, ()), (ODD, ("--relay",))):
        canary = Canary(password)
        aloud = password.encode().decode("latin-1")
        for replies, word in (({"PASS": "530 Not %s, %s" % (aloud, quote(password))}, "530"),
                              ({"PASS": "530-Not\r\n %s\r\n530 Not" % aloud}, "530"),
                              ({"SIZE": "550 none " + aloud, "RETR": "550 none " + aloud}, "550"),
                              ({"USER": "421 go away"}, "421")):
            server = FaultFtp(t, b"x" * 20000, replies)
            if word == "421" and not relay:
                continue	# for a pull that is a warning only
            each(t, canary, 23, "-u", server.url + "d.bin", *relay, words=[word])
            assert word == "421" or aloud in passwords(server), server.commands


def test_http_errors(t):
    canary = Canary(ODD)
    server = guarded(t, "another", b"x" * 20000)
    each(t, canary, 23, "-u", server.url + "d.bin", "--relay", words=["401"])
    assert canary.find(server.requests[-1].raw)
    said = ODD.encode().decode("latin-1")
    server = FaultHttp(t, lambda request: request.answer(
        "404 %s %s" % (said, quote(ODD)), "Content-Type: text/" + quote(ODD), body=ODD.encode()))
    each(t, canary, 23, "-u", server.url + "d.bin", "--relay", words=["404"])
    server = FaultHttp(t, lambda request: request.answer(
        "302 Found", "Location: gopher://%s:%s@127.0.0.1/%s" % (USER, quote(ODD), quote(ODD))))
    each(t, canary, 23, "-u", server.url + "d.bin", "--relay", words=["redirect"])


def test_password_that_no_module_can_be_given(t):
    canary = Canary(ODD)
    each(t, canary, 64, "-u", FaultFtp(t, b"x").url + "d.bin", words=["position 5 of the password"])


def test_credentials_that_cannot_be_used(t):
    canary = Canary(PLAIN)
    for text, mode in (("user = ftp\npassword = %s\n" % PLAIN, 0o644), ("pass word %s\n" % PLAIN, 0o600),
                       ("user = ftp\npassword = %s\n" % (PLAIN * 5), 0o600),
                       ("user = ftp\npasswort = %s\n" % PLAIN, 0o600)):
        package = Package(t)
        run, watch = begin(package, canary, OUTPUTS[0], "-u", "ftp://127.0.0.1/d.bin", "--credentials",
                           t.write("credentials", text, mode), login=False)
        run.wait()
        assert run.status == 64, run.report()
        watch.assert_without(canary)
        canary.assert_not_in("stdout", run.out)
        canary.assert_not_in("stderr", run.err)


def test_a_login_where_none_belongs(t):
    """In an argument everybody can read it already: it goes no further."""
    word = "Zk9q-canary-41b"
    for form in ("ftp://u:%s@h/x", "u:%s@h/x", "ftp:u:%s@h/x", "ftp://u:a/%s@h/x", "http://u:a?%s@h/x", "ftp;//u:%s@h/x",
                 "u:%s@ftp://h/x", "ftp://u v:\"%s@h/x", "http://h:80x/?%s@"):
        url = form % word
        for args in (("-u", url), ("-u", url, "--relay"), (url,), ("-f", "x", "--publish", url), ("-f", "x", url)):
            for output in ((), ("--json", "--verbose")):
                run = t.run("run", "-y", "--demo", "--fast", "--unpaced", "--target", TO, *args, *output)
                assert run.status == 64 and word not in run.text() + run.errors(), (args, run.report())
    for args in (("probe", "-p", "tcp:u:%s@h:1"), ("probe", "rfc2217://u:%s@h:1"), ("run", "-p", "telnet://u:%s@h:1", "-f", "x"),
                 ("run", "--demo", "--password=%s"), ("run", "--demo", "u:%s@h/x", "u:%s@h/x"), ("status", "u:%s@h/x"),
                 ("explain", "AT+QFOTADL=\"ftp://u:%s@h/x\""), ("explain", "AT+QICSGP=1,1,\"apn\",\"u\",\"%s\",1")):
        for output in ((), ("--json",)):
            run = t.run(*[arg.replace("%s", word) for arg in args], *output)
            assert run.status == 64 and word not in run.text() + run.errors(), (args, run.report())
    Canary(word).assert_nowhere(t)


# --- a module that says it -----------------------------------------------------------

NOT_SHOWN = "(not shown: it may hold the password)"


def module_says(t, scenario, *words):
    canary = Canary(PLAIN)
    server = FaultFtp(t, content(t))
    begun = []
    for number, output in enumerate(OUTPUTS):
        package = Package(t, name="delta%d.bin" % number)
        package.sim.stop()
        package.sim = package.module(scenario=scenario)
        begun.append((package, begin(package, canary, output, "-u", server.url + "d.bin")))
    finish(canary, begun, 0)
    assert PLAIN in passwords(server)
    received = "\n".join(begun[0][1][0].lines("rx"))
    for word in words:
        assert word in received, received


def test_module_echoes_it(t):
    module_says(t, "set echo stuck", NOT_SHOWN)


def test_module_echoes_it_in_pieces(t):
    module_says(t, "set echo wrap\non ATE0\n\tline OK", NOT_SHOWN)


def test_module_echoes_each_byte_twice(t):
    module_says(t, "on AT+IPR?\n\tset echo double\n\tdefault", NOT_SHOWN)


def test_module_echoes_some_bytes(t):
    module_says(t, "on AT+IPR?\n\tset echo partial\n\tdefault", NOT_SHOWN)


def test_module_tells_it(t):
    module_says(t, "at updating 20\n\tline +QIND: \"FOTA\",\"%s\"\n\tline ftp:%s@x\n\tline %s\n\tline %s"
                % (PLAIN, PLAIN, quote(PLAIN, safe=""), base64.b64encode(
                    ("%s:%s" % (USER, PLAIN)).encode()).decode()), '"FOTA","***"')


# --- typed ------------------------------------------------------------------------

def test_prompt(t):
    canary = Canary(PLAIN)
    for replies, status in ((None, 0), ({"PASS": "530 not " + PLAIN}, 23)):
        package = Package(t)
        server = FaultFtp(t, package.content, replies)
        for output in OUTPUTS[1:]:
            shown = t.terminal([t.dfota, "run", "-y", "-p", package.sim.path, "--manifest", package.manifest,
                                *output, "-u", server.url.replace("//", "//%s@" % USER) + "d.bin"])
            watch = Watch(shown.process)
            shown.wait_for("Password of %s: " % USER)
            shown.type(PLAIN + "\n")
            assert shown.wait().status == status, shown.text()
            watch.assert_without(canary)
            canary.assert_not_in("the terminal", shown.out)
            canary.assert_nowhere(t, shown.process)
            assert PLAIN in passwords(server), server.commands
        package.sim.stop()


def on_screen(t, way, replies=None, refused=None):
    """The password goes into the field; all the screen ever drew is kept. What the server
    REFUSED it with is said where it was typed, and nothing starts."""
    canary = Canary(PLAIN)
    package = Package(t)
    server = FaultFtp(t, package.content, replies)
    screen = Screen(t, 80, 24)
    drawn = t.path("drawn")
    screen.call("pipe-pane", "cat >" + drawn)
    choose_port(screen, package.sim)
    choose_source(screen, "FTP")
    fill_next(screen, server.url + "d.bin")
    fill_next(screen, USER, "User")
    fill_next(screen, PLAIN, "******")
    choose_delivery(screen, way)
    fill_next(screen, package.manifest, "Manifest ")
    if refused:
        screen.wait_for(refused)
    else:
        screen.start()
        screen.answer("yes")
        screen.done("success")
    screen.key("3")
    screen.press("w", "to file:")
    screen.call("send-keys", "-l", t.path("written"))
    screen.wait_for("to file: " + t.path("written"))
    screen.bring("Enter", "lines written to")
    screen.leave(0)
    screen.close()		# its copy is whole then
    assert package.sim.stop() == (FROM if refused else TO)
    assert PLAIN in passwords(server), server.commands
    with open(drawn, "rb") as file:
        everything = file.read()
    assert b"Password" in everything, everything
    canary.assert_not_in("what was drawn", re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[()].|.)", b"", everything))
    with open(t.path("written"), "rb") as file:
        assert b"AT+" in file.read()
    canary.assert_nowhere(t)


def test_screen_pull(t):
    on_screen(t, "by the module")


def test_screen_refused(t):
    on_screen(t, "serial port", {"PASS": "530 not " + PLAIN}, "login refused (FTP 530)")


# --- cores ---------------------------------------------------------------------------

def test_E28_not_dumpable_while_a_password_may_be_in_memory(t):
    """A core_pattern that is a pipe ignores the limit on size: the process itself must refuse.
    The kernel then gives its /proc to root, which the plain user that started it is not."""
    if os.getuid() != 0:
        raise Skip("only root can start it as somebody else")
    package = Package(t)
    server = FaultFtp(t, package.content, {"TYPE": ""})		# never goes on
    user = t.plain_user()
    os.chmod(t.path("nobody"), 0o755)
    login = t.credentials(password=PLAIN)
    os.chown(login, 65534, 65534)
    os.chmod(os.path.realpath(package.sim.path), 0o666)
    # of a killed program that had a terminal of this name before; only root can replace it
    stale = "/var/lock/LCK..pts_" + os.path.basename(os.path.realpath(package.sim.path))
    if os.path.exists(stale):
        os.unlink(stale)
    calls = (("run", "-y", "--json", "-p", package.sim.path, "--manifest", package.manifest, "-u", server.url + "d.bin",
              "--relay", "--credentials", login), True), (("sim", "--link", t.path("nobody", "tty")), False)
    for args, secret in calls:
        run = t.start(*args, **user)
        run.wait_for(lambda: b'"fetch","state":"begin"' in run.out or b"ready" in run.out, "start")
        owner = os.stat("/proc/%d/status" % run.pid).st_uid
        assert (owner == 0) == secret, (args, owner)
        for number in (6, 11):
            run.signal(number)
        run.wait()


def test_no_core(t):
    canary = Canary(PLAIN)
    package = Package(t)
    server = FaultFtp(t, package.content, {"TYPE": ""})		# never goes on
    room = t.path("room")
    os.mkdir(room)
    cores = ("sh", "-c", 'ulimit -c unlimited && exec "$@"', "sh")
    run = t.start("run", "-y", "--json", "-p", package.sim.path, "--manifest", package.manifest,
                  "-u", server.url + "d.bin", "--relay", "--credentials", t.credentials(password=PLAIN),
                  wrap=cores, cwd=room)
    run.wait_event(type="step", step="fetch", state="begin")
    with open("/proc/%d/limits" % run.pid) as limits:
        core = re.search(r"Max core file size +(\S+) +(\S+)", limits.read()).groups()
    assert core == ("0", "0"), core
    run.signal(6)
    run.wait()
    assert not os.listdir(room), os.listdir(room)
    canary.assert_nowhere(t)
    control = subprocess.run([*cores, "sh", "-c", "kill -ABRT $$"], cwd=room, stderr=subprocess.DEVNULL)
    if control.returncode != -6 or not os.listdir(room):
        raise Skip("this system leaves no core of any program")
