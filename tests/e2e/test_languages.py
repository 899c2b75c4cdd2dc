"""People read their own language; records, JSON and reports are the same in any."""

import json
import os

from harness import FROM, IMEI, TO, Skip, Terminal, assert_clean, records

SUCCESS = "success", 0
PLACES = ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")


def chinese(t):
    """The environment of who reads Chinese: C.UTF-8 under that name, so that no such
    locale must be installed, and the translation of the build."""
    translations = os.path.join(os.path.dirname(os.path.abspath(t.dfota)), "po")
    if not os.path.isdir(os.path.join(translations, "zh_CN")):
        raise Skip("built without translations")
    place = next((p for p in PLACES if os.path.isdir(p)), None)
    if not place:
        raise Skip("no locale C.UTF-8 on this system")
    folder = t.path("locale")
    if not os.path.isdir(folder):
        os.mkdir(folder)
        os.symlink(place, os.path.join(folder, "zh_CN.utf8"))
    # newlocale() of glibc loses the list that it makes of LOCPATH
    leaks = "suppressions=%s:print_suppressions=0" % t.write("leaks", "leak:__argz_add_sep\n")
    return {"LOCPATH": folder, "TEXTDOMAINDIR": translations, "LC_ALL": "zh_CN.UTF-8",
            "LSAN_OPTIONS": ":".join(filter(None, (t.env.get("LSAN_OPTIONS"), leaks)))}


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def words(lines):
    """What is said of each id and its arguments, by the field that says it."""
    found = {}
    for line in lines:
        event = json.loads(line)
        for key in ("text", "message", "cause", "advice", "safety"):
            if isinstance(event.get(key), str) and event["type"] not in ("line", "data"):
                what = event["type"], event.get("id"), json.dumps(event.get("args"), sort_keys=True), key
                found.setdefault(what, set()).add(event[key])
    return found


def upgraded(t, env):
    """What JSON and record of an upgrade say, one with a failure before it."""
    run, sim = t.push("on AT+QFOTADL=*COM*\n\tline +CME ERROR: 4", env=env)
    run.wait()
    sim.stop()
    assert run.result()["outcome"] != "success", run.report()
    run, sim = t.push(None, env=env)
    run.expect(*SUCCESS)
    assert sim.stop() == TO
    said = run.out
    for data in records(t).values():
        said += data
    assert all(byte < 0x80 for byte in said), "not in English: %r" % said.decode()
    return words(line for line in said.decode().split("\n") if line.startswith("{"))


def test_records_and_json_are_in_english(t):
    there = upgraded(t, chinese(t))
    here = upgraded(t, {})
    both = there.keys() & here.keys()
    assert len(both) > 10, both
    for key in both:
        assert here[key] == there[key], (key, here[key], there[key])


def test_lines_are_in_the_language(t):
    env = chinese(t)
    package = t.package()
    sim = t.sim(package=package)
    run = t.run("run", "-y", "-p", sim.path, "-f", package, env=env)
    assert run.status == 0, run.report()
    assert sim.stop() == TO
    assert_clean(run.out + run.err, "output")
    for text in ("传输", "重启", TO, IMEI, "可以安全断电"):
        assert text in run.text(), "%s is not in\n%s" % (text, run.report())
    record = next(iter(records(t)))
    report = t.run("report", record, env=env)
    assert not is_chinese(report.text()), "a report is in English: " + report.report()


def test_an_error_and_its_cure(t):
    env = chinese(t)
    for more, translated in (({}, True), ({"LC_ALL": "C.UTF-8"}, False), ({"LANGUAGE": "en"}, False),
                             ({"LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8", "LC_CTYPE": "C"}, False)):
        run = t.run("runn", env=dict(env, **more))
        assert run.status == 64, run.report()
        assert is_chinese(run.errors()) == translated, run.report()
        assert "`dfota run`" in run.errors(), run.report()
    run = t.run("probe", "--json", "-p", "/dev/nope", env=env)
    assert not is_chinese(run.text() + run.errors()), run.report()


def test_the_help_fits_a_console(t):
    env = chinese(t)
    commands = [""] + [line.split()[1] for line in t.run("help", env=env).text().split("\n")
                       if line.startswith("  dfota ") and len(line.split()) > 2]
    assert len(commands) > 10, commands
    for command in commands:
        run = t.run("help", *([command] if command else []), env=env)
        if command and run.status:
            continue		# "dfota" itself: the screen
        lines = run.text().split("\n")
        assert is_chinese(run.text()), run.report()
        assert command or len(lines) <= 24, "%d lines" % len(lines)
        for line in lines:
            assert sum(1 + (letter >= "\u1100") for letter in line) <= 79, line


def asked(t):
    """A terminal at the question, and its module."""
    package = t.package()
    sim = t.sim(package=package)
    terminal = Terminal([t.dfota, "run", "-p", sim.path, "-f", package], dict(t.env, **chinese(t)))
    t.others.append(terminal.close)
    terminal.process.wait_for(lambda: "请输入 yes" in terminal.process.errors(), "the question")
    return terminal, sim


def test_the_word_to_type_stays(t):
    terminal, sim = asked(t)
    terminal.type("yes\n")
    assert terminal.wait().status == 0, terminal.text()
    assert sim.stop() == TO


def test_no_is_an_answer_in_any_language(t):
    terminal, sim = asked(t)
    terminal.type("是\n")
    assert terminal.wait().status == 130, terminal.text()
    assert sim.stop() == FROM


def test_ascii_is_english(t):
    env = dict(t.env, **chinese(t))
    terminal = Terminal([t.dfota, "--ascii"], env)
    t.others.append(terminal.close)
    terminal.wait_for("no module chosen")
    terminal.close()
