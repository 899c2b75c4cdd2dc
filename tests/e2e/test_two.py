"""Two programs started together on one port (faults.md A04, A05, A09): one gets it, the
other is told who has it. `make torture-two` does it 1,000 times."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from harness import TO

ROUNDS = 20
AT_A_TIME = 8


def start_together(t, number, place, sim, package):
    """Both wait for the end of one pipe. With the locks of one state, or each with its own."""
    read, write = os.pipe()
    gate = ("/bin/sh", "-c", 'read -r go; exec "$@"', "sh")
    runs = []
    for state in (place, place) if number % 2 else (os.path.join(place, "a"), os.path.join(place, "b")):
        os.makedirs(state, mode=0o700, exist_ok=True)
        runs.append(t.start("run", "--json", "-y", "-p", sim.path, "-f", package, wrap=gate, stdin=read,
                            env={"XDG_STATE_HOME": state}))
    os.close(write)
    os.close(read)
    return runs


def first_to_end(runs):
    """The one, and the other."""
    ended, first = threading.Event(), []

    def wait(run):
        try:
            run.wait()
        finally:
            first.append(run)
            ended.set()
    for run in runs:
        threading.Thread(target=wait, args=(run,), daemon=True).start()
    ended.wait()
    return (runs[0], runs[1]) if first[0] is runs[0] else (runs[1], runs[0])


def race(t, number, package):
    """The module holds in the middle, so that who has it has it until the other has ended."""
    place = t.path("place%d" % number)
    os.mkdir(place, 0o700)
    sim = t.sim("--link", os.path.join(place, "tty"), scenario="at updating 40\n\thold", package=package)
    loser, winner = first_to_end(start_together(t, number, place, sim, package))
    sim.go_on()
    result = loser.expect("busy", 21)
    assert not loser.lines("tx"), loser.report()
    who = " ".join(str(value) for value in result["args"].values())
    assert str(winner.pid) in who, "the holder is %d: %s" % (winner.pid, result)
    winner.expect("success", 0)
    assert sim.stop() == TO
    return result["id"]


def test_A04_A05_A09_of_two_that_start_together_one_gets_the_port(t):
    package = t.package(2000)
    rounds = int(os.environ.get("TORTURE_TWO", ROUNDS))
    wrong, ids = [], {}

    def one(number):
        try:
            name = race(t, number, package)
            ids[name] = ids.get(name, 0) + 1
        except AssertionError as error:
            wrong.append("round %d: %s" % (number, error))
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(one, range(rounds)))
    print("# started together, one got the port: %d of %d (%s)" % (
        rounds - len(wrong), rounds, ", ".join("%s %d" % of for of in sorted(ids.items()))), flush=True)
    assert not wrong, "\n".join(wrong[:5])
