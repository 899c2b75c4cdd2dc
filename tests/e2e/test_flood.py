"""The short form of make check-flood: memory stays flat and no sink gets a byte that
harms, whatever comes down the line and however much."""

import flood

SIZE = 6 << 20


def test_a_flood_reaches_no_sink_of_run(t):
    flood.flood_run(t, SIZE)


def test_a_flood_reaches_no_sink_of_the_screen(t):
    flood.flood_screen(t, SIZE)


def finding(text, screen, cuts):
    """What is found in TEXT when it comes in pieces that end at CUTS; None: nothing."""
    sink = flood.Sink("it", screen)
    try:
        for begin, end in zip([0] + cuts, cuts + [len(text)]):
            sink.take(text[begin:end])
        sink.take(b"", True)
    except (AssertionError, UnicodeDecodeError) as found:
        return type(found).__name__
    return None


def test_what_is_found_does_not_depend_on_the_pieces(_):
    long = b"\x1b[" + b"1;" * 40 + b"m"
    for text, screen, wanted in (
            (b"x" * 70 + b"\x1b[38;5;1mred \xe2\x82\xac\x1b(B\n\x1b[?25l" + b"y" * 63, True, None),
            (b"x" * 60 + flood.EVIL.encode() + b"y" * 70, True, "AssertionError"),
            (b"x\x1b\n[1m", True, "AssertionError"),
            (b"x" + long[:40], True, "AssertionError"),
            (b"x\x1b]0;t\x07" + b"y" * 80, True, "AssertionError"),
            (b"\xe2\x80\xaa", True, "AssertionError"),
            (b"\xe2\x82", True, "UnicodeDecodeError"),
            (b"plain \xe2\x82\xac\n" * 20, False, None),
            (b"x\x1b[1m", False, "AssertionError")):
        whole = finding(text, screen, [])
        assert whole == wanted, (text, whole)
        for cut in range(len(text)):
            assert finding(text, screen, [cut]) == wanted, (text, cut)
        assert finding(text, screen, list(range(1, len(text)))) == wanted, text
