"""A module of a family through the program (each of them: tests/test_families.c): by a file where it takes one over
the serial port, else by a server; one that fails, one whose power is cut."""

import os

from harness import Nginx, SCENARIOS
from test_fleet import imei

# family, model, from, to, by file, code of a failed installation
FAMILIES = (
    ("ucxx", "UC20", "UC20GQBR03A12E1G", "UC20GQBR03A14E1G", True, 504),
    ("bg96", "BG96", "BG96MAR02A06M1G", "BG96MAR02A07M1G", False, 504),
    ("bg95", "BG95-M3", "BG95M3LAR02A03", "BG95M3LAR02A04", False, 504),
    ("ec200u", "EC200U", "EC200UCNAAR03A03M08", "EC200UCNAAR03A13M08", False, 504),
)


def upgrade(t, row, scenario=None):
    """The run and its module, of FAMILIES' ROW."""
    family, model, frm, to, by_file, _ = row
    package = t.package(4000, name="www/%s.bin" % family, model=model, frm=frm, to=to)
    text = ""
    if scenario:
        with open(os.path.join(SCENARIOS, "families", "%s-%s.at" % (family, scenario)), encoding="ascii") as file:
            text = file.read()
    sim = t.sim("--profile", family, "--imei", imei(FAMILIES.index(row)), scenario=text or None, package=package)
    way = ["-f", package]
    if not by_file:
        way = ["-u", "%s%s.bin" % (t.web.url, family), "--manifest", package + ".manifest"]
    return t.start("run", "--json", "--verbose", "-y", "-p", sim.path, *way), sim


def serve(t):
    os.makedirs(t.path("www"), exist_ok=True)
    t.web = Nginx(t, t.path("www"))


def test_a_family_is_upgraded(t):
    serve(t)
    for run, sim, row in [(*upgrade(t, row), row) for row in FAMILIES]:
        run.expect("success", 0)
        assert sim.stop() == row[3], row
        assert run.events("identity")[0]["profile"] == row[0], run.report()


def test_a_failure_has_the_words_of_the_family(t):
    serve(t)
    for run, sim, row in [(*upgrade(t, row, "failure"), row) for row in FAMILIES]:
        run.expect("unchanged", 10, code=("end", row[5]))
        assert sim.stop() == row[2], row


def test_a_power_cut_in_the_installation_is_waited_for(t):
    serve(t)
    for run, sim, row in [(*upgrade(t, row, "power-cut"), row) for row in FAMILIES]:
        run.expect("success", 0)
        assert sim.stop() == row[3], row


def test_profiles_are_listed(t):
    text = t.run("profiles").text()
    for row in FAMILIES:
        assert "%s:" % row[0] in text, text
    assert "tried" in text.splitlines()[0], text


def test_those_that_restart_before_the_installation(t):
    """The port goes after OK or FILEEND; START comes on the one that returns. EC2x: by AT+QFUPL."""
    for number, (family, model, frm, to) in enumerate((
            ("ec2x", "EG25", "EG25GGBR07A07M2G", "EG25GGBR07A08M2G"),
            ("lte-a", "EC200A", "EC200ACNHAR01A01M16", "EC200ACNHAR01A02M16"))):
        package = t.package(4000, name=family + ".bin", model=model, frm=frm, to=to)
        sim = t.sim("--profile", family, "--imei", imei(20 + number),
                    scenario="set reboot-ms 3000\nat start\n\thold\n", package=package)
        run = t.start_push(sim, package)
        run.wait_for(lambda run=run: [e for e in run.events("notice") if e["id"] in ("port-back", "port-back-as")],
                     "the port is back")
        sim.go_on()
        run.expect("success", 0)
        assert sim.stop() == to, family
