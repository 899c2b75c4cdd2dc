"""Rows of the fault catalogue, groups A, B, C and E, against the program as a
whole. The name of a test begins with the id of its row."""

import fcntl
import json
import os
import signal
import termios

from harness import FROM, IMEI, TO, Nginx, Skip, assert_clean, peak_mib, records, watch_directory

OTHER_IMEI = "356938035643809"
THIRD = "UG96LNAR02A07E1G"

SUCCESS = ("success", 0)
UNCHANGED = ("unchanged", 10)
FAILED = ("device-failed", 11)
UNKNOWN = ("unknown", 12)
MODULE = ("module", 24)

# A module as slow as its line and more bytes than fit into the kernel's
# buffers, for what must happen before all has been sent.
PACED = "# paced\n"
PACED_SIZE = 200000

# Where nothing proves that the module has left data mode it is given the minute
# that it may wait for data.
SLOW = 600

# Over the wire, one row a test: scenario, how it must end, what else the
# result must say, more options.
ROWS = {
    "A14_unplugged_while_sending": (
        PACED + "at data 5000\n\tvanish 1500\n\tleave", UNCHANGED, {"step": "transfer"}, ()),
    "A14_power_lost_while_sending": (
        PACED + "at data 5000\n\treboot", UNCHANGED, {"step": "transfer"}, ()),
    "A15_unplugged_while_installing": (
        "at updating 40\n\tvanish 1500", SUCCESS, {}, ()),
    "A18_module_takes_no_more_bytes": (
        PACED + "at data 5000\n\tset reading off", UNKNOWN, {"message": "flow control"},
        ("--return-timeout", "2", "--com-timeout", "30")),
    "A20_another_module_answers_at_the_end": (
        "at boot\n\tset imei " + OTHER_IMEI, UNKNOWN, {"message": [OTHER_IMEI, IMEI]}, ()),
    "A24_noise_on_the_way_to_the_module": (
        "at data 1\n\tset noise-in 20000\nat data-end\n\tset noise-in 0", UNCHANGED, {}, ()),
    "A24_noise_on_the_way_from_the_module": (
        "at data 1\n\tset noise-out 20000\nat boot\n\tset noise-out 0", SUCCESS, {}, ()),
    "A29_back_at_another_rate": (
        "set baud-after-boot 9600", SUCCESS, {}, ()),

    "B03_NULs_alone_and_before_a_line": (
        'on AT+CSQ\n\traw "\\x00\\x00\\r\\n\\x00\\r\\n"\n\tdefault\n'
        'at updating 20\n\traw "\\x00\\x00\\r\\n"', SUCCESS, {}, ()),
    "B04_line_feed_only": ('set bol ""\nset eol "\\n"', SUCCESS, {}, ()),
    "B04_carriage_return_only": ('set bol ""\nset eol "\\r"', SUCCESS, {}, ()),
    "B04_two_carriage_returns": ('set eol "\\r\\r\\n"', SUCCESS, {}, ()),
    "B04_line_ends_the_wrong_way_round": ('set eol "\\n\\r"', SUCCESS, {}, ()),
    "B05_one_byte_a_millisecond": ("set chunk 1", SUCCESS, {}, ()),
    "B06_echo_that_cannot_be_switched_off": ("set echo stuck", SUCCESS, {}, ()),
    "B06_echo_doubled": ("set echo double", SUCCESS, {}, ()),
    "B06_echo_partial": ("set echo partial", SUCCESS, {}, ()),
    "B06_echo_wrapped": ("set echo wrap", SUCCESS, {}, ()),
    "B08_stray_results_after_an_answer": (
        "on AT+CSQ\n\tdefault\n\tline OK\n\tline ERROR\n\tline +CME ERROR: 3", SUCCESS, {}, ()),
    "B11_error_number_out_of_all_ranges": (
        "on AT+QFOTADL=*COM*\n\tline +CME ERROR: 4294967296", UNCHANGED, {"step": "transfer"}, ()),
    "B11_error_number_negative": (
        "on AT+QFOTADL=*COM*\n\tline +CME ERROR: -1", UNCHANGED, {"step": "transfer"}, ()),
    "B11_error_as_text": (
        "on AT+QFOTADL=*COM*\n\tline +CME ERROR: operation not allowed", UNCHANGED,
        {"step": "transfer"}, ()),
    "B14_unknown_words_and_broken_quotes": (
        'at updating 20\n\tline +QIND: "FOTA","DANCING",7\n\tline +qind: "fota","end",0\n'
        '\tline +QIND: "FOTA","UPDATING",,,\n\tline +QIND: "FOTA\n\tline +QIND:', SUCCESS, {}, ()),

    "C01_wrong_model": ("set model M95", MODULE, {"message": "M95", "step": "identify"}, ()),
    "C01_no_DFOTA_command": (
        "on AT+QFOTADL=?\n\tline ERROR", MODULE, {"message": "AT+QFOTADL", "step": "check"}, ()),
    "C02_from_version_differs": (
        "set version UG96LNAR02A05E1G", ("package", 22),
        {"message": [FROM, "UG96LNAR02A05E1G"], "step": "check"}, ()),
    "C03_already_at_the_target": (
        "set version " + TO, ("package", 22), {"message": "already runs " + TO}, ()),
    "C03_already_at_the_target_if_needed": (
        "set version " + TO, SUCCESS, {"message": "already runs " + TO}, ("--if-needed",)),
    "C06_bare_OK_in_place_of_the_gate": (
        "on AT+QFOTADL=*COM*\n\tline OK", UNCHANGED,
        {"message": "no byte of the package was sent", "step": "transfer"}, ("--com-timeout", "2")),
    "C06_gate_token_late": (
        "on AT+QFOTADL=*COM*\n\twait 12000\n\tdefault", SUCCESS, {}, ()),
    "C10_data_mode_ends_early": (
        "at data 5000\n\tleave\n\tline ERROR", UNCHANGED, {"step": "transfer"}, ()),
    "C15_command_refused": (
        "on AT+QFOTADL=*COM*\n\tline +CME ERROR: 4", UNCHANGED,
        {"code": ("cme", 4), "step": "transfer"}, ()),
    "C18_END_504": ("set end-code 504", UNCHANGED, {"code": ("end", 504)}, ()),
    "C18_END_510": ("set end-code 510", UNCHANGED, {"code": ("end", 510)}, ()),
    "C18_END_526": ("set end-code 526", UNCHANGED, {"code": ("end", 526)}, ()),
    "C18_END_with_an_unknown_code": ("set end-code 999", UNCHANGED, {"code": ("end", 999)}, ()),
    "C19_end_zero_without_effect_is_unchanged": (
        "set final-version unchanged", UNCHANGED, {"message": "without effect"}, ()),
    "C22_incomplete_status_lines": (
        'at updating 20\n\tline +QIND: "FOTA","UPD\nat updating 60\n\tline +QIND: "FO', SUCCESS, {}, ()),
    "C24_power_lost_while_installing": (
        "set resume announce\nat updating 40 nth 1\n\treboot", SUCCESS, {}, ()),
    "C24_power_lost_at_the_start": ("at start nth 1\n\treboot", SUCCESS, {}, ()),
    "C25_restore_in_place_of_updating": ("set updating-word RESTORE", SUCCESS, {}, ()),
    "C26_module_never_comes_back": (
        "at reboot\n\tvanish 0", UNKNOWN, {"message": "did not answer again"},
        ("--return-timeout", "3")),
    "C27_third_version": (
        "set final-version " + THIRD, FAILED, {"message": [THIRD, FROM, TO]}, ()),
    "C27_failure_code_and_silence": (
        "set end-code 504\nat end\n\tdefault\n\tstop", FAILED, {"code": ("end", 504)},
        ("--return-timeout", "3")),
    "C30_low_supply_voltage": (
        "set voltage-mv 3120", MODULE, {"message": ["3120 mV", "3400 mV"], "step": "check"}, ()),
    "C35_other_dialect": ("set dialect file", UNCHANGED, {"step": "transfer"}, ()),
}


def version_after(outcome):
    return {SUCCESS: TO, FAILED: None, UNKNOWN: None}.get(outcome, FROM)


def make(scenario, outcome, more, args):
    def test(t):
        paced = scenario.startswith(PACED)
        run, sim = t.push(scenario, *args, paced=paced, content=PACED_SIZE if paced else 20000)
        result = run.expect(*outcome, **more, deadline=SLOW)
        assert_clean(run.out, "stdout")
        if outcome in (UNCHANGED, SUCCESS) or outcome[1] >= 20:
            expected = result["to"] if outcome == SUCCESS else result["from"]
            assert result["now"] == expected, result
            assert sim.stop() == result["now"]
        if outcome == UNKNOWN:
            assert result["now"] is None and "dfota resume " + result["record"] in result["advice"], result
    return test


for _name, _row in ROWS.items():
    globals()["test_" + _name] = make(*_row)


def refused_port(t, path, outcome, *words, **how):
    package = t.package()
    run = t.start("run", "--json", "-y", "-p", path, "-f", package, **how)
    run.expect(*outcome, message=list(words))


def test_A01_no_such_port(t):
    refused_port(t, "/dev/ttyNOPE7", ("port", 20), "/dev/ttyNOPE7")


def test_A02_no_permission(t):
    sim = t.sim()
    os.chmod(os.path.realpath(sim.path), 0)
    refused_port(t, sim.path, ("port", 20), "ermi", **t.plain_user())


def test_A03_not_a_serial_port(t):
    plain = t.write("plain", "untouched")
    fifo = t.path("fifo")
    os.mkfifo(fifo)
    for path in (plain, t.dir, fifo, "/dev/null"):
        refused_port(t, path, ("port", 20), "not a serial port")
    with open(plain) as file:
        assert file.read() == "untouched"


def hold(t, path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    t.others.append(lambda: os.close(fd))
    return fd


def test_A04_port_held_exclusively_names_the_holder(t):
    sim = t.sim()
    fd = hold(t, sim.path)
    fcntl.ioctl(fd, termios.TIOCEXCL)
    package = t.package()
    run = t.start("run", "--json", "-y", "-p", sim.path, "-f", package)
    result = run.expect("busy", 21, message="held by")
    # who of those that have it open made it exclusive cannot be seen
    assert "(%d)" % os.getpid() in result["message"] or "(%d)" % sim.pid in result["message"], result
    fcntl.ioctl(fd, termios.TIOCNXCL)


def test_A05_port_held_by_flock_stays_as_it_was(t):
    sim = t.sim()
    fd = hold(t, sim.path)
    fcntl.flock(fd, fcntl.LOCK_EX)
    before = termios.tcgetattr(fd)
    refused_port(t, sim.path, ("busy", 21), str(os.getpid()))
    assert termios.tcgetattr(fd) == before


def test_A09_second_instance_is_refused_while_the_first_installs(t):
    run, sim = t.push("at updating 40\n\thold")
    run.wait_event(type="step", step="install", state="begin")
    refused_port(t, sim.path, ("busy", 21), str(run.pid))
    sim.go_on()
    run.expect(*SUCCESS)


def test_A10_settings_of_another_program_do_no_harm(t):
    package = t.package(bytes(range(256)) * 64 + b"\x11\x13" * 100)
    sim = t.sim(package=package)
    fd = hold(t, sim.path)
    settings = termios.tcgetattr(fd)
    settings[0] |= termios.IXON | termios.IXOFF | termios.ICRNL | termios.ISTRIP
    settings[1] |= termios.OPOST | termios.ONLCR
    settings[2] |= termios.CSTOPB | termios.PARENB
    settings[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(fd, termios.TCSANOW, settings)
    run = t.start_push(sim, package)
    run.expect(*SUCCESS)


def test_A13_unplugged_in_the_preflight(t):
    run, _ = t.push("on AT+CSQ\n\tvanish 0")
    result = run.expect(*("gone", 24))
    assert result["t"] < 300, "it took %f s" % result["t"]	# it would wait 600 s for a return
    used = run.usage.ru_utime + run.usage.ru_stime
    assert t.instrumented() or used < 1, "%f s of CPU" % used


def test_A23_wrong_rate_is_found_by_read_only_questions(t):
    sim = t.sim("-b", "9600", paced=True)
    run = t.start("probe", "--json", "--verbose", "-p", sim.path)
    run.expect("ready", 0)
    assert "9600" in run.notices(), run.notices()


def test_B01_a_line_of_a_mebibyte(t):
    run, _ = t.push('on AT+CSQ\n\tfill 1048576 "x"\n\tline\n\tdefault')
    run.expect(*SUCCESS)
    assert t.instrumented() or peak_mib(run) < 32, "%d MiB" % peak_mib(run)


def test_B12_impossible_percentages_are_clamped(t):
    run, _ = t.push("".join(
        'at updating %d\n\tline +QIND: "FOTA","UPDATING"%s\n' % (20 + 4 * i, value) for i, value in
        enumerate((",101", ",-5", ",1e9", ",nan", "", ",", ",99999999999999999999"))))
    run.expect(*SUCCESS)
    shown = [e["done"] for e in run.events("progress") if e["step"] == "install"]
    assert shown and min(shown) >= 0 and max(shown) <= 100, shown


def test_B13_a_hundred_percent_is_no_end(t):
    run, _ = t.push('set end-code 504\nat updating 10\n\tline +QIND: "FOTA","UPDATING",100\n'
                    '\twait 500\n\tline +QIND: "FOTA","UPDATING",5\n\twait 500')
    run.expect(*UNCHANGED, code=("end", 504))
    shown = [e["done"] for e in run.events("progress") if e["step"] == "install"]
    assert 100 in shown and 5 in shown[shown.index(100):], shown


def test_B16_B17_B18_no_escape_sequence_reaches_any_sink(t):
    evil = ('\\e[2J\\e]0;owned\\x07\\e]52;c;b3duZWQ=\\x07\\ePq\\e\\\\ \\x9b31m \\xc2\\x9b1m '
            '\\xe2\\x80\\xae\\xff\\xc0\\xaf %n%s%s%999d \\x08\\x08\\x0b\\e')
    scenario = "on AT+CSQ\n\traw \"\\r\\n%s\\r\\n\"\n\tdefault\nset operator %s\n" \
        "at updating 20\n\traw \"\\r\\n+QIND: \\\"FOTA\\\",\\\"%s\\\",1\\r\\n\"\n" % (evil, "x%n%s", evil)
    for args in (("--json", "-v"), ("-v",)):
        package = t.package()
        sim = t.sim(scenario=scenario, package=package)
        run = t.run("run", *args, "-y", "-p", sim.path, "-f", package)
        assert run.status == 0, run.report()
        assert_clean(run.out, "stdout")
        assert_clean(run.err, "stderr")
        assert "%n%s%s" in run.text(), "what came is not shown"
        assert sim.stop() == TO
    for path, data in records(t).items():
        assert_clean(data, path)


def test_B21_module_boots_in_the_preflight(t):
    run, sim = t.push(None, sim_args=("--boot",))
    run.expect(*SUCCESS)


def test_B23_no_network_stops_a_download_but_not_the_wire(t):
    package = t.package()
    sims = [t.sim(scenario=scenario, package=package)
            for scenario in ("set cpin SIM PIN", "set cpin none", "set creg 0\nset cgreg 0")]
    # side by side: two of them are asked again for half a minute
    runs = [t.start("run", "--json", "-y", "-p", sim.path, "-u", "http://192.0.2.7/d.bin", "--target", TO) for sim in sims]
    for run, sim in zip(runs, sims):
        run.expect("network", 23, step="check")
        run = t.start_push(sim, package)
        run.expect(*SUCCESS)
        assert sim.stop() == TO


def pull(t, scenario, *args, paced=False, **how):
    web = t.serve(Nginx, t.web())
    package = t.package(name="files/d.bin")
    sim = t.sim(scenario=scenario, package=package, paced=paced)
    return t.start("run", "--json", "--verbose", "-y", "-p", sim.path, "-u", web.url + "d.bin",
                   "--manifest", package + ".manifest", *args, **how), sim


def test_C17_download_codes(t):
    for number, word in ((714, "http"), (702, "http"), (799, "http")):
        run, sim = pull_once(t, "set source-code %d" % number)
        run.expect(*UNCHANGED, code=(word, number), step="transfer")
        assert sim.stop() == FROM


def pull_once(t, scenario):
    """No server: the module is told how its download ends."""
    sim = t.sim(scenario=scenario, package=t.package())
    return t.start("run", "--json", "-y", "-p", sim.path, "-u", "http://127.0.0.1:9/d.bin",
                   "--target", TO), sim


def test_C23_a_stall_ends_the_watching_not_the_module(t):
    run, sim = t.push("at updating 37\n\thold", "--watch-timeout", "8")
    returned = watch_directory(t.dir)
    t.others.append(lambda: os.close(returned))
    result = run.expect(*UNKNOWN, message="before the installation finished")
    assert "dfota resume " + result["record"] in result["advice"], result
    # it goes on: asked when it is back it runs the target
    sim.go_on()
    t.wait_return(returned, sim)
    t.start("resume", "--json", "--listen-timeout", "1").expect(*SUCCESS)


def test_C23_a_stall_is_watched_through(t):
    run, _ = t.push("at updating 37\n\twait 5000")
    run.expect(*SUCCESS)


def test_C34_messages_switched_off_or_elsewhere_are_set(t):
    for scenario, command in (("set stateurc off", 'AT+QCFG="stateurc/enable",1'),
                              ("set urcport usbmodem", 'AT+QURCCFG="urcport","uart1"')):
        run, _ = t.push(scenario)
        result = run.expect(*SUCCESS)
        assert command in run.lines("tx"), run.lines("tx")
        setting, = result["settings"]
        assert setting["command"] == command and setting["state"] == "put-back", setting
        assert setting["undo"] in run.lines("tx"), run.lines("tx")
        assert [e for e in run.events("progress") if e["step"] == "install"], "no progress seen"


def test_A32_a_setting_that_is_kept_is_said(t):
    run, sim = t.push("set urcport usbmodem", "--keep-settings")
    result = run.expect(*SUCCESS)
    setting, = result["settings"]
    assert (setting["before"], setting["state"]) == ("usbmodem", "changed"), setting
    assert "was changed: " in setting["text"] and "before: usbmodem" in setting["text"], setting
    sim.stop(stored=1)


def test_A31_nothing_about_the_rate_is_sent_where_it_is_no_wires(t):
    for scenario in ("set auto-rate on", "on AT+IPR?\n\tline +IPR: 9600\n\tline OK"):
        run, _ = t.push(scenario)
        result = run.expect(*SUCCESS)
        assert result["settings"] == [], result
        assert not [line for line in run.lines("tx") if line.startswith(("AT+IPR=", "AT+IFC=", "AT&W"))], run.lines("tx")


def test_C34_mute_module_is_judged_by_its_version(t):
    run, _ = t.push("at start\n\tset mute on\nat boot\n\tset mute off")
    run.expect(*SUCCESS)


SIGNALS = (signal.SIGINT, signal.SIGTERM)


def test_E01_signal_in_the_preflight_leaves(t):
    for number in SIGNALS:
        run, sim = t.push("on AT+CSQ\n\twait 30000")
        run.wait_event(type="line", text="AT+CSQ")
        run.signal(number)
        run.expect("cancelled", 130)
        assert not [line for line in run.lines("tx") if 'QFOTADL="' in line]
        assert sim.stop() == FROM


def test_E01_signal_while_sending_stops_and_proves(t):
    run, sim = t.push(None, content=5 * PACED_SIZE, paced=True)
    run.wait_event(type="progress", step="transfer", done=lambda done: done and done > 5000)
    run.signal(signal.SIGINT)
    result = run.expect(*UNCHANGED, step="transfer", message="cancelled", deadline=SLOW)
    assert result["now"] == FROM
    assert sim.stop() == FROM


def test_E01_signal_while_the_module_downloads_detaches(t):
    run, sim = pull(t, "at download-end\n\thold")
    run.wait_event(type="line", text=lambda text: text and "HTTPSTART" in text)
    run.signal(signal.SIGINT)
    run.expect(*UNKNOWN, message="detached")


def test_E01_signal_while_installing_is_refused_then_detaches(t):
    for number in SIGNALS:
        run, sim = t.push("at updating 40\n\thold")
        run.wait_event(type="step", step="install", state="begin")
        run.signal(number)
        run.wait_event(type="notice", id="cancel-refused")
        sim.go_on()
        run.expect(*SUCCESS)
    run, _ = t.push("at updating 40\n\thold")
    run.wait_event(type="step", step="install", state="begin")
    run.signal(signal.SIGINT)
    run.wait_event(type="notice", id="cancel-refused")
    run.signal(signal.SIGINT)
    run.expect(*UNKNOWN, message="detached")


def test_E01_signal_while_the_module_is_away_detaches(t):
    run, _ = t.push("at reboot\n\tvanish 0")
    run.wait_event(type="notice", text=lambda text: text and "port has gone" in text)
    run.signal(signal.SIGTERM)
    run.expect(*UNKNOWN, message="detached")


def test_E02_hangup_leaves_in_the_preflight(t):
    run, sim = t.push("on AT+CSQ\n\twait 30000")
    run.wait_event(type="line", text="AT+CSQ")
    run.signal(signal.SIGHUP)
    run.expect("cancelled", 130)
    assert sim.stop() == FROM


def test_E02_hangup_is_nothing_later(t):
    for step in ("transfer", "install", "restart", "verify"):
        run, sim = t.push("at updating 40\n\twait 500", content=50000, paced=step == "transfer")
        run.wait_event(type="step", step=step, state="begin")
        run.signal(signal.SIGHUP)
        result = run.expect(*SUCCESS)
        last = json.loads(records(t)[result["record"]].splitlines()[-1])
        assert last["type"] == "result" and last["outcome"] == "success", last
        assert sim.stop() == TO


def test_E02_lost_terminal_does_not_stop_an_upgrade(t):
    package = t.package()
    sim = t.sim(scenario="at updating 40\n\thold", package=package)
    shown = t.terminal([t.dfota, "run", "-y", "-p", sim.path, "-f", package])
    shown.wait_for("Install")
    shown.hang_up()
    sim.go_on()
    assert shown.wait().status == 74, "what it says has nowhere to go"
    assert sim.stop() == TO


def test_E04_nothing_on_standard_input(t):
    package = t.package()
    for redirect in ("<&-", "</dev/null"):
        sim = t.sim(package=package)
        run = t.start_push(sim, package, wrap=("/bin/sh", "-c", 'exec "$@" ' + redirect, "sh"))
        run.expect(*SUCCESS)
        assert sim.stop() == TO


def test_E04_nobody_reads_standard_output(t):
    package = t.package()
    read, write = os.pipe()
    os.close(read)
    full = os.open("/dev/full", os.O_WRONLY)
    for out in (write, full):
        sim = t.sim(package=package)
        run = t.start_push(sim, package, stdout=out)
        os.close(out)
        assert run.wait().status == 74, run.report()	# output: nothing worse happened
        assert sim.stop() == TO
    ends = [json.loads(line) for data in records(t).values() for line in data.splitlines()
            if line.startswith(b'{"type":"result"')]
    assert [r["outcome"] for r in ends] == ["success", "success"], ends


def test_E04_a_reader_that_stops_reading_stops_no_upgrade(t):
    package = t.package()
    sim = t.sim(package=package)
    read, write = os.pipe()
    fcntl.fcntl(write, 1031, 4096)	# F_SETPIPE_SZ
    run = t.start_push(sim, package, stdout=write)
    os.close(write)
    # the record tells that the worker went on to the end
    t.wait_record('"type":"result"')
    while os.read(read, 65536):
        pass
    os.close(read)
    assert run.wait().status == 0, run.report()
    assert sim.stop() == TO


def test_E04_E08_screen_needs_a_terminal(t):
    run = t.run("--demo")
    assert run.status == 64 and "dfota run" in run.errors(), run.report()
    assert run.out == b"", run.report()
    for term in ("dumb", "", "no-such-terminal"):
        shown = t.terminal([t.dfota, "--demo"], {"TERM": term})
        assert shown.wait().status == 64, (term, shown.text())
        assert "dfota run" in shown.process.errors(), shown.process.errors()
        assert "\x1b" not in shown.text(), shown.text()


def shell(command):
    return ("/bin/sh", "-c", command + '; exec "$@"', "sh")


def test_E13_few_descriptors(t):
    for count in (4, 5, 6, 7, 8, 9, 10, 12, 16):
        package = t.package()
        sim = t.sim(package=package)
        run = t.start_push(sim, package, wrap=shell("ulimit -n %d" % count),
                           env=t.no_leak_check()).wait()
        assert run.status in (0, 20, 22, 64, 70, 127), "%d: %s" % (count, run.report())
        assert sim.stop() == (TO if run.status == 0 else FROM), run.report()
        assert run.status == 0 or count < 16, "%d are not enough: %s" % (count, run.report())


def test_E13_little_memory_and_stack(t):
    if t.instrumented():
        raise Skip("a sanitizer needs more")
    for limit in ("ulimit -v 131072", "ulimit -s 64", "ulimit -s 256"):
        package = t.package()
        sim = t.sim(package=package)
        run = t.start_push(sim, package, wrap=shell(limit)).wait()
        assert run.status in (0, 20, 64, 70), "%s: %s" % (limit, run.report())
        assert sim.stop() == (TO if run.status == 0 else FROM), run.report()


def test_E13_a_record_that_is_full_before_the_gate_stops_it(t):
    package = t.package()
    sim = t.sim(package=package)
    run = t.start_push(sim, package, wrap=shell("ulimit -f 8"))	# 4 KiB
    run.expect("usage", 64, message="not starting what could not be recorded")
    assert sim.stop() == FROM


def test_E13_a_record_that_is_full_later_does_not(t):
    package = t.package()
    sim = t.sim(scenario="at updating 10\n" + "\tline +NOISE: %s\n" % ("x" * 300) * 400,
                package=package)
    run = t.start_push(sim, package, wrap=shell("ulimit -f 128"))	# 64 KiB
    run.expect(*SUCCESS)
    assert "File too large" in run.notices(), run.notices()
    assert sim.stop() == TO


def test_E18_locale_does_not_matter(t):
    for locale in ("de_DE.UTF-8", "tr_TR.UTF-8", "C", "xx_YY.nonsense"):
        run, sim = t.push(None, env={"LC_ALL": locale, "LANG": locale})
        run.expect(*SUCCESS)
        assert sim.stop() == TO


def test_E18_setuid_is_refused(t):
    if os.getuid() != 0:
        raise Skip("needs root to make a setuid program")
    if t.instrumented():
        raise Skip("a leak checker cannot work in a setuid program")
    copy = t.path("dfota-setuid")
    with open(t.dfota, "rb") as file:
        t.write(copy, file.read(), 0o755)
    os.chmod(t.dir, 0o755)
    os.chown(copy, 65534, -1)
    os.chmod(copy, 0o4755)
    t.dfota = copy
    run = t.run("ports")
    assert run.status == 64 and "setuid" in run.errors(), run.report()


def test_E21_E22_descriptors(t):
    """Closed 0, 1, 2 become /dev/null, never the serial port; nothing is inheritable."""
    package = t.package()
    sim = t.sim(scenario="at updating 40\n\thold", package=package)
    run = t.start_push(sim, package, wrap=("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"))
    t.wait_record('"UPDATING')
    directory = "/proc/%d/fd" % run.pid
    for fd in os.listdir(directory):
        target = os.readlink(os.path.join(directory, fd))
        if int(fd) <= 2:
            assert target == "/dev/null", (fd, target)
            continue
        with open("/proc/%d/fdinfo/%s" % (run.pid, fd)) as info:
            flags = int([line.split()[1] for line in info if line.startswith("flags")][0], 8)
        assert flags & os.O_CLOEXEC, "%s, %s, would pass to a child" % (fd, target)
    sim.go_on()
    assert run.wait().status == 0
    assert sim.stop() == TO
