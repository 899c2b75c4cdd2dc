#!/usr/bin/python3
"""The fault catalogue held against the tests: faults.py [-l] [-j N] [ID...]

Runs the tests of each row of faults.txt and prints the table; -l only says
what is wrong with the catalogue itself: a test that does not exist, a row that
has neither test nor reason, an id in a test's name that has no row.
The build is $builddir, or build/. What takes the virtual machine runs where
its kernel was fetched (make check-vm).
A row has passed when each of its tests has: where some were not run, or skipped
themselves, it is "partly" and does not count.
Status 0 when no test failed, and nothing is wrong.
"""

import getopt
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.path.abspath(os.environ.get("builddir", os.path.join(ROOT, "build")))
NOT_YET = "no test yet"
ID = re.compile(r"(?<![A-Za-z0-9])([A-I][0-9]{2})(?![0-9A-Za-z])")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def unit_tests():
    """By name: each function of a unit test that takes a state, and each scenario."""
    for name in sorted(os.listdir(HERE)):
        if re.fullmatch(r"test_\w+\.c", name):
            for test in re.findall(r"^static void (\w+)\(void \*\*", read(os.path.join(HERE, name)), re.M):
                yield "%s.%s" % (name[:-2], test)
    for name in sorted(os.listdir(os.path.join(HERE, "scenarios"))):
        yield "test_scenarios." + name[:-3]


def listed(folder):
    """What tests/e2e/run would run of FOLDER."""
    found = subprocess.run([sys.executable, os.path.join(HERE, "e2e", "run"), "-l", "-d", folder],
                           stdout=subprocess.PIPE, check=True)
    return found.stdout.decode().split()


def ids_of(test):
    """The ids that a test's name carries."""
    name = test.split(".", 1)[1].replace("_", " ")
    if test.startswith("test_scenarios."):
        name = name.split("-")[0].upper()
    return ID.findall(name)


class Row:
    def __init__(self, line):
        self.id, self.what, last = [word.strip() for word in line.split("|", 2)]
        self.reason = last[1:].strip() if last.startswith("-") else ""
        self.named = [] if self.reason else last.split()
        self.tests = []

    def find(self, tests):
        """Its tests among TESTS. Returns what was named and is not there."""
        lost = []
        for name in self.named:
            fits = [t for t in tests if t == name or (name[-1] == "*" and t.startswith(name[:-1]))]
            self.tests += fits
            if not fits:
                lost.append(name)
        self.tests += [t for t in tests if self.id in ids_of(t)]
        if self.tests and self.reason == NOT_YET:
            self.reason = ""
        if self.reason:		# a scenario that no upgrade can come to yet proves nothing
            self.tests = [t for t in self.tests if not t.startswith("test_scenarios.")]
        self.tests = sorted(set(self.tests))
        return lost


def load():
    """The rows with their tests, and what is wrong with them."""
    rows = [Row(line) for line in read(os.path.join(HERE, "faults.txt")).splitlines()
            if line and not line.startswith("#")]
    tests = [*unit_tests(), *listed(os.path.join(HERE, "e2e")), *listed(os.path.join(HERE, "vm"))]
    wrong = []
    for row in rows:
        wrong += ["%s: there is no test %s" % (row.id, name) for name in row.find(tests)]
        if not row.tests and not row.reason:
            wrong.append("%s: neither a test nor a reason: %s" % (row.id, row.what))
        if row.tests and row.reason:
            wrong.append("%s: a reason, and tests all the same: %s" % (row.id, " ".join(row.tests)))
    ids = [row.id for row in rows]
    wrong += ["%s: out of order, or twice" % b for a, b in zip(ids, ids[1:]) if a >= b]
    wrong += ["%s: no row has the id %s" % (test, i) for test in tests for i in ids_of(test) if i not in ids]
    return rows, wrong


def tap(argv, prefix, results):
    """Run ARGV and keep what its lines say of PREFIX + test."""
    print("# " + " ".join(os.path.relpath(word, ROOT) if os.sep in word else word for word in argv[:6]), flush=True)
    said = subprocess.run(argv, stdout=subprocess.PIPE, env=dict(
        os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", srcdir=ROOT, builddir=BUILD, LC_ALL="C.UTF-8", LANGUAGE="", TZ="UTC"), cwd=BUILD)
    for line in said.stdout.decode("utf-8", "replace").splitlines():
        found = re.match(r"(not )?ok (?:[0-9]+ )?- (\S+)(.*)", line)
        if found:
            outcome = "failed" if found[1] else "skipped" if "# SKIP" in found[3] else "passed"
            results[prefix + found[2]] = outcome
            if outcome == "failed":
                print("# failed: " + prefix + found[2], flush=True)


def run(rows, jobs):
    """Each test once. Returns what came out of it, by name."""
    results = {}
    names = sorted({test for row in rows for test in row.tests})
    for program in sorted({name.split(".")[0] for name in names if name.startswith("test_")}):
        tap(["sh", os.path.join(HERE, "unit"), os.path.join(BUILD, "tests", program)], program + ".", results)
    for folder, ours in (("e2e", lambda n: not n.startswith(("test_", "vm."))), ("vm", lambda n: n.startswith("vm."))):
        wanted = [name for name in names if ours(name)]
        if wanted and (folder == "e2e" or os.path.isdir(os.path.join(BUILD, "vm"))):
            tap([os.path.join(HERE, "e2e", "run"), "-j", str(jobs), "-d", os.path.join(HERE, folder),
                 os.path.join(BUILD, "dfota"), *wanted], "", results)
    return results


def outcome(row, results):
    """One word for a row, and what it took."""
    got = [results.get(test, "not run") for test in row.tests]
    count = ", ".join("%d %s" % (got.count(word), word)
                      for word in ("passed", "failed", "skipped", "not run") if word in got)
    if row.reason:
        return "none", row.reason
    if "failed" in got:
        return "FAILED", count + ": " + " ".join(t for t in row.tests if results.get(t) == "failed")
    if all(word == "passed" for word in got):
        return "passed", count
    missing = [t for t in row.tests if results.get(t) != "passed"]
    return "partly" if "passed" in got else "not run", count + ": " + (
        "make check-vm" if all(t.startswith("vm.") for t in missing) else " ".join(missing))


def main():
    options, words = getopt.getopt(sys.argv[1:], "lj:")
    options = dict(options)
    rows, wrong = load()
    for text in wrong:
        print(text)
    if "-l" in options:
        return 1 if wrong else 0
    rows = [row for row in rows if not words or row.id in words]
    results = run(rows, int(options.get("-j", 2)))
    words = []
    for row in rows:
        word, text = outcome(row, results)
        words.append(word)
        print("%-4s%-8s %s (%s)" % (row.id, word, row.what, text))
    print("%d of %d faults injected and survived; %d without a test, for the reason given; %d partly; %d not run; %d failed"
          % (words.count("passed"), len(rows) - words.count("none"), words.count("none"),
             words.count("partly"), words.count("not run"), words.count("FAILED")))
    return 1 if wrong or "FAILED" in words else 0


if __name__ == "__main__":
    sys.exit(main())
