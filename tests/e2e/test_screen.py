"""The screen on a real terminal emulator, worked from the keyboard alone."""

import shlex
import subprocess
import threading
import time

from harness import (DEADLINE, FROM, PASSWORD, TO, Nginx, Vsftpd, find_program, records)


class Screen:
    """dfota in tmux, on a server of its own. A control client reports when
    something was drawn; then the screen is looked at again."""

    def __init__(self, t, columns, rows, *args):
        self.socket = t.path("tmux")
        self.tmux = [find_program("tmux"), "-S", self.socket,
                     "-f", t.write("tmux.conf", "set -g status off\nset -g remain-on-exit on\n"
                                   "set -s escape-time 0\n")]
        self.env = t.env
        self.drawn = threading.Condition()
        self.count = 0
        self.client = None
        t.others.append(self.close)
        self.call("new-session", "-d", "-x", str(columns), "-y", str(rows),
                  shlex.join([t.dfota, *args]) + "; echo left with $?")
        self.client = subprocess.Popen(
            [*self.tmux, "-C", "attach", "-f", "ignore-size"], env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for _ in self.client.stdout:
            with self.drawn:
                self.count += 1
                self.drawn.notify_all()

    def call(self, *words):
        done = subprocess.run([*self.tmux, *words], env=self.env, timeout=DEADLINE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, "tmux %s: %s" % (words[0], done.stdout.decode())
        return done.stdout.decode()

    def text(self):
        return self.call("capture-pane", "-p")

    def shows(self, condition, deadline):
        """Look at the screen whenever it changes, until CONDITION(text). The word of
        a change may come before the change itself: look again soon."""
        end = time.monotonic() + deadline
        while True:
            with self.drawn:
                count = self.count
            if condition(self.text()):
                return True
            with self.drawn:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self.drawn.wait_for(lambda: self.count != count, min(left, 0.3))

    def wait_for(self, *words, deadline=DEADLINE):
        if not self.shows(lambda text: all(word in text for word in words), deadline):
            raise AssertionError("the screen does not show %s:\n%s" % (words, self.text()))

    def waits(self):
        """How often dfota has waited, and whether it does; None: it has ended."""
        shell = self.call("display-message", "-p", "#{pane_pid}").strip()
        try:
            with open("/proc/%s/task/%s/children" % (shell, shell)) as file:
                child = file.read().split()[0]
            with open("/proc/%s/status" % child) as file:
                status = dict(line.split(":\t", 1) for line in file)
        except (IndexError, OSError):
            return None
        return int(status["voluntary_ctxt_switches"]), status["State"].startswith("S")

    def send(self, *words):
        """Keys, until they are done with: dfota was woken by them, has waited in vain
        for more of them and waits again. What came sooner would count as pasted."""
        before = self.waits()
        self.call("send-keys", *words)
        end = time.monotonic() + DEADLINE
        while before and time.monotonic() < end:
            now = self.waits()
            if not now or (now[1] and now[0] >= before[0] + 2):
                break
            with self.drawn:
                self.drawn.wait(0.01)

    def key(self, name):
        """One key as by hand: the next one comes when this one was seen, or was
        nothing to be seen."""
        before = self.text()
        self.send(name)
        self.shows(lambda text: text != before, 0.2)

    def bring(self, name, *words):
        """A key that counts, and what it must bring."""
        self.key(name)
        self.wait_for(*words)

    def press(self, name, *words):
        """The same on a page that may have just come up, which does not count keys:
        one that brought nothing is pressed again, so twice must do no harm."""
        self.press_until(name, lambda text: all(word in text for word in words), "bring", *words)

    def press_away(self, name, *words):
        """The same, where what comes may have gone again: what it must take away."""
        self.press_until(name, lambda text: not any(word in text for word in words), "take away", *words)

    def press_until(self, name, condition, verb, *words):
        for _ in range(20):
            self.key(name)
            if self.shows(condition, 0.7):
                return
        raise AssertionError("%s does not %s %s:\n%s" % (name, verb, words, self.text()))

    def type_by_hand(self, prompt, word):
        for _ in range(20):		# a page that has just come up takes no key
            for letter in word:
                self.key(letter)
            if self.shows(lambda text: prompt + word in text, 0.7):
                return
            self.key("C-u")
        raise AssertionError("%s%s is not there:\n%s" % (prompt, word, self.text()))

    def start(self):
        self.wait_for("s start")
        self.press("s", "Upgrade this module?")
        for _ in range(100):		# yes counts when all has been seen
            if "Type yes" in self.text():
                return
            self.key("Space")
        raise AssertionError("the question has no end:\n" + self.text())

    def answer(self, word):
        self.type_by_hand("to stop: ", word)
        self.key("Enter")

    def fill(self, text):
        """The field under the cursor."""
        for _ in range(20):		# only a field that is open has a cursor
            self.key("Enter")
            if self.shows(lambda _: self.call("display-message", "-p", "#{cursor_flag}") == "1\n", 2):
                break
        self.key("C-u")
        if not text:
            return
        before = self.text()
        self.send("-l", text)
        self.shows(lambda now: now != before, 5)

    def done(self, *words):
        self.wait_for("Outcome", ": back", *words)
        page = self.text()
        for _ in range(20):		# it takes no key that was meant for what was there before
            self.key("x")
            if self.shows(lambda text: ": back" not in text, 0.7):
                return page
        raise AssertionError("the result does not go away:\n" + self.text())

    def leave(self, status):
        """q, and the exit status."""
        self.key("q")
        self.wait_for("left with %d" % status)

    def close(self):
        subprocess.run([*self.tmux, "kill-server"], env=self.env, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=DEADLINE)
        if self.client:
            self.client.stdin.close()
            self.client.wait(DEADLINE)
            self.reader.join(DEADLINE)
            self.client.stdout.close()


def demo(t, columns, rows):
    screen = Screen(t, columns, rows, "--demo", "--unpaced", "--fast")
    screen.wait_for("safe to leave")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert len(records(t)) == 1


def test_demo_80x24(t):
    demo(t, 80, 24)


def test_demo_60x18(t):
    demo(t, 60, 18)


def test_demo_120x40(t):
    demo(t, 120, 40)


def test_question_answered_with_no_sends_nothing(t):
    sim = t.sim(package=t.package())
    screen = Screen(t, 80, 24, "-p", sim.path, "-f", t.path("ug96-06-08.bin"))
    screen.start()
    screen.answer("no")
    screen.done("Not done")
    screen.leave(130)
    assert sim.stop() == FROM


def test_pasted_yes_does_not_count(t):
    sim = t.sim(package=t.package())
    screen = Screen(t, 80, 24, "-p", sim.path, "-f", t.path("ug96-06-08.bin"))
    screen.start()
    for _ in range(20):		# what comes right after the page does not count at all
        screen.call("send-keys", "-l", "yes\r")
        if screen.shows(lambda text: "Pasted text does not count" in text, 0.7):
            break
    else:
        raise AssertionError(screen.text())
    assert "Upgrade this module?" in screen.text()
    screen.answer("no")
    screen.done("Not done")
    assert sim.stop() == FROM


def choose_port(screen, sim):
    """The last row of pane 1: a path typed by hand."""
    screen.wait_for("1 Port")
    screen.key("1")
    screen.key("G")
    screen.fill(sim.path)
    screen.key("Enter")
    screen.wait_for("All checks passed", FROM)


def choose_source(screen, name):
    screen.key("2")
    screen.key("g")
    for _ in range(3):
        if "(*) " + name in screen.text():
            return
        before = screen.text()
        screen.key("Right")
        screen.shows(lambda text: text != before, DEADLINE)
    assert "(*) " + name in screen.text(), screen.text()


def test_local_file_from_the_keyboard(t):
    package = t.package()
    sim = t.sim(package=package)
    screen = Screen(t, 80, 24)
    choose_port(screen, sim)
    choose_source(screen, "Local file")
    screen.key("Down")
    screen.fill(package)
    screen.bring("Enter", "20,000 B")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert sim.stop() == TO


def test_http_from_the_keyboard(t):
    web = t.serve(Nginx, t.web())
    package = t.package(name="files/d.bin", manifest=False)
    sim = t.sim(package=package)
    screen = Screen(t, 80, 24)
    choose_port(screen, sim)
    choose_source(screen, "HTTP")
    screen.key("Down")
    screen.fill(web.url + "d.bin")
    screen.bring("Enter", web.url + "d.bin")
    screen.key("G")
    screen.fill(TO)
    screen.bring("Enter", "-> ")
    screen.start()
    screen.answer("yes")
    screen.done("success", TO)
    screen.leave(0)
    assert sim.stop() == TO


def test_ftp_from_the_keyboard(t):
    server = t.serve(Vsftpd, t.web())
    package = t.package(name="files/d.bin", manifest=False)
    sim = t.sim(package=package)
    screen = Screen(t, 80, 24)
    seen = []
    choose_port(screen, sim)
    choose_source(screen, "FTP")
    screen.key("Down")
    screen.fill(server.url + "d.bin")
    screen.bring("Enter", server.url + "d.bin")
    screen.key("Down")
    screen.fill("ftp")
    screen.bring("Enter", "User")
    screen.key("Down")
    screen.fill(PASSWORD)
    seen.append(screen.text())
    screen.bring("Enter", "******")
    seen.append(screen.text())
    screen.key("G")
    screen.fill(TO)
    screen.bring("Enter", "-> ")
    screen.start()
    seen.append(screen.text())
    screen.answer("yes")
    seen.append(screen.done("success", TO))
    screen.leave(0)
    assert sim.stop() == TO
    for text in seen + [data.decode() for data in records(t).values()]:
        assert PASSWORD not in text, text


def test_resize_while_it_runs(t):
    sim = t.sim(scenario="at updating 40\n\thold", package=t.package())
    screen = Screen(t, 80, 24, "-p", sim.path, "-f", t.path("ug96-06-08.bin"))
    screen.start()
    screen.answer("yes")
    screen.wait_for("DO NOT REMOVE POWER")
    for columns, rows in ((60, 18), (40, 12), (1, 1), (120, 40), (80, 24)):
        screen.call("resize-window", "-x", str(columns), "-y", str(rows))
        if columns >= 40:
            screen.wait_for("Install")
    sim.go_on()
    screen.done("success", TO)
    assert sim.stop() == TO


def test_quit_while_installing_explains_and_stays(t):
    sim = t.sim(scenario="at updating 40\n\thold", package=t.package())
    screen = Screen(t, 80, 24, "-p", sim.path, "-f", t.path("ug96-06-08.bin"))
    screen.start()
    screen.answer("yes")
    screen.wait_for("DO NOT REMOVE POWER")
    screen.press("q", "It can't be cancelled now", "detach")
    screen.press("Enter", "4 Upgrade")
    sim.go_on()
    screen.done("success", TO)
    assert sim.stop() == TO
