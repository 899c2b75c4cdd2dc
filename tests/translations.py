#!/usr/bin/python3
"""translations.py SRCDIR BUILDDIR: what po/ holds, against the tables and itself.

po/dfota.pot is what po/update makes now. A translation has the {arguments} and
optional [parts] of its English, its conversions (msgfmt -c), its `commands`
and options letter by letter, its spaces at both ends, no sign that no terminal
shows, and fits where its English fits. Prints what is wrong, then what it
looked at.
"""

import ast
import glob
import os
import re
import subprocess
import sys
import unicodedata

source, build = (os.path.abspath(p) for p in sys.argv[1:3])
SENTENCE = 768	# TEXT_SIZE, less what arguments take
bad = []


def entries(text):
    """{english: (translation, comments)} of a .po file."""
    found = {}
    for block in text.split("\n\n"):
        parts = {"msgid": "", "msgstr": ""}
        comments, part = [], None
        for line in block.split("\n"):
            m = re.match(r'(msgid|msgstr) (".*")$', line)
            if m:
                part = m[1]
                parts[part] += ast.literal_eval(m[2])
            elif line.startswith('"') and part:
                parts[part] += ast.literal_eval(line)
            elif line.startswith("#"):
                comments.append(line)
        if parts["msgid"]:
            found[parts["msgid"]] = parts["msgstr"], comments
    return found


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def arguments(text):
    text = text.replace("{{", "")
    return set(re.findall(r"\{([^{}]*)\}", text))


def options(text):
    """What each optional part depends on."""
    text = text.replace("[[", "").replace("{{", "")
    return sorted(sorted(re.findall(r"\{([^{}]*)\}", part) + re.findall(r"^([a-z0-9_-]+)\?", part))
                  for part in re.findall(r"\[([^\]]*)\]", text))


def literal(text):
    """What stays as it is: what is typed, names of options and of AT commands."""
    return sorted(set(re.findall(r"`[^`]*`|(?<![\w-])--[a-z][a-z-]*|\bAT\+[A-Z]+|END,0|\b[A-Z]{2,}_[A-Z_]+\b", text)))


def check(name, english, translation, comments):
    where = '%s: "%s"' % (name, english[:60])
    template = "{" in english and "no-c-format" in "".join(comments)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp") and c != "\n" for c in translation):
        bad.append(where + ": holds a sign that no terminal shows")
    if template and arguments(english) != arguments(translation):
        bad.append(where + ": arguments differ: %s" % (arguments(english) ^ arguments(translation)))
    if template and options(english) != options(translation):
        bad.append(where + ": optional parts differ")
    if literal(english) != literal(translation):
        bad.append(where + ": %s" % (set(literal(english)) ^ set(literal(translation))))
    for end in (r"^\s*", r"\s*$"):
        here, there = re.search(end, english)[0], re.search(end, translation)[0]
        # a wide sign has its space in itself
        if here != there and not (end[-1] == "$" and re.search(r"[：；。]$", translation)):
            bad.append(where + ": other spaces at its ends")
    if len(translation.encode()) > max(SENTENCE, len(english) + 100):
        bad.append(where + ": too long")
    for comment in comments:
        m = re.search(r"in (\d+) columns at most", comment)
        if m and columns(translation) > int(m[1]):
            bad.append(where + ": more than %s columns" % m[1])
    if re.match(r"\d [A-Z]", english) and translation[:2] != english[:2]:
        bad.append(where + ": does not begin with the number of its pane")
    for word in ("yes", "detach"):
        if re.search(r"[Tt]ype %s\b" % word, english) and word not in translation:
            bad.append(where + ": does not say what to type")


made = subprocess.run([os.path.join(source, "po/update"), "-n", source, build], capture_output=True, text=True, check=True).stdout
template = entries(open(os.path.join(source, "po/dfota.pot"), encoding="utf-8").read())
for english in sorted(set(entries(made)) ^ set(template))[:5]:
    bad.append('po/dfota.pot is old, run make update-po: "%s"' % english[:60])
looked = 0
for path in sorted(glob.glob(os.path.join(source, "po/*.po"))):
    name = os.path.relpath(path, source)
    said = subprocess.run(["msgfmt", "-c", "-o", os.devnull, path], capture_output=True, text=True)
    bad += [line for line in said.stderr.split("\n") if line]
    for english, (translation, comments) in entries(open(path, encoding="utf-8").read()).items():
        looked += 1
        if english not in template:
            bad.append('%s: translates what nobody says: "%s"' % (name, english[:60]))
        if translation:
            check(name, english, translation, comments)
print("\n".join(bad + ["%d texts, %d translations" % (len(template), looked)]))
sys.exit(1 if bad else 0)
