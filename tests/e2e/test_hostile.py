"""Arguments, file names and environment that mean harm to the terminal they are
shown on: no byte of them gets there as it is (faults.md G13, G14, G16, G18)."""

import os
import re

from harness import FROM, PASSWORD, TO, USER, assert_clean

# What a terminal would act on, or a reader take for a line of ours.
HOSTILE = ("x\x1b[31mRED", "a\x1b]52;c;aGk=\x07b", "\x9b2J", "line\r\ndfota: success: all is well", "\u202egnp.bin",
           "zero\u200bwidth", "\x7f\x08\x08", "%n%s%s%x", "\xff\xfe".encode("latin-1").decode("utf-8", "surrogateescape"))
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def assert_harmless(run, args):
    for name, data in (("stdout", run.out), ("stderr", run.err)):
        assert_clean(data, "%s of %r" % (name, args))
        text = data.decode("utf-8")		# raises on what is none
        assert not INVISIBLE.search(text), (name, args, text)
        assert not any(line.startswith("dfota: success") for line in text.splitlines()), (args, text)


def test_G13_hostile_arguments_reach_no_sink(t):
    package = t.package()
    for word in HOSTILE:
        calls = [(word,), ("help", word), ("explain", word), ("explain", word, "7"), ("ports", word), ("report", word),
                 ("resume", word), ("resume", "--json", word), ("manifest", word), ("replay", word),
                 ("manifest", package, "--model", word, "--from", word, "--to", word),
                 ("probe", "-p", word), ("probe", "-p", word, "--json"), ("probe", "--" + word),
                 ("run", "-y", "-p", "/dev/null", "-f", word), ("run", "-y", "-p", word, "-f", package, "--json"),
                 ("run", "-y", "--demo", "--fast", "--unpaced", "-f", word, "--target", word),
                 ("run", "-y", "--demo", "--fast", "--unpaced", "-u", "http://" + word + "/x", "--target", TO),
                 ("run", "-y", "--demo", "--fast", "--unpaced", "-u", "ftp://" + word + "@127.0.0.1/x", "--target", TO),
                 ("run", "-y", "-p", "/dev/null", "-f", package, "--imei", word),
                 ("run", "-y", "-p", "/dev/null", "-f", package, "--profile", word, "--credentials", word),
                 ("run", "-y", "-p", "/dev/null", "-f", package, "-b", word), ("probe", "-p", "tcp:" + word),
                 ("request", "--demo", "--to", word), ("sim", "--model", word, "--scenario", word),
                 ("sim", "--listen", word)]
        for args in calls:
            assert_harmless(t.run(*args), args)


def named_commands(t):
    """As the help lists them."""
    return re.findall(r"^  dfota ([a-z]+)", t.run("help").text(), re.M)


def test_G13_no_option_of_any_command_brings_a_sequence_through(t):
    word = "o\x1b[31m\u202e\x07\x9b2J\r\ndfota: success\u200b"
    seen = set()
    for command in named_commands(t):
        options = re.findall(r"^  (?:-\w, |    )--([a-z-]+) [A-Z\[]", t.run("help", command).text(), re.M)
        calls = [[command, word], [command, "--" + word], [command, "--json", word], [command, "-" + word]]
        calls += [[command, "--json", "--%s" % option, word] for option in options if option not in seen]
        for args in calls:
            assert_harmless(t.run(*args), args)
        seen.update(options)
    assert {"port", "file", "url", "record", "listen", "scenario", "imei"} <= seen, seen


def test_G13_a_hostile_file_name_is_shown_safe_in_an_upgrade(t):
    for word in (name for name in HOSTILE if "/" not in name):
        directory = t.path("d" + word)
        os.mkdir(directory)
        package = t.package(name=os.path.join("d" + word, word + ".bin"))
        sim = t.sim(package=package)
        for args in (("-f", package, "-v"), ("-f", package, "--json", "--if-needed", "-v")):
            run = t.run("run", "-y", "-p", sim.path, *args, "--record", os.path.join(directory, "r%d.jsonl" % len(args)))
            assert_harmless(run, args)
            assert run.status == 0, run.report()
        assert_harmless(t.run("report", os.path.join(directory, "r3.jsonl")), word)
        sim.stop()


def test_G13_the_question_shows_no_sequence_of_an_argument(t):
    word = "p\x1b[2J\x1b]0;title\x07\u202e"
    os.mkdir(t.path(word))
    package = t.package(name=os.path.join(word, "x.bin"))
    sim = t.sim(package=package)
    link = t.path(word, "tty\x1b[8m")
    os.symlink(os.path.realpath(sim.path), link)
    terminal = t.terminal([t.dfota, "run", "-p", link, "-f", package])
    terminal.process.wait_for(lambda: b"Type yes: " in terminal.process.err, "question")
    terminal.type("no\n")
    terminal.wait()
    shown = terminal.out.replace(b"\x1b[K", b"").replace(b"\r", b"")
    assert_clean(shown, "the terminal")
    assert_clean(terminal.process.err, "stderr")
    assert b"\\x1b[2J" in terminal.process.err and b"\\u{202e}" in terminal.process.err, terminal.process.errors()
    assert sim.stop() == FROM


def test_G13_a_link_of_a_simulated_module_is_printed_safe(t):
    sim = t.start("sim", "--link", t.path("l\x1b[31m\u202e"), "--fast")
    sim.wait_for(lambda: b"ready " in sim.out and b"\n" in sim.out, "ready line")
    sim.signal(15)
    sim.wait()
    assert_harmless(sim, "sim")


def test_G13_a_hostile_environment_reaches_no_sink(t):
    for word in ("x\x1b[31m\u202e\x07a\nb",):
        os.makedirs(t.path(word), exist_ok=True)
        for env in ({"TERM": word}, {"HOME": t.path(word), "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}, {"TMPDIR": word},
                    {"XDG_STATE_HOME": "/dev/null/" + word}, {"XDG_CONFIG_HOME": t.path(word)}, {"LC_ALL": word}, {"NO_COLOR": word}):
            if "XDG_CONFIG_HOME" in env and env["XDG_CONFIG_HOME"]:
                os.makedirs(t.path(word, "dfota"), exist_ok=True)
                t.write(os.path.join(word, "dfota", "config"), "%s = 1\n" % word.replace("\n", ""))
            for args in (("probe", "--demo", "--fast", "--unpaced"), ("run", "-y", "-p", t.path(word), "-f", "x"), ("status",)):
                assert_harmless(t.run(*args, env=env), (args, env))
            terminal = t.terminal([t.dfota], env=dict(env, TERM="x\x1b[31m"), controlling=False)
            terminal.wait()
            assert_clean(terminal.process.err + terminal.out.replace(b"\r", b""), "the screen without a terminal type")


def test_G14_names_that_look_like_our_words_are_names(t):
    for name in ("--json", "-f", "ModemManager", "no answer", "success", "{port}", "%s", "END,0"):
        run = t.run("run", "--json", "-y", "-p", t.path("tty"), "-f=" + name if name.startswith("-") else name)
        assert run.status in (20, 22, 64), (name, run.report())
        assert "ModemManager" not in run.result()["advice"], run.report()
        run = t.run("run", "--json", "-y", "-p", t.sim().path, "-f", t.path("no", name))
        assert run.status == 22 and run.result()["id"] != "port-held", (name, run.report())


def test_G15_no_option_is_dropped_in_silence(t):
    for args in (("run", "-p", "a", "-p", "b", "-f", "c"), ("run", "--demo", "-f", "a", "--file=b"), ("probe", "--demo", "--imei", "1", "--imei", "2"),
                 ("run", "--demo", "-y", "--yes"), ("report", "x", "y"), ("sim", "--from", "a", "--from", "a")):
        run = t.run(*args)
        assert run.status == 64, (args, run.report())
    t.run("probe", "--json", "--demo", "--demo").expect("usage", 64, message="--demo is given twice")


def test_G16_a_bad_setting_stops_only_what_needs_it(t):
    os.makedirs(t.path("config", "dfota"))
    for text in ("speed = 1\n", "baud = fast\n", "nonsense\n", "watch-timeout = 0\n", "baud = 1\nbaud = 2\n"):
        t.write("config/dfota/config", "\n" + text)
        for args in (("help",), ("help", "run"), ("version",), ("explain", "714"), ("status",), ("ports",), ("--version",)):
            run = t.run(*args)
            assert run.status == 0 and run.out, (text, args, run.report())
        run = t.run("run", "--json", "-y", "--demo")
        run.expect("usage", 64, message="config, line ")
    os.chmod(t.path("config", "dfota", "config"), 0)
    user = t.plain_user()
    if user:
        os.makedirs(os.path.join(user["env"]["HOME"], "dfota"))
        os.rename(t.path("config", "dfota", "config"), os.path.join(user["env"]["HOME"], "dfota", "config"))
    assert t.run("explain", "714", **user).status == 0
    assert t.run("run", "-y", "--demo", **user).status == 64


def test_G18_a_login_from_another_program_is_used_and_not_shown(t):
    good = "user = %s\npassword = %s\n" % (USER, PASSWORD)
    package = t.package()
    os.chmod(t.dir, 0o755)
    root = t.web()
    os.rename(package, os.path.join(root, "x.bin"))
    os.rename(package + ".manifest", t.path("x.manifest"))
    from harness import Vsftpd
    server = t.serve(Vsftpd, root)
    for script, status in (('printf "%s" "$LOGIN"', 0), ("true", 64), ("printf 'user = x'", 64), ("cat /dev/zero", 64), ("yes", 64)):
        sim = t.sim(package=os.path.join(root, "x.bin"))
        run = t.run("run", "--json", "-v", "-y", "-p", sim.path, "-u", server.url + "x.bin", "--relay", "--manifest",
                    t.path("x.manifest"), "--credentials", "-", env={"LOGIN": good},
                    wrap=("/bin/sh", "-c", '{ %s; } 2>/dev/null | "$@"' % script, "sh"))
        assert run.status == status, (script, run.report())
        assert PASSWORD not in run.text() + run.errors()
        assert sim.stop() == (TO if status == 0 else FROM)
    terminal = t.terminal([t.dfota, "run", "-y", "-p", "/dev/null", "-u", server.url + "x.bin", "--credentials", "-"])
    assert terminal.wait().status == 64
    assert "would show the password" in terminal.process.errors()
