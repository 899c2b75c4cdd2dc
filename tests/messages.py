#!/usr/bin/python3
"""messages.py [TREE]: the table of messages held against the sources.

Each call that makes a message (err_fail, upgrade_report, ...) names the
arguments of its row, in their order and with conversions of their types; each
row is made somewhere; words name arguments that the row has; a failure has a
cure. Prints what is wrong, then how many rows and calls it looked at.
"""

import glob
import os
import re
import sys

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
NUMBER = re.compile(r"%(l|ll|z)?[du]$")
TEXT = re.compile(r"%(\.\*)?s$|%c$")
STRING = r'"(?:[^"\\]|\\.)*"'
ROW = re.compile(r'MESSAGE\((\w+),\s*("[^"]*"),\s*(ERROR|NOTICE)\((\w+)\),\s*((?:%s\s*)+),(.*?)\)\n(?=\s*(?:MESSAGE\(|/\*|$))' % STRING, re.S)
# what is between the id and the name of the function is other arguments
CALL = re.compile(r'\b(\w+)\(([^;{}"]*?)\bMSG_(\w+),([^;"]*?)((?:%s(?:\s*PRI\w+\s*)?\s*)+)' % STRING, re.S)
bad = []


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


rows = {}
for path in sorted(glob.glob("src/base/messages/*.def")):
    text = open(path, encoding="utf-8").read()
    found = 0
    for m in ROW.finditer(text + "\n"):
        ident, name, kind, code, args, rest = m.groups()
        found += 1
        fields = dict((key, joined(value)) for key, value in re.findall(r'\.(\w+)\s*=\s*((?:%s\s*)+)' % STRING, rest))
        spec = [tuple(a.split(":")) for a in joined(args).split()]
        where = "%s: %s" % (path, ident)
        if joined(name) != ident.lower().replace("_", "-"):
            bad.append("%s is called %s" % (where, name))
        if ident in rows:
            bad.append("%s stands twice" % where)
        rows[ident] = spec
        if "words" not in fields:
            bad.append("%s has no words" % where)
        for key, words in fields.items():
            plain = words.replace("[[", "").replace("{{", "")
            for used in re.findall(r"\{([^}]*)\}", plain) + re.findall(r"\[(\w+)\?", plain):
                if used not in [a[0] for a in spec]:
                    bad.append("%s: .%s names {%s}, which is no argument" % (where, key, used))
            if plain.count("[") != plain.count("]"):
                bad.append("%s: .%s has an odd bracket" % (where, key))
        for a in spec:
            if a[1] not in ("text", "number", "bytes", "errno"):
                bad.append("%s: no type is called %s" % (where, a[1]))
            if not any("{%s}" % a[0] in w or "[%s?" % a[0] in w for w in fields.values()):
                pass	# an argument may be there for the diagnosis alone
        if kind == "ERROR" and not fields.get("next"):
            bad.append("%s: a failure without a cure" % where)
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
