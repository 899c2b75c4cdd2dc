"""The record on a disk of 64 KiB that becomes full: faults.md F01, F02.

What fills it is the module itself, which talks too much in one step, so that no
test depends on how fast anything is.
"""

import errno
import json
import os
import subprocess

from harness import FROM, TO, Skip, find_program

PAGE = 4096
FREE = 9			# pages for the record: the reserve, and preflight twice over
CHATTER_LINES = 200		# 28 KiB as they are recorded
CHATTER = "".join("\tline +QNITZ: \"%03d, a module that talks too much while it works, and says nothing\"\n" % i
                  for i in range(CHATTER_LINES))

# Where the module talks: scenario.
STEPS = {
    "transfer": "at data 5000\n" + CHATTER,
    "install": "at updating 20\n" + CHATTER,
    "restart": "at boot\n" + CHATTER,
}

# Until the test has made room.
HOLD = "\thold\n"


class Disk:
    """The state directory on a file system of 64 KiB of its own, in a name space
    that a process holds; what is WRAPped starts in there."""

    def __init__(self, t):
        state = t.path("state")
        self.keeper = subprocess.Popen(
            [find_program("unshare"), "-rm", "sh", "-c",
             'mount -t tmpfs -o size=64k,mode=0700 none "$1" && echo mounted && exec cat', "sh", state],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        t.others.append(self.close)
        if self.keeper.stdout.readline() != b"mounted\n":
            self.keeper.stdin.close()
            raise Skip("no file system may be mounted: " +
                       self.keeper.stderr.read().decode("utf-8", "replace").strip())
        self.wrap = [find_program("nsenter"), "--preserve-credentials", "-U", "-m",
                     "-t", str(self.keeper.pid), "--"]
        self.root = "/proc/%d/root%s" % (self.keeper.pid, state)
        self.filler = os.path.join(self.root, "filler")

    def fill(self, leave=0):
        """Until nothing is free but LEAVE pages."""
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * PAGE)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
            file.truncate(file.tell() - leave * PAGE)

    def free(self):
        os.unlink(self.filler)

    def record(self, folder="sessions"):
        directory = os.path.join(self.root, "dfota", folder)
        names = os.listdir(directory)
        assert len(names) == 1, names
        with open(os.path.join(directory, names[0]), "rb") as file:
            return file.read()

    def close(self):
        self.keeper.stdin.close()
        self.keeper.stdout.close()
        self.keeper.stderr.close()
        self.keeper.wait()


def lines_of(record):
    """Its lines as objects; a torn one is None."""
    assert record.endswith(b"\n"), record[-200:]
    lines = []
    for line in record.split(b"\n")[:-1]:
        try:
            lines.append(json.loads(line))
        except ValueError:
            lines.append(None)
    assert lines[0]["type"] == "header"
    times = [line["t"] for line in lines if line and "t" in line]
    assert times == sorted(times), times
    return lines


def count(lines, kind):
    return sum(1 for line in lines if line and line["type"] == kind)


def upgrade_on_full_disk(t, scenario, free):
    """Returns the lines of the record."""
    disk = Disk(t)
    disk.fill(leave=FREE)
    run, sim = t.push(scenario, wrap=disk.wrap)
    if free:
        run.wait_event(type="notice", severity="warning",
                       text=lambda text: "No space left on device" in text)
        disk.free()
        sim.go_on()
    result = run.expect("success", 0)
    assert result["now"] == TO and sim.stop() == TO
    assert run.notices().count("No space left on device") == 1, run.report()
    assert ("the record is written again" in run.notices()) == free, run.report()
    assert "space" not in run.errors(), run.report()

    lines = lines_of(disk.record())
    assert lines[-1]["type"] == "result" and lines[-1]["outcome"] == "success", lines[-1]
    assert count(lines, "intent") == 2
    assert count(lines, "step") == 14, "steps are missing"
    received = [e for e in run.events("line") if e["dir"] == "rx"]
    chatter = sum(1 for line in lines if line and "talks too much" in line.get("text", ""))
    missing = sum(line["lines"] for line in lines if line and line["type"] == "gap")
    assert received and chatter > 20
    assert (chatter == CHATTER_LINES) == free and (missing == 0) == free, (chatter, missing)

    status = t.run("status", wrap=disk.wrap)
    assert status.status == 0 and "no upgrade is unfinished" in status.text(), status.report()
    return lines


def make(scenario, free):
    return lambda t: upgrade_on_full_disk(t, scenario, free) and None


for _step, _scenario in STEPS.items():
    globals()["test_F02_disk_full_in_" + _step] = make(_scenario, False)
test_F02_disk_full_in_install_and_freed = make(STEPS["install"] + HOLD, True)
test_F02_disk_full_in_restart_and_freed = make(STEPS["restart"] + HOLD, True)


def test_F01_disk_full_before_the_start(t):
    """Refused before anything is sent; what cannot be used is removed again."""
    disk = Disk(t)
    disk.fill()
    run, sim = t.push(wrap=disk.wrap)
    result = run.expect("usage", 64, message="No space left on device", step="identify")
    assert result["phase"] == "preflight", result
    assert not run.events("line"), run.report()
    assert sim.stop() == FROM
    assert os.listdir(os.path.join(disk.root, "dfota/sessions")) == []


def test_F01_room_for_the_first_line_only(t):
    """The intent and the result need some too, before anything begins."""
    disk = Disk(t)
    disk.fill(leave=2)
    run, sim = t.push(wrap=disk.wrap)
    run.expect("usage", 64, message="No space left on device")
    assert sim.stop() == FROM
    assert os.listdir(os.path.join(disk.root, "dfota/sessions")) == []


def test_F02_in_plain_words(t):
    """The demo, for a person; the disk is full when it begins to send."""
    disk = Disk(t)
    os.makedirs(os.path.join(disk.root, "dfota/demo"), 0o700)
    disk.fill(leave=6)
    run = t.run("run", "--demo", "-y", "--unpaced", "--fast", wrap=disk.wrap)
    assert run.status == 0, run.report()
    said = run.text() + run.errors()
    assert said.count("No space left on device") == 1, run.report()
    assert TO in run.text()
    assert lines_of(disk.record("demo"))[-1]["outcome"] == "success"


def test_F06_record_removed_during_an_upgrade(t):
    """It is started again, with all that is needed to keep watching."""
    run, sim = t.push("at updating 20\n\thold\n" + CHATTER.splitlines(True)[0])
    run.wait_event(type="line", text='+QIND: "FOTA","START"')
    names = os.listdir(t.sessions)
    assert len(names) == 1
    path = os.path.join(t.sessions, names[0])
    os.unlink(path)
    sim.go_on()
    result = run.expect("success", 0)
    assert result["record"] == path
    assert "was removed; it is started again" in run.notices(), run.report()
    assert sim.stop() == TO
    with open(path, "rb") as file:
        lines = lines_of(file.read())
    kinds = [line["type"] for line in lines]
    assert kinds[:3] == ["header", "gap", "intent"], kinds
    assert kinds[-1] == "result", kinds


def test_the_record_is_locked_while_it_is_written(t):
    """A second program finds the upgrade, and that somebody is at it."""
    run, sim = t.push("at updating 20\n\thold\n")
    run.wait_event(type="line", text='+QIND: "FOTA","START"')
    status = t.run("status", "--json")
    assert status.events("open")[0]["pid"] == run.pid, status.report()
    sim.go_on()
    run.expect("success", 0)
    assert sim.stop() == TO
    assert not t.run("status", "--json").events("open")
