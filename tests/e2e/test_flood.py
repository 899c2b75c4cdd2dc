"""The short form of make check-flood: memory stays flat and no sink gets a byte that
harms, whatever comes down the line and however much."""

import flood

SIZE = 6 << 20


def test_a_flood_reaches_no_sink_of_run(t):
    flood.flood_run(t, SIZE)


def test_a_flood_reaches_no_sink_of_the_screen(t):
    flood.flood_screen(t, SIZE)
