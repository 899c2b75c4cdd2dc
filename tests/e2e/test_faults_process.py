"""Rows of the fault catalogue that are of programs and threads: starved, slow, side by side."""

import os
import select
import signal
import threading
import time

from harness import FROM, IMEI, TO, Skip
from test_faults import SUCCESS, UNCHANGED, UNKNOWN
from test_output import preload

HOLD = "at updating 40\n\thold"
IMEIS = (IMEI, "356938035643809", "490154203237526", "490154203237534", "490154203237542")


def starve(run, share, ending):
    """RUN gets the machine for SHARE of the time only."""
    while not ending.is_set() and run.status is None:
        run.signal(signal.SIGSTOP)
        select.select([], [], [], 0.05 * (1 - share))
        run.signal(signal.SIGCONT)
        select.select([], [], [], 0.05 * share)


def test_E16_a_starved_program_succeeds_or_fails_cleanly(t):
    """It runs for a tenth of the time, at the lowest priority; tests/repeat has endless loops beside any test."""
    run, sim = t.push(None, "--com-timeout", "10", content=5000, wrap=("nice", "-n", "19"))
    ending = threading.Event()
    thread = threading.Thread(target=starve, args=(run, 0.1, ending))
    thread.start()
    try:
        result = run.wait().result()
    finally:
        ending.set()
        thread.join()
    version = sim.stop()
    assert (result["outcome"], version) in (("success", TO), ("unchanged", FROM)), run.report()
    assert [e for e in run.events("step") if e["step"] == "transfer"], "it never came to the transfer: " + run.report()


def test_G21_of_many_modules_the_bad_ones_touch_no_other(t):
    """A program each: one module fails, one is missing, one is named twice."""
    package = t.package(2000)
    sims = [t.sim(scenario="set imei %s\n%s" % (imei, scenario), package=package) for imei, scenario in zip(
        IMEIS, ("", "set end-code 504", HOLD, "", ""))]
    runs = [t.start_push(sim, package) for sim in sims]
    missing = t.start("run", "--json", "-y", "-p", t.path("nothing"), "-f", package)
    runs[2].wait_event(type="step", step="install", state="begin")
    again = t.start_push(sims[2], package)
    again.expect("busy", 21)
    sims[2].go_on()
    missing.expect("port", 20)
    for i, (run, sim) in enumerate(zip(runs, sims)):
        run.expect(*UNCHANGED if i == 1 else SUCCESS)
        assert sim.stop() == (FROM if i == 1 else TO), i


def slow(t, what, seed=1):
    return preload(t, "slow", SLOW=what, SLOW_SEED=str(seed))


def fall_asleep(t, seconds):
    """The computer has slept: written at once or not at all."""
    with open(t.path("slept.new"), "w", encoding="ascii") as f:
        f.write(str(seconds))
    os.rename(t.path("slept.new"), t.path("slept"))


def test_E24_a_computer_that_slept_while_it_installs_is_known_to_have(t):
    """The limits of this step pass, and of all watching, and it is listened to for as long as before."""
    for seconds in (30, 4 * 3600):
        run, sim = t.push(HOLD, content=5000, env={**preload(t, "slow"), "SLEPT": t.path("slept")})
        run.wait_event(type="step", step="install", state="begin")
        fall_asleep(t, seconds)
        run.wait_event(type="notice", id="program-late", args=lambda args: seconds - 5 <= args["seconds"] <= seconds + 60)
        sim.go_on()
        run.expect(*SUCCESS)
        os.unlink(t.path("slept"))
        assert sim.stop() == TO


def test_E24_a_computer_that_slept_in_the_transfer_sends_nothing_more(t):
    """The module's own time-out for data has passed: what came then would be commands."""
    run, sim = t.push(None, "--com-timeout", "2", content=120000, paced=True, env={**preload(t, "slow"), "SLEPT": t.path("slept")})
    run.wait_event(type="progress", step="transfer", done=lambda done: done and done > 4000)
    fall_asleep(t, 300)
    result = run.expect("unchanged", 10)
    assert "held up" in result["cause"], run.report()
    assert sim.stop() == FROM


def test_H08_delays_at_every_lock_change_no_outcome(t):
    for seed, scenario, expected in ((1, None, SUCCESS), (2, "set end-code 504", UNCHANGED)):
        run, sim = t.push(scenario, content=5000, env=slow(t, "lock:2000", seed))
        run.expect(*expected)
        assert sim.stop() == (TO if expected is SUCCESS else FROM)


def test_H08_delays_at_every_lock_lose_no_cancel(t):
    run, sim = t.push("on AT+CSQ\n\twait 60000", env=slow(t, "lock:5000", 3))
    run.wait_event(type="line", text="AT+CSQ")
    run.signal(signal.SIGINT)
    run.expect("cancelled", 130)
    assert run.events()[-1]["t"] < 60, run.report()
    assert sim.stop() == FROM


def test_H10_a_look_up_that_hangs_keeps_nothing_waiting(t):
    """Neither the cancel nor the programs beside it."""
    sim, other = t.sim(package=t.package()), t.sim(package=t.package())
    begun = time.monotonic()
    run = t.start("run", "--json", "--verbose", "-y", "-p", sim.path, "-u", "http://host.invalid/d.bin", "--target", TO,
                  env=slow(t, "lookup:%d000000" % 3000))
    run.wait_event(type="step", step="check", state="begin")
    run.wait_event(type="line", text=lambda text: text and text.startswith("AT+QIACT?"))
    t.start_push(other, t.path("ug96-06-08.bin")).expect(*SUCCESS)
    run.signal(signal.SIGINT)
    run.expect("cancelled", 130)
    assert time.monotonic() - begun < 2000
    assert (sim.stop(), other.stop()) == (FROM, TO)


def test_H11_what_crosses_on_a_machine_that_is_slow_on_both_sides_changes_no_outcome(t):
    t.env.update(slow(t, "io:4000"))		# of the simulated module too
    for scenario, expected in ((None, SUCCESS), ("at updating 40\n\tvanish 300", SUCCESS),
                               ("on AT+QFOTADL=*COM*\n\tdefault\n\tleave\n\tline ERROR", UNCHANGED)):
        run, sim = t.push(scenario, content=3000)
        run.expect(*expected)
        assert sim.stop() == (TO if expected is SUCCESS else FROM)


def test_H11_a_cancel_that_crosses_the_end_is_no_other_outcome(t):
    """It stops watching or comes too late; the module is where it is all the same."""
    for event in ("start", "end", "reboot", "boot"):
        run, sim = t.push("at %s\n\thold" % event, content=3000)
        if event == "boot":
            run.wait_event(type="notice", id="port-gone-waiting")
        else:
            run.wait_event(type="step", step="install", state="begin")
        sim.go_on()
        run.signal(signal.SIGINT)
        run.signal(signal.SIGINT)
        result = run.wait().result()
        assert (result["outcome"], run.status) in (SUCCESS, UNKNOWN), run.report()
        if run.status == UNKNOWN[1]:
            t.start("resume", "--json", "--listen-timeout", "1").expect(*SUCCESS)
        assert sim.stop() == TO


def test_I09_a_holder_that_cannot_be_seen_is_not_named(t):
    """The port is held by another user's program, which only root may look at."""
    if os.getuid() != 0:
        raise Skip("needs root to be somebody else")
    import fcntl
    import termios
    sim = t.sim()
    held = os.open(sim.path, os.O_RDWR | os.O_NOCTTY)
    t.others.append(lambda: os.close(held))
    os.chmod(os.path.realpath(sim.path), 0o666)
    fcntl.ioctl(held, termios.TIOCEXCL)
    how = t.plain_user()
    run = t.start("probe", "--json", "-p", sim.path, **how)
    result = run.expect("busy", 21)
    assert "could not be seen" in result["cause"], result
    assert str(os.getpid()) not in result["message"] + result["cause"], result


def test_I13_what_was_unfinished_is_not_said_any_more(t):
    """Not by status, and not at the next start, once it has ended."""
    run, sim = t.push(HOLD)
    run.wait_event(type="step", step="install", state="begin")
    run.signal(signal.SIGKILL)
    run.wait()
    assert len(t.run("status", "--json").events("open")) == 1
    before = t.run("status").text()
    assert IMEI in before, before
    sim.go_on()
    t.start("resume", "--json", "--listen-timeout", "1").expect(*SUCCESS)
    assert t.run("status", "--json").events("open") == []
    for words in (("status",), ("probe", "-p", sim.path)):
        after = t.run(*words)
        assert "unfinished:" not in after.text() + after.errors() and "dfota resume" not in after.text(), after.report()
    shown = t.terminal([t.dfota])
    shown.wait_for("\x1b[?1049h")
    shown.wait_for("DFOTA" if b"DFOTA" in shown.out else "dfota")
    shown.type("q")
    shown.wait()
    assert "unfinished" not in shown.text(), shown.text()
    assert sim.stop() == TO
