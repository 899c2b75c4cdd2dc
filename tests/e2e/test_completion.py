"""Completion: what the shells answer who are asked, at a terminal as well."""

import os
import pty
import select
import time

from harness import DEADLINE, HERE, Run, find_program

FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "completion")

ASK = r"""
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
_dfota 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""


def shell(t, argv, **how):
    process = Run(argv, t.env, **how)
    t.processes.append(process)
    return process


def path_with_dfota(t):
    t.env["PATH"] = os.path.dirname(t.dfota) + ":" + os.environ.get("PATH", "/usr/bin:/bin")


def bash(t, line):
    path_with_dfota(t)
    run = shell(t, [find_program("bash"), "--norc", "-c", ASK, "bash", os.path.join(FOLDER, "dfota"), line])
    run.wait()
    return run.text().splitlines()


def options_in_help(t, *topic):
    words = t.run("help", *topic).text().split()
    return {w for w in words if w.startswith("--") and w.strip("-,").replace("-", "").isalpha()}


def test_bash_knows_commands_and_options_of_the_table(t):
    assert bash(t, "dfota prob") == ["probe"]
    assert set(bash(t, "dfota ")) >= {"run", "probe", "ports", "explain", "doctor", "help", "version"}
    for command in ("run", "probe", "sim", "resume", "report", "doctor"):
        listed = set(bash(t, "dfota %s --" % command))
        assert listed >= {"--help"} and listed <= options_in_help(t, command), listed
    assert "--port" in bash(t, "dfota run --p") and "--port" not in bash(t, "dfota run --port x --p")
    assert bash(t, "dfota ports --p") == [""]
    assert bash(t, "dfota explain h") == ["http"]
    assert bash(t, "dfota help scr") == ["screen"]


def test_bash_knows_profiles_ports_and_files(t):
    assert bash(t, "dfota run --profile ug") == ["ugxx"]
    assert bash(t, "dfota run --profile=ug") == ["ugxx"]
    assert bash(t, "dfota sim --model UG9") == ["UG96", "UG95"]
    package = t.write("delta-6-8.bin", b"x")
    assert bash(t, "dfota run -f %s" % package[:-4]) == [package]
    assert package in bash(t, "dfota run %s" % package[:-4])
    listed = [line.split()[0] for line in t.run("ports").text().splitlines() if line.startswith("/dev/")]
    found = bash(t, "dfota probe -p ")
    assert set(listed) <= set(found) and "tcp:" in found, (listed, found)
    assert bash(t, "dfota probe -p rfc2217:") == ["//"], "bash has what stands before the colon"


def at_a_terminal(t, command, prepare):
    """As a person has it: the keys, and what stands on the line then."""
    path_with_dfota(t)
    t.env["PS1"] = "> "
    t.env["TERM"] = "dumb"
    main, side = pty.openpty()
    asked = shell(t, ["/bin/sh", "-c", "exec %s 2>&1" % command], stdin=side, stdout=side)
    os.close(side)
    said = b""

    def until(text):
        nonlocal said
        end = time.monotonic() + DEADLINE
        while text not in said:
            assert time.monotonic() < end and select.select([main], [], [], DEADLINE)[0], said
            said += os.read(main, 4096)
        said = b""

    until(b"> ")
    os.write(main, prepare.encode() + b"; echo prep''ared\n")
    until(b"prepared\r\n")
    os.write(main, b"dfota expl\t")
    until(b"dfota explain ")
    os.write(main, b"htt\t714\n")
    until(b"DNS error")
    os.write(main, b"dfota run --profile=ug\t")
    until(b"ugxx")
    os.write(main, b"\x15exit\n")
    asked.wait()
    os.close(main)


def test_bash_at_a_terminal(t):
    at_a_terminal(t, find_program("bash") + " --norc --noprofile -i", "source '%s/dfota'" % FOLDER)


def test_zsh_at_a_terminal(t):
    at_a_terminal(t, find_program("zsh") + " -f -i",
                  "fpath=('%s' $fpath); autoload -Uz compinit; compinit -D -u" % FOLDER)


def test_fish(t):
    path_with_dfota(t)
    fish = find_program("fish")

    def ask(line):
        run = shell(t, [fish, "--no-config", "-c", "source %s/dfota.fish; complete -C '%s'" % (FOLDER, line)])
        run.wait()
        return [text.split("\t")[0] for text in run.text().splitlines()]

    assert ask("dfota prob") == ["probe"]
    assert ask("dfota run --profile ug") == ["ugxx"]
    assert ask("dfota run --profile=ug") == ["--profile=ugxx"]
    assert set(ask("dfota doctor --")) == {"--json", "--help"}


def test_zsh(t):
    path_with_dfota(t)
    zsh = find_program("zsh")
    stubs = r"""
_describe() { print -rl -- ${(P)@[-1]} }
_files() { print -- :files }
compset() { : }
words=("${(@)argv[2,-1]}") CURRENT=$(( $# - 1 ))
source "$1"
"""

    def ask(*words):
        run = shell(t, [zsh, "-f", "-c", stubs, "zsh", os.path.join(FOLDER, "_dfota"), "dfota", *words])
        run.wait()
        return run.text().splitlines()

    assert ask("prob") == ["probe:identify and check a module; changes nothing"], ask("prob")
    assert ask("run", "--profile", "ug") == ["ugxx:UG96"]
    assert ":files" in ask("run", "-f", "")
    assert any(line.startswith("tcp\\::") for line in ask("probe", "")), ask("probe", "")


def test_nothing_hostile_is_offered(t):
    """faults: a name that a shell would run, a terminal would obey"""
    for words in ((), ("",), ("\x1b[2J",), ("run", "--port", "$(id)"), ("run", "--port="), ("--",), ("-",), ("-p",),
                  ("run", "-p"), ("=",), ("run", "=", "x"), ("complete", ""), ("run",) + ("x",) * 200):
        run = t.run("complete", *words)
        assert run.status == 0 and run.err == b"", run.report()
        for line in run.text().splitlines():
            candidate, help = (line + "\t").split("\t")[:2]
            assert candidate and help.isprintable() and not set(candidate) & set("$`\\\"'; \x1b"), line
