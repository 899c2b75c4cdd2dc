"""Several modules in one program: a worker each, and what happens to one of
them touches no other."""

import os
import re
import signal

from harness import FROM, Nginx, Skip, TO, Vsftpd, clip, find_program, records
from test_screen import Screen

FAILS = "set end-code 504\nset end-percent 40\nset final-version " + FROM
OTHER = "UG96LNAR02A09E1G"


def imei(number):
    """A valid one: the last digit is Luhn's."""
    digits = "4901542032%04d" % number
    total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 else int(d) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def modules(t, scenarios, package=None, **more):
    """A simulated module for each of SCENARIOS; None: nothing goes wrong."""
    return [t.sim("--imei", imei(i), *more.get("args", {}).get(i, ()), scenario=scenario, package=package)
            for i, scenario in enumerate(scenarios)]


def ports(sims):
    return [word for sim in sims for word in ("-p", sim.path)]


def outcomes(run):
    """By port. Holds what is true of each run of several: a start, a result, times
    that go on, the port in each line, the IMEI once it is known; the summary."""
    events = run.events()
    assert events[-1]["type"] == "summary", run.report()
    found = {}
    for port in dict.fromkeys(e["port"] for e in events[:-1]):
        own = [e for e in events if e.get("port") == port]
        kinds = [e["type"] for e in own]
        assert kinds[0] == "start" and kinds[-1] == "result", (port, kinds)
        assert kinds.count("start") == kinds.count("result") == 1, (port, kinds)
        times = [e["t"] for e in own]
        assert times == sorted(times), (port, times)
        known = kinds.index("identity") if "identity" in kinds else len(own)
        assert len({e.get("imei") for e in own[known:]}) <= 1, (port, own)
        found[port] = own[-1]
    summary = events[-1]
    assert summary["modules"] == len(found) and summary["exit"] == run.status, (summary, run.status)
    assert summary["outcomes"] == {o: [r["outcome"] for r in found.values()].count(o)
                                   for o in {r["outcome"] for r in found.values()}}, summary
    assert summary["changed"] == sum(r["changed"] is True for r in found.values()), summary
    return found


def ended(run):
    return len(run.events("result"))


def many(t, count):
    """One fails, one runs the target already, one is pulled out; the rest are well."""
    package = t.package()
    sims = modules(t, [FAILS, None, "at updating 40\n\tvanish 86400000"] + [None] * (count - 3), package, args={1: ("--from", TO)})
    run = t.start("run", "--json", "-y", "--if-needed", "-f", package, *ports(sims))
    failing, there, pulled = (sim.path for sim in sims[:3])
    run.wait_for(lambda: ended(run) == count - 1, "all but one ended")
    run.wait_event(type="step", step="restart", state="begin", port=pulled)
    run.signal(signal.SIGTERM)
    run.wait()
    found = outcomes(run)
    assert run.status == 12, run.report()
    assert (found[failing]["outcome"], found[failing]["exit"]) == ("unchanged", 10), found[failing]
    assert (found[there]["outcome"], found[there]["changed"]) == ("success", False), found[there]
    assert (found[pulled]["outcome"], found[pulled]["exit"], found[pulled]["changed"]) == ("unknown", 12, None), found[pulled]
    for i, sim in enumerate(sims[3:], 3):
        assert (found[sim.path]["outcome"], found[sim.path]["changed"]) == ("success", True), found[sim.path]
        assert found[sim.path]["imei"] == imei(i) and sim.stop() == TO, found[sim.path]
    # a record each, and each of its own module
    kept = {result["record"]: records(t)[result["record"]].decode() for result in found.values()}
    assert len(kept) == count, kept.keys()
    for result in found.values():
        assert set(re.findall(r'"imei":"(\d+)"', kept[result["record"]])) == {result["imei"]}, result
    left = t.run("status", "--json").events()
    assert [e["imei"] for e in left] == [imei(2)], left


def test_three_modules_of_which_each_has_its_own_end(t):
    many(t, 3)


def test_sixteen_modules_of_which_three_are_not_well(t):
    many(t, 16)


def test_lines_for_people_name_the_port_and_end_in_a_summary(t):
    package = t.package()
    sims = modules(t, [FAILS, None], package)
    run = t.run("run", "-y", "-f", package, *ports(sims))
    assert run.status == 10, run.report()
    lines = run.text().splitlines()
    begin = lines.index("modules: 2")
    assert all(line.startswith(("[%s] " % sims[0].path, "[%s] " % sims[1].path)) for line in lines[:begin]), run.report()
    assert any(line.startswith("[%s] success: " % sims[1].path) for line in lines[:begin]), run.report()
    for sim, number, outcome in ((sims[0], 0, "unchanged"), (sims[1], 1, "success")):
        assert [line for line in lines[begin:] if line.startswith("  %s  %s  %s: " % (sim.path, imei(number), outcome))], run.report()
    named = [line.split()[1] for line in lines[begin:] if line.startswith("    record ")]	# of the one that failed
    assert len(named) == 1 and named[0] in records(t) and imei(0).encode() in records(t)[named[0]], named


def test_one_question_names_each_module(t):
    package = t.package()
    for answer, status, version in (("no", 130, FROM), ("yes", 0, TO)):
        sims = modules(t, [None, None, None], package)
        terminal = t.terminal([t.dfota, "run", "--jobs", "2", "-f", package, *ports(sims)])
        terminal.process.wait_for(lambda: b"Type yes: " in terminal.process.err, "question")
        text = terminal.process.errors()
        for i, sim in enumerate(sims):
            assert "IMEI %s, on %s" % (imei(i), sim.path) in text, text
        assert "on these 3 modules?" in text, text
        terminal.type(answer + "\n")
        assert terminal.wait().status == status, terminal.text()
        assert terminal.process.errors().count("Type yes: ") == 1, terminal.process.errors()
        assert [sim.stop() for sim in sims] == [version] * 3, terminal.text()
    run = t.run("run", "--json", "-f", package, *ports(modules(t, [None, None], package)))
    assert run.status == 64 and {r["id"] for r in outcomes(run).values()} == {"no-terminal-to-ask"}, run.report()


def test_a_package_is_opened_once_for_all(t):
    package = t.package()
    sims = modules(t, [None] * 3, package)
    log = t.path("strace")
    run = t.run("run", "--json", "-y", "-f", package, *ports(sims), env=t.no_leak_check(),
                wrap=(find_program("strace"), "-f", "-qq", "-o", log, "-e", "trace=openat"))
    assert run.status == 0, [r["message"] for r in outcomes(run).values()]
    with open(log) as file:
        opens = [line for line in file if '"%s"' % package in line and "= -1" not in line]
    assert len(opens) == 1, opens


def relayed(t, server, name, count, *more):
    sims = modules(t, [None] * count, t.path("files", "served.bin"))
    run = t.run("run", "--json", "-y", "--relay", "-u", server.url + name, "--target", TO, *more, *ports(sims))
    with open(server.access) as file:
        return sims, outcomes(run), [line for line in file if '"GET /%s ' % name in line]


def test_a_package_is_downloaded_once_for_all(t):
    os.rename(t.package(22000, name="served.bin", manifest=False), os.path.join(t.web(), "served.bin"))
    server = t.serve(Nginx, t.web())
    sims, found, asked = relayed(t, server, "served.bin", 4)
    assert [found[sim.path]["outcome"] for sim in sims] == ["success"] * 4, found
    assert [sim.stop() for sim in sims] == [TO] * 4
    assert sum(line.split()[9] == "22000" for line in asked) == 1, asked
    sims, found, asked = relayed(t, server, "none.bin", 3, "--jobs", "2")
    assert {(r["outcome"], r["exit"]) for r in found.values()} == {("network", 23)}, found


def test_no_other_begins_after_so_many_failures(t):
    package = t.package()
    good = modules(t, [None] * 3, package)
    order = [t.path("absent"), good[0].path, t.path("gone"), good[1].path, good[2].path]
    run = t.run("run", "--json", "-y", "--jobs", "1", "--stop-after", "2", "-f", package,
                *(word for port in order for word in ("-p", port)))
    found = outcomes(run)
    got = [found[port]["outcome"] for port in order]
    assert got == ["port", "success", "port", "cancelled", "cancelled"] and run.status == 20, got
    assert {found[port]["id"] for port in order[3:]} == {"not-begun-failures"}, found
    for sim in good[1:]:
        assert sim.stop() == FROM and sim.upgrades() == 0


def test_a_port_on_which_nobody_answers_holds_no_other_up(t):
    package = t.package()
    sims = modules(t, [None, None], package)
    master, slave = os.openpty()
    mute = os.ttyname(slave)
    run = t.start("run", "--json", "-y", "-f", package, "-p", mute, *ports(sims))
    for sim in sims:
        run.wait_event(type="result", port=sim.path, outcome="success")
    run.wait()
    os.close(slave)
    os.close(master)
    found = outcomes(run)
    assert run.status == found[mute]["exit"] == 24 and not found[mute]["changed"], found[mute]
    assert [sim.stop() for sim in sims] == [TO] * 2


def test_one_after_the_other_where_one_at_a_time_is_wanted(t):
    package = t.package()
    sims = modules(t, [None] * 2, package)
    run = t.run("run", "--json", "-y", "--jobs", "1", "-f", package, *ports(sims))
    order = [e["port"] for e in run.events() if e["type"] in ("start", "result")]
    assert order == [sim.path for sim in sims for _ in range(2)], order
    assert run.status == 0, [r["message"] for r in outcomes(run).values()]


def test_a_module_on_two_ports_is_upgraded_once(t):
    package = t.package()
    sims = [t.sim(package=package) for _ in range(2)]	# of one IMEI
    run = t.run("run", "--json", "-y", "-f", package, *ports(sims))
    found = outcomes(run)
    assert sorted(r["outcome"] for r in found.values()) == ["busy", "success"] and run.status == 21, found
    busy = [r for r in found.values() if r["outcome"] == "busy"][0]
    assert busy["id"] == "module-twice" and busy["args"]["port"] != busy["port"], busy


def test_a_cancel_means_to_each_what_its_step_allows(t):
    package, long = t.package(), t.package(2000000, name="long.bin")	# minutes of a transfer
    sims = [t.sim("--imei", imei(0), scenario="at updating 40\n\thold", package=package),
            t.sim("--imei", imei(1), package=long), t.sim("--imei", imei(2), package=package)]
    installing, sending, waiting = (sim.path for sim in sims)
    jobs = t.write("jobs", "%s\n%s,%s\n%s\n" % (installing, sending, long, waiting))
    run = t.start("run", "--json", "-y", "--jobs", "2", "-f", package, "--jobs-file", jobs)
    run.wait_event(type="progress", step="install", port=installing)
    run.wait_event(type="step", step="transfer", state="begin", port=sending)
    run.signal(signal.SIGTERM)
    run.wait_event(type="notice", id="cancel-refused", port=installing)
    run.wait_event(type="result", port=waiting)
    run.wait_event(type="result", port=sending)
    sims[0].go_on()
    run.wait()
    found = outcomes(run)
    assert found[installing]["outcome"] == "success" and sims[0].stop() == TO, found[installing]
    assert (found[sending]["outcome"], found[sending]["stop"]) == ("unchanged", "cancelled") and sims[1].stop() == FROM, found[sending]
    assert found[waiting]["id"] == "not-begun-cancelled" and sims[2].stop() == FROM and sims[2].upgrades() == 0, found
    assert run.status == 10, run.status


def test_a_crash_leaves_one_result_for_all_that_had_none(t):
    if t.instrumented():
        raise Skip("the sanitizer has the signals")
    package = t.package()
    sims = modules(t, [None, "at updating 40\n\thold", "at updating 40\n\thold"], package)
    run = t.start("run", "--json", "-y", "-f", package, *ports(sims))
    run.wait_event(type="result", port=sims[0].path)
    for sim in sims[1:]:
        run.wait_event(type="progress", step="install", port=sim.path)
    run.signal(signal.SIGSEGV)
    run.wait()
    results = run.events("result")
    assert run.status == 70 and [r.get("port") for r in results] == [sims[0].path, None], run.report()
    assert (results[1]["id"], results[1]["exit"], results[1]["changed"]) == ("internal-error", 70, None), results[1]
    assert run.events()[-1] == results[1], "no summary: nothing is known any more"
    assert {e["imei"] for e in t.run("status", "--json").events()} == {imei(1), imei(2)}
    for sim in sims[1:]:
        sim.go_on()


def test_a_lost_terminal_leaves_what_is_at_stake(t):
    package = t.package()
    sims = modules(t, ["at updating 40\n\thold", None], package)
    run = t.start("run", "--json", "-y", "--jobs", "1", "-f", package, *ports(sims))
    run.wait_event(type="progress", step="install", port=sims[0].path)
    run.signal(signal.SIGHUP)
    run.wait_event(type="result", port=sims[1].path)
    sims[0].go_on()
    run.wait()
    found = outcomes(run)
    assert [found[sim.path]["outcome"] for sim in sims] == ["success", "cancelled"], found
    assert "terminal was gone" in t.run("status").errors()


def test_a_job_file_gives_each_its_own(t):
    root = t.web()
    own, other = t.package(), t.package(21000, name="ug96-06-09.bin", to=OTHER, manifest=False)
    os.rename(t.package(22000, name="served.bin", manifest=False), os.path.join(root, "served.bin"))
    served = os.path.join(root, "served.bin")
    sims = [t.sim("--imei", imei(0), package=own), t.sim("--imei", imei(1), "--to", OTHER, package=other),
            t.sim("--imei", imei(2), package=served), t.sim("--imei", imei(3), package=served)]
    t.write("login", "user = ftp\npassword = s3cret-canary\n", 0o600)
    jobs = t.write("jobs", """# what the first and the others get
%s

 %s , %s, %s
%s,%sserved.bin,%s
%s, %sserved.bin, %s, %s
""" % (sims[0].path, sims[1].path, other, OTHER, sims[2].path, t.serve(Nginx, root).url, TO,
       sims[3].path, t.serve(Vsftpd, root).url, TO, t.path("login")))
    run = t.run("run", "--json", "-y", "--jobs-file", jobs, "-f", own)
    found = outcomes(run)
    assert [found[sim.path]["outcome"] for sim in sims] == ["success"] * 4 and run.status == 0, found
    assert [sim.stop() for sim in sims] == [TO, OTHER, TO, TO]
    for path, data in records(t).items():
        assert b"canary" not in data, path
    assert "canary" not in run.text()


def test_what_is_wrong_in_a_job_file_is_named_by_its_line(t):
    package = t.package()
    os.symlink(t.path("tty1"), t.path("alias"))
    t.sim(package=package)
    for lines, what in (("a,b,c,d,e", "job-form"), (",b", "job-form"), ("tty1", "job-no-package"),
                        ("tty1,ftp://jo@host/p.bin,V", "job-no-password"), ("tcp:jo:s3cret@host:1,p", "port-login"), ("tty1,p,%s" % ("V" * 99), "job-field-long"),
                        ("%s,p\n%s,p" % (t.path("tty1"), t.path("alias")), "port-twice"), ("# nothing\n\n", "jobs-empty"),
                        ("tty1,p,V,%s" % t.path("none"), None), ("x" * 3000, "job-form"),
                        ("\n".join("p%d,p" % i for i in range(65)), "modules-many")):
        jobs = t.write("jobs", "# a comment\n" + lines + "\n")
        result = t.start("run", "--json", "-y", "--jobs-file", jobs, cwd=t.dir).expect("usage", 64)
        assert what in (result["id"], None), result
        if what != "jobs-empty":
            assert result["doing"] and "line %d" % (lines.count("\n") + 2) in result["message"], result
    result = t.start("run", "--json", "-y", "--jobs-file", t.path("missing")).expect("usage", 64)
    assert result["id"] == "jobs-unreadable", result


def test_no_port_is_dropped_in_silence(t):
    package = t.package()
    port = t.sim(package=package).path
    for args, what in ((("-p", port, "-p", port), "port-twice"), (("-p", port, "-p", "all", "--imei", imei(1)), "option-for-one"),
                       (("-p", port, "-p", port + "2", "--record", "r"), "option-for-one"),
                       (("-p", port, "--jobs-file", "j", "--publish", "ftp://h/p"), "option-for-one"),
                       (("-p", "all", "--imei", imei(1)), "option-for-one"), (("-p", "all"), "port-not-named"),
                       (("-p", port, port), "word-unexpected"), (("-p", port, "--jobs", "0"), "option-number")):
        result = t.start("run", "--json", "-y", "-f", package, *args).expect("usage", 64)
        assert result["id"] == what, result


def test_several_are_probed_beside_each_other(t):
    sims = modules(t, [None, "set voltage-mv 3000", None])
    run = t.run("probe", "--json", *ports(sims), "-p", t.path("absent"))
    found = outcomes(run)
    got = [found[port]["exit"] for port in [sim.path for sim in sims] + [t.path("absent")]]
    assert got == [0, 24, 0, 20] and run.status == 20, (got, clip(run.report()))


def test_the_screen_shows_a_row_a_module(t):
    package = t.package()
    sims = modules(t, [FAILS, None, "at updating 40\n\thold"] + [None] * 13, package, args={1: ("--from", TO)})
    screen = Screen(t, 80, 24, *ports(sims), "-f", package, "--if-needed")
    screen.wait_for("16 modules: 0 run", "s start", "all may be unplugged")
    screen.press("s", "Upgrade all?", "15 of 16 modules.")
    for _ in range(100):
        if "Type yes" in screen.text():
            break
        screen.key("Space")
    assert "to upgrade 15 of 16 modules" in screen.text() and "Not this" in screen.text(), screen.text()
    screen.answer("yes")
    screen.wait_for("1 run, 14 good, 1 failed", "KEEP POWER ON: 1")	# the others have ended
    screen.key("Down")
    screen.key("Down")
    screen.bring("Enter", "4 Upgrade", "on " + sims[2].path)
    screen.bring("Escape", "unplug?")
    screen.bring("q", "that install", "Type detach")
    screen.press("Enter", "unplug?", "1 run")
    sims[2].go_on()
    screen.wait_for("0 run, 15 good, 1 failed", "all may be unplugged")
    screen.key("Home")
    screen.bring("Enter", "Not done", "504")
    screen.bring("x", "4 Upgrade")
    screen.bring("q", "unplug?")
    screen.key("q")
    screen.wait_for("left with 10")
    said = screen.call("capture-pane", "-p", "-J", "-S", "-")	# for the scroll-back
    assert said.count(": success: ") == 15 and said.count(": unchanged: ") == 1, said
    assert [sim.stop() for sim in sims] == [FROM] + [TO] * 15


def test_a_job_file_on_a_small_screen(t):
    package = t.package()
    sims = modules(t, [None, FAILS], package)
    screen = Screen(t, 60, 18, "--jobs-file", t.write("jobs", "%s,%s\n%s,%s\n" % (sims[0].path, package, sims[1].path, package)))
    screen.wait_for("0 run, 0 failed", "s start", "unplug?")
    screen.press("s", "Upgrade all?", "2 of 2 modules.")
    for _ in range(100):
        if "Type yes" in screen.text():
            break
        screen.key("Space")
    screen.answer("yes")
    screen.wait_for("0 run, 1 failed", "success  06E1G -> 08E1G")
    screen.key("q")
    screen.wait_for("left with 10")
    assert [sim.stop() for sim in sims] == [TO, FROM]
