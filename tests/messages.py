#!/usr/bin/python3
"""messages.py [TREE]: the table of messages held against the sources.

Each call that makes a message (err_fail, upgrade_report, ...) names the
arguments of its row, in their order and with conversions of their types; each
row is made somewhere. What the words of a row need: tests/test_message.c.
Prints what is wrong, then how many rows and calls it looked at.
"""

import glob
import os
import re
import sys

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
NUMBER = re.compile(r"%(l|ll|z)?[du]$")
TEXT = re.compile(r"%(\.\*)?s$|%c$")
STRING = r'"(?:[^"\\]|\\.)*"'
ROW = re.compile(r'^MESSAGE\((\w+),\s*("[^"]*"),\s*(?:ERROR|NOTICE)\(\w+\),\s*((?:%s\s*)+),' % STRING, re.M)
# what is between the id and the name of the function is other arguments
CALL = re.compile(r'\b(\w+)\(([^;{}"]*?)\bMSG_(\w+),([^;"]*?)((?:%s(?:\s*PRI\w+\s*)?\s*)+)' % STRING, re.S)
bad = []


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


rows = {}
for path in sorted(glob.glob("src/base/messages/*.def")):
    text = open(path, encoding="utf-8").read()
    for name, value in re.findall(r'^#define (\w+) (%s)$' % STRING, text, re.M):
        text = re.sub(r"(\), )%s," % name, lambda m: m[1] + value + ",", text)
    found = 0
    for m in ROW.finditer(text):
        ident, name, args = m.groups()
        found += 1
        if joined(name) != ident.lower().replace("_", "-"):
            bad.append("%s: %s is called %s" % (path, ident, name))
        if ident in rows:
            bad.append("%s: %s stands twice" % (path, ident))
        rows[ident] = [tuple(a.split(":")) for a in joined(args).split()]
    if found != len(re.findall(r"^MESSAGE\(", text, re.M)):
        bad.append("%s: %d of %d rows can be read" % (path, found, len(re.findall(r"^MESSAGE\(", text, re.M))))

calls, made = 0, set()
for path in sorted(glob.glob("src/**/*.[ch]", recursive=True) + glob.glob("ui/**/*.[ch]", recursive=True)):
    text = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    made.update(re.findall(r"\bMSG_(\w+)", text))
    for m in CALL.finditer(text):
        function, _, ident, _, literal = m.groups()
        where = "%s: %s" % (path, ident)
        if ident not in rows:
            continue	# the compiler says so
        given = joined(literal).split()
        calls += 1
        spec = rows[ident]
        if spec and spec[-1][1] == "errno" and len(given) == len(spec) - 1:
            spec = spec[:-1]
        if [g.split("=")[0] for g in given] != [a[0] for a in spec]:
            bad.append("%s: %s gives \"%s\", the row has \"%s\"" % (where, function, " ".join(given), " ".join(a[0] for a in spec)))
            continue
        for g, a in zip(given, spec):
            conversion = g.split("=", 1)[1]
            if not (TEXT if a[1] == "text" else NUMBER).match(conversion):
                bad.append("%s: %s is of type %s, not %s" % (where, a[0], a[1], conversion))
for ident in rows:
    if ident not in made and ident != "SAID":
        bad.append("%s is made nowhere" % ident)
print("\n".join(bad + ["%d messages, %d calls" % (len(rows), calls)]))
sys.exit(1 if bad else 0)
