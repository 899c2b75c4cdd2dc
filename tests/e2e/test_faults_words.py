"""Rows of the fault catalogue that are of words and evidence: what is found after a session on
a real terminal, as the result and `dfota report` say it, and cures that are followed."""

import json
import re

from fault_proxy import FaultHttp
from harness import TO, records
from test_faults import SUCCESS, UNCHANGED
from test_network import Package

CAUSE = re.compile(r"### Cause \d+, \d+ % certain\n\n(.*?)\n\nNext step: .*?\n\nRule: `(\S+)`\n\n```text\n(.*?)```", re.S)
WARNS = "\tline UNDER_VOLTAGE WARNING\n"


def causes(t, record):
    """[(rule, words, lines)], the surest first."""
    found = [(rule, words, lines) for words, rule, lines in CAUSE.findall(t.run("report", record).text())]
    assert found, t.run("report", record).text()
    return found


def ended(t, scenario, *args):
    """(result, causes, module) of a push; what the page says and what the report says is the same."""
    run, sim = t.push(scenario, *args)
    result = run.wait().result()
    found = causes(t, result["record"])
    assert result["cause"] == found[0][1].strip("`"), (result["cause"], found)
    return result, found, sim


def test_I04_a_restart_in_any_step_is_cited_where_it_was(t):
    for scenario, status, rule, cited in (
            ("on AT+CGREG?\n\treboot\n", 24, "unplugged", "the port vanished"),
            ("at data 3000\n\treboot\n", 10, "link-lost", "the port has gone"),
            ("at data 9000\n" + WARNS + "\treboot\n", 10, "link-lost", "< UNDER_VOLTAGE WARNING"),
            ("set resume on\nset final-version unchanged\nat updating 30 nth 1\n" + WARNS + "\treboot\n", 10,
             "low-voltage-restart", "< UNDER_VOLTAGE WARNING")):
        result, found, sim = ended(t, scenario)
        assert (result["exit"], found[0][0]) == (status, rule) and cited in found[0][2], (scenario, result, found)
        sim.stop()


def test_I04_restarts_again_and_again_are_counted(t):
    """The record of a module that took its time: one restart shows as several lines within seconds."""
    run, sim = t.push("set resume on\nset final-version unchanged\nat updating 20 nth 1\n\treboot\n"
                      "at updating 60 nth 1\n\thold\n\treboot\n")
    run.wait_event(type="notice", id="port-back")
    sim.go_on()
    result = run.wait().result()
    sim.stop()
    lines = [json.loads(line) for line in records(t)[result["record"]].splitlines()]
    slow = t.write("slow.jsonl", "".join(json.dumps(dict(line, t=line["t"] * 30) if "t" in line else line) + "\n" for line in lines), 0o600)
    words = dict((rule, words) for rule, words, _ in causes(t, slow))["power-cut"]
    assert "2 times in all" in words and re.search(r"at 2\d %", words), words


def test_I08_the_cause_comes_before_what_was_overcome_beside_it(t):
    for scenario, code in (
            ("set rssi 3\nset end-code 505\n", 505),
            ("set resume on\nset end-code 507\nat updating 40 nth 1\n\treboot\n", 507),
            ("on AT+CPIN? nth 1\n\tline +CME ERROR: 14\non AT+CGREG? nth 1\n\tline +CGREG: 0,2\n\tline OK\nset end-code 510\n", 510),
            ("set baud 57600\nset voltage-mv 3480\nset end-code 506\n", 506)):
        result, found, sim = ended(t, scenario)
        assert (result["outcome"], result["exit"]) == UNCHANGED and result["code"]["number"] == code, result
        assert str(code) in found[0][1] and "\"END\",%d" % code in found[0][2], (scenario, found)
        sim.stop()


def follow(t, run, sim, option, *value):
    """The cure names OPTION, and with it the same command comes to its end."""
    result = run.wait().result()
    assert option in result["advice"], result["advice"]
    again = t.start(*run.argv[1:], option, *value)
    again.expect(*SUCCESS)
    return sim


def test_I11_an_option_that_a_cure_names_works(t):
    run, sim = t.push("set voltage-mv 3300\n")
    assert follow(t, run, sim, "--supply-min", "3200").stop() == TO
    run, sim = t.push("set version %s\n" % TO)
    assert follow(t, run, sim, "--if-needed").stop() == TO
    package = t.package(3000, name="bare.bin", manifest=False)
    sim = t.sim(package=package)
    run = t.start_push(sim, package)
    assert follow(t, run, sim, "--target", TO).stop() == TO


def test_I11_a_command_that_a_cure_names_works(t):
    """An upgrade was left unfinished: another is refused until the first has its result."""
    run, sim = t.push("at updating 40\n\thold\n")
    run.wait_event(type="step", step="install", state="begin")
    run.kill()
    refused = t.start(*run.argv[1:]).wait().result()
    assert refused["exit"] == 21 and "dfota resume" in refused["advice"], refused
    sim.go_on()
    t.start("resume", "--json", "--listen-timeout", "1").expect(*SUCCESS)
    run = t.start("run", "--json", "-y", "--if-needed", "-p", sim.path, "-f", run.argv[run.argv.index("-f") + 1])
    run.expect(*SUCCESS)
    assert sim.stop() == TO


def test_F15_a_file_that_is_only_called_a_page_is_none(t):
    """Small servers call every file one; its bytes say what it is."""
    for kind in ("text/html", "Text/HTML; charset=UTF-8", "application/xhtml+xml"):
        package = Package(t)

        def labelled(request):
            request.answer("200 OK", "Content-Type: " + kind, body=package.content)
        run = package.pull(FaultHttp(t, labelled).url + "delta.bin")
        package.assert_upgraded(run)
        assert ("sends the file as text" in run.notices()) == kind.lower().startswith("text"), run.notices()
