"""What --json promises to a program that reads it: doc/dfota-json.schema.json."""

import copy
import datetime
import json
import signal

import json_lines
from harness import FROM, IMEI, TO


def test_it_begins_with_what_reads_it_must_know(t):
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    run, sim = t.push()
    result = run.expect("success", 0)
    start = run.events()[0]
    when = datetime.datetime.strptime(start["when"], "%Y-%m-%dT%H:%M:%S%z")
    assert start["type"] == "start" and start["schema"] == 1 and start["job"] == "upgrade", start
    assert start["program"] == t.run("version").text().strip() and start["port"] == sim.path, start
    assert before <= when <= datetime.datetime.now(datetime.timezone.utc), start
    assert result["changed"] is True and result["unfinished"] is None, result
    for args, job in ((("probe", "-p", sim.path), "probe"), (("resume",), "resume"), (("run", "--no-such"), "upgrade")):
        events = t.run(*args, "--json").events()
        assert [e["type"] for e in events].count("start") == 1, events
        assert events[0]["type"] == "start" and events[0]["job"] == job, events
        assert events[-1]["type"] == "result" and events[-1]["changed"] is False, events


def checks(t, scenario):
    run = t.run("probe", "--json", "-p", t.sim(scenario=scenario).path)
    found = run.events("checks")
    assert len(found) == 1, run.report()
    return {key: value for key, value in found[0].items() if key not in ("type", "t")}


def test_what_was_checked_comes_as_figures(t):
    assert checks(t, None) == {"supply_mv": 3814, "rssi": 26, "sim": "ready", "registration": 1}
    for command, answer, key, value in (
            ("AT+CBC", "+CBC: 0,0,0", "supply_mv", None), ("AT+CBC", "+CBC: 0,55,3700", "supply_mv", 3700),
            ("AT+CSQ", "+CSQ: 99,99", "rssi", None), ("AT+CSQ", "+CSQ: 0,3", "rssi", 0),
            ("AT+CPIN?", "+CPIN: SIM PUK", "sim", "sim puk"), ("AT+CPIN?", "+CME ERROR: 10", "sim", "sim not inserted"),
            ("AT+CGREG?", "+CGREG: 0,5", "registration", 5), ("AT+CGREG?", "ERROR", "registration", None)):
        final = "" if "ERROR" in answer else "\tline OK\n"
        got = checks(t, "on %s\n\tline %s\n%s" % (command, answer, final))
        assert got[key] == value, (command, answer, got)


def test_what_is_planned_and_changed_comes_as_fields(t):
    run, _ = t.push("set stateurc off")
    result = run.expect("success", 0)
    plan = run.events("plan")[0]
    assert plan["commands"][-1].startswith("AT+QFOTADL="), plan
    assert plan["settings"], plan
    assert [s["state"] for s in plan["settings"]] == ["planned"] * len(plan["settings"]), plan
    assert {s["command"] for s in plan["settings"]} == {s["command"] for s in result["settings"]}, result


def test_changed_says_whether_another_firmware_runs(t):
    run = t.start_push(t.sim("--from", TO), t.package(), "--if-needed")
    assert run.expect("success", 0)["changed"] is False
    for scenario, outcome, status, changed in (
            ("set end-code 504\nset end-percent 40\nset final-version " + FROM, "unchanged", 10, False),
            ("set final-version UG96LNAR02A07E1G", "device-failed", 11, True)):
        run, _ = t.push(scenario)
        assert run.expect(outcome, status)["changed"] is changed, run.report()
    run, sim = t.push("at updating 40\n\thold")
    run.wait_event(type="progress", step="install")
    run.signal(signal.SIGTERM)
    run.wait_event(type="notice", id="cancel-refused")
    run.signal(signal.SIGTERM)
    assert run.expect("unknown", 12)["changed"] is None, run.report()
    sim.go_on()


def test_the_record_that_stands_in_the_way_is_named(t):
    package = t.package()
    sim = t.sim(scenario="at updating 40\n\thold", package=package)
    run = t.start_push(sim, package)
    run.wait_event(type="progress", step="install")
    other = t.start("run", "--json", "-y", "-p", t.sim().path, "-f", package)
    result = other.expect("busy", 21)
    assert result["unfinished"] == run.events("record")[0]["path"], result
    assert result["changed"] is False, result
    run.kill()
    left = t.start("run", "--json", "-y", "-p", t.sim().path, "-f", package).expect("busy", 21)
    assert left["unfinished"] == result["unfinished"], left
    sim.go_on()


def test_the_schema_refuses_what_is_not_promised(t):
    checker = json_lines.Checker()
    run, _ = t.push()
    events = {e["type"]: e for e in run.wait() and run.events()}
    for kind, key, value in (("start", "schema", 2), ("start", "when", "today"), ("result", "exit", 1),
                             ("result", "changed", "yes"), ("checks", "supply_mv", "3.8 V"), ("step", "state", "over"),
                             ("identity", "imei", int(IMEI)), ("progress", "overall", 1.5), ("plan", "commands", "AT")):
        assert checker.fault(events[kind]) is None, checker.fault(events[kind])
        wrong = copy.deepcopy(events[kind])
        wrong[key] = value
        assert checker.fault(wrong), (kind, key, value)
        del wrong[key]
        assert checker.fault(wrong), (kind, key, "left out")
        assert checker.fault(dict(events[kind], more=1)), kind
    assert checker.fault({"type": "new"})
    assert json.dumps(events["result"])
