"""Every command that README.md and the examples of the manual show is run, as it
stands there, with a simulated module for the port and a server on loopback for
the one named."""

import os
import re
import shlex
import signal

from harness import HERE, TO, Nginx, find_program

TOP = os.path.dirname(os.path.dirname(HERE))
PORTS, SERVER = ("/dev/ttyACM3", "PORT", "all"), "http://192.0.2.7/"


def read(*names):
    with open(os.path.join(TOP, *names), encoding="utf-8") as file:
        return file.read()


def of_manual():
    section = re.search(r"^\.Sh EXAMPLES BY TASK\n(.*?)^\.Sh ", read("man", "dfota.1"), re.M | re.S).group(1)
    return [line[4:].replace("\\(dq", '"').replace("\\(aq", "'") for line in section.splitlines()
            if line.startswith(".Dl ")]


def of_readme():
    """Lines of code that begin with dfota; what stands after two blanks is a remark."""
    return [re.split(r"  +", line.strip())[0] for line in read("README.md").splitlines()
            if re.match(r" {4,}dfota( |$)", line)]


def bad_day(t):
    text = re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed", read("man", "dfota-scenario.5"), re.M | re.S).group(1)
    return t.write("bad-day.at", text)


class Place:
    """What the examples name, made for one command."""

    def __init__(self, t, record, server):
        self.t = t
        self.server = server
        content = os.urandom(9000)
        self.package = t.package(content)
        t.write(os.path.join("files", "ug96-06-08.bin"), content)
        t.write("new.bin", content)
        t.package(content, name="package.bin")
        self.record = record

    def argument(self, word):
        t = self.t
        if word in PORTS:
            return t.sim(package=self.package).path
        if word == "tcp:localhost:2001":
            return t.sim(listen="0").path
        if word.startswith(SERVER):
            return self.server.url + word[len(SERVER):]
        if word in ("session.jsonl", "FILE"):
            return self.record
        if word == "bench.jobs":
            return t.write(word, "%s,%s\n" % (self.argument("PORT"), self.package))
        if word == "bad-day.at":
            return bad_day(t)
        if word == "VERSION":
            return TO
        if word == "2001":
            return "0"
        if word in ("/tmp/modem",) or word.endswith(".bin"):
            return t.path(os.path.basename(word))
        return word


def screen(t, args):
    terminal = t.terminal([t.dfota, *args], env={"TERM": "xterm"})
    terminal.wait_for("q")
    os.write(terminal.master, b"q")
    terminal.wait()
    assert terminal.process.status == 0, (args, terminal.text()[-500:])


def run_example(t, line, record, server):
    words = shlex.split(line)
    assert words[0] == "dfota", line
    place = Place(t, record, server)
    args = [place.argument(word) for word in words[1:]]
    command = args[0] if args and not args[0].startswith("-") else ""
    if command in ("", "replay") and "--help" not in args and "--version" not in args:
        screen(t, args)
        return
    if command == "sim":
        sim = t.start(*args)
        sim.wait_for(lambda: b"ready " in sim.out, "ready line: " + line)
        sim.signal(signal.SIGTERM)
        assert sim.wait().status == 0, line + "\n" + sim.report()
        return
    if command == "run" and "--dry-run" not in args and "-y" not in args:
        args.append("-y")
    if "--demo" in args:
        args += ["--fast", "--unpaced"]
    made = args[-1] + ".manifest"
    if command == "manifest" and os.path.exists(made):
        os.unlink(made)
    if command == "manifest" and "--to" not in args:
        t.run("manifest", args[1], "--model", "UG96", "--from", "UG96LNAR02A06E1G", "--to", TO)
    run = t.run(*args)
    good = range(0, 64) if command == "doctor" else [0]		# what it finds is this machine's
    assert run.status in good and (run.out or command == "status"), line + "\n" + run.report()
    if command == "manifest" and "--to" in args:
        assert os.path.exists(made), line


def run_all(t, lines, least):
    find_program("nginx")
    server = t.serve(Nginx, t.web())
    recorded = t.start("run", "--demo", "--json", "-y", "--fast", "--unpaced")
    record = recorded.expect("success", 0)["record"]
    assert len(lines) >= least, lines
    for line in lines:
        run_example(t, line, record, server)


def test_every_example_of_the_manual_runs(t):
    run_all(t, of_manual(), 20)


def test_every_command_of_the_readme_runs(t):
    run_all(t, of_readme(), 8)


def test_every_page_names_only_commands_that_there_are(t):
    """In prose as well: `dfota WORD`."""
    commands = {line.split()[1] for line in t.run("help").text().splitlines() if re.match(r"  dfota [a-z]", line)}
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md"] + ["man/" + n for n in os.listdir(os.path.join(TOP, "man"))]:
        text = read(name)
        found = set(re.findall(r"`dfota ([a-z]+)", text) + re.findall(r"Nm dfota Cm ([a-z]+)", text) +
                    re.findall(r"Li dfota ([a-z]+)", text) + re.findall(r"^\.Nm Cm ([a-z]+)", text, re.M))
        assert found <= commands | {"help"}, (name, found - commands)


def test_the_readme_shows_what_is_there(t):
    for link in re.findall(r"\]\(([^)#:]+)\)|src(?:set)?=\"([^\":]+)\"", read("README.md")):
        path = link[0] or link[1]
        assert os.path.exists(os.path.join(TOP, path)), path
