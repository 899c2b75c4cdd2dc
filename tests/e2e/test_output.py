"""Who reads us: a result whatever happens, nothing that was not asked for, and
an error where what we say gets lost (faults.md E11, E26, E27, H09)."""

import json
import os
import re
import select
import signal

from harness import FROM, IMEI, Run, Skip, TO, assert_clean, records

HOLD = "at updating 40\n\thold"


def preload(t, name, **env):
    """Environment in which tests/e2e/NAME.c stands before the C library."""
    path = os.path.join(os.path.dirname(t.dfota), "tests", "e2e", name + ".so")
    if not os.path.exists(path):
        raise Skip("tests/e2e/%s.so is not built" % name)
    if t.instrumented():
        raise Skip("the sanitizer stands before the C library itself")
    return {"LD_PRELOAD": path, **env}


def fail(t, what, **more):
    """Environment in which WHAT fails (tests/e2e/fail.c)."""
    return {"env": preload(t, "fail", FAIL=what), **more}


def record_ends(t):
    return [json.loads(line) for data in records(t).values() for line in data.splitlines()
            if line.startswith(b'{"type":"result"')]


def commands(t):
    """Each command that does its work without a screen, and how it is called."""
    package = t.package()
    t.run("run", "--demo", "--fast", "--unpaced", "-y", "--json", "--record", t.path("a.jsonl"))
    return [("help",), ("help", "run"), ("version",), ("ports",), ("ports", "--json"), ("explain", "714"), ("profiles",),
            ("status",), ("manifest", package), ("report", t.path("a.jsonl")), ("resume",), ("resume", "--json"),
            ("doctor",), ("doctor", "--json"), ("run", "--demo", "--fast", "--unpaced", "-y"),
            ("run", "--demo", "--fast", "--unpaced", "--dry-run", "--json"),
            ("request", "--demo", "--to", TO),
            ("probe", "--demo", "--fast", "--unpaced"), ("probe", "--demo", "--fast", "--unpaced", "--json")]


def unwritable():
    """Descriptors that take nothing: a full disk, a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    return os.open("/dev/full", os.O_WRONLY), write


def test_E26_lost_output_is_an_error_of_every_command(t):
    for args in commands(t):
        for out in unwritable():
            run = t.start(*args, stdout=out)
            os.close(out)
            run.wait()
            assert run.status == 74, (args, run.status, run.report())
            assert "standard output could not" in run.errors() or "writing the report" in run.errors(), (args, run.report())


def test_E26_every_command_of_the_help_is_among_them(t):
    """But for those that need a screen, and the simulated module, which ends when told."""
    named = set(re.findall(r"^  dfota ([a-z]+)", t.run("help").text(), re.M))
    assert named - {"replay", "sim"} == {args[0] for args in commands(t)}, named
    for out in unwritable():
        sim = t.start("sim", "--link", t.path("link"), stdout=out)
        os.close(out)
        while not os.path.exists(t.path("link")) and sim.status is None:	# it can say nothing
            select.select([], [], [], 0.02)
        sim.signal(signal.SIGTERM)
        assert sim.wait().status == 74, sim.report()


def test_E26_an_upgrade_goes_on_and_its_record_has_the_result(t):
    package = t.package()
    for out in unwritable():
        sim = t.sim(package=package)
        run = t.start_push(sim, package, stdout=out)
        os.close(out)
        assert run.wait().status == 74, run.report()
        assert sim.stop() == TO
    assert [r["outcome"] for r in record_ends(t)] == ["success", "success"]


def test_E26_what_is_worse_stays_the_exit_status(t):
    for out in unwritable():
        sim = t.sim(scenario="c19-end-zero-without-effect.at", package=t.package())
        run = t.start_push(sim, t.path("ug96-06-08.bin"), stdout=out)
        os.close(out)
        assert run.wait().status == 10, run.report()
        sim.stop()
    for out in unwritable():
        run = t.start("run", "-y", "-p", t.path("nothing"), "-f", t.path("ug96-06-08.bin"), stdout=out)
        os.close(out)
        assert run.wait().status == 20, run.report()


def bad_configs():
    return "speed = 1\n", "baud = fast\n", "nonsense\n", "imei = %s\n" % ("4" * 40)


def test_E27_a_bad_configuration_is_a_result(t):
    os.makedirs(t.path("config", "dfota"))
    sim = t.sim()
    for text in bad_configs():
        t.write("config/dfota/config", text)
        for args in (("run", "-y", "-f", t.package(), "-p", sim.path), ("probe", "-p", sim.path)):
            run = t.run(*args, "--json")
            run.expect("usage", 64, message="line 1")
            assert "line 1" in run.errors()


def test_E27_a_configuration_that_is_no_file_is_a_result(t):
    os.makedirs(t.path("config", "dfota"))
    config = t.path("config", "dfota", "config")
    for make, remove in ((os.mkfifo, os.unlink), (os.mkdir, os.rmdir)):
        make(config)
        run = t.run("probe", "--json", "-p", t.path("nothing"))
        run.expect("usage", 64, message="no regular file")
        assert t.run("--version").status == 0
        remove(config)


def test_E27_bad_options_are_a_result_wherever_json_stands(t):
    for args in (("run", "--json", "--bogus"), ("run", "--bogus", "--json"), ("probe", "--json"), ("run", "-b", "x", "--js"),
                 ("probe", "--port", "", "--json"), ("nonsense", "--json"), ("run", "--json", "surplus")):
        t.run(*args).expect("usage", 64)
    for args in (("run", "--bogus"), ("run", "--", "--json")):
        assert t.run(*args).text() == ""


def crash(t, number, *args, kind=Run):
    sim = t.sim(scenario=HOLD, package=t.package())
    run = t.start("run", "-y", "-p", sim.path, "-f", t.path("ug96-06-08.bin"), "-v", *args, kind=kind)
    run.wait_for(lambda: b"UPDATING" in run.out, "percent")
    run.signal(number)
    run.wait()
    assert run.status == 70, run.report()
    assert "internal error" in run.errors() and "dfota resume" in run.errors(), run.report()
    assert_clean(run.err, "stderr")
    sim.go_on()
    return run


def test_E27_a_fatal_signal_leaves_one_result_and_no_escape_sequence(t):
    if t.instrumented():
        raise Skip("the sanitizer has the signals")
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS, signal.SIGTRAP):
        run = crash(t, number, "--json", "--record", t.path("%d.jsonl" % number))
        result = run.result()
        assert (result["outcome"], result["exit"], result["stop"]) == ("crash", 70, "crash"), result
        assert result["id"] == "internal-error" and result["args"] == {}, result
        assert result["message"] == "internal error" and "dfota resume" in result["advice"], result
        assert 0 < result["t"] - run.events()[-2]["t"] < 600, run.report()
        assert_clean(run.out, "stdout")
        run = t.run("resume", "--json", t.path("%d.jsonl" % number), "--ask-now", "-p", t.path("tty%d" % t.sims))
        run.expect("success", 0)
    run = crash(t, signal.SIGSEGV, "--record", t.path("plain.jsonl"))
    assert_clean(run.out, "stdout")


def test_E27_a_crash_of_the_thread_that_works_leaves_one_result(t):
    if t.instrumented():
        raise Skip("the sanitizer has the signals")
    sim = t.sim(package=t.package())
    run = t.start_push(sim, t.path("ug96-06-08.bin"), **fail(t, "crash:5")).wait()
    assert run.status == 70 and "internal error" in run.errors(), run.report()
    assert [result["outcome"] for result in run.events("result")] == ["crash"], run.report()


def test_E27_signals_that_ask_nothing_end_nothing(t):
    run, sim = t.push(HOLD)
    run.wait_event(type="step", step="install", state="begin")
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGPIPE, signal.SIGVTALRM, signal.SIGPROF):
        run.signal(number)
    sim.go_on()
    run.expect("success", 0)


def test_E27_a_wait_that_fails_is_tried_again_then_told(t):
    for what, status in (("poll:1", 0), ("poll:3", 0), ("poll:1/3", 0), ("poll:1+", 70), ("poll:7+", 70),
                         ("thread-poll:1", 0), ("thread-poll:1/3", 0)):
        sim = t.sim(package=t.package())
        run = t.start_push(sim, t.path("ug96-06-08.bin"), "--record", t.path("%d.jsonl" % t.sims), **fail(t, what))
        run.expect("success" if status == 0 else "crash", status)
        if status:
            assert "waiting for the running job" in run.errors(), run.report()
            sim.kill()
            sim.stopped = True


def test_E11_any_allocation_may_fail_once(t):
    """An attempt for each of many moments: a result all the same, and a true one."""
    package = t.package()
    moments = [*range(1, 60, 3), *range(60, 400, 17), *range(400, 4000, 211)]
    for nth in moments:
        sim = t.sim(package=package)
        run = t.start_push(sim, package, "--record", t.path("%d.jsonl" % nth), **fail(t, "malloc:%d" % nth))
        run.wait()
        results = run.events("result")
        where = "allocation %d: %d\n%s" % (nth, run.status, run.report())
        assert run.status >= 0, where
        assert len(results) == 1 and results[0]["exit"] == run.status, where
        version = sim.stop()
        if run.status == 0:
            assert version == TO, where
        elif run.status in (10, 20, 21, 22, 24, 64, 70):
            assert version == FROM or run.status == 70, where


def test_H09_an_interrupted_wake_up_is_made_again(t):
    for each in ("2", "3", "5"):
        sim = t.sim(package=t.package())
        env = preload(t, "slow", WAKE=each)
        run = t.start_push(sim, t.path("ug96-06-08.bin"), env=env)
        run.expect("success", 0)
        sim.stop()
        run = t.start("probe", "--json", "--demo", "--fast", "--unpaced", env=env).wait()
        run.expect("ready", 0)


def test_output_of_a_terminal_that_is_none_has_no_escape_sequence(t):
    """Progress redraws itself on a terminal only; NO file gets a sequence."""
    sim = t.sim(package=t.package())
    run = t.run("run", "-y", "-p", sim.path, "-f", t.path("ug96-06-08.bin"), "-v")
    assert run.status == 0, run.report()
    assert_clean(re.sub(rb"\r\n", b"\n", run.out), "stdout")
    assert_clean(run.err, "stderr")
    assert IMEI.encode() in run.out
