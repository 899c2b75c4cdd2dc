"""Servers that go wrong, on loopback: plain TCP, HTTP and FTP, with TLS where
a test asks for it. What is done to a connection is a function of the test.

All waiting is for the client or for the end of the server; nothing sleeps.
"""

import os
import re
import select
import socket
import ssl
import struct
import subprocess
import threading

from harness import DEADLINE, Server, find_program


class Gone(Exception):
    """The client has gone, or the server is to end."""


class Connection:
    def __init__(self, server, sock, number):
        self.server = server
        self.socket = sock
        self.number = number		# from 1
        self.data = b""

    def wait(self, seconds):
        """Until SECONDS have passed; raises when client or server go first."""
        ready = select.select([self.socket, self.server.ending[0]], [], [], seconds)[0]
        if ready:
            raise Gone

    def line(self):
        while b"\n" not in self.data:
            more = self.socket.recv(65536)
            if not more:
                raise Gone
            self.data += more
        line, self.data = self.data.split(b"\n", 1)
        return line.rstrip(b"\r")

    def exactly(self, size):
        while len(self.data) < size:
            more = self.socket.recv(65536)
            if not more:
                raise Gone
            self.data += more
        body, self.data = self.data[:size], self.data[size:]
        return body

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def stall(self):
        """Say nothing more until the client goes."""
        while True:
            self.wait(None)

    def trickle(self, data, seconds):
        for byte in data:
            self.send(bytes([byte]))
            self.wait(seconds)

    def reset(self):
        """Go away as a crashed machine does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


class FaultServer(Server):
    """Calls HANDLER(connection) for each connection, in a thread of its own."""

    scheme = "tcp"

    def __init__(self, case, handler, tls=None, address=None):
        if address:
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(address)
            self.socket.listen(64)
            self.port = address[1]
        else:
            super().__init__(case.host)
        self.host = address[0] if address else case.host
        self.handler = handler
        self.tls = tls			# an ssl.SSLContext: TLS from the first byte
        self.connections = 0
        self.failures = []		# of handlers: a fault of the test
        self.ending = os.pipe()
        self.threads = []
        self.accepter = threading.Thread(target=self._accept, daemon=True)
        self.accepter.start()
        case.others.append(self.stop)

    @property
    def url(self):
        return "%s://%s:%d/" % (self.scheme + ("s" if self.tls else ""), self.host, self.port)

    def _accept(self):
        while self.ending[0] not in select.select([self.socket, self.ending[0]], [], [])[0]:
            sock, _ = self.socket.accept()
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, sock, number):
        sock.settimeout(DEADLINE)
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self.handle(Connection(self, sock, number))
        except (Gone, OSError):		# also all of ssl.SSLError
            pass
        except Exception as error:
            self.failures.append(error)
        finally:
            sock.close()

    def handle(self, connection):
        self.handler(connection)

    def stop(self):
        if not self.ending:
            return
        os.write(self.ending[1], b"x")
        self.accepter.join()
        for thread in self.threads:
            thread.join(DEADLINE)
        self.socket.close()
        for fd in self.ending:
            os.close(fd)
        self.ending = None
        assert not self.failures, "the server of the test failed: %r" % self.failures


class Request:
    """One HTTP request, and the ways to answer it."""

    def __init__(self, connection, number):
        self.connection = connection
        self.number = number		# of the server, from 1
        self.raw = b""
        while True:
            line = connection.line()
            if not line:
                break
            self.raw += line + b"\n"
        lines = self.raw.decode("latin-1").splitlines()
        self.method, self.path = lines[0].split(" ")[:2]
        self.headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()
        self.body = connection.exactly(int(self.headers.get("content-length", 0)))

    def first_byte(self):
        """Where the wanted range begins."""
        match = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match.group(1)) if match else 0

    def header(self, status, *headers):
        self.connection.send("HTTP/1.1 %s\r\n%s\r\n" % (
            status, "".join(h + "\r\n" for h in ("Connection: close",) + headers)))

    def answer(self, status, *headers, body=b"", cut=None):
        """The whole answer, or with CUT so many bytes of the body."""
        self.header(status, "Content-Length: %d" % len(body), *headers)
        if self.method != "HEAD":
            self.connection.send(body if cut is None else body[:cut])

    def part(self, content, *headers, cut=None):
        """The range that was asked for, of CONTENT."""
        first = self.first_byte()
        if not first and "range" not in self.headers:
            return self.answer("200 OK", "Accept-Ranges: bytes", 'ETag: "v1"', *headers,
                               body=content, cut=cut)
        last = re.match(r"bytes=\d+-(\d+)", self.headers["range"])
        end = min(int(last.group(1)) + 1, len(content)) if last else len(content)
        return self.answer("206 Partial Content", 'ETag: "v1"',
                           "Content-Range: bytes %d-%d/%d" % (first, end - 1, len(content)),
                           *headers, body=content[first:end], cut=cut)


class FaultHttp(FaultServer):
    """Calls HANDLER(request) for each request, one on a connection."""

    scheme = "http"

    def __init__(self, case, handler, **how):
        self.requests = []
        super().__init__(case, handler, **how)

    def handle(self, connection):
        self.requests.append(None)
        number = len(self.requests)
        request = self.requests[number - 1] = Request(connection, number)
        self.handler(request)

    def seen(self, method):
        return [r for r in self.requests if r and r.method == method]


class FaultFtp(FaultServer):
    """A server for one file. REPLIES: what it says to a verb in place of the
    usual. CUT(n): after how many bytes the n-th download ends; None: not."""

    scheme = "ftp"

    def __init__(self, case, content, replies=None, cut=None, after_cut=None, ascii_only=False,
                 pasv=None, explicit=None, greeting="220 ready", **how):
        self.greeting = greeting
        self.content = content
        self.replies = replies or {}
        self.cut = cut or (lambda n: None)
        self.after_cut = after_cut
        self.ascii_only = ascii_only
        self.pasv = pasv or case.host.replace(".", ",")
        self.explicit = explicit	# an ssl.SSLContext for AUTH TLS
        self.commands = []
        self.downloads = 0
        super().__init__(case, None, **how)

    def handle(self, connection):
        connection.send(self.greeting + "\r\n")
        listener, rest, private = None, 0, False
        try:
            while True:
                line = connection.line().decode("latin-1")
                verb, _, word = line.partition(" ")
                self.commands.append(line)
                if verb in ("EPSV", "PASV"):
                    listener = listener or self._listen()
                reply = self.replies.get(verb)
                if reply is None and verb == "AUTH" and self.explicit:
                    connection.send("234 go on\r\n")
                    connection.socket = self.explicit.wrap_socket(connection.socket, server_side=True)
                    continue
                if reply is None and verb == "RETR":
                    if not self._download(connection, listener, rest,
                                          (self.explicit or self.tls) if private else None):
                        return
                    listener, rest = None, 0
                    continue
                if verb == "REST" and reply is None:
                    rest = int(word)
                private = private or (verb == "PROT" and word == "P")
                connection.send((reply or self._usual(verb, listener)) + "\r\n")
        finally:
            if listener:
                listener.close()

    def _listen(self):
        listener = socket.socket()
        listener.bind(("127.0.0.1" if self.host.startswith("127.0.0.1") else self.host, 0))
        listener.listen(1)
        listener.settimeout(DEADLINE)
        return listener

    def _usual(self, verb, listener):
        port = listener.getsockname()[1] if listener else 0
        return {
            "USER": "331 and the password?", "PASS": "230 in", "PWD": '257 "/"',
            "SIZE": "213 %d" % len(self.content), "MDTM": "213 20261021072800",
            "REST": "350 from there", "EPSV": "229 ok (|||%d|)" % port,
            "PASV": "227 ok (%s,%d,%d)" % (self.pasv, port >> 8, port & 255),
            "AUTH": "502 no",
        }.get(verb, "200 ok")

    def _download(self, connection, listener, rest, tls):
        self.downloads += 1
        content = self.content[rest:]
        if self.ascii_only:
            content = content.replace(b"\n", b"\r\n")
        cut = self.cut(self.downloads)
        data, _ = listener.accept()
        listener.close()
        connection.send("150 here\r\n")
        if tls:
            data = tls.wrap_socket(data, server_side=True)
        data.sendall(content if cut is None else content[:cut])
        if tls:
            data = data.unwrap()
        data.close()
        if cut is not None and not self.after_cut:
            return False
        connection.send((self.after_cut if cut is not None else "226 done") + "\r\n")
        return True


class Authority:
    """A CA for one test, and certificates by it."""

    def __init__(self, case, name="ca"):
        self.dir = case.path(name)
        os.mkdir(self.dir)
        self.openssl = find_program("openssl")
        for file, content in (("index", ""), ("serial", "1000\n"), ("conf", """
[ca]
default_ca = here
[here]
database = %(d)s/index
serial = %(d)s/serial
new_certs_dir = %(d)s
unique_subject = no
policy = any
[any]
commonName = supplied
[req]
distinguished_name = nothing
[nothing]
[self]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
""" % {"d": self.dir})):
            case.write(os.path.join(self.dir, file), content)
        self.file = os.path.join(self.dir, "ca.pem")
        self._run("req", "-x509", *self._key("ca"), "-subj", "/CN=test CA " + name,
                  "-days", "2", "-extensions", "self", "-out", self.file)

    def _run(self, *args):
        done = subprocess.run([self.openssl, args[0], "-config", os.path.join(self.dir, "conf"), *args[1:]],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()

    def _key(self, name):
        return ("-newkey", "rsa:2048", "-nodes", "-keyout", os.path.join(self.dir, name + ".key"))

    def certificate(self, name="server", host="IP:127.0.0.1,DNS:localhost", digest="sha256",
                    begin="20240101000000Z", end="20400101000000Z", own=False):
        """Returns (certificate, key): files. OWN: signed by itself."""
        base = os.path.join(self.dir, name)
        with open(base + ".ext", "w") as file:
            file.write("subjectAltName = %s\n" % host)
        self._run("req", "-new", *self._key(name), "-subj", "/CN=" + name, "-out", base + ".csr")
        if own:
            self._run("ca", "-batch", "-notext", "-selfsign", "-keyfile", base + ".key", "-in", base + ".csr",
                      "-md", digest, "-startdate", begin, "-enddate", end,
                      "-extfile", base + ".ext", "-out", base + ".pem")
        else:
            self._run("ca", "-batch", "-notext", "-cert", self.file, "-keyfile", os.path.join(self.dir, "ca.key"),
                      "-in", base + ".csr", "-md", digest, "-startdate", begin, "-enddate", end,
                      "-extfile", base + ".ext", "-out", base + ".pem")
        return base + ".pem", base + ".key"

    def context(self, version=None, **how):
        """What a server of a test speaks; VERSION: that one only, however old."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        if version:
            context.minimum_version = context.maximum_version = version
        context.load_cert_chain(*self.certificate(**how))
        return context
