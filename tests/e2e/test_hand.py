"""The hand on the screen, through a real terminal: mouse, paste, keys that the
terminal's description does not know, coming back, watching another process."""

import os
import signal

from harness import DEADLINE, TO, watch_directory
from test_screen import Screen

MODES = ((b"\x1b[?2004h", b"\x1b[?2004l"), (b"\x1b[?1000;1006h", b"\x1b[?1000;1006l"))
HOLD = "at updating 40\n\thold"


def pid_of(terminal):
    """setsid waits for it: dfota is its child."""
    pid = terminal.process.pid
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return int(file.read().split()[0])


def test_modes_are_given_back(t):
    for end in ("q", signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV):
        if end == signal.SIGSEGV and t.instrumented():
            continue		# the sanitizer has the signal
        terminal = t.terminal([t.dfota, "--demo"])
        terminal.wait_for("Upgrade")
        for on, _ in MODES:
            terminal.wait_for(on)
        if end == "q":
            terminal.type("q")
        else:
            os.kill(pid_of(terminal), end)
        terminal.wait()
        for on, off in MODES:
            assert terminal.out.rfind(off) > terminal.out.rfind(on), (end, on, terminal.text())


def test_modes_where_they_are_not_known(t):
    """What would show their letters gets none; a configuration leaves the mouse alone."""
    terminal = t.terminal([t.dfota, "--demo"], env={"TERM": "vt52"})
    terminal.wait_for("Upgrade")
    terminal.type("q")
    terminal.wait()
    assert b"[?" not in terminal.out, terminal.text()
    os.makedirs(t.path("config", "dfota"))
    t.write("config/dfota/config", "mouse = no\n")
    terminal = t.terminal([t.dfota, "--demo"])
    terminal.wait_for(MODES[0][0])
    terminal.type("q")
    terminal.wait()
    assert MODES[1][0] not in terminal.out, terminal.text()


def send_bytes(screen, data):
    """At once, past tmux's own names of keys."""
    screen.send("-H", *["%02x" % byte for byte in data])


def click(screen, word):
    """On the last place of WORD."""
    rows = screen.text().split("\n")
    row = max(i for i, text in enumerate(rows) if word in text)
    column = rows[row].rindex(word) + 1
    place = "%d;%d" % (column + 1, row + 1)
    send_bytes(screen, ("\x1b[<0;%sM\x1b[<0;%sm" % (place, place)).encode())


def leave(screen):
    """Without a result nothing is said: the shell's word may scroll away above the end."""
    screen.send("q")
    assert screen.shows(lambda text: "Pane is dead" in text or "left with 0" in text, DEADLINE), screen.text()


def test_the_mouse_chooses_and_presses_the_bar(t):
    screen = Screen(t, 80, 24, "--demo", "--unpaced", "--fast")
    screen.wait_for("s start")
    click(screen, "? help")
    screen.wait_for("any other key: back")
    click(screen, "pane")		# no page is left by it
    screen.bring("x", "4 Upgrade")
    click(screen, "Target")
    screen.wait_for("Enter edit")
    click(screen, "s start")
    screen.wait_for("Upgrade this module?")
    click(screen, "Upgrade this module?")
    screen.answer("no")
    screen.done("Not done")


def test_a_paste_presses_nothing(t):
    screen = Screen(t, 80, 24, "--demo", "--unpaced", "--fast")
    screen.wait_for("s start")
    screen.call("set-buffer", "s\ryes\rq\r")
    screen.call("paste-buffer", "-p")
    screen.wait_for("ignored: typed too fast")
    assert "s start" not in screen.text().split("\n")[0]
    screen.bring("2", "Enter edit")
    screen.call("set-buffer", "http://192.0.2.1/ug96\n.bin")
    screen.call("paste-buffer", "-p")	# a URL over the panes picks its field
    screen.wait_for("http://192.0.2.1/ug96.bin")
    screen.key("Enter")
    screen.wait_for("(*) HTTP")
    leave(screen)


class OnTerm(Screen):
    """As if somebody had set TERM to what it is not."""

    def __init__(self, t, term, *args):
        self.term = term
        super().__init__(t, 80, 24, *args)

    def call(self, *words):
        if words[0] == "new-session":
            words = (*words[:-1], "TERM=%s %s" % (self.term, words[-1]))
        return super().call(*words)


# Terminal on TERM: what each sends for keys that TERM has otherwise, or not at all.
STRANGERS = (
    ("xterm", b"\x1b[1~"), ("xterm", b"\x1b[4~"), ("xterm", b"\x1b[12~"), ("xterm", b"\x1b[[B"), ("xterm", b"\x1b[7~"),
    ("xterm", b"\x1b[I"), ("xterm", b"\x1b[?62;1c"), ("vt220", b"\x1b[H"), ("vt220", b"\x1b[F"), ("vt220", b"\x1b[1;5D"),
    ("vt220", b"\x1bOc"), ("vt220", b"\x1b[8^"), ("vt220", b"\x1bOQ"), ("vt220", b"\x1b[27;5;115~"),
)


def test_keys_that_term_does_not_know(t):
    for term in ("xterm", "vt220"):
        screen = OnTerm(t, term, "--demo", "--unpaced", "--fast")
        screen.wait_for("s start")
        screen.bring("3", "3 AT log")
        for of, data in STRANGERS:
            if of == term:
                send_bytes(screen, data)
        screen.press("v", "any other key: back")	# what came before it was taken
        assert "3 AT log" in screen.text().split("\n")[1], screen.text()
        screen.bring("x", "1 Port")
        screen.bring("2", "Enter edit")
        screen.key("G")
        screen.bring("Enter", "Ctrl-C leaves it")
        for letter in "UG96":
            screen.key(letter)
        for of, data in STRANGERS:
            if of == term:
                send_bytes(screen, data)
        screen.bring("X", "X")
        target = [row for row in screen.text().split("\n") if "Target" in row][0]
        assert sorted("UG96X") == sorted(target.split("Target")[1].split()[0].strip("│|x")), target
        screen.key("C-c")
        leave(screen)
        screen.close()


def watch_live(screen):
    """The first page is that of the upgrade that another process runs."""
    screen.wait_for("An upgrade runs in another program", "watch it live")
    screen.press("Enter", "Install", "q back")
    screen.wait_for("DO NOT REMOVE POWER")


def test_an_upgrade_of_another_process_is_watched_to_its_end(t):
    run, sim = t.push(HOLD)
    run.wait_event(type="step", step="install", state="begin")
    t.wait_record('"step":"install"')
    screen = Screen(t, 80, 24)
    watch_live(screen)
    sim.go_on()
    run.expect("success", 0)
    screen.wait_for("The module runs the new firmware")
    screen.press("q", "q quit")
    leave(screen)
    assert sim.stop() == TO


def test_coming_back_after_a_lost_terminal(t):
    sim = t.sim(scenario=HOLD, package=t.package())
    lost = Screen(t, 80, 24, "-p", sim.path, "-f", t.path("ug96-06-08.bin"))
    lost.start()
    lost.answer("yes")
    lost.wait_for("DO NOT REMOVE POWER")
    t.wait_record('"step":"install"')
    lost.close()
    screen = Screen(t, 80, 24)
    watch_live(screen)
    sim.go_on()
    screen.wait_for("The module runs the new firmware")
    screen.press("q", "q quit")
    leave(screen)
    assert sim.stop() == TO


def test_a_module_that_is_listened_to_is_asked_now_by_a_key(t):
    """The program was killed, and the module came to its end unseen: it is silent for good, and
    listening alone would take minutes."""
    run, sim = t.push(HOLD, "--com-timeout", "2")
    run.wait_event(type="step", step="install", state="begin")
    t.wait_record('"step":"install"')
    run.signal(signal.SIGKILL)
    run.wait()
    watch = watch_directory(t.dir)
    sim.go_on()
    t.wait_return(watch, sim)
    screen = Screen(t, 80, 24)
    screen.wait_for("An upgrade is unfinished", "Enter: keep watching")
    screen.press("Enter", "a ask now")
    screen.press("a", "Ask the module now?", "y: ask now")
    screen.press_away("y", "y: ask now")
    t.wait_record('"asks-now"')
    screen.wait_for("The module runs the new firmware")
    screen.press("q", "q quit")
    leave(screen)
    assert sim.stop() == TO
