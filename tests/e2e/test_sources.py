"""Packages of every size and content by every way over a server, servers that
want a password, and the two ways in which this computer moves the package,
from the keyboard."""

import json
import os
import subprocess
import sys

from harness import DEADLINE, PASSWORD, TO, USER, Vsftpd
from test_network import (WRITABLE, Authority, Package, Web, assert_nothing_left, assert_secret, ftp,
                          ssl_lines)
from test_screen import Screen, choose_port, choose_source

DAV = "dav_methods PUT DELETE MOVE;"
BIG = 5 << 20
BIG_SERIAL = 1 << 20	# without flow control a line carries 15,000 B/s: a minute and more
AT_ONCE = 9		# modules at a time: they wait more than they work


def test_without_libcurl(t):
    """Only who uses a URL needs it; that is said before anything is asked of the module."""
    package = Package(t)
    with open("/proc/self/maps", encoding="ascii") as maps:
        another = next(line.split()[-1] for line in maps if "libc.so" in line)
    for kind in ("no library", "another library"):
        path = t.path(kind)
        os.mkdir(path)
        for name in ("libcurl-gnutls.so.4", "libcurl.so.4"):
            if kind == "another library":
                os.symlink(another, path + "/" + name)
            else:
                with open(path + "/" + name, "wb") as file:
                    file.write(b"no library\n")
        without = {"LD_LIBRARY_PATH": path}
        run = package.pull("http://127.0.0.1:9/p.bin", env=without)
        run.expect("network", 23, message="libcurl")
        package.relay("http://127.0.0.1:9/p.bin", env=without).expect("network", 23, message="libcurl")
        assert [e for e in run.events() if e.get("id") == "library-load"], run.report()
        found = [json.loads(line) for line in t.run("doctor", "--json", env=without).text().splitlines()]
        assert [f["state"] for f in found if f["id"] == "library-load"] == ["warning"], found
        assert t.run("version", env=without).status == 0


# --- every size and content ------------------------------------------------

def borders():
    """+++ at every offset about the border of a KiB, each at a border of its own."""
    content = bytearray(b"y" * 9 * 1024)
    for block, offset in enumerate(range(-4, 4), 1):
        at = block * 1024 + offset
        content[at:at + 3] = b"+++"
    return bytes(content)


def no_text(content):
    """Of more than a few bytes of text, or of one byte again and again, no package is made."""
    return content[:-1] + b"\0" if len(content) > 8 else content


SIZES = (16, 1023, 1024, 1025, 2047, 2048, 2049, 4999)
PATTERNS = (bytes(range(256)), b"\r\nOK\r\n", b"x+++\r\n", b"\x11\x13", b"\x1a", b"A")


def payloads(big=BIG):
    """Every size with two patterns, every pattern with several sizes."""
    for number, size in enumerate(SIZES):
        for pattern in (PATTERNS[number % 6], PATTERNS[(number + 3) % 6]):
            yield no_text((pattern * (size // len(pattern) + 1))[:size])
    yield no_text(borders())
    yield big


def waiting(t, content, name):
    """A package, and a module that has room for it."""
    package = Package(t, content, name=name)
    if content in (BIG, BIG_SERIAL):
        package.sim.stop()
        package.sim = package.module(scenario="set fota-max %d" % content)
    return package


def assert_arrive(t, start, directory="", big=BIG):
    """START(package, name) begins the run; the module holds what it got against the package."""
    contents = list(enumerate(payloads(big)))
    while contents:
        batch, contents = contents[:AT_ONCE], contents[AT_ONCE:]
        packages = [waiting(t, content, "%spayload%d.bin" % (directory, number))
                    for number, content in batch]
        runs = [start(package, os.path.basename(package.path)) for package in packages]
        for package, run in zip(packages, runs):
            run.expect("success", 0)
            assert package.sim.stop() == TO, package.path
        assert_nothing_left(t)


def test_payloads_by_http(t):
    web = Web(t, t.web())
    assert_arrive(t, lambda package, name: package.pull(web.url + name), "files/")


def test_payloads_by_ftp(t):
    server = t.serve(Vsftpd, t.web())
    login = t.credentials()
    assert_arrive(t, lambda package, name: package.pull(server.url + name, "--credentials", login),
                  "files/")


def test_payloads_relayed_from_http(t):
    web = Web(t, t.web())
    assert_arrive(t, lambda package, name: package.relay(web.url + name), "files/", BIG_SERIAL)


def test_payloads_relayed_from_ftp(t):
    server = t.serve(Vsftpd, t.web())
    login = t.credentials()
    assert_arrive(t, lambda package, name: package.relay(server.url + name, "--credentials", login),
                  "files/", BIG_SERIAL)


def assert_published(t, url, *args):
    """As assert_arrive(), and the server's files are ours and no others."""
    assert_arrive(t, lambda package, name: package.run("-f", package.path, "--publish", url + name, *args))
    ours = [name for name in os.listdir(t.dir) if name.startswith("payload") and name.endswith(".bin")]
    assert sorted(os.listdir(t.web())) == sorted(ours)
    for name in ours:
        with open(t.path(name), "rb") as one, open(t.path("files", name), "rb") as other:
            assert one.read() == other.read(), name


def test_payloads_published_by_http(t):
    assert_published(t, Web(t, t.web(), DAV).url)


def test_payloads_published_by_ftp(t):
    t.web()
    assert_published(t, ftp(t, WRITABLE).url, "--credentials", t.credentials())


def test_payload_of_1_MiB_over_the_wire(t):
    package = waiting(t, BIG_SERIAL, "big.bin")
    package.assert_upgraded(package.run("-f", package.path))


# --- servers ----------------------------------------------------------------

def guarded(t, root, lines="", **how):
    """nginx that wants a password."""
    t.write("htpasswd", "%s:{PLAIN}%s\n" % (USER, PASSWORD))
    return Web(t, root, 'auth_basic "x"; auth_basic_user_file %s; %s' % (t.path("htpasswd"), lines), **how)


def test_relay_from_http_with_a_password(t):
    web = guarded(t, t.dir)
    package = Package(t, name="delta.bin")
    run = package.relay(web.url + "delta.bin")
    package.assert_refused(run, "Give them with --credentials FILE")
    package = Package(t, name="delta.bin")
    run = package.relay(web.url + "delta.bin", "--credentials", t.credentials(password="wr0ng-canary"))
    package.assert_refused(run, "user or password is wrong (HTTP 401)")
    assert_secret(t, run, "wr0ng-canary")
    package = Package(t, name="delta.bin")
    run = package.relay(web.url + "delta.bin", "--credentials", t.credentials())
    package.assert_upgraded(run)
    assert_secret(t, run, PASSWORD)
    last = web.log().splitlines()[-1]
    assert "- %s [" % USER in last and '"GET /delta.bin HTTP/1.1" 200 20000' in last, last


def test_pull_from_a_server_without_ranges(t):
    """python3 -m http.server: what the module gets, and what is hashed here before."""
    root = t.web()
    package = Package(t, name="files/delta.bin")
    popen = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", root, "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    t.others.append(lambda: (popen.kill(), popen.wait(), popen.stdout.close()))
    port = int(popen.stdout.readline().split(b" port ")[1].split()[0])
    run = package.pull("http://127.0.0.1:%d/delta.bin" % port, "--verify-source")
    package.assert_upgraded(run)
    assert "proves the server" in run.notices(), run.notices()


def test_verify_source_over_ftp(t):
    server = t.serve(Vsftpd, t.web())
    login = ("--credentials", t.credentials())
    package = Package(t, name="files/delta.bin")
    run = package.pull(server.url + "delta.bin", "--verify-source", *login)
    package.assert_upgraded(run)
    package = Package(t, name="files/flipped.bin")
    with open(package.path, "r+b") as file:
        file.seek(19999)
        file.write(bytes([package.content[19999] ^ 0x80]))
    run = package.pull(server.url + "flipped.bin", "--verify-source", *login)
    package.assert_refused(run, "SHA-256", "package", 22)


def test_publish_only_where_the_module_can_fetch(t):
    """No byte goes to a server the module could not be sent to."""
    root = t.web()
    plain = guarded(t, root, DAV)
    login = ("--credentials", t.credentials())
    https = plain.url.replace("http:", "https:")
    for url, words, login in ((plain.url, "for ftp:// only", login), (https, "for ftp:// only", login), (https, "https://", ()),
                              (plain.url.replace("http:", "ftps:"), "ftps", login)):
        package = Package(t)
        run = package.run("-f", package.path, "--publish", url + "delta.bin", *login)
        package.assert_refused(run, words, "usage", 64)
        assert_secret(t, run, PASSWORD)
    assert not os.listdir(root) and not plain.log()


# --- from the keyboard --------------------------------------------------------

def fill_next(screen, text, shown=None):
    """The field below."""
    screen.key("Down")
    screen.fill(text)
    screen.bring("Enter", shown or text)


def choose_delivery(screen, name):
    screen.key("Down")
    for _ in range(3):
        if "(*) " + name in screen.text():
            return
        before = screen.text()
        screen.key("Right")
        screen.shows(lambda text: text != before, DEADLINE)
    raise AssertionError(screen.text())


def test_relay_from_the_keyboard(t):
    server = t.serve(Vsftpd, t.web())
    package = Package(t, 50000, name="files/d.bin")
    screen = Screen(t, 80, 24)
    choose_port(screen, package.sim)
    choose_source(screen, "FTP")
    fill_next(screen, server.url + "d.bin")
    fill_next(screen, USER, "User")
    fill_next(screen, PASSWORD, "******")
    choose_delivery(screen, "serial port")
    fill_next(screen, package.manifest, "Manifest ")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert package.sim.stop() == TO
    assert_nothing_left(t)


def relay_with_tls(t, source, url, ca, login):
    """Typed on a screen that knows the test's own CA."""
    package = Package(t, 50000, name="files/d.bin")
    screen = Screen(t, 80, 24, "--cacert", ca.file)
    choose_port(screen, package.sim)
    choose_source(screen, source)
    fill_next(screen, url)
    fill_next(screen, USER if login else "", "User")
    fill_next(screen, PASSWORD if login else "", "******" if login else "Password")
    choose_delivery(screen, "serial port")
    fill_next(screen, package.manifest, "Manifest ")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert package.sim.stop() == TO


def test_relay_from_https_from_the_keyboard(t):
    t.web()
    ca = Authority(t)
    web = Web(t, t.path("files"), tls=ca.certificate())
    relay_with_tls(t, "HTTP", web.url + "d.bin", ca, False)


def test_relay_from_ftps_from_the_keyboard(t):
    t.web()
    ca = Authority(t)
    server = ftp(t, ssl_lines(ca.certificate()) + "implicit_ssl=YES\n")
    relay_with_tls(t, "FTP", server.url.replace("ftp:", "ftps:") + "d.bin", ca, True)


def test_publish_from_the_keyboard(t):
    root = t.web()
    server = ftp(t, WRITABLE)
    package = Package(t, 50000)
    t.write("files/d.bin", b"another file")
    screen = Screen(t, 80, 24)
    choose_port(screen, package.sim)
    choose_source(screen, "Local file")
    fill_next(screen, package.path, "50,000 B")
    choose_delivery(screen, "publish")
    fill_next(screen, server.url + "d.bin")
    fill_next(screen, USER, "User")
    fill_next(screen, PASSWORD, "******")
    screen.key("s")
    screen.done("another file of that name")
    screen.key("2")
    with open(os.path.join(root, "d.bin"), "rb") as file:
        assert file.read() == b"another file"
    screen.key("Down")
    screen.bring("Right", "(*) yes")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert package.sim.stop() == TO
    with open(os.path.join(root, "d.bin"), "rb") as file:
        assert file.read() == package.content
    assert os.listdir(root) == ["d.bin"]
