"""Bad input: a clear line that names the thing, the exit status, nothing sent."""

import os

from harness import (FROM, IMEI, PASSWORD, TO, Run, assert_clean)

TWO_HUNDRED = "abcdefghij" * 20


def refused(t, outcome, status, words, *args, **how):
    """Refused with WORDS, in JSON and in plain lines alike."""
    run = t.start("run", "--json", *args, **how)
    result = run.expect(outcome, status)
    plain = t.run("run", *args, **how)
    assert plain.status == status, plain.report()
    assert_clean(run.out + plain.out + plain.err, "output")
    said = result["message"] + "\n" + result["advice"]
    for word in words:
        assert word in said, "%r is not in %r" % (word, said)
        assert word in plain.text() + plain.errors(), "%r is not in\n%s" % (word, plain.report())
    return run


def untouched(sim):
    assert sim.stop() == FROM


def test_port_that_does_not_exist(t):
    refused(t, "port", 20, ["/dev/ttyNOPE7"], "-y", "-p", "/dev/ttyNOPE7", "-f", t.package())


def test_port_that_is_no_tty(t):
    path = t.write("plain", "x")
    refused(t, "port", 20, [path, "not a serial port"], "-y", "-p", path, "-f", t.package())


def test_busy_port_names_its_holder(t):
    package = t.package()
    run, sim = t.push("at updating 40\n\thold")
    run.wait_event(type="step", step="install", state="begin")
    refused(t, "busy", 21, [str(run.pid), "dfota"], "-y", "-p", sim.path, "-f", package)
    sim.go_on()
    run.expect("success", 0)


def test_package_that_cannot_be_used(t):
    sim = t.sim()
    fifo = t.path("fifo")
    os.mkfifo(fifo)
    huge = t.write("huge.bin", b"")
    os.truncate(huge, 4 << 30)
    for path, word in ((t.path("nothing.bin"), "there is no package"), (t.write("empty.bin", b""), "empty"),
                       (t.write("one.bin", b"\x5a"), "too small"), (t.write("few.bin", bytes(range(15))), "too small"),
                       (t.dir, "directory"), (fifo, "FIFO"), ("/dev/zero", "device"),
                       (huge, "4,294,967,296 bytes")):
        refused(t, "package", 22, [os.path.basename(path), word], "-y", "-p", sim.path, "-f", path,
                "--target", TO)
    untouched(sim)


def test_package_that_may_not_be_read(t):
    sim = t.sim()
    os.chmod(os.path.realpath(sim.path), 0o666)
    path = t.package()
    os.chmod(path, 0)
    refused(t, "package", 22, [path, "ermission"], "-y", "-p", sim.path, "-f", path, **t.plain_user())
    untouched(sim)


def test_manifest_that_contradicts_the_package(t):
    sim = t.sim()
    path = t.package(3000)
    manifest = path + ".manifest"
    with open(manifest) as file:
        good = file.read()
    digest = good.split("sha256 = ")[1].strip()
    for text, words in (
            (good.replace("3000", "3001"), ["3,000", "3,001"]),
            (good.replace(digest, "0" * 64), [digest, "0" * 64]),
            (good.replace("size", "sise"), ["line 4", "sise"]),
            (good + "model = UG95\n", ["line 6", "model"]),
            (good.replace("sha256 = " + digest, ""), ["sha256", "missing"]),
            (good.replace(digest, "abc"), ["line 5", "abc"]),
            (good.replace("UG96\n", "UG\x1b[2J96\n"), ["line 1", "0x1b"])):
        t.write(manifest, text)
        refused(t, "package", 22, [manifest, *words] if "line" in words[0] else words,
                "-y", "-p", sim.path, "-f", path)
    untouched(sim)


def test_manifest_with_an_upper_case_digest_is_taken(t):
    path = t.package(3000)
    with open(path + ".manifest") as file:
        model, frm, to, size, sha = file.read().splitlines()
    t.write(path + ".manifest", "\r\n".join((model, frm, to, size, "sha256 = " + sha[9:].upper())))
    sim = t.sim(package=path)
    t.start_push(sim, path).expect("success", 0)
    assert sim.stop() == TO


def test_manifest_that_contradicts_the_module(t):
    sim = t.sim()
    path = t.package(model="UG95")
    refused(t, "package", 22, ["UG95", "UG96"], "-y", "-p", sim.path, "-f", path)
    path = t.package(frm="UG96LNAR02A01E1G")
    refused(t, "package", 22, ["UG96LNAR02A01E1G", FROM], "-y", "-p", sim.path, "-f", path)
    path = t.package()
    refused(t, "package", 22, [TO, "UG96LNAR02A09E1G"], "-y", "-p", sim.path, "-f", path,
            "--target", "UG96LNAR02A09E1G")
    untouched(sim)


def test_package_without_manifest_or_target(t):
    sim = t.sim()
    path = t.package(manifest=False)
    refused(t, "usage", 64, ["--target", "manifest"], "-y", "-p", sim.path, "-f", path)
    refused(t, "usage", 64, ["--target"], "-y", "-p", sim.path, "-u", "http://192.0.2.7/d.bin")
    untouched(sim)


def test_url_no_module_may_be_given(t):
    sim = t.sim()
    for url, words in (
            ('http://h/a"b', ["0x22", "position 11"]),
            ("http://h/a\r\nAT+QFDEL=\"*\"", ["0x0d", "position 11"]),
            ("http://h/a\x1b[2J", ["0x1b", "position 11"]),
            ("http://h/a\x1a", ["0x1a", "position 11"]),
            ("http://h/a;b", ["0x3b", "position 11"]),
            ("http://h/a b", ["0x20", "position 11", "%20"]),
            ("http://h/a%0d%0a", ["%0d", "position 11"]),
            ("http://h/a\\b", ["0x5c"]),
            ("http://m\u00fcller.example/d", ["0xc3", "position 9"]),
            ("http://[2001:db8::1]/d", ["IPv6", "position 8"]),
            ("https://h/d", ["https"]),
            ("gopher://h/d", ["gopher"]),
            ("file:///etc/passwd", ["file"]),
            ("h/d", ["scheme"]),
            ("http://h", ["file"]),
            ("http://h:0/d", ["port 0"]),
            ("http://h:65536/d", ["65536"]),
            ("http://h/" + TWO_HUNDRED + "x" * 47, ["256 bytes", "255"]),
            ("ftp://" + "h" * 51 + "/d", ["51 bytes", "50"])):
        refused(t, "usage", 64, words, "-y", "-p", sim.path, "-u", url, "--target", TO)
    untouched(sim)


def test_password_in_a_url_is_refused_and_not_shown(t):
    sim = t.sim()
    run = refused(t, "usage", 64, ["--credentials"], "-y", "-p", sim.path, "-u",
                  "ftp://field:%s@192.0.2.7/d.bin" % PASSWORD, "--target", TO)
    assert PASSWORD.encode() not in run.out + run.err
    with_user = t.start("run", "--json", "-y", "-p", sim.path, "-u", "ftp://field@192.0.2.7/d.bin",
                        "--target", TO)
    with_user.expect("usage", 64, message="--credentials")
    untouched(sim)


def test_options_that_contradict_each_other(t):
    for args, words in (
            (("-p", "/dev/ttyX", "-f", "a", "-u", "http://h/b"), ["--file", "--url"]),
            (("--demo", "-p", "/dev/ttyX"), ["--demo", "--port"]),
            (("-p", "/dev/ttyX"), ["--file", "--url"]),
            (("-f", "a"), ["--port"]),
            (("-p", "/dev/ttyX", "-f", "a", "-v", "-q"), ["--verbose", "--quiet"]),
            (("-p", "/dev/ttyX", "-f", "a", "-b", "fast"), ["--baud", "fast"]),
            (("-p", "/dev/ttyX", "-f", "a", "-b", "0"), ["--baud"]),
            (("-p", "/dev/ttyX", "-f", "a", "--watch-timeout", "-1"), ["--watch-timeout"]),
            (("-p", "/dev/ttyX", "-f", "a", "--nonsense"), ["--nonsense"]),
            (("-p", "/dev/ttyX", "-f", "a", "again"), ["again"]),
            (("-p",), ["-p"])):
        plain = t.run("run", *args)
        assert plain.status == 64, plain.report()
        assert plain.out == b"", plain.report()
        for word in words:
            assert word in plain.errors(), "%r is not in\n%s" % (word, plain.report())
        with_json = t.start("run", "--json", *args)
        with_json.expect("usage", 64)


def test_unknown_commands_and_words(t):
    for args, word in ((("upgrade",), "upgrade"), (("explain", "nonsense"), "nonsense"),
                       (("explain", "nope", "3"), "nope"), (("manifest",), "manifest"),
                       (("help", "nope"), "nope"), (("ports", "x"), "x")):
        run = t.run(*args)
        assert run.status == 64 and word in run.errors() and run.out == b"", run.report()


def test_no_yes_and_no_terminal_refuses_before_the_gate(t):
    """faults.md G05"""
    package = t.package()
    sim = t.sim(package=package)
    refused(t, "usage", 64, ["-y"], "-p", sim.path, "-f", package)
    untouched(sim)


def test_credentials_that_others_can_read(t):
    """faults.md G04"""
    sim = t.sim()
    args = ("-y", "-p", sim.path, "-u", "ftp://192.0.2.7/d.bin", "--target", TO, "--credentials")
    path = t.credentials(mode=0o644)
    run = refused(t, "usage", 64, [path, "600"], *args, path)
    assert PASSWORD.encode() not in run.out + run.err
    os.chmod(path, 0o600)
    link = t.path("link")
    os.symlink(path, link)
    refused(t, "usage", 64, [link, "link"], *args, link)
    refused(t, "usage", 64, ["nothing"], *args, t.path("nothing"))
    broken = t.write("broken", "user = x\npasword = %s\n" % PASSWORD, 0o600)
    run = refused(t, "usage", 64, [broken, "line 2"], *args, broken)
    assert PASSWORD.encode() not in run.out + run.err
    untouched(sim)


def test_closed_standard_output_changes_no_exit_status(t):
    package = t.package()
    for args, status in ((("-f", package), 0), (("-f", t.path("nothing")), 22)):
        sim = t.sim(package=package)
        run = t.run("run", "--json", "-y", "-p", sim.path, *args,
                    wrap=("/bin/sh", "-c", 'exec "$@" >&-', "sh"))
        assert run.status == status, run.report()
        assert sim.stop() == (TO if status == 0 else FROM)


def test_only_the_module_with_this_imei(t):
    sim = t.sim()
    run = t.start_push(sim, t.package(), "--imei", "356938035643809")
    run.expect("module", 24, message=[IMEI, "356938035643809"])
    untouched(sim)


def test_record_that_may_not_be_written(t):
    """faults.md F05: a link, a directory that is missing"""
    package = t.package()
    sim = t.sim(package=package)
    link = t.path("link.jsonl")
    os.symlink(t.path("elsewhere"), link)
    for path, named in ((link, link), (t.path("missing", "x.jsonl"), t.path("missing")),
                        ("/dev/full", "/dev/full")):
        run = t.start_push(sim, package, "--record", path)
        run.expect("usage", 64, message=named)
    assert not os.path.exists(t.path("elsewhere"))
    untouched(sim)


def test_explain(t):
    for args, words in ((("http", "714"), ["714", "DNS"]),
                        (("714",), ["http", "DNS"]),
                        (("cme", "30"), ["network"]),
                        (("FTP", "601"), ["ftp 601"]),
                        (("Http 703",), ["http 703"]),
                        (("END", "504"), ["end 504"]),
                        (('+QIND: "FOTA","HTTPEND",714',), ["http 714", "DNS"]),
                        (("+QIND:", "FOTA,FTPEND,627"), ["ftp 627"]),
                        (('[14:02:31] < +QIND: "FOTA","END",506\r\n',), ["end 506"]),
                        (("+CME ERROR: 30",), ["cme 30", "network"]),
                        (("+CME", "ERROR:", "14"), ["cme 14", "SIM"]),
                        (("+CME ERROR: SIM PIN required",), ["cme 11"]),
                        (("http", "627"), ["not in this table", "FTP"])):
        run = t.run("explain", *args)
        assert run.status == 0 and run.err == b"", run.report()
        for word in words:
            assert word in run.text(), run.text()


def test_explain_of_what_no_table_has(t):
    for args, word in ((("end", "99"), "99"), (("http", "999"), "999"), (("59999",), "59999"),
                       (("+CMS ERROR: 500",), "CMS"), (('+QIND: "FOTA","UPDATING",34',), "UPDATING"),
                       (("714", "601"), "714 601"), (("99999999999999999999",), "99999999999999999999"),
                       (("+CME ERROR: lunch break",), "lunch break"), (("",), "")):
        run = t.run("explain", *args)
        assert run.status == 64 and word in run.errors(), run.report()


def test_run_understands_a_bare_port_and_package(t):
    package = t.package()
    sim = t.sim(package=package)
    t.start("run", "--json", "-y", sim.path, package).expect("success", 0)
    assert sim.stop() == TO
    run = t.run("run", package)
    assert run.status == 64 and "--port" in run.errors(), run.report()


def test_a_wrong_setting_stops_only_what_needs_it(t):
    config = t.path("config")
    os.makedirs(os.path.join(config, "dfota"))
    t.env["XDG_CONFIG_HOME"] = config
    for line in ("baudd = 9600", "baud = fast", "watch-timeout", "imei = " + "1" * 99):
        t.write(os.path.join(config, "dfota", "config"), line + "\n")
        for args in (("help",), ("version",), ("--help",), ("help", "run"), ("explain", "714"), ("status",)):
            run = t.run(*args)
            assert run.status == 0 and run.out, run.report()
        doctor = t.run("doctor")
        assert "line 1" in doctor.text() and doctor.status == 64, doctor.report()
        probe = t.run("probe", "--demo", "--fast", "--unpaced")
        assert probe.status == (0 if "watch" in line and "=" in line else 64), probe.report()
        assert "line 1" in probe.errors(), probe.report()


def test_help_and_version(t):
    run = t.run("help")
    assert run.status == 0 and "dfota run" in run.text(), run.report()
    for command in ("run", "probe", "ports", "explain", "manifest", "sim"):
        by_word = t.run("help", command)
        by_option = t.run(command, "--help")
        assert by_word.status == by_option.status == 0, by_word.report()
        assert by_word.out == by_option.out != b"", command
    assert t.run("--version").text().startswith("dfota "), "no version"


def test_ports_as_json(t):
    run = t.run("ports", "--json", kind=Run)
    assert run.status == 0, run.report()
    for event in run.events():
        assert event["type"] == "port", event
