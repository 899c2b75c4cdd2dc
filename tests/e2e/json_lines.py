"""Holds what --json prints against the JSON Schema of the tree.

Of a key that the schema does not name only readers are tolerant: here it is an
error, so that the schema stays complete."""

import json
import os

import jsonschema		# python3-jsonschema; ./bootstrap check installs it

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc", "dfota-json.schema.json")

MOST = 300		# lines of a type of one run: a flood of them has one form


def load():
    with open(SCHEMA) as file:
        return json.load(file)


class Checker:
    def __init__(self):
        self.types = {name[len("type_"):]: form for name, form in load()["$defs"].items()
                      if name.startswith("type_")}
        self.validator = jsonschema.Draft202012Validator(load())

    def fault(self, event):
        """What is wrong with EVENT; None: nothing."""
        form = self.types.get(event.get("type"))
        if form is None:
            return "the schema does not know this type"
        unknown = set(event) - set(form["properties"])
        if unknown:
            return "the schema does not name %s" % ", ".join(sorted(unknown))
        for error in self.validator.iter_errors(event):
            return "%s: %s" % ("/".join(map(str, error.path)), error.message)
        return None

    def check(self, text):
        """All whole lines of TEXT; the last may have been cut."""
        seen = {}
        for line in text.split("\n")[:-1]:
            event = json.loads(line)
            seen[event["type"]] = seen.get(event["type"], 0) + 1
            if seen[event["type"]] > MOST:
                continue
            fault = self.fault(event)
            assert not fault, "%s\nin %s" % (fault, line)
