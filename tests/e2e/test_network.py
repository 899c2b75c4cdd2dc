"""Package servers, good ones and bad ones: relay, publish, probe, verify.
The tests whose names begin with a letter and a number are rows of the fault
catalogue."""

import base64
import hashlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time

from fault_proxy import Authority, FaultFtp, FaultHttp, FaultServer
from harness import (FROM, PASSWORD, TO, USER, Nginx, Server, Skip, Vsftpd, assert_clean,
                     find_program, records)


def with_check_digit(digits):
    """An IMEI of 14 DIGITS: Luhn, 3GPP TS 23.003 annex B."""
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(digits)]
    return digits + str(-sum(n // 10 + n % 10 for n in doubled) % 10)


class Package:
    """A package with its manifest, and a module that waits for it."""

    def __init__(self, t, content=20000, name="ug96-06-08.bin", **how):
        self.t = t
        self.path = t.package(content, name=name, **how)
        with open(self.path, "rb") as file:
            self.content = file.read()
        self.manifest = self.path + ".manifest"
        self.sim = self.module()

    def module(self, **how):
        """One with an IMEI of its own, so that several can be upgraded at a time."""
        return self.t.sim("--imei", with_check_digit("49015420%06d" % (self.t.sims + 1)), package=self.path, **how)

    def run(self, *args, **how):
        return self.t.start("run", "--json", "--verbose", "-y", "-p", self.sim.path, *args, **how)

    def relay(self, url, *args, **how):
        return self.run("-u", url, "--relay", "--manifest", self.manifest, *args, **how)

    def run_refused(self, run):
        """Stopped for a server; the module stays for the next."""
        return run.expect("network", 23)

    def pull(self, url, *args, **how):
        return self.run("-u", url, "--manifest", self.manifest, *args, **how)

    def assert_upgraded(self, run):
        result = run.expect("success", 0)
        assert result["now"] == TO, result
        assert_nothing_left(self.t)
        assert self.sim.stop() == TO
        return result

    def assert_refused(self, run, message=None, outcome="network", status=23):
        """Stopped before the module was told anything that changes it."""
        result = run.expect(outcome, status, message=message)
        told = [line for line in run.lines("tx") if 'QFOTADL="' in line or "QFUPL=" in line]
        assert not told, told
        assert_clean(run.out.replace(b"\\u", b""), "stdout")
        assert_nothing_left(self.t)
        assert self.sim.stop() == FROM
        return result


def assert_nothing_left(t):
    left = [name for name in os.listdir(t.dir) if name.startswith("dfota-")]
    assert not left, "left behind: %s" % left


def assert_secret(t, run, *secrets):
    """None of them in anything that was written."""
    for secret in secrets:
        for what, data in [("stdout", run.out), ("stderr", run.err), *records(t).items()]:
            assert secret.encode() not in data, "%r stands in %s" % (secret, what)


class Web(Server):
    """nginx with more than files: TLS, WebDAV, a password, a redirect."""

    def __init__(self, t, root, lines="", tls=None, name="web"):
        super().__init__()
        self.socket.setblocking(False)
        work = t.path(name)
        os.mkdir(work)
        certificate = "ssl_certificate %s; ssl_certificate_key %s;" % tls if tls else ""
        conf = t.write(os.path.join(work, "conf"), """
daemon off; worker_processes 1; pid %(w)s/pid; error_log stderr; %(user)s
events { worker_connections 64; }
http {
	access_log %(w)s/access; default_type application/octet-stream; client_max_body_size 10m;
	client_body_temp_path %(w)s/body; proxy_temp_path %(w)s/proxy;
	fastcgi_temp_path %(w)s/fastcgi; uwsgi_temp_path %(w)s/uwsgi; scgi_temp_path %(w)s/scgi;
	server { listen 127.0.0.1:%(port)d%(ssl)s; root %(root)s; %(certificate)s %(lines)s }
}
""" % {"w": work, "port": self.port, "root": root, "ssl": " ssl" if tls else "",
            "certificate": certificate, "lines": lines,
            "user": "user root;" if os.getuid() == 0 else ""})
        fd = self.socket.fileno()
        self.popen = subprocess.Popen(
            [find_program("nginx"), "-c", conf, "-p", work, "-e", "stderr"],
            env=dict(t.env, NGINX="%d;" % fd), pass_fds=[fd],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(work, "err"), "wb"))
        self.socket.close()
        self.url = "%s://127.0.0.1:%d/" % ("https" if tls else "http", self.port)
        self.access = os.path.join(work, "access")
        t.others.append(self.stop)

    def stop(self):
        self.popen.terminate()
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def log(self):
        with open(self.access) as file:
            return file.read()


def ftp(t, lines="", root=None):
    """vsftpd with more settings; it reads them at each connection."""
    server = t.serve(Vsftpd, root or t.web())
    with open(t.path("vsftpd", "conf"), "a") as conf:
        conf.write(lines)
    return server


WRITABLE = """write_enable=YES
anon_upload_enable=YES
anon_other_write_enable=YES
anon_umask=022
allow_writeable_chroot=YES
"""


# --- the ways ------------------------------------------------------------

def test_relay_from_http(t):
    package = Package(t, 50000, name="delta.bin")
    web = Web(t, t.dir)
    run = package.relay(web.url + "delta.bin")
    package.assert_upgraded(run)
    progress = [e for e in run.events("progress") if e["step"] == "fetch"]
    assert progress and progress[-1]["done"] == progress[-1]["total"] == 50000, progress
    assert hashlib.sha256(package.content).hexdigest() in run.notices(), run.notices()


def test_relay_from_https_needs_the_ca(t):
    package = Package(t, name="delta.bin")
    ca = Authority(t)
    web = Web(t, t.dir, tls=ca.certificate())
    refused = package.relay(web.url + "delta.bin")
    refused.expect("network", 23, message="certificate is not trusted")
    package.assert_upgraded(package.relay(web.url + "delta.bin", "--cacert", ca.file))


def test_relay_from_ftp(t):
    t.web()
    package = Package(t, 50000, name="files/delta.bin")
    server = ftp(t)
    run = package.relay(server.url + "delta.bin", "--credentials", t.credentials())
    package.assert_upgraded(run)
    assert_secret(t, run, PASSWORD)


def ssl_lines(certificate):
    return """ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
rsa_cert_file=%s
rsa_private_key_file=%s
""" % certificate


def test_relay_from_ftps(t):
    t.web()
    ca = Authority(t)
    server = ftp(t, ssl_lines(ca.certificate()) + "implicit_ssl=YES\n")
    package = Package(t, 50000, name="files/delta.bin")
    url = server.url.replace("ftp:", "ftps:") + "delta.bin"
    refused = package.relay(url, "--credentials", t.credentials())
    refused.expect("network", 23, message="certificate is not trusted")
    run = package.relay(url, "--credentials", t.credentials(), "--cacert", ca.file)
    package.assert_upgraded(run)
    assert_secret(t, run, PASSWORD)


def on_port_21(make):
    """A server on port 21 of some address of this computer."""
    for last in range(2, 250):
        try:
            return make(("127.0.%d.%d" % (os.getpid() % 250 + 1, last), 21))
        except PermissionError:
            raise Skip("port 21 needs root")
        except OSError:
            continue
    raise Skip("no port 21 is free")


def test_relay_from_ftps_on_port_21_begins_in_plain_text(t):
    ca = Authority(t)
    package = Package(t, name="delta.bin")

    def make(address):
        context = ca.context(host="IP:" + address[0])
        return FaultFtp(t, package.content, explicit=context, address=address)
    server = on_port_21(make)
    run = package.relay("ftps://%s:21/delta.bin" % server.host, "--cacert", ca.file,
                        "--credentials", t.credentials())
    package.assert_upgraded(run)
    assert server.commands[0] == "AUTH TLS" or server.commands[0] == "AUTH SSL", server.commands
    assert "PROT P" in server.commands, server.commands
    # a server that would go on in plain text gets no password
    package = Package(t, name="other.bin")
    server = on_port_21(lambda address: FaultFtp(t, package.content, address=address))
    run = package.relay("ftps://%s:21/other.bin" % server.host, "--cacert", ca.file,
                        "--credentials", t.credentials())
    package.assert_refused(run, "refuses TLS")
    assert not [c for c in server.commands if c.startswith(("USER", "PASS"))], server.commands


def test_D21_a_server_that_wants_tls_says_so_and_the_cure_works(t):
    ca = Authority(t)
    for how in ({"USER": "530 Anmeldung nur mit TLS."}, {"USER": "503 ei ensin"}, {"PASS": "534-Policy\r\n534 requires SSL."}):
        package = Package(t)
        server = FaultFtp(t, package.content, replies=how)
        for run in (package.relay, package.pull):
            result = package.run_refused(run(server.url + "d.bin", "--credentials", t.credentials()))
            assert result["id"] == "server-wants-tls", result
            assert list(how.values())[0][4:9] in result["message"], result
            assert "password" not in result["message"] + result["cause"] + result["advice"], result
        package.sim.stop()
    # what the advice says is what works: the same port, with AUTH TLS
    url = result["args"]["url"]
    assert url in result["advice"] and "--relay" in result["advice"], result
    assert url == server.url.replace("ftp:", "ftps:") + "d.bin", url
    package = Package(t)
    private = FaultFtp(t, package.content, explicit=ca.context())
    package.assert_upgraded(package.relay(private.url.replace("ftp:", "ftps:") + "d.bin", "--cacert", ca.file,
                                          "--credentials", t.credentials()))
    assert [c for c in private.commands if c.startswith("AUTH ")], private.commands


def test_D22_another_service_is_named_at_once(t):
    def ssh(connection):
        connection.send("SSH-2.0-OpenSSH_9.2p1\r\n")
        connection.stall()
    package = Package(t)
    port = FaultServer(t, ssh).port
    for scheme in ("ftp", "http"):
        begun = time.monotonic()
        result = package.run_refused(package.pull("%s://127.0.0.1:%d/d.bin" % (scheme, port)))
        assert "looks like SSH" in result["message"], result
        assert time.monotonic() - begun < 10
    package.sim.stop()


def test_D25_a_size_that_cannot_be_is_doubted_and_the_digest_decides(t):
    for size in ("213 0", "213 -1", "213 20001", "213 99999999999"):
        package = Package(t)
        server = FaultFtp(t, package.content, replies={"SIZE": size})
        package.assert_upgraded(package.relay(server.url + "d.bin"))


def test_F15_what_is_plainly_no_package_is_named_however_it_comes(t):
    for content, words in ((b"<html><title>Portal</title>", "a web page (HTML), with the title"),
                           (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(range(200)), "a program (Windows .exe)"),
                           (b"version https://git-lfs.github.com/spec/v1\n", "only names one that lies elsewhere (Git LFS)"),
                           (b"\xc3", "it is too small")):
        package = Package(t, content)
        web = FaultHttp(t, lambda request, content=content: request.part(content, "Content-Type: application/octet-stream"))
        for start, *args in ((package.run, "-f", package.path, "--target", TO), (package.relay, web.url + "d.bin"),
                             (package.pull, web.url + "d.bin")):
            result = start(*args).expect("package", 22)
            assert words.split(",")[0] in result["message"] or result["id"] == "download-web-page", result
        package.sim.stop()


def test_relay_from_a_server_without_ranges(t):
    """python3 -m http.server: HTTP/1.0, no ranges, no If-Range."""
    package = Package(t, name="delta.bin")
    code = ("import functools, http.server, sys\n"
            "handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])\n"
            "with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as s:\n"
            "    print(s.server_port, flush=True)\n"
            "    s.serve_forever()\n")
    popen = subprocess.Popen([sys.executable, "-c", code, t.dir], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    t.others.append(lambda: (popen.kill(), popen.wait(), popen.stdout.close()))
    port = int(popen.stdout.readline())
    package.assert_upgraded(package.relay("http://127.0.0.1:%d/delta.bin" % port))


def test_relay_with_a_netrc(t):
    t.web()
    package = Package(t, name="files/delta.bin")
    server = ftp(t)
    t.write(".netrc", "machine 127.0.0.1 login %s password %s\n" % (USER, PASSWORD), 0o600)
    refused = package.relay(server.url + "delta.bin")
    refused.expect("network", 23, message="does not let anybody in without user and password")
    run = package.relay(server.url + "delta.bin", "--netrc")
    package.assert_upgraded(run)
    assert_secret(t, run, PASSWORD)


def test_relay_of_every_size(t):
    # a byte of each is none of a text: a text is no package
    contents = [b"\x11" + bytes(15), b"\x12" + bytes(1022), b"A" * 1023 + b"\0", b"\r\nOK\r\n" * 200 + b"\0",
                bytes(range(256)) * 8 + b"+", b"\0" + b"+++" * 700, 307201]
    web = Web(t, t.dir)
    for number, content in enumerate(contents):
        package = Package(t, content, name="content%d" % number)
        package.assert_upgraded(package.relay(web.url + "content%d" % number))


def published(t, server_url, package, *args):
    return package.run("-f", package.path, "--publish", server_url, *args)


def test_publish_by_ftp_then_pull(t):
    root = t.web()
    server = ftp(t, WRITABLE)
    package = Package(t, 50000)
    login = ("--credentials", t.credentials())
    run = published(t, server.url + "delta.bin", package, *login)
    package.assert_upgraded(run)
    assert os.listdir(root) == ["delta.bin"], os.listdir(root)
    with open(os.path.join(root, "delta.bin"), "rb") as file:
        assert file.read() == package.content
    assert_secret(t, run, PASSWORD)
    # once more: it stands there already
    again = Package(t, 50000)
    again.assert_upgraded(published(t, server.url + "delta.bin", again, *login))


def test_publish_by_http_then_pull(t):
    root = t.web()
    web = Web(t, root, "dav_methods PUT DELETE MOVE;")
    package = Package(t, 50000)
    package.assert_upgraded(published(t, web.url + "delta.bin", package))
    assert os.listdir(root) == ["delta.bin"], os.listdir(root)
    log = web.log()
    assert '"PUT /delta.bin HTTP/1.1" 201' in log, log


def test_publish_never_overwrites_unasked(t):
    root = t.web()
    for number, (url, login) in enumerate(
            ((Web(t, root, "dav_methods PUT DELETE MOVE;").url, ()),
             (ftp(t, WRITABLE).url, ("--credentials", t.credentials())))):
        name = "delta%d.bin" % number
        t.write("files/" + name, b"another file")
        package = Package(t, name="ours%d.bin" % number)
        run = published(t, url + name, package, *login)
        package.assert_refused(run, "--overwrite")
        with open(t.path("files", name), "rb") as file:
            assert file.read() == b"another file"
        package = Package(t, name="ours%d.bin" % number)
        package.assert_upgraded(published(t, url + name, package, "--overwrite", *login))
    assert sorted(os.listdir(root)) == ["delta0.bin", "delta1.bin"], os.listdir(root)


def test_publish_where_nothing_may_be_written(t):
    root = t.web()
    for number, (url, login, words) in enumerate(
            ((Web(t, root).url, (), "takes no uploads here (HTTP 405)"),
             (ftp(t).url, ("--credentials", t.credentials()), "FTP 550"))):
        package = Package(t, name="ours%d.bin" % number)
        package.assert_refused(published(t, url + "delta.bin", package, *login), words)
    assert not os.listdir(root)


def test_verify_source_hashes_the_servers_file(t):
    root = t.web()
    web = Web(t, root)
    package = Package(t, name="files/delta.bin")
    run = package.pull(web.url + "delta.bin", "--verify-source")
    package.assert_upgraded(run)
    assert "proves the server" in run.notices(), run.notices()
    assert web.log().count('"GET /delta.bin HTTP/1.1" 200') == 2, web.log()	# ours, the module's
    # one bit
    package = Package(t, name="files/flipped.bin")
    with open(package.path, "r+b") as file:
        file.seek(12345)
        file.write(bytes([package.content[12345] ^ 1]))
    run = package.pull(web.url + "flipped.bin", "--verify-source")
    package.assert_refused(run, "SHA-256", "package", 22)


# --- what the look before a pull finds ------------------------------------

def test_probe_before_a_pull_refuses_what_is_wrong_for_certain(t):
    content = b"<!DOCTYPE html><title>Please log in</title>"

    def page(request):
        request.answer("200 OK", "Content-Type: text/html", body=content)

    def hidden_page(request):
        request.answer("200 OK", body=content)

    def other(request):
        request.part(bytes(19999))

    def moved(request):
        request.answer("301 Moved", "Location: http://127.0.0.1:1/else.bin")

    def missing(request):
        request.answer("404 Not Found")

    for handler, words, outcome, status in (
            (page, "web page", "package", 22), (hidden_page, "web page", "package", 22),
            (other, "19,999", "package", 22), (moved, "/else.bin", "network", 23),
            (missing, "no such file (HTTP 404)", "network", 23)):
        package = Package(t)
        web = FaultHttp(t, handler)
        package.assert_refused(package.pull(web.url + "delta.bin"), words, outcome, status)
        assert web.seen("HEAD"), "HEAD was not tried"


def test_probe_that_cannot_reach_the_server_only_warns(t):
    """The module has another network: this one finds it closed as well."""
    package = Package(t)
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    run = package.pull("http://127.0.0.1:%d/delta.bin" % closed.getsockname()[1])
    result = run.expect("unchanged", 10)
    assert result["code"]["table"] == "http", result
    assert "could not be asked from here" in run.notices(), run.notices()
    closed.close()
    assert package.sim.stop() == FROM


# --- rows of the catalogue --------------------------------------------------

def test_D01_no_host_no_port_no_way_and_a_reset_are_told_apart(t):
    def reset(connection):
        connection.reset()
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    resetting = FaultServer(t, reset)
    for url, words in (("http://dfota.invalid/d.bin", "no such host"),
                       ("http://127.0.0.1:%d/d.bin" % closed.getsockname()[1], "Connection refused"),
                       ("http://255.255.255.255/d.bin", "unreachable"),
                       ("http://127.0.0.1:%d/d.bin" % resetting.port, "reset")):
        package = Package(t)
        package.assert_refused(package.relay(url), words)
    closed.close()
    # four tries, and a look at what else may listen there: it is spoken to in three ways
    assert resetting.connections == 4 + 3, "%d tries" % resetting.connections


def test_D01_what_comes_up_meanwhile_is_reached(t):
    package = Package(t)

    def late(request):
        if request.number < 3:
            request.connection.reset()
        request.part(package.content)
    package.assert_upgraded(package.relay(FaultHttp(t, late).url + "d.bin"))


def test_D02_a_server_that_sends_nothing(t):
    package = Package(t)
    web = FaultHttp(t, lambda request: request.connection.stall())
    begun = time.monotonic()
    run = package.relay(web.url + "d.bin")
    package.assert_refused(run, "did not answer within 30 s")
    assert 29 < time.monotonic() - begun, time.monotonic() - begun
    # one try, and a look at what else may listen there: it is spoken to in three ways
    assert web.connections == 1 + 3


def test_D03_one_byte_in_ten_seconds(t):
    package = Package(t)

    def trickle(request):
        request.header("200 OK", "Content-Length: 20000")
        request.connection.trickle(package.content, 10)
    web = FaultHttp(t, trickle)
    begun = time.monotonic()
    package.assert_refused(package.relay(web.url + "d.bin"), "stalled: next to nothing moved for 30 s")
    assert 29 < time.monotonic() - begun, time.monotonic() - begun
    assert web.connections == 1


def test_D04_cut_at_every_4_KiB_and_resumed(t):
    package = Package(t)

    def cut(request):
        if request.number % 2:		# the first of each pair breaks off
            request.part(package.content, cut=request.number // 2 * 4096 + 4096)
        else:
            assert request.headers["if-range"] == '"v1"', request.headers
            request.part(package.content)
    web = FaultHttp(t, cut)
    for k in range(1, 5):
        run = package.relay(web.url + "d.bin", "--dry-run")
        run.expect("ready", 0)
        assert len(web.requests) == 2 * k, len(web.requests)
        assert web.requests[-1].first_byte() == 4096 * k, web.requests[-1].raw
    web.handler = lambda request: request.part(package.content, cut=None if request.number > 9 else 8192)
    package.assert_upgraded(package.relay(web.url + "d.bin"))


def test_D04_cut_again_and_again(t):
    for k in range(1, 5):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.answer(
            "200 OK", "Accept-Ranges: none", body=package.content, cut=4096 * k))
        package.assert_refused(package.relay(web.url + "d.bin"),
                               "cut after {:,} of 20,000 bytes".format(4096 * k))
        assert web.connections == 4


def test_D06_a_body_without_end(t):
    package = Package(t)
    sent = []

    def endless(request):
        request.header("200 OK")
        while True:
            request.connection.send(bytes(65536))
            sent.append(65536)
    run = package.relay(FaultHttp(t, endless).url + "d.bin")
    package.assert_refused(run, "the file has more bytes than expected", "package", 22)
    assert sum(sent) < 16 << 20, sum(sent)
    # where nobody knows the size, a package has less than 100 MiB
    package = Package(t)
    run = package.run("-u", FaultHttp(t, endless).url + "d.bin", "--relay", "--target", TO)
    package.assert_refused(run, "the file has more than 104,857,599 bytes")


def test_D07_lengths_that_cannot_be(t):
    for lengths in (["9223372036854775808"], ["-20000"], ["20000", "19999"], ["99999999999999999999999"]):
        package = Package(t)

        def lie(request):
            request.header("200 OK", *["Content-Length: " + length for length in lengths])
            request.connection.send(package.content)
        package.assert_refused(package.relay(FaultHttp(t, lie).url + "d.bin"), "Content-Length")


def test_D09_redirects(t):
    ca = Authority(t)
    context = ca.context()
    target = FaultHttp(t, lambda request: request.answer("200 OK", body=b"secret of this computer"))
    for words, location, how in (
            ("more than 5 redirects", "/d.bin", {}),
            ("another scheme", "file:///etc/passwd", {}),
            ("another scheme", "ftp://127.0.0.1/d.bin", {}),
            ("another scheme", target.url + "d.bin", {"tls": context}),
            ("address of this computer", target.url + "d.bin", {"host": "localhost"})):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.answer("302 Found", "Location: " + location),
                        tls=how.get("tls"))
        url = web.url.replace("127.0.0.1", how.get("host", "127.0.0.1")) + "d.bin"
        package.assert_refused(package.relay(url, "--cacert", ca.file), words)
    assert target.connections == 0, "the target was asked"
    # 20 hops are too many, 5 are not
    for hops, good in ((20, False), (5, True)):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.part(package.content) if request.number > hops else
                        request.answer("302 Found", "Location: /%d" % request.number))
        run = package.relay(web.url + "d.bin")
        if good:
            package.assert_upgraded(run)
        else:
            package.assert_refused(run, "more than 5 redirects")


def test_D10_certificates_and_versions(t):
    ca, stranger = Authority(t), Authority(t, "stranger")
    untrusted = "certificate is not trusted"
    rows = (
        ("expired", untrusted, {"end": "20250101000000Z"}, ca),
        ("future", untrusted, {"begin": "20390101000000Z"}, ca),
        ("own", untrusted, {"own": True}, ca),
        ("stranger", untrusted, {}, stranger),
        ("name", untrusted, {"host": "DNS:other.example"}, ca),
        ("sha1", untrusted, {"digest": "sha1"}, ca),
        ("tls10", "must speak TLS 1.2", {"version": ssl.TLSVersion.TLSv1}, ca),
        ("tls11", "must speak TLS 1.2", {"version": ssl.TLSVersion.TLSv1_1}, ca),
    )
    for name, words, how, authority in rows:
        package = Package(t)
        web = FaultHttp(t, lambda request: request.part(package.content),
                        tls=authority.context(name=name, **how))
        run = package.relay(web.url + "d.bin", "--cacert", ca.file)
        package.assert_refused(run, words)
        assert not web.seen("GET"), "%s: a request was sent" % name
        server = FaultFtp(t, package.content, tls=web.tls)
        package = Package(t)
        run = package.relay(server.url + "d.bin", "--cacert", ca.file, "--credentials", t.credentials())
        package.assert_refused(run, words)
        assert not server.commands, server.commands
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.part(package.content),
                        tls=ca.context(name="good", version=version))
        package.assert_upgraded(package.relay(web.url + "d.bin", "--cacert", ca.file))
    # and there is no switch to go on anyway
    text = t.run("help", "run").text() + t.run("help").text()
    assert "insecure" not in text and "no-check" not in text, text


def test_D11_one_bit(t):
    for where in (0, 12345, 19999):
        package = Package(t)
        flipped = bytearray(package.content)
        flipped[where] ^= 4
        web = FaultHttp(t, lambda request: request.part(bytes(flipped)))
        result = package.assert_refused(package.relay(web.url + "d.bin"), "SHA-256", "package", 22)
        assert hashlib.sha256(flipped).hexdigest() in result["message"], result
        assert len(web.requests) == 1


def test_D13_replies_in_words(t):
    for status, headers, words in (
            ("304 Not Modified", (), "not modified"),
            ("401 Unauthorized", (), "wants a user and password"),
            ("404 Not Found", (), "no such file"),
            ("416 Range Not Satisfiable", (), "range"),
            ("500 Internal Server Error", (), "the server has a fault"),
            ("503 Service Unavailable", ("Retry-After: 120",), "it says after 120 s")):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.answer(status, *headers))
        package.assert_refused(package.relay(web.url + "d.bin"), [words, "HTTP " + status[:3]])
    # what is only busy is waited for
    package = Package(t)
    web = FaultHttp(t, lambda request: request.part(package.content) if request.number > 1 else
                    request.answer("503 Service Unavailable", "Retry-After: 1"))
    package.assert_upgraded(package.relay(web.url + "d.bin"))


def test_D14_pasv_points_elsewhere(t):
    package = Package(t)
    server = FaultFtp(t, package.content, {"EPSV": "500 no"}, pasv="192,0,2,66")
    package.assert_upgraded(package.relay(server.url + "d.bin"))
    assert "PASV" in server.commands, server.commands


def test_D15_ftp_servers_with_faults(t):
    refused = (
        ({"replies": {"SIZE": "550 none", "RETR": "550 none"}}, "it does not give this file (FTP 550), in its words: \"none\"", "network", 23),
        ({"replies": {"PASS": "530 no"}}, "login refused (FTP 530)", "network", 23),
        ({"replies": {"TYPE": "504 text only"}}, "binary mode is refused", "network", 23),
        ({"ascii_only": True, "replies": {"SIZE": "500 no"}}, "the file has more bytes than expected", "package", 22),
        ({"cut": lambda n: 4000}, "cut after 16,000 of 20,000 bytes", "network", 23),
    )
    for how, words, outcome, status in refused:
        package = Package(t)
        server = FaultFtp(t, package.content, **how)
        package.assert_refused(package.relay(server.url + "d.bin", "--credentials", t.credentials()),
                               words, outcome, status)
    good = (
        {"replies": {"SIZE": "500 no"}},
        {"replies": {"SIZE": "500 no", "MDTM": "500 no", "REST": "500 no"}},
        {"cut": lambda n: 4096 if n < 3 else None, "after_cut": "421 closing"},
        {"cut": lambda n: 4096 if n < 3 else None, "after_cut": "426 broken"},
        {"cut": lambda n: 4096 if n < 3 else None},
        {"cut": lambda n: 4096 if n < 2 else None, "replies": {"REST": "502 no"}},
    )
    for how in good:
        package = Package(t)
        server = FaultFtp(t, package.content, **how)
        package.assert_upgraded(package.relay(server.url + "d.bin"))


def test_D16_headers_without_end_or_sense(t):
    no_end = "the header of its answer has no end"
    for headers, words in (
            (["X: " + "x" * (1 << 20)], no_end),
            (["X-Header: y"] * 10000, no_end)):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.answer("200 OK", *headers, body=package.content))
        package.assert_refused(package.relay(web.url + "d.bin"), words)
    # an ESC goes to no sink as it is
    for how in (["Content-Type: text/html\x1b]0;x\x07\x1b[2J"], ["Location: /\x1b[2J"]):
        package = Package(t)
        web = FaultHttp(t, lambda request: request.answer(
            "302 Found" if how[0].startswith("Location") else "200 OK", *how, body=b"x"))
        run = package.pull(web.url + "d.bin")
        run.wait()
        assert b"\x1b" not in run.out + run.err + b"".join(records(t).values())
        assert b"\\u001b" not in run.out, run.report()
        package.sim.stop()


def test_D17_logins(t):
    content = Package(t).content

    def guarded(request):
        want = "Basic " + base64.b64encode((USER + ":" + PASSWORD).encode()).decode()
        if request.headers.get("authorization") == want:
            return request.part(content)
        # a server that tells everybody what it was told
        return request.answer("401 " + request.headers.get("authorization", "no"),
                              'WWW-Authenticate: Basic realm="x"',
                              "X-Echo: " + request.headers.get("authorization", ""))
    web = FaultHttp(t, guarded)
    package = Package(t)
    package.assert_refused(package.relay(web.url + "d.bin"), "Give them with --credentials FILE")
    package = Package(t)
    run = package.relay(web.url + "d.bin", "--credentials", t.credentials(password="wr0ng-canary"))
    package.assert_refused(run, "user or password is wrong (HTTP 401)")
    assert_secret(t, run, "wr0ng-canary", "ZnRwOndyMG5nLWNhbmFyeQ")
    package = Package(t)
    run = package.relay(web.url + "d.bin", "--credentials", t.credentials())
    run.wait_event(type="step", step="fetch")
    for name in ("cmdline", "environ"):
        with open("/proc/%d/%s" % (run.pid, name), "rb") as file:
            assert PASSWORD.encode() not in file.read(), name
    package.assert_upgraded(run)
    assert_secret(t, run, PASSWORD, "ZnRwOnMzY3JldC1jYW5hcnk")
    # in the URL it stood in the process list: refused
    package = Package(t)
    run = package.relay(web.url.replace("//", "//%s:url-canary@" % USER) + "d.bin")
    run.expect("usage", 64)
    assert_secret(t, run, "url-canary")


# An interrupt is heard within a tenth of a second, which the unit tests measure
# on a clock of their own. Unheard, it would be 30 s to the next limit, which has
# another outcome.
HEARD = 28


def test_D18_interrupted_at_once(t):
    stuck = Package(t, 60000)

    def half(request):
        request.header("200 OK", "Content-Length: 60000")
        request.connection.send(stuck.content[:30000])
        request.connection.stall()
    web = FaultHttp(t, half)
    for number in (signal.SIGINT, signal.SIGTERM):
        package = Package(t, 60000)
        run = package.relay(web.url + "d.bin")
        run.wait_event(type="progress", step="fetch", done=30000)
        begun = time.monotonic()
        run.signal(number)
        package.assert_refused(run, None, "cancelled", 130)
        assert time.monotonic() - begun < HEARD, time.monotonic() - begun


def test_D18_interrupted_while_publishing_takes_it_away(t):
    root = t.web()
    package = Package(t, 300000)
    gone = []

    def slow(request):
        if request.method == "GET":
            return request.answer("404 Not Found")
        if request.method == "OPTIONS":
            return request.answer("200 OK", "Allow: GET, PUT, DELETE, MOVE")
        if request.method == "DELETE":
            gone.append(request.path)
            return request.answer("200 OK")
        return request.connection.stall()
    web = FaultHttp(t, slow)
    run = published(t, web.url + "d.bin", package)
    run.wait_event(type="progress", step="fetch", done=300000)
    begun = time.monotonic()
    run.signal(signal.SIGINT)
    package.assert_refused(run, None, "cancelled", 130)
    assert time.monotonic() - begun < HEARD, time.monotonic() - begun
    put = web.seen("PUT")[0].path
    assert gone == [put] and put != "/d.bin", (gone, put)
    assert not os.listdir(root)


def test_D20_proxies_of_the_environment(t):
    package = Package(t)
    hostile = FaultHttp(t, lambda request: request.answer("200 OK", body=bytes(20000)))
    env = {}
    for name in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"):
        env[name] = env[name.upper()] = hostile.url
    web = FaultHttp(t, lambda request: request.part(package.content))
    package.assert_upgraded(package.relay(web.url + "d.bin", env=env))
    package = Package(t)
    server = FaultFtp(t, package.content)
    package.assert_upgraded(package.relay(server.url + "d.bin", env=env))
    assert hostile.connections == 0, "the proxy was asked"
