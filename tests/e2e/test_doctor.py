"""dfota doctor: what is wrong with this computer is found, with a cure; nothing is changed."""

import ctypes
import json
import os
import pty
import struct
import sys
import termios
import fcntl

from harness import DEADLINE, Process

CHECKS = {"ports", "group", "locks", "manager", "brltty", "terminal", "locale", "state", "config", "upgrades",
          "versions"}


def findings(t, *args, **how):
    run = t.run("doctor", "--json", *args, **how)
    found = [json.loads(line) for line in run.text().splitlines()]
    assert {f["check"] for f in found} >= CHECKS - {"group"}, run.report()
    for f in found:
        assert f["type"] == "check" and f["state"] in ("ok", "warning", "error") and f["text"] and f["id"], f
        assert bool(f["next"]) == (f["state"] != "ok"), f
    assert bool(run.status) == any(f["state"] == "error" for f in found), run.report()
    return found


def of(found, check, state=None):
    return [f for f in found if f["check"] == check and state in (None, f["state"])]


def program_called(t, name):
    """A process that the kernel calls NAME."""
    process = Process([sys.executable, "-c", """
import ctypes, signal
ctypes.CDLL(None).prctl(15, %r, 0, 0, 0)
print("here", flush=True)
signal.pause()
""" % name.encode()], t.env)
    process.wait_for(lambda: b"here" in process.out, "its name")
    return process


def test_a_computer_without_a_fault(t):
    run = t.run("doctor")
    assert "dfota " in run.text() and "in the way" in run.text(), run.report()
    for line in run.text().splitlines():
        assert line == "" or line[0] in "ok we0123456789", line


def test_programs_that_take_ports_are_named(t):
    for name, check in (("brltty", "brltty"), ("ModemManager", "manager")):
        process = program_called(t, name)
        try:
            found = of(findings(t), check)
            assert [f["state"] for f in found] == ["warning"], found
            assert found[0]["args"]["pid"] <= process.pid and name in found[0]["text"], found
            assert "sudo" in found[0]["next"], found
        finally:
            process.kill()


def test_locale_and_terminal(t):
    for locale, state in (("C.UTF-8", "ok"), ("C", "warning"), ("xx_YY.UTF-8", "warning")):
        t.env["LC_ALL"] = locale
        assert of(findings(t), "locale")[0]["state"] == state, locale
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
    t.env["TERM"] = "xterm"
    process = Process([t.dfota, "doctor"], t.env, stdin=side, stdout=side)
    os.close(side)
    said = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
    os.close(main)
    process.wait(DEADLINE)
    assert b"70 columns and 20 lines" in said and b"can be shown" in said, said


def test_a_directory_for_records_that_is_not_ours(t):
    t.env["XDG_STATE_HOME"] = "/proc/1"
    bad = of(findings(t), "state")
    assert bad[0]["state"] == "error" and "/proc/1" in bad[0]["text"], bad
    for name in ("XDG_STATE_HOME", "HOME"):
        t.env.pop(name, None)
    assert of(findings(t), "state")[0]["id"] == "record-no-place"


def test_an_unfinished_upgrade(t):
    run, sim = t.push("at updating 40\n\thold")
    run.wait_event(type="step", step="install", state="begin")
    live = of(findings(t), "upgrades")[0]
    assert live["id"] == "doctor-open-live" and live["args"]["pid"] == run.pid, live
    run.kill()
    left = of(findings(t), "upgrades")[0]
    assert left["id"] == "doctor-open" and "dfota resume" in left["next"], left
    sim.go_on()


def test_nothing_is_changed(t):
    state = t.path("state-of-nobody")
    t.env["XDG_STATE_HOME"] = state
    findings(t)
    assert not os.path.exists(state)
