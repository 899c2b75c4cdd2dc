"""Rows of the fault catalogue that are of the line between computer and module: pace,
buffers, packets, and modules that answer as one of another family would."""

import os
import re
import select
import signal
import tty

from fault_proxy import FaultServer
from harness import FROM, IMEI, TO
from test_faults import SUCCESS, UNCHANGED, UNKNOWN
from test_output import preload


def test_A28_a_module_without_flow_control_is_sent_no_faster_than_it_takes(t):
    """What comes faster than 15,000 bytes a second is lost, after the first 32."""
    for size in (31, 4999, 40000):
        run, sim = t.push("set take-rate 15000", content=size, env=apart(t))
        run.expect(*SUCCESS)
        assert sim.stop() == TO


def test_A28_bytes_that_a_slower_module_loses_are_found(t):
    """It waits for them, and says so at last: nothing was installed."""
    run, sim = t.push("set take-rate 3000", "--com-timeout", "10")
    result = run.expect(*UNCHANGED, code=("cme", 421), step="transfer")
    assert "lost" in result["cause"], result
    assert sim.stop() == FROM


def apart(t):
    """A state of its own for a run: one that ends unknown does not stand in the next one's way."""
    return {"XDG_STATE_HOME": t.path("state-%d" % t.sims)}


# UGxx does not upload by AT+QFUPL (EC2x does: tests/test_upload.c). Its faults can come all the
# same, as lines and bytes where they do not belong.

def test_C04_a_module_without_room_says_so(t):
    for scenario, code in (("set fota-max 10000", 423), ("on AT+QFOTADL=*COM*\n\tline +CME ERROR: 403", 403),
                           ("on AT+QFOTADL=*COM*\n\tline +CME ERROR: 420", 420)):
        run, sim = t.push(scenario)
        result = run.expect(*UNCHANGED, code=("cme", code), step="transfer", message=str(code))
        assert "no room" in result["cause"], result
        assert sim.stop() == FROM


def test_C05_a_file_that_is_there_already_is_said_and_left(t):
    run, sim = t.push("on AT+QFOTADL=*COM*\n\tline +CME ERROR: 407")
    result = run.expect(*UNCHANGED, code=("cme", 407), step="transfer")
    assert "earlier attempt" in result["cause"] and "AT+QFDEL" in result["advice"], result
    sent = run.lines("tx")
    assert not [line for line in sent if "QFDEL" in line] and len([s for s in sent if 'QFOTADL="' in s]) == 1, sent


def test_C07_a_module_that_falls_silent_at_any_block_is_watched_then_not_known(t):
    for block in (1, 9, 19):
        run, _ = t.push("at data %d000\n\tstop" % block, "--start-timeout", "1", "--return-timeout", "1",
                        "--watch-timeout", "20", env=apart(t))
        result = run.expect(*UNKNOWN)
        assert "restart" not in result["cause"], result


def test_C08_acknowledgements_that_nobody_asked_for_change_nothing(t):
    """Early, in place of another, more than blocks were sent, in front of the result."""
    for scenario in ('at data 1\n\traw "%s"' % ("A" * 40), 'at data 3000\n\traw "B"\nat data 9000\n\traw "AA\\r\\n"',
                     'at data-end\n\traw "A"\n\tdefault'):
        run, sim = t.push(scenario)
        run.expect(*SUCCESS)
        assert sim.stop() == TO


def test_C11_a_checksum_of_an_upload_is_no_verdict(t):
    """Right, wrong, too long, no number, of another size: the version decides, as ever."""
    for value in ("20000,DEAD", "19999,dead", "20000,12345", "4294967296,xyz", ""):
        run, sim = t.push("at data-end\n\tline +QFUPL: %s\n\tdefault" % value)
        run.expect(*SUCCESS)
        assert sim.stop() == TO
    run, sim = t.push("set end-code 504\nat data-end\n\tline +QFUPL: 20000,1602\n\tdefault")
    run.expect(*UNCHANGED, code=("end", 504))
    assert sim.stop() == FROM


# A line stops half way and goes on later.
TORN = {
    "the identity": 'on ATI nth 1\n\traw "\\r\\nQuectel\\r\\nUG"\n\twait 900\n\traw "96\\r\\nRevision: UG96LN"\n\twait 700\n'
                    '\traw "AR02A06E1G\\r\\n\\r\\nO"\n\twait 800\n\traw "K\\r\\n"\n'
                    'on AT+GSN\n\traw "\\r\\n4901542032"\n\twait 1000\n\traw "37518\\r"\n\twait 1000\n\traw "\\n\\r\\nOK\\r\\n"\n',
    "a check": 'on AT+CSQ\n\traw "\\r\\n+CSQ: 2"\n\twait 900\n\traw "6,99\\r\\n\\r\\nO"\n\twait 300\n\traw "K\\r\\n"\n',
    "the gate": 'on AT+QFOTADL=*COM*\n\traw "\\r\\nCONN"\n\twait 1000\n\tdefault\n\thush\n',
    "the course": 'at start\n\traw "\\r\\n+QIND: \\"FO"\n\twait 600\n\traw "TA\\",\\"START\\"\\r"\n\twait 1000\n\traw "\\n"\n\thush\n'
                  'at updating 21\n\traw "\\r\\n+QIND: \\"FOTA\\",\\"UPDA"\n\twait 1000\n\traw "TING\\",21\\r\\n"\n\thush\n'
                  'at end\n\traw "\\r\\n+QIND: \\"FOTA\\",\\"EN"\n\twait 900\n\traw "D\\",0\\r\\n"\n\thush\n',
    "the restart": 'at boot\n\traw "\\r\\nR"\n\twait 900\n\traw "DY\\r"\n\twait 100\n\traw "\\n"\n',
}


def test_B25_a_line_that_stops_half_way_is_one_line(t):
    for what in ("the identity", "a check", "the course", "the restart"):
        run, sim = t.push(TORN[what])
        result = run.expect(*SUCCESS)
        assert (result["from"], result["now"]) == (FROM, TO), result
        identities = {(e["model"], e["imei"]) for e in run.events("identity")}
        assert identities == {("UG96", IMEI)}, identities
        short = [line for line in run.lines("rx") if len(line) < 4 and line not in ("", "AT", "OK", "RDY")]
        assert not short, "%s: half a line was taken for one: %s" % (what, short)
        assert sim.stop() == TO


def bridge(t, sim, close_at):
    """A server in front of SIM that takes all at once and passes on what the line at 9,600
    baud can carry; it closes for good once the host has given it CLOSE_AT bytes."""
    def serve(connection):
        if server.connections > 1:
            return		# closed without a word
        waiting, taken = b"", 0
        with open_tty(sim.path) as line:
            while taken < close_at:
                ready = select.select([line, connection.socket, server.ending[0]], [], [], 0.05)[0]
                if server.ending[0] in ready:
                    return
                if line in ready:
                    connection.send(os.read(line.fileno(), 4096))
                if connection.socket in ready:
                    data = connection.socket.recv(1 << 16)
                    if not data:
                        return
                    waiting, taken = waiting + data, taken + len(data)
                os.write(line.fileno(), waiting[:48])	# 50 ms of the line
                waiting = waiting[48:]
    server = FaultServer(t, serve)
    return server


def open_tty(path):
    file = open(path, "r+b", buffering=0)
    tty.setraw(file.fileno())
    return file


def test_A41_what_a_server_still_holds_is_not_sent(t):
    """It takes whatever comes, and goes away: the transfer was not complete."""
    package = t.package(20000)
    sim = t.sim("-b", "9600", package=package)
    server = bridge(t, sim, 2500)
    run = t.start("run", "--json", "--verbose", "-y", "-p", "tcp:127.0.0.1:%d" % server.port, "-f", package,
                  "--return-timeout", "5", "--com-timeout", "5")
    result = run.expect(*UNKNOWN)
    steps = [e for e in run.events("step") if e["step"] == "transfer" and e["state"] == "end"]
    assert steps and steps[0]["ended"] == "failed", (steps, result)
    assert not [e for e in run.events("step") if e["step"] == "install"], run.report()
    assert [e["id"] for e in result["then"]] == ["no-answer-again", "never-complete"], result


def hold(t, packet):
    """A driver without zero-length packets (tests/e2e/hold.c)."""
    return preload(t, "hold", HOLD=str(packet), HOLD_LOG=t.path("held"), **apart(t))


def test_A34_nothing_waits_in_a_driver_without_zero_length_packets(t):
    """Neither a command nor a block nor the end of the package, of whatever size."""
    for packet, sizes in ((64, (16, 63, 64, 128, 1000, 1064, 4096, 20032)), (512, (512, 3072))):
        for size in sizes:
            run, sim = t.push(content=size, env=hold(t, packet))
            run.expect(*SUCCESS)
            assert sim.stop() == TO
    assert not os.path.exists(t.path("held")), "a write of a multiple of the packet size"


def test_A34_an_end_that_waits_in_the_driver_all_the_same_is_no_installation(t):
    """What is written last stays on the way: the module leaves data mode, and is asked."""
    run, sim = t.push(None, "--com-timeout", "3", env=hold(t, 1))
    result = run.expect(*UNCHANGED, step="transfer")
    assert os.path.getsize(t.path("held")) > 0 and "install" not in result["cause"], result
    sim.stopped = True
    sim.signal(signal.SIGTERM)
    assert sim.wait().version() == FROM, sim.report()
    # what the driver held comes in front of that question, and makes no command of it
    assert re.search("^violations (0|1: bytes that are no command: .*AT)$", sim.text(), re.M), sim.report()
