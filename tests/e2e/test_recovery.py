"""An unfinished upgrade: killed programs, lost terminals, and what the
next start makes of them."""

import glob
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from harness import FROM, IMEI, TO, Nginx, Run, Skip, records

# Much longer than a fast module is ever silent, as the module of a starved
# process may seem to be, and than a host that is not stopped lets it wait.
QUICK = ("--listen-timeout", "10", "--start-timeout", "10")
COM_TIMEOUT = ("--com-timeout", "5")
KILL_POINTS = 512
KILLERS = 32		# at a time: they wait more than they work


def killat(t):
    path = os.path.join(os.path.dirname(t.dfota), "tests", "e2e", "killat")
    if not os.access(path, os.X_OK):
        raise Skip("tests/e2e/killat is not built")
    return path


class Place:
    """A module and a state directory for one killed program and its successor."""

    def __init__(self, t, number, package, way):
        self.t = t
        self.state = t.path("place%d" % number)
        os.mkdir(self.state, 0o700)
        self.env = {"XDG_STATE_HOME": self.state}
        self.sim = None
        self.way = way
        self.package = package
        self.number = number

    def go(self, kill_at, killat_path, counts=None):
        t = self.t
        self.sim = t.sim("--link", os.path.join(self.state, "tty"), package=self.package)
        argv = [killat_path, str(kill_at), t.dfota, "run", "--json", "-y", "-q", "-p", self.sim.path,
                *COM_TIMEOUT, *self.way]
        env = dict(t.env, **self.env)
        if counts:
            argv = ["sh", "-c", 'exec "$@" 3>%s' % counts, "sh", *argv]
        run = Run(argv, env)
        t.processes.append(run)
        return run.wait()

    def record(self):
        found = glob.glob(os.path.join(self.state, "dfota", "sessions", "*.jsonl"))
        return found[0] if found else None

    def resume(self):
        """Returns (outcome or None when nothing was open, process)."""
        resumed = self.t.start("resume", "--json", *QUICK, env=self.env).wait()
        outcome = resumed.result()["outcome"]
        return (None if outcome == "ready" else outcome), resumed

    def lines(self):
        with open(self.record(), "rb") as file:
            return [json.loads(line) for line in file.read().split(b"\n")[:-1] if line.startswith(b"{")
                    and line.endswith(b"}")]


def judge(place, run, outcome):
    """What is wrong with what came out of it; None: nothing."""
    version = place.sim.stop()
    if place.sim.upgrades() > 1:
        return "asked to upgrade %d times" % place.sim.upgrades()
    if outcome is None:		# not open: not begun, or ended with its result
        ended = [e["outcome"] for e in run.events("result")] if run.out else []
        if place.record():
            ended += [e["outcome"] for e in place.lines() if e["type"] == "result"]
        if ended:
            outcome = ended[-1]
        elif place.sim.upgrades() == 0:
            outcome = "unchanged"
    truth = {"success": TO, "unchanged": FROM}.get(outcome)
    return None if version == truth else "outcome %s, but the module runs %s" % (outcome, version)


def kill_everywhere(t, points, way, package):
    path = killat(t)
    if t.instrumented():
        raise Skip("a sanitizer makes other system calls, and many more of them")
    first = Place(t, 0, package, way)
    counts = t.path("counts")
    run = first.go(0, path, counts)
    run.expect("success", 0)
    with open(counts) as file:
        total = int(file.read())
    assert first.resume()[0] is None, "an upgrade that ended is no open one"
    bad = []
    lock = threading.Lock()

    def one(index):
        at = 1 + index * (total - 1) // (points - 1)
        place = Place(t, index + 1, package, way)
        killed = place.go(at, path)
        outcome, resumed = place.resume()
        wrong = judge(place, killed, outcome)
        if wrong:
            with lock:
                bad.append("killed at stop %d of %d: %s\n%s\n%s" % (
                    at, total, wrong, resumed.report(), place.sim.report()))

    with ThreadPoolExecutor(KILLERS) as pool:
        list(pool.map(one, range(points)))
    print("# kill -9 at %d of %d system call stops, then resume: right %d of %d" % (
        points, total, points - len(bad), points), flush=True)
    assert not bad, "%d wrong; the first:\n%s" % (len(bad), bad[0])


def test_E09_a_push_killed_at_any_system_call_is_resumed_right(t):
    package = t.package(20000)
    kill_everywhere(t, KILL_POINTS // 2, ("-f", package), package)


def test_E09_a_pull_killed_at_any_system_call_is_resumed_right(t):
    web = t.web()
    package = t.package(20000)
    os.link(package, os.path.join(web, "delta.bin"))
    url = t.serve(Nginx, web).url + "delta.bin"
    kill_everywhere(t, KILL_POINTS // 2, ("-u", url, "--manifest", package + ".manifest"), package)


HELD = "at updating 40\n\thold\n\tdefault"


def unfinished(t):
    """A module whose upgrade was killed while it installs, where it stays until it
    may go on. Returns (sim, package)."""
    run, sim = t.push(HELD)
    run.wait_event(type="step", step="install")
    run.wait_event(type="line", text=lambda text: text and "UPDATING" in text)
    run.kill()
    return sim, t.path("ug96-06-08.bin")


def resume(t, sim, *args):
    """The module goes on when it is watched again, to success."""
    run = t.start("resume", "--json", *QUICK, *args)
    run.wait_event(type="step", step="restart", state="begin")
    sim.go_on()
    run.expect("success", 0)
    return run


def test_every_command_names_an_unfinished_upgrade(t):
    sim, _ = unfinished(t)
    for command in (["ports"], ["explain", "714"], ["version"], ["probe", "-p", sim.path]):
        said = t.run(*command).errors()
        for word in (IMEI, "UG96", "unfinished", "dfota resume", "while the module was installing"):
            assert word in said, "%s does not say %r: %s" % (command[0], word, said)
    status = t.run("status").text()
    assert IMEI in status and "dfota resume" in status
    listed = json.loads(t.run("status", "--json").text())
    assert (listed["type"], listed["imei"], listed["step"]) == ("open", IMEI, "install")
    resume(t, sim)
    assert "no upgrade is unfinished" in t.run("status").text()
    assert "unfinished" not in t.run("version").errors()


def test_records_that_cannot_be_read_are_not_taken_for_none(t):
    """Of a later version, damaged by a power cut, and one that is whole: a warning names it, or nothing does."""
    header = '{"type":"header","format":%d,"program":"dfota 9.0","job":"upgrade","port":"/dev/ttyACM7"}\n'
    package = t.package(20000)
    sim = t.sim(package=package)
    intent = '{"type":"intent","t":3}\n'
    for name, content, known in (("20270101T000000Z-1.jsonl", header % 2 + intent, False),
                                 ("20270101T000000Z-2.jsonl", "\0" * 4096, False),
                                 ("20270101T000000Z-3.jsonl", "{\"type\":\"hea" + intent, False),
                                 ("20270101T000000Z-4.jsonl", header % 1 + '{"type":"closed","t":3}\n', True)):
        path = os.path.join(t.sessions, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        run = t.start_push(sim, package, "--dry-run", "--record", t.path("record-of-" + name)).wait()
        said = [notice["args"]["record"] for notice in run.events("notice") if notice["id"] == "record-not-known"]
        assert run.status == 0 and said == ([] if known else [path]), (name, said, run.report())
        os.unlink(path)


def test_a_directory_of_records_that_cannot_be_read_stops_an_upgrade_with_a_record_elsewhere(t):
    os.rename(t.sessions, t.path("state", "dfota", "elsewhere"))
    t.write(os.path.join("state", "dfota", "sessions"), "no directory")
    sim = t.sim(package=t.package(20000))
    run = t.start_push(sim, t.path("ug96-06-08.bin"), "--record", t.path("elsewhere.jsonl")).expect("usage", 64)
    assert run["id"] == "records-unreadable" and t.sessions in run["message"] and run["advice"], run
    os.unlink(t.sessions)
    os.rename(t.path("state", "dfota", "elsewhere"), t.sessions)
    assert sim.stop() == FROM


def test_C29_a_new_upgrade_of_that_module_is_refused_until_it_is_resumed(t):
    sim, package = unfinished(t)
    refused = t.start_push(sim, package).expect("busy", 21, message="is unfinished")
    assert "dfota resume" in refused["advice"]
    assert refused["step"] == "identify"
    resume(t, sim)
    again = t.start("run", "--json", "-y", "-p", sim.path, "-f", package, "--if-needed")
    again.expect("success", 0)


def test_A09_a_second_program_does_not_open_the_port_of_a_running_upgrade(t):
    run, sim = t.push(HELD)
    run.wait_event(type="line", text=lambda text: text and "UPDATING" in text)
    t.start_push(sim, t.path("ug96-06-08.bin")).expect("busy", 21, message="(process %d)" % run.pid)
    sim.go_on()
    run.expect("success", 0)


def test_a_resumed_upgrade_is_in_one_record(t):
    resume(t, unfinished(t)[0])
    found = records(t)
    assert len(found) == 1, list(found)
    kinds = [json.loads(line)["type"] for line in list(found.values())[0].splitlines()]
    assert kinds.index("intent") < kinds.index("resumed") < kinds.index("result")
    times = [json.loads(line).get("t", 0) for line in list(found.values())[0].splitlines()
             if b'"t":' in line]
    assert times == sorted(times), "time goes backwards"


def test_an_upgrade_that_is_given_up_is_no_longer_open(t):
    sim, _ = unfinished(t)
    assert "abandoned" in t.run("resume", "--abandon").text()
    assert "no upgrade is unfinished" in t.run("status").text()
    assert t.run("resume").status == 0
    assert sim.stop() == FROM or sim.version() == TO


def test_A32_who_resumes_puts_back_what_a_killed_program_stored(t):
    for at in ("at updating 37\n\thold", 'on AT+QFOTADL="*\n\thold\n\tdefault'):
        run, sim = t.push("set urcport usbmodem\n" + at)
        run.wait_event(type="setting", state="changed")
        run.wait_event(type="line", dir="tx", text=lambda text: text.startswith('AT+QFOTADL="'))
        if at.startswith("at"):
            run.wait_event(type="line", text=lambda text: "UPDATING" in text)
        run.kill()
        status = t.run("status").text()
        assert "was changed: AT+QURCCFG=" in status and "before: usbmodem" in status, status
        sim.go_on()
        resumed = t.start("resume", "--json", *QUICK).wait()
        setting, = resumed.result()["settings"]
        assert setting["state"] == "put-back" and setting["before"] == "usbmodem", setting
        sim.stop()


def test_A32_who_gives_an_upgrade_up_is_told_what_stays_stored(t):
    run, sim = t.push("set urcport usbmodem\nat updating 37\n\thold")
    run.wait_event(type="line", text=lambda text: "UPDATING" in text)
    run.kill()
    text = t.run("resume", "--abandon").text()
    assert "abandoned" in text and 'AT+QURCCFG="urcport","usbmodem" does that' in text, text
    sim.go_on()
    sim.stop(stored=1)


def test_G11_with_two_open_upgrades_resume_asks_which(t):
    first, _ = unfinished(t)
    second = t.sim("--imei", "356938035643809", scenario=HELD, package=t.path("ug96-06-08.bin"))
    run = t.start_push(second, t.path("ug96-06-08.bin"))
    run.wait_event(type="line", text=lambda text: text and "UPDATING" in text)
    run.kill()
    asked = t.run("resume")
    assert asked.status == 64 and "Name the record" in asked.errors(), asked.report()
    sims = {IMEI: first, "356938035643809": second}
    for event in t.run("status", "--json").events():
        resume(t, sims.pop(event["imei"]), event["record"])
    assert not sims


def test_E02_a_lost_terminal_does_not_stop_an_upgrade_and_is_shown_next_time(t):
    package = t.package(20000)
    sim = t.sim(scenario=HELD, package=package)
    terminal = t.terminal([t.dfota, "run", "-y", "-p", sim.path, "-f", package])
    terminal.wait_for("Install")
    t.wait_record("UPDATING")
    terminal.hang_up()
    sim.go_on()
    t.wait_record('"type":"result"')
    terminal.wait()
    told = t.run("version").errors()
    assert "its terminal was gone" in told and "success" in told, told
    assert "its terminal was gone" not in t.run("version").errors(), "told once"


def test_a_module_that_is_installing_already_is_watched(t):
    sim = t.sim(scenario="on AT nth 1\n\tline +QIND: \"FOTA\",\"UPDATING\",4\n\twait 1500\n"
                "\tset version %s\n\tline +QIND: \"FOTA\",\"END\",0\n\treboot" % TO)
    probe = t.run("probe", "--json", "--verbose", "-p", sim.path)
    result = probe.expect("ready", 0)
    assert result["now"] == TO
    assert "not started here" in probe.notices()
