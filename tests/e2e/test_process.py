"""What happens to the process itself: it is stopped and goes on, ended, fails,
and the calendar jumps (faults.md E10, E14, E19, E24, E25, F18)."""

import json
import os
import select
import shutil
import signal

from harness import FROM, TO, Run, Skip, records
from test_output import fail

HOLD = "at updating 40\n\thold"


def screen(t, *args, term="xterm"):
    return t.terminal([t.dfota, *args], env={"TERM": term})


def test_E10_a_crash_of_the_screen_gives_the_terminal_back(t):
    if t.instrumented():
        raise Skip("the sanitizer has the signals")
    for number in (signal.SIGSEGV, signal.SIGABRT):
        terminal = screen(t)
        terminal.wait_for("\x1b[?1049h")
        wanted = len(terminal.out)
        children = terminal.process.pid
        with open("/proc/%d/task/%d/children" % (children, children)) as file:
            os.kill(int(file.read().split()[0]), number)
        terminal.wait()
        assert b"\x1b[?1049l" in terminal.out[wanted:] and b"\x1b[?25h" in terminal.out[wanted:], terminal.text()
        assert b"internal error" in terminal.process.err and b"\x1b" not in terminal.process.err, terminal.process.errors()


def test_E10_a_crash_of_the_thread_that_works_gives_the_terminal_back(t):
    if t.instrumented():
        raise Skip("the sanitizer has the signals")
    terminal = t.terminal([t.dfota], **fail(t, "crash:1"))
    terminal.wait()
    assert b"\x1b[?1049l" in terminal.out and b"\x1b[?25h" in terminal.out, terminal.text()
    assert b"internal error" in terminal.process.err, terminal.process.errors()


def test_E14_a_calendar_that_jumps_changes_no_time_and_no_verdict(t):
    for what in ("date:1/2", "date:3+", "date:1/5"):
        sim = t.sim(package=t.package())
        run = t.start_push(sim, t.path("ug96-06-08.bin"), "--record", t.path("d%d.jsonl" % t.sims), **fail(t, what))
        run.expect("success", 0)
        assert max(event["t"] for event in run.events()) < 600
        assert sim.stop() == TO
        report = t.run("report", t.path("d%d.jsonl" % t.sims))
        assert report.status == 0, report.report()


def test_E19_root_is_told_that_it_need_not_be(t):
    if os.getuid() != 0:
        raise Skip("not root")
    run = t.run("probe", "-p", t.sim().path)
    assert run.status == 0 and "running as root" in run.errors(), run.report()


def stand_still(run, seconds):
    """Stopped for so long: nothing of ours can happen meanwhile."""
    run.signal(signal.SIGSTOP)
    select.select([], [], [], seconds)
    run.signal(signal.SIGCONT)


def test_E24_a_program_that_stood_still_in_a_step_tells_the_truth(t):
    """In time for the module the upgrade goes on; in no case is a verdict wrong. How long:
    make torture-stop."""
    seconds = [float(number) for number in os.environ.get("STAND_STILL", "2").split()]
    steps = (("identify", None), ("prepare", None), ("transfer", None), ("install", HOLD), ("restart", None))
    for number, (still, (step, scenario)) in enumerate((still, row) for still in seconds for row in steps):
        run, sim = t.push(scenario, "--record", t.path("s-%d.jsonl" % number), fast=True)
        run.wait_event(type="step", step=step, state="begin")
        stand_still(run, still)
        sim.go_on()
        result = run.wait().result()
        version = sim.stop()
        assert result["outcome"] == {TO: "success", FROM: "unchanged"}[version], (still, step, run.report())
    print("# stopped in each step, with a true end: %d of %d" % (2 * (len(seconds) * len(steps),)), flush=True)


def test_E24_standing_still_longer_than_the_module_waits_fails_closed(t):
    run, sim = t.push(None, "--com-timeout", "5", content=120000, paced=True)
    run.wait_event(type="progress", step="transfer", done=lambda done: done and done > 4000)
    stand_still(run, 9)
    run.expect("unchanged", 10)
    assert sim.stop() == FROM


SEQUENCES = (b"\x1b[1~", b"\x1b[4~", b"\x1b[11~", b"\x1b[H", b"\x1b[F", b"\x1b[1;5D", b"\x1bOP", b"\x1bOw", b"\x1b[I", b"\x1b[O",
             b"\x1b[<0;10;10M", b"\x1b[M !!", b"\x1b[200~pasted\x1b[201~", b"\x1b[99;99u", b"\x1b[?62;c", b"\x1b[24;80R")


def test_E25_unknown_key_sequences_start_answer_and_end_nothing(t):
    for term in ("xterm", "vt220", "linux", "ansi"):
        terminal = screen(t, "--demo", "--fast", "--unpaced", term=term)
        terminal.wait_for("s starts")
        for sequence in SEQUENCES:
            os.write(terminal.master, 3 * sequence)
        select.select([], [], [], 1)	# what comes in one burst counts for nothing
        seen = len(terminal.out)
        os.write(terminal.master, b"q")		# nothing runs: it still means what it meant
        terminal.wait()
        assert terminal.process.status == 0, (term, terminal.text()[seen:])
        assert not any(b'"intent"' in data for data in records(t).values()), term


def test_F18_an_interrupted_demo_is_no_unfinished_upgrade(t):
    for number in (signal.SIGKILL, signal.SIGSEGV):
        run = t.start("run", "-y", "--json", "-v", "--demo", "--fast", "--unpaced")
        run.wait_event(type="step", step="install", state="begin")
        run.signal(number)
        run.wait()
        status = t.run("status")
        assert "no upgrade is unfinished" in status.text() and "unfinished: " not in status.errors(), status.report()
        t.run("run", "-y", "--json", "--demo", "--fast", "--unpaced").expect("success", 0)
    assert os.listdir(t.sessions) == []
    run, sim = t.push()
    run.expect("success", 0)
    assert sim.stop() == TO
    assert isinstance(run, Run) and json.loads(run.text().splitlines()[0])


def test_F18_a_demo_and_an_unfinished_upgrade_do_not_meet(t):
    """The module of the demo has the IMEI of one that a program left."""
    run, sim = t.push("at updating 40\n\thold")
    run.wait_event(type="step", step="install", state="begin")
    run.signal(signal.SIGKILL)
    run.wait()
    before = {path: data for path, data in records(t).items()}
    for _ in range(2):
        t.run("run", "-y", "--json", "--demo", "--fast", "--unpaced").expect("success", 0)
    t.run("probe", "--json", "--demo", "--fast", "--unpaced").expect("ready", 0)
    assert len(t.run("status", "--json").events("open")) == 1
    assert before.items() <= records(t).items()
    result = t.run("run", "-y", "--json", "--demo", "--fast", "--unpaced").result()
    assert os.path.dirname(result["record"]) == os.path.join(os.path.dirname(t.sessions), "demo")
    sim.go_on()


def test_old_demos_make_room_for_new_ones_alone(t):
    kept = t.write("state/dfota/sessions/20200101T000000Z-1.jsonl", '{"type":"header"}\n')
    folder = t.path("state", "dfota", "demo")
    os.mkdir(folder, 0o700)
    for i in range(30):
        path = t.write("state/dfota/demo/20200101T0000%02dZ-1.jsonl" % i, '{"type":"header","format":2,"demo":true}\n')
        os.utime(path, (i, i))
    t.run("run", "-y", "--json", "--demo", "--fast", "--unpaced").expect("success", 0)
    left = sorted(os.listdir(folder))
    assert len(left) == 20 and left[0] == "20200101T000011Z-1.jsonl", left
    assert os.path.exists(kept)


def test_records_that_cannot_be_read_are_no_evidence_that_nothing_is_unfinished(t):
    """The directory, one above it, and a file in its place."""
    how = t.plain_user()
    state = t.path("state", "dfota")
    if how:
        os.chmod(t.path("state"), 0o755)
        how["env"]["XDG_STATE_HOME"] = t.path("state")
    for name, make in (("closed", lambda path: os.makedirs(path, mode=0)),
                       ("a file", lambda path: open(path, "w").close())):
        for path in (state, os.path.join(state, "sessions")):
            shutil.rmtree(state, ignore_errors=True)
            if path != state:
                os.makedirs(state)
                os.chmod(state, 0o755)
            make(path)
            for command in (("status",), ("resume",)):
                run = t.run(*command, **how)
                assert run.status == 64 and "is not known: the records in " in run.errors(), (name, path, run.report())
            doctor = t.run("doctor", **how).text()
            assert "no upgrade is unfinished" not in doctor, (name, path, doctor)
            os.unlink(path) if os.path.isfile(path) else os.rmdir(path)
