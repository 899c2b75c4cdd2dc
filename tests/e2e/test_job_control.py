"""Stopped and continued by the shell: no effect while a module is at stake."""

import os
import signal

from harness import DEADLINE, TO
from test_screen import Screen

HOLD = "at updating 40\n\thold\n"


def state(pid):
    """R, S, T (stopped), ...; None: it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(") ", 1)[1][0]
    except (OSError, IndexError):
        return None


def shell(t, *argv):
    """dfota ARGV as a job of a shell on a terminal, which takes commands afterwards."""
    script = 'exec 2>&1; set -m; "$@"; echo "left $?"' + \
        '; read -r line; $line; echo "left $?"' * 6	# no loop: a job that stops would end it
    return t.terminal(["bash", "-c", script, "bash", t.dfota, *argv])


def job_of(terminal):
    """The program that the shell of TERMINAL runs."""
    def children(pid):
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return [int(word) for word in file.read().split()]
    pid = terminal.process.pid
    while True:
        found = children(pid)
        if not found:
            return pid
        pid = found[0]


def shown(terminal, text, after):
    """Wait for TEXT behind position AFTER of what the terminal got; the new position."""
    with terminal.changed:
        assert terminal.changed.wait_for(
            lambda: text in terminal.out[after:] or terminal.process.status is not None, DEADLINE)
        at = terminal.out.find(text, after)
    assert at >= 0, "no %r in %r" % (text, terminal.out[after:][-600:])
    return at + len(text)


def test_run_is_not_stopped_while_a_module_is_at_stake(t):
    """E06, E23: neither by SIGTSTP, nor because it is in the background."""
    package = t.package()
    sim = t.sim(scenario=HOLD, package=package)
    terminal = shell(t, "run", "-v", "-y", "-p", sim.path, "-f", package)
    at = shown(terminal, b'"UPDATING",37', 0)
    pid = job_of(terminal)
    for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        os.kill(pid, number)
    sim.go_on()
    at = shown(terminal, b"success: ", at)
    shown(terminal, b"left 0", at)
    assert b"Stopped" not in terminal.out, terminal.text()


def test_run_stops_before_and_goes_on(t):
    """At the question; it is asked again when it goes on."""
    package = t.package()
    sim = t.sim(package=package)
    terminal = shell(t, "run", "-p", sim.path, "-f", package)
    at = shown(terminal, b"Type yes: ", 0)
    pid = job_of(terminal)
    terminal.type("\x1a")
    at = shown(terminal, b"left 148", at)
    assert state(pid) == "T", state(pid)
    terminal.type("fg\n")
    at = shown(terminal, b"Type yes: ", at)
    terminal.type("yes\n")
    at = shown(terminal, b"success: ", at)
    shown(terminal, b"left 0", at)
    assert sim.stop() == TO


def test_run_draws_its_progress_again(t):
    package = t.package()
    sim = t.sim(scenario=HOLD, package=package)
    terminal = shell(t, "run", "-y", "-p", sim.path, "-f", package)
    at = shown(terminal, b" 37%", 0)
    pid = job_of(terminal)
    os.kill(pid, signal.SIGSTOP)
    at = shown(terminal, b"left 147", at)
    terminal.type("fg\n")
    at = shown(terminal, b" 37%", at)
    sim.go_on()
    shown(terminal, b"success: ", at)


def test_screen_stops_while_nothing_runs(t):
    """The terminal is given back, and drawn as a whole when it goes on."""
    package = t.package()
    sim = t.sim(package=package)
    terminal = shell(t, "-p", sim.path, "-f", package)
    at = shown(terminal, b"20,000 B", 0)
    pid = job_of(terminal)
    os.kill(pid, signal.SIGTSTP)
    at = shown(terminal, b"\x1b[?1049l", at)
    at = shown(terminal, b"left 148", at)
    assert state(pid) == "T", state(pid)
    terminal.type("fg\n")
    at = shown(terminal, b"\x1b[?1049h", at)
    at = shown(terminal, b"20,000 B", at)
    # in the background it leaves the terminal alone, and takes it again
    os.kill(pid, signal.SIGTSTP)
    at = shown(terminal, b"left 148", at)
    terminal.type("bg\n")
    at = shown(terminal, b"left 0", at)
    terminal.type("echo here\n")
    at = shown(terminal, b"here\r\nleft 0", at)
    assert b"20,000 B" not in terminal.out[at:] and state(pid) != "T"
    terminal.type("fg\n")
    at = shown(terminal, b"\x1b[?1049h", at)
    at = shown(terminal, b"20,000 B", at)
    os.kill(pid, signal.SIGTERM)
    shown(terminal, b"left 0", at)


def test_screen_is_not_stopped_while_a_module_is_at_stake(t):
    package = t.package()
    sim = t.sim(scenario=HOLD, package=package)
    screen = Screen(t, 80, 24, "-p", sim.path, "-f", package)
    screen.start()
    screen.answer("yes")
    screen.wait_for("37")
    shell_pid = screen.call("display-message", "-p", "#{pane_pid}").strip()
    with open("/proc/%s/task/%s/children" % (shell_pid, shell_pid)) as file:
        pid = int(file.read().split()[0])
    os.kill(pid, signal.SIGTSTP)
    screen.wait_for("not stopped: the upgrade needs this program")
    os.kill(pid, signal.SIGSTOP)
    screen.call("send-keys", "-R")		# what was shown is gone
    os.kill(pid, signal.SIGCONT)
    screen.wait_for("Identify*", "UPDATING\",37")
    sim.go_on()
    screen.done(TO)


def test_sim_is_not_ended_by_a_window_that_changes(t):
    sim = t.sim()
    for number in (signal.SIGWINCH, signal.SIGCONT):
        sim.signal(number)
    t.run("probe", "--json", "-p", sim.path).expect("ready", 0)
    assert sim.status is None
