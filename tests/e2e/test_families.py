"""Each family that is a row, through the program, by every way it has: an upgrade, one that fails, a power cut in
the installation. The same without a port in between: tests/test_families.c; UGxx: the other files."""

import os
import re

from harness import SCENARIOS
from test_fleet import imei
from test_network import Web

SERVER = ("download", "publish")		# what a module can that downloads for itself
ALL = ("serial", *SERVER, "relay")		# and one that takes a package over its port
ROUTES = {
    "serial": lambda web, package: ("-f", package),
    "download": lambda web, package: ("-u", web + os.path.basename(package), "--manifest", package + ".manifest"),
    "relay": lambda web, package: ("--relay", "-u", web + os.path.basename(package), "--manifest", package + ".manifest"),
    "publish": lambda web, package: ("-f", package, "--publish", web + os.path.basename(package)),
}

# family: model, from, to, code of a failed installation, ways
FAMILIES = {
    "ucxx": ("UC20", "UC20GQBR03A12E1G", "UC20GQBR03A14E1G", 504, ALL),
    "ec2x": ("EG25", "EG25GGBR07A07M2G", "EG25GGBR07A08M2G", 510, ALL),
    "ep06": ("EP06", "EP06ELAR02A08M4G", "EP06ELAR02A09M4G", 502, SERVER),
    "bg96": ("BG96", "BG96MAR02A06M1G", "BG96MAR02A07M1G", 504, SERVER),
    "bg95": ("BG95-M3", "BG95M3LAR02A03", "BG95M3LAR02A04", 504, SERVER),
    "lte-a": ("EC200A", "EC200ACNHAR01A01M16", "EC200ACNHAR01A02M16", 504, ALL),
    "ec200u": ("EC200U", "EC200UCNAAR03A03M08", "EC200UCNAAR03A13M08", 504, SERVER),
}

RESUMES = '"Last upgrade was not finished,continue upgrade"'


def start(t, web, number, family, route, deed):
    """A run and its module."""
    model, frm, to, _, _ = FAMILIES[family]
    # what is published must not be there yet
    folder = "own" if route == "publish" else "files"
    package = t.package(4000, name="%s/%s%d.bin" % (folder, family, number), model=model, frm=frm, to=to)
    scenario = None
    if deed:
        own, shared = (os.path.join(SCENARIOS, "families", name + ".at") for name in ("%s-%s" % (family, deed), deed))
        with open(own if os.path.exists(own) else shared, encoding="ascii") as file:
            scenario = file.read()
    sim = t.sim("--profile", family, "--imei", imei(number), scenario=scenario, package=package)
    return t.start("run", "--json", "--verbose", "-y", "-p", sim.path, *ROUTES[route](web, package)), sim


def fota(run):
    """What the module told of the upgrade."""
    return [line[len('+QIND: "FOTA",'):] for line in run.lines("rx") if line.startswith('+QIND: "FOTA",')]


def sent(run):
    """What stores a package, and what starts the upgrade."""
    return [line for line in run.lines("tx") if re.match(r"AT\+(QFUPL|QFOTADL)=[^?]", line)]


def losses(run):
    """How often the port was lost, and came back."""
    return [e["id"] in ("port-back", "port-back-as", "port-comes-and-goes") for e in run.events("notice")].count(True)


def by_every_way(t, family):
    """All of them beside each other, for they mostly wait. {(route, deed): run}"""
    _, frm, to, code, routes = FAMILIES[family]
    web = Web(t, t.web(), "dav_methods PUT DELETE MOVE;").url
    os.mkdir(t.path("own"))
    trials = [(route, deed) for route in routes for deed in (None, "failure", "power-cut")]
    started = [start(t, web, number, family, *trial) for number, trial in enumerate(trials)]
    runs = {}
    for trial, (run, sim) in zip(trials, started):
        failure = trial[1] == "failure"
        run.expect(*(("unchanged", 10, ("end", code)) if failure else ("success", 0)))
        assert run.events("identity")[0]["profile"] == family, (trial, run.report())
        assert sim.stop() == (frm if failure else to) and sim.upgrades() == 1, (trial, run.report())
        # asked for its form, then told once what to load, never by a number
        assert "AT+QFOTADL=?" in run.lines("tx"), trial
        assert [line[:12] for line in sent(run) if line.startswith("AT+QFOTADL")] == ['AT+QFOTADL="'], (trial, sent(run))
        runs[trial] = run
    for route in routes:
        assert losses(runs[route, "power-cut"]) > losses(runs[route, None]), (route, runs[route, "power-cut"].report())
    return runs


def test_ucxx_by_every_way(t):
    by_every_way(t, "ucxx")


def test_ec2x_by_every_way(t):
    """Stored by AT+QFUPL, then by its path; the port goes after OK and again after the installation."""
    runs = by_every_way(t, "ec2x")
    for route in ALL:
        run = runs[route, None]
        assert losses(run) == 2, (route, run.report())
        if route in SERVER:
            continue
        upload, upgrade = sent(run)
        name = re.fullmatch(r'AT\+QFUPL="([^"]+)",4000,\d+,1', upload).group(1)
        assert upgrade == 'AT+QFOTADL="/data/ufs/%s"' % name, upgrade
        assert not [line for line in fota(run) if "START" in line and line != '"START"'], fota(run)


def test_ep06_by_every_way(t):
    runs = by_every_way(t, "ep06")
    assert losses(runs["download", None]) == 2, runs["download", None].report()


def test_bg96_by_every_way(t):
    """With RESTORE for UPDATING; after a power cut it says at power-up that it goes on."""
    for (_, deed), run in by_every_way(t, "bg96").items():
        told = fota(run)
        assert not [line for line in told if line.startswith('"UPDATING"')], told
        assert RESUMES not in told or told[told.index(RESUMES) + 1].startswith('"RESTORE", '), told
        assert told.count(RESUMES) == (deed == "power-cut"), told


def test_bg95_by_every_way(t):
    for (_, deed), run in by_every_way(t, "bg95").items():
        assert fota(run).count(RESUMES) == (deed == "power-cut"), fota(run)


def test_lte_a_by_every_way(t):
    """Its serial form is answered by FILESTART, never by CONNECT."""
    for (route, deed), run in by_every_way(t, "lte-a").items():
        source = "HTTP" if route in SERVER else "FILE"
        assert fota(run)[0] == '"%sSTART"' % source and '"%sEND",0' % source in fota(run), fota(run)
        assert not [line for line in run.lines("rx") if line.startswith("CONNECT")], run.report()
        assert source == "HTTP" or sent(run)[-1] == 'AT+QFOTADL="FILE:4000"', sent(run)
        assert deed or losses(run) == 2, (route, run.report())


def test_ec200u_by_every_way(t):
    """Mode and limits of the URCs behind the URL."""
    for run in by_every_way(t, "ec200u").values():
        assert re.fullmatch(r'AT\+QFOTADL="http://[^"]+",1,50,100', sent(run)[-1]), sent(run)
        assert [line for line in fota(run) if line.startswith('"DOWNLOADING",')], fota(run)


def test_profiles_are_listed(t):
    text = t.run("profiles").text()
    for family in FAMILIES:
        assert "%s:" % family in text, text
    assert "tried" in text.splitlines()[0], text


def test_those_that_restart_before_the_installation(t):
    """The port goes after OK or FILEEND; START comes on the one that returns."""
    started = []
    for number, family in enumerate(("ec2x", "lte-a")):
        model, frm, to, _, _ = FAMILIES[family]
        package = t.package(4000, name=family + ".bin", model=model, frm=frm, to=to)
        sim = t.sim("--profile", family, "--imei", imei(number),
                    scenario="set reboot-ms 3000\nat start\n\thold\n", package=package)
        started.append((t.start_push(sim, package), sim, to))
    for run, sim, to in started:
        run.wait_for(lambda run=run: [e for e in run.events("notice") if e["id"] in ("port-back", "port-back-as")],
                     "the port is back")
        sim.go_on()
        run.expect("success", 0)
        assert sim.stop() == to, run.report()
