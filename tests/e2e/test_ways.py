"""The ways a package reaches a module, from `dfota run` to the new version."""

import json
import os
import re

from harness import (FROM, IMEI, PASSWORD, TO, HeadOnly, Nginx, Run, Vsftpd, assert_clean,
                     records)

STEPS = ["identify", "check", "prepare", "transfer", "install", "restart", "verify"]
PULL = ("--target", TO)


def assert_upgraded(run, sim, frm=FROM, to=TO):
    result = run.expect("success", 0)
    assert (result["from"], result["to"], result["now"]) == (frm, to, to), result
    assert result["code"] is None, result
    begun = [e["step"] for e in run.events("step") if e["state"] == "begin"]
    assert begun == STEPS, begun
    ended = [e["step"] for e in run.events("step") if e["state"] == "end"]
    assert ended == STEPS, ended
    assert sim.stop() == to
    return result


def test_demo(t):
    run = t.run("run", "--demo", "-y", "--json", "--unpaced", "--fast")
    result = run.expect("success", 0)
    assert result["now"] == TO
    identity = run.events("identity")[0]
    assert identity["model"] == "UG96" and identity["version"] == FROM
    assert os.path.isfile(result["record"])
    left = [name for name in os.listdir(t.dir) if "demo" in name]
    assert not left, "the demo leaves %s" % left


def test_demo_at_line_rate(t):
    """300 KiB at 921,600 baud take 3.3 s; the kernel may hold 64 KiB of them back."""
    run = t.run("run", "--demo", "-y", "--json", "--verbose", "--fast", "-b", "921600")
    run.expect("success", 0)
    connect = [e["t"] for e in run.events("line") if e["text"] == "CONNECT"][0]
    start = [e["t"] for e in run.events("line") if e["text"] == '+QIND: "FOTA","START"'][0]
    assert start - connect > (307200 - 65536) / 92160, "faster than the line: %f s" % (start - connect)


def test_file_over_the_wire(t):
    run, sim = t.push()
    result = assert_upgraded(run, sim)
    progress = [e for e in run.events("progress") if e["step"] == "transfer"]
    assert progress[-1]["done"] == progress[-1]["total"] == 20000
    assert progress[-1]["unit"] == "bytes"
    overall = [e["overall"] for e in run.events("progress")]
    assert overall == sorted(overall) and 0 <= overall[0] and overall[-1] <= 1, overall
    command = [line for line in run.lines("tx") if "QFOTADL=\"COM" in line]
    assert command == ['AT+QFOTADL="COM:",20000,20'], command
    record = records(t)[result["record"]]
    assert os.stat(result["record"]).st_mode & 0o777 == 0o600
    assert json.loads(record.splitlines()[-1])["type"] == "result"


def test_every_size_and_content(t):
    """Sizes about blocks, every byte value, what looks like an answer, +++ about a border."""
    every = bytes(range(256))
    contents = [b"\x11\x12\x13" * 6, every[1:] + bytes(768), every + b"A" * 768, every[1:] + bytes(770), every * 8 + b"\x13",
                every + b"\r\nOK\r\nNO CARRIER\r\n+++ATH\r\n" * 100, b"\x00\x01" + b"\x1a" * 998 + b"+++" + b"\xf8" * 1001,
                b"\x00\x01" + b"\xf9" * 995 + b"+++" + b"\xf8" * 1000, b"\x00\x01" + b"\xfa" * 997 + b"+++" * 4 + b"\x1b", b"\x00\x01" * 7 + b"+++"]
    for number, content in enumerate(contents):
        package = t.package(content, name="content%d" % number)
        sim = t.sim(package=package)
        run = t.start_push(sim, package)
        run.expect("success", 0)
        assert sim.stop() == TO


def test_http(t):
    web = t.serve(Nginx, t.web())
    package = t.package(50000, name="files/delta.bin")
    sim = t.sim(package=package)
    run = t.start("run", "--json", "--verbose", "-y", "-p", sim.path, "-u", web.url + "delta.bin",
                  "--manifest", package + ".manifest")
    assert_upgraded(run, sim)
    assert 'AT+QFOTADL="%sdelta.bin"' % web.url in run.lines("tx")
    with open(web.access) as log:
        assert '"GET /delta.bin HTTP/1.1" 200 50000' in log.read()


def test_http_without_manifest(t):
    web = t.serve(Nginx, t.web())
    package = t.package(3000, name="files/delta.bin", manifest=False)
    sim = t.sim(package=package)
    run = t.start("run", "--json", "-y", "-p", sim.path, "-u", web.url + "delta.bin", *PULL)
    assert_upgraded(run, sim)
    assert "was not checked" in run.notices(), run.notices()


def start_ftp(t, password=PASSWORD, path="delta.bin", **how):
    server = t.serve(Vsftpd, t.web())
    package = t.package(50000, name="files/delta.bin", manifest=False)
    sim = t.sim(package=package)
    return t.start("run", "--json", "--verbose", "-y", "-p", sim.path, "-u", server.url + path,
                   "--credentials", t.credentials(password=password), *PULL, **how), sim, server


def test_ftp_with_login(t):
    run, sim, server = start_ftp(t)
    run.wait_event(type="step", step="transfer")
    with open("/proc/%d/cmdline" % run.pid, "rb") as cmdline:
        assert PASSWORD.encode() not in cmdline.read()
    with open("/proc/%d/environ" % run.pid, "rb") as environ:
        assert PASSWORD.encode() not in environ.read()
    result = assert_upgraded(run, sim)
    # the module echoes the command: neither way may tell the password
    assert 'AT+QFOTADL="ftp://***:***@127.0.0.1:%d/delta.bin"' % server.port in run.lines("tx")
    for what, data in [("stdout", run.out), ("stderr", run.err), *records(t).items()]:
        assert PASSWORD.encode() not in data, "the password stands in " + what
    assert b"***" in records(t)[result["record"]]


def assert_refused_by_server(run, sim, *words):
    """This computer asked the server first: the module was told nothing."""
    run.expect("network", 23, message=list(words))
    assert not [line for line in run.lines("tx") if 'QFOTADL="' in line]
    assert sim.stop() == FROM


def test_ftp_wrong_password(t):
    run, sim, _ = start_ftp(t, password="wr0ng-canary")
    assert_refused_by_server(run, sim, "login refused", "530")
    assert b"wr0ng-canary" not in run.out + run.err + b"".join(records(t).values())


def test_ftp_missing_file(t):
    run, sim, _ = start_ftp(t, path="nothing.bin")
    assert_refused_by_server(run, sim, "does not give this file", "550", "Failed to open file")


def test_http_missing_file(t):
    web = t.serve(Nginx, t.web())
    sim = t.sim(package=t.package())
    run = t.start("run", "--json", "--verbose", "-y", "-p", sim.path, "-u", web.url + "nothing.bin",
                  *PULL)
    assert_refused_by_server(run, sim, "no such file", "404")


def test_http_server_that_refuses_only_the_module(t):
    """Here the module's own download fails, and its code is the cause."""
    web = t.serve(HeadOnly, t.web())
    sim = t.sim(package=t.package())
    run = t.start("run", "--json", "-y", "-p", sim.path, "-u", web.url + "delta.bin", *PULL)
    result = run.expect("unchanged", 10, step="transfer")
    assert result["code"]["table"] == "http" and result["code"]["number"] != 0, result
    assert sim.stop() == FROM


def test_http_wrong_package(t):
    """The server has another file than the module's package."""
    web = t.serve(Nginx, t.web())
    sim = t.sim(package=t.package())
    t.package(20001, name="files/other.bin")
    run = t.start("run", "--json", "-y", "-p", sim.path, "-u", web.url + "other.bin", *PULL)
    result = run.expect("unchanged", 10)
    assert result["code"]["table"] == "end" and result["code"]["number"] != 0, result
    assert sim.stop() == FROM


def test_plain_lines(t):
    package = t.package()
    sim = t.sim(package=package)
    run = t.run("run", "-y", "-p", sim.path, "-f", package)
    assert run.status == 0, run.report()
    text = run.text()
    assert_clean(run.out, "stdout")
    for words in ("Identify", "Transfer", "Verify", "success: ", TO, IMEI, "safe", "record"):
        assert words in text, "%r is not in\n%s" % (words, text)
    assert "{" not in text, text
    assert sim.stop() == TO


def test_quiet_lines(t):
    package = t.package()
    sim = t.sim(package=package)
    run = t.run("run", "-q", "-y", "-p", sim.path, "-f", package)
    assert run.status == 0, run.report()
    assert "Transfer" not in run.text() and "success: " in run.text(), run.text()


def test_terminal_asks_and_takes_yes(t):
    package = t.package()
    sim = t.sim(package=package)
    shown = t.terminal([t.dfota, "run", "-p", sim.path, "-f", package])
    shown.process.wait_for(lambda: b"Type yes" in shown.process.err, "question")
    question = shown.process.errors()
    for words in (FROM, TO, IMEI, "20,000", 'AT+QFOTADL="COM:",20000,20', "sha256"):
        assert words in question, "%r is not in\n%s" % (words, question)
    shown.type("yes\n")
    shown.wait_for("success: ")
    assert shown.wait().status == 0
    assert sim.stop() == TO


def test_terminal_any_other_answer_sends_nothing(t):
    package = t.package()
    for answer in ("y\n", "yes \n", "YES\n", "\n", "\x04"):
        sim = t.sim(package=package)
        shown = t.terminal([t.dfota, "run", "-v", "-p", sim.path, "-f", package])
        shown.process.wait_for(lambda: b"Type yes" in shown.process.err, "question")
        shown.type(answer)
        assert shown.wait().status == 130, "%r: %s" % (answer, shown.text())
        assert 'QFOTADL="' not in re.sub(r"command .*", "", shown.text()), shown.text()
        assert sim.stop() == FROM


def test_dry_run_shows_the_command_and_sends_nothing(t):
    package = t.package()
    sim = t.sim(package=package)
    run = t.start("run", "--json", "--verbose", "--dry-run", "-p", sim.path, "-f", package)
    run.expect("ready", 0)
    assert 'would send: AT+QFOTADL="COM:",20000,20' in run.notices(), run.notices()
    sent = [line for line in run.lines("tx") if "QFOTADL" in line]
    assert sent == ["AT+QFOTADL=?"], sent
    asked = [line for line in run.lines("tx") if "=" in line and "?" not in line]
    changing = [line for line in asked if not re.match(
        r'AT(E0|V1|\+CMEE=\d|\+QURCCFG="urcport"|\+QCFG="stateurc/enable")$', line)]
    assert not changing, "a dry run changes the module: %s" % changing
    assert sim.stop() == FROM


def test_dry_run_hides_the_password(t):
    sim = t.sim(package=t.package())
    run = t.start("run", "--json", "--dry-run", "-p", sim.path, "-u", "ftp://192.0.2.7/delta.bin",
                  "--credentials", t.credentials(), *PULL)
    run.expect("ready", 0)
    assert 'would send: AT+QFOTADL="ftp://***:***@192.0.2.7/delta.bin"' in run.notices(), run.notices()
    assert PASSWORD.encode() not in run.out + run.err


def test_probe_identifies_and_changes_nothing(t):
    sim = t.sim()
    run = t.start("probe", "--json", "--verbose", "-p", sim.path)
    run.expect("ready", 0)
    identity = run.events("identity")[0]
    assert (identity["model"], identity["version"], identity["imei"]) == ("UG96", FROM, IMEI)
    assert identity["port"] == sim.path, identity
    assert not [line for line in run.lines("tx") if "QFOTADL=\"" in line]
    plain = t.run("probe", "-p", sim.path)
    assert plain.status == 0 and FROM in plain.text() and IMEI in plain.text(), plain.report()
    assert sim.stop() == FROM


def test_manifest_written_then_used(t):
    package = t.package(4321, manifest=False)
    made = t.run("manifest", package, "--model", "UG96", "--from", FROM, "--to", TO, kind=Run)
    assert made.status == 0, made.report()
    assert "4321" in made.text().replace(",", ""), made.text()
    checked = t.run("manifest", package)
    assert checked.status == 0, checked.report()
    sim = t.sim(package=package)
    assert_upgraded(t.start_push(sim, package), sim)


def test_target_without_manifest(t):
    package = t.package(manifest=False)
    sim = t.sim(package=package)
    run = t.start_push(sim, package, "--target", TO)
    assert_upgraded(run, sim)
    assert "no manifest" in run.notices(), run.notices()


def test_downgrade(t):
    package = t.package(frm=TO, to=FROM)
    sim = t.sim("--from", TO, "--to", FROM, package=package)
    run = t.start_push(sim, package)
    assert_upgraded(run, sim, frm=TO, to=FROM)
    assert "downgrade" in run.notices(), run.notices()


def test_there_and_back_again(t):
    """Two upgrades one after the other leave two records."""
    forth = t.package(3000, name="forth.bin")
    sim = t.sim(package=forth)
    run = t.start_push(sim, forth)
    run.expect("success", 0)
    again = t.start_push(sim, forth)
    again.expect("package", 22, message="already runs " + TO)
    needed = t.start_push(sim, forth, "--if-needed")
    needed.expect("success", 0, message="already runs " + TO)
    assert len(records(t)) == 3, records(t).keys()


def test_record_where_it_is_asked_for(t):
    path = t.path("here.jsonl")
    run, sim = t.push(None, "--record", path)
    result = run.expect("success", 0)
    assert result["record"] == path
    with open(path, "rb") as file:
        for line in file:
            json.loads(line)
    again = t.start_push(sim, t.path("ug96-06-08.bin"), "--record", path)
    again.expect("usage", 64, message=path)
