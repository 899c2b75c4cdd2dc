"""A recorded session played back by `dfota sim --record`, on a real terminal: the
program comes to the same as the record."""

import os

# What is compared of a result: how it ended, by what, and in which words.
SAME = ("outcome", "exit", "step", "code", "message", "from", "to", "now")


def ending(run, module):
    """The result of RUN without the name of its module's terminal."""
    result = run.events("result")[-1]
    return {key: result[key].replace(module.path, "PORT") if key == "message" else result[key] for key in SAME}


def play(t, scenario, **how):
    """Record a push against SCENARIO, and play that. Returns both endings."""
    record = t.path("played.jsonl")
    run, module = t.push(scenario, "--record", record, **how)
    run.wait()
    module.stop()
    player = t.sim("--record", record, fast=False)
    again = t.start_push(player, t.path("ug96-06-08.bin")).wait()
    player.stop()
    assert player.upgrades() == 1
    return ending(run, module), ending(again, player)


def test_an_upgrade_and_its_restart(t):
    was, now = play(t, None)
    assert was["outcome"] == "success" and was == now, (was, now)


def test_a_failed_installation(t):
    was, now = play(t, "set end-code 504")
    assert was["code"]["number"] == 504 and was == now, (was, now)


def test_a_transfer_that_breaks_off(t):
    was, now = play(t, "at data 10000\n\tline ERROR\n\tleave", content=60003)
    assert was["outcome"] == "unchanged" and was == now, (was, now)


def test_what_is_not_in_the_record_is_said(t):
    record = t.path("played.jsonl")
    run, module = t.push(None, "--record", record)
    run.wait()
    module.stop()
    player = t.sim("--record", record, fast=False)
    fd = os.open(player.path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, b"AT+NONSENSE\r")
        player.wait_for(lambda: b"AT+NONSENSE" in player.err, "the command on standard error")
        heard = b""
        while b"ERROR" not in heard:
            heard += os.read(fd, 100)
    finally:
        os.close(fd)
    player.stopped = True
    player.signal(15)
    player.wait()
    assert player.text().splitlines()[-1].startswith("violations 1: "), player.report()


def test_no_record_is_no_module(t):
    run = t.run("sim", "--record", t.write("no.jsonl", "nothing\n"))
    assert run.status == 64 and b"no.jsonl" in run.err, run.report()
