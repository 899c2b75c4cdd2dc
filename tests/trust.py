#!/usr/bin/python3
"""The figures of the table "Trust" in README.md, which commands write.

  trust.py note [-m] COMMAND FIGURE VALUE     keep a figure
  trust.py watch [-m] COMMAND FIGURE PATTERN -- ARGV...
                                              run ARGV, show what it prints, and keep
                                              what the last match of PATTERN shows
  trust.py table                              write the table into README.md
  trust.py check                              say where README.md has another table

COMMAND is what somebody types to see it again, "make simulate N=100000": its second
word names the file, tests/trust/simulate.txt. A line of it is a figure, its value, the
command and the day, with tabs between. With -m a figure that begins with a smaller
number does not replace one that begins with a larger: a short run says less. With
PART in the environment nothing is kept: somebody runs only a part.
"""

import datetime
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "tests", "trust")
README = os.path.join(ROOT, "README.md")
HEAD = "| what | figure | command | seen |\n|---|---|---|---|\n"
TABLE = re.compile(r"(?<=<!-- trust: written by tests/trust\.py -->\n).*?(?=<!-- end of trust -->)", re.S)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def lines(path):
    return [line.split("\t") for line in read(path).splitlines() if line]


def number(value):
    """The one that VALUE begins with."""
    found = re.match(r"[0-9,]+", value)
    return int(found[0].replace(",", "") or 0) if found else 0


def place_of(command):
    return os.path.join(FOLDER, re.fullmatch(r"\S+ (?:\S+/)?([\w-]+).*", command)[1] + ".txt")


def note(command, figure, value, most):
    """Keep a figure in the file of its command."""
    words = [" ".join(word.split()) for word in (figure, value, command)]
    path = place_of(words[2])
    rows = lines(path)
    place = next((i for i, row in enumerate(rows) if row[0] == words[0]), len(rows))
    if most and place < len(rows) and number(rows[place][1]) > number(words[1]):
        return
    rows[place:place + 1] = [[*words, datetime.datetime.now(datetime.timezone.utc).date().isoformat()]]
    try:
        os.makedirs(FOLDER, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    except OSError as error:	# sources that may not be written: the figure was printed
        print("# not kept: %s" % error, file=sys.stderr)


def watch(command, figure, pattern, argv, most):
    """Run ARGV; its status."""
    value = None
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        for line in child.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
            found = re.search(pattern, line.decode("utf-8", "replace"))
            value = found[found.lastindex or 0] if found else value
    if value is not None and not os.environ.get("PART"):
        note(command, figure, value, most)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def table():
    rows = [row for name in sorted(os.listdir(FOLDER)) if name.endswith(".txt")
            for row in lines(os.path.join(FOLDER, name))]
    for row in rows:
        row[1] = re.sub(r"\b[0-9]{5,}\b", lambda found: format(int(found[0]), ","), row[1])
    return HEAD + "".join("| %s | %s | `%s` | %s |\n" % tuple(row) for row in rows)


def check():
    """What is wrong, a line each."""
    for name in sorted(os.listdir(FOLDER)):
        for row in lines(os.path.join(FOLDER, name)):
            if len(row) != 4 or "|" in "".join(row) or not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}", row[3]):
                yield "tests/trust/%s: no line of four: %s" % (name, " | ".join(row))
    found = TABLE.search(read(README))
    if not found:
        yield "README.md: no place for the table of trust"
    elif found[0] != table():
        yield "README.md: its table of trust is not that of tests/trust: make trust"


def main(words):
    most = "-m" in words[1:2]
    verb, args = words[0], words[1 + most:]
    if verb == "note":
        note(*args, most)
    elif verb == "watch":
        return watch(*args[:3], args[args.index("--") + 1:], most)
    elif verb == "table":
        text = TABLE.sub(lambda _: table(), read(README))
        with open(README, "w", encoding="utf-8") as file:
            file.write(text)
    elif verb == "check":
        wrong = list(check())
        print("".join(line + "\n" for line in wrong), end="")
        return 1 if wrong else 0
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
