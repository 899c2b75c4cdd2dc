"""Another program's view: a person with picocom talks to the module."""

from harness import FROM, find_program


def test_talks_by_hand(t):
    picocom = find_program("picocom")
    sim = t.sim(paced=True)
    shown = t.terminal([picocom, "-b", "115200", "--nolock", sim.path])
    shown.wait_for("Terminal ready")
    shown.type("ATI\r")
    for words in ("Quectel", "UG96", "Revision: " + FROM, "OK"):
        shown.wait_for(words)
    shown.type("AT+CGMR;+NOPE\r")
    shown.wait_for("ERROR")
    shown.type("\x01\x18")	# C-a C-x: leave
    assert shown.wait().status == 0
    assert sim.stop() == FROM
