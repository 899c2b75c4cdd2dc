"""Each call that a session makes of the C library, and each allocation, fails once
(tests/e2e/calls.c; faults.md E11, E12, A16, F03, F04, F09): a result all the same, and a
true one, and no upgrade of which the disk knows nothing; and each that the screen makes:
the terminal is given back. `make torture-calls` runs all of them, `make check` one of some."""

import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor

from harness import FROM, TO, Nginx
from test_output import preload

SIZE = 2000
AT_A_TIME, AT_A_TIME_ALL = 8, 96		# they wait 8 s and work for 0.07
EACH_NAME = 3		# each third name is enough for make check
# The longest that a fast module keeps anything waiting, and then some.
LIMITS = ("--return-timeout", "60", "--com-timeout", "10", "--start-timeout", "10")
# Left as asked, or never begun: the demo's own module, no memory (1: what curses says to that), the screen.
SCREEN_ENDS = (0, 1, 20, 22, 64, 70, 74)
# A piece of the picture is missing then, or curses takes the terminal for none: no matter of ours.
NOT_OF_SCREEN = ("write", "isatty")
# What each outcome says of what the module runs.
RUNS = {0: (TO,), 10: (FROM,), 20: (FROM,), 21: (FROM,), 22: (FROM,), 23: (FROM,), 24: (FROM,), 64: (FROM,), 130: (FROM,),
        12: (FROM, TO), 70: (FROM, TO), 74: (FROM, TO)}


class Session:
    """One upgrade with its own module and state; CALL fails in it, "name:number"."""

    def __init__(self, t, way, number, package, url):
        self.t, self.way = t, way
        self.state = t.path("%s%s" % (way, number))
        os.mkdir(self.state, 0o700)
        listens = {"listen": "0"} if way == "tcp" else {}
        self.sim = t.sim(*() if listens else ("--link", os.path.join(self.state, "tty")), package=package, **listens)
        port = self.sim.path.replace("127.0.0.1", "localhost")
        self.args = ("run", "--json", "-y", "-p", port, *LIMITS, *(
            ("-u", url, "--relay", "--manifest", package + ".manifest") if way == "relay" else ("-f", package)))

    def run(self, **env):
        state = {"XDG_STATE_HOME": self.state, "TMPDIR": self.state}
        return self.t.start(*self.args, env=preload(self.t, "calls", **state, **env)).wait()

    def count(self):
        path = os.path.join(self.state, "count")
        self.run(CALL_COUNT=path).expect("success", 0)
        with open(path) as file:
            return {name: int(number) for name, number in (line.split() for line in file)}

    def fault(self, call):
        """What is wrong with a session in which CALL fails; "" when nothing is."""
        run = self.run(CALL=call)
        self.sim.stopped = True
        self.sim.signal(signal.SIGTERM)
        self.sim.wait()
        wrong = []
        if run.status not in RUNS:
            wrong.append("ended with %d" % run.status)
        elif self.sim.version() not in RUNS[run.status]:
            wrong.append("status %d, and the module runs %s" % (run.status, self.sim.version()))
        if run.status != 74:		# else its output could not be written
            wrong += self.results(run)
        if "violations 0" not in self.sim.text().splitlines()[-1:]:
            wrong.append(self.sim.text().splitlines()[-1])
        if self.sim.upgrades() and not self.intent():
            wrong.append("an upgrade without an intent on the disk")
        shutil.rmtree(self.state)
        return "%s, %s fails: %s\n%s" % (self.way, call, "; ".join(wrong), run.report()) if wrong else ""

    @staticmethod
    def results(run):
        try:
            exits = [event["exit"] for event in run.events("result")]
        except ValueError as error:
            return ["status %d, and its output is no JSON: %s" % (run.status, error)]
        return [] if exits == [run.status] else ["status %d, and results with %s" % (run.status, exits)]

    def intent(self):
        """There is one in a record."""
        for base, _, names in os.walk(self.state):
            for name in names:
                if name.endswith(".jsonl"):
                    with open(os.path.join(base, name), "rb") as file:
                        if b'"intent"' in file.read():
                            return True
        return False


def show(t, state, **env):
    """The screen with the demo's module on a terminal of its own, left as soon as it is there."""
    os.mkdir(state, 0o700)
    terminal = t.terminal([t.dfota, "--demo"], controlling=False,
                          env=preload(t, "calls", XDG_STATE_HOME=state, TMPDIR=state, TERM="xterm", **env))
    terminal.wait_for("Upgrade", ends=True)
    if terminal.process.status is None:
        terminal.type("q")
    terminal.wait()
    terminal.hang_up()
    shutil.rmtree(state)
    return terminal


def fault_of_screen(t, number, call):
    """What is wrong with a screen in which CALL fails; "" when nothing is."""
    try:
        terminal = show(t, t.path("screen%d" % number), CALL=call)
    except AssertionError as error:
        return "screen, %s fails: %s" % (call, error)
    wrong = []
    if terminal.process.status not in SCREEN_ENDS:
        wrong.append("ended with %d" % terminal.process.status)
    for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h")):
        if terminal.out.rfind(off) < terminal.out.rfind(on):
            wrong.append("%r is the last" % on)
    return "screen, %s fails: %s\n%s" % (call, "; ".join(wrong), terminal.process.report()) if wrong else ""


def sessions_of(counts, all_of_them):
    """(way, call) for each call that is to fail: all, or one of some names."""
    if all_of_them:
        return [(way, "%s:%d" % (name, i + 1)) for way, of in counts.items() for name, n in of.items() for i in range(n)]
    ways = {}
    for way, of in counts.items():
        for name, n in of.items():
            if n and name != "malloc":		# E11 has those
                ways.setdefault(name, (way, "%s:%d" % (name, (n + 1) // 2)))
    return list(ways.values())[::EACH_NAME]


def test_E11_E12_each_call_of_a_session_may_fail_once(t):
    package = t.package(SIZE, name="files/p.bin") if t.web() else None
    url = t.serve(Nginx, t.web()).url + "p.bin"
    all_of_them = int(os.environ.get("TORTURE_CALLS", "0"))		# each so many of them; 0: one of some names
    counts = {way: Session(t, way, "-count", package, url).count() for way in ("push", "tcp", "relay")}
    todo = sessions_of(counts, all_of_them)[::max(1, all_of_them)]

    def one(item):
        number, (way, call) = item
        session = Session(t, way, number, package, url)
        try:
            return session.fault(call)
        except AssertionError as error:
            return "%s, %s fails: %s" % (way, call, error)
    with ThreadPoolExecutor(AT_A_TIME_ALL if all_of_them else AT_A_TIME) as pool:
        wrong = [text for text in pool.map(one, enumerate(todo)) if text]
    print("# calls that failed once in a session, with a true end: %d of %d" % (len(todo) - len(wrong), len(todo)), flush=True)
    assert not wrong, "\n".join(wrong[:20])


def test_E11_E12_each_call_of_the_screen_may_fail_once(t):
    all_of_them = int(os.environ.get("TORTURE_CALLS", "0"))
    count = t.path("count")
    show(t, t.path("screen"), CALL_COUNT=count)
    with open(count) as file:
        counts = {"screen": {name: int(number) for name, number in (line.split() for line in file) if name not in NOT_OF_SCREEN}}
    todo = [call for _, call in sessions_of(counts, all_of_them)[::max(1, all_of_them)]]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        wrong = [text for text in pool.map(lambda item: fault_of_screen(t, *item), enumerate(todo)) if text]
    print("# calls that failed once on the screen, and the terminal given back: %d of %d" % (len(todo) - len(wrong), len(todo)), flush=True)
    assert not wrong, "\n".join(wrong[:20])
