#!/usr/bin/python3
"""What the tests reach of the program: coverage.py [-u] [FILE...]

Reads with gcov what a build with --enable-coverage left in $builddir, and prints
lines and branches a file, those of FILE only if there is one. -u names the lines
that were not reached and the conditions that were never the one or the other.
A branch is one side of one condition: of "a && b" there are four. Those of an
assert count nowhere: no test makes the program break its own promise.
Status 0 when all goals are met.
"""

import collections
import getopt
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("builddir", os.path.join(ROOT, "build")))
LINES, BRANCHES = 90, 80	# per cent of all
# What hostile bytes, secrets and the module's life hang on is reached whole.
WHOLE = ("src/protocol/at.c", "src/base/text.c", "src/base/redact.c", "src/record/", "src/package/blocks.c",
         "src/upgrade/data_mode.c", "src/modem/data.c")
ASSERT = re.compile(r"\s*(static_)?assert\(")


class Source:
    def __init__(self, path):
        self.path = path
        self.lines = collections.Counter()	# by number
        self.branches = {}			# by number: counts of each side
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = file.read().splitlines()
        self.asserts = {i + 1 for i, line in enumerate(text) if ASSERT.match(line)}

    def add(self, line):
        number = line["line_number"]
        self.lines[number] += line["count"]
        if number in self.asserts:
            return
        sides = [side["count"] for side in line["branches"]]
        known = self.branches.setdefault(number, [])
        for i, count in enumerate(sides):
            if i < len(known):
                known[i] += count
            else:
                known.append(count)

    def counts(self):
        """Lines reached, lines, branches taken, branches."""
        sides = [count for line in self.branches.values() for count in line]
        return (sum(1 for n in self.lines.values() if n), len(self.lines), sum(1 for n in sides if n), len(sides))

    def whole(self):
        return self.path.startswith(WHOLE)


def measure():
    """Each source of the program, by path."""
    notes = [os.path.join(folder, name) for room in ("src", "ui") for folder, _, names in os.walk(os.path.join(BUILD, room))
             for name in names if name.endswith(".gcno")]
    if not notes:
        sys.exit("coverage: %s is not built with --enable-coverage" % BUILD)
    said = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", *sorted(notes)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=BUILD)
    sources = {}
    for text in said.stdout.decode().splitlines():
        for file in json.loads(text)["files"] if text.startswith("{") else []:
            path = os.path.relpath(os.path.join(BUILD, file["file"]), ROOT)
            if path.startswith(("src/", "ui/")):
                source = sources.setdefault(path, Source(path))
                for line in file["lines"]:
                    source.add(line)
    return sources


def share(part, whole):
    return 100 * part / whole if whole else 100


def show(name, counts):
    print("%-36s %6.1f %%  %5d of %5d   %6.1f %%  %5d of %5d" % (
        name, share(*counts[:2]), *counts[:2], share(*counts[2:]), *counts[2:]))


def total(sources):
    return [sum(column) for column in zip(*(source.counts() for source in sources))] or [0] * 4


def unreached(source):
    for number, count in sorted(source.lines.items()):
        never = [i for i, n in enumerate(source.branches.get(number, [])) if not n]
        if not count:
            print("%s:%d: not reached" % (source.path, number))
        elif never:
            print("%s:%d: of %d branches never %s" % (
                source.path, number, len(source.branches[number]), ", ".join(str(i + 1) for i in never)))


def missing(source):
    """What keeps a source from being whole, in a line."""
    lines = [str(number) for number, count in sorted(source.lines.items()) if not count]
    branches = [str(number) for number, sides in sorted(source.branches.items()) if source.lines[number] and not all(sides)]
    return "%s is not whole: %s" % (source.path, "; ".join(
        "%s %s" % (what, ", ".join(where)) for what, where in (("not reached", lines), ("conditions of", branches)) if where))


def main():
    options, words = getopt.getopt(sys.argv[1:], "u")
    sources = measure()
    shown = [s for path, s in sorted(sources.items()) if not words or any(word in path for word in words)]
    print("%-36s %-26s %s" % ("", "  lines", "  branches"))
    for source in shown:
        show(source.path, source.counts())
        if ("-u", "") in options:
            unreached(source)
    if words:
        return 0
    left = [s for s in sources.values() if s.whole() and (s.counts()[0] != s.counts()[1] or s.counts()[2] != s.counts()[3])]
    for source in left:
        print(missing(source))
    all_of_it, whole = total(sources.values()), total(s for s in sources.values() if s.whole())
    show("what must be whole", whole)
    show("all", all_of_it)
    print("coverage: %.1f %% of lines, %.1f %% of branches" % (share(*all_of_it[:2]), share(*all_of_it[2:])))
    print("coverage of what must be whole: %.1f %% of lines, %.1f %% of branches" % (share(*whole[:2]), share(*whole[2:])))
    short = [words for words in (
        share(*all_of_it[:2]) < LINES and "lines below %d %%" % LINES,
        share(*all_of_it[2:]) < BRANCHES and "branches below %d %%" % BRANCHES,
        left and "%d files that must be whole are not" % len(left)) if words]
    if short:
        print("coverage falls short: %s" % ", ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
