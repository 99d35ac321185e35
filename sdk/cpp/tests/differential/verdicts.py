#!/usr/bin/python3
"""python3-jsonschema as a filter, for differential.py; lines as in verdicts.cpp.

usage: verdicts.py FOLDER    with the schemas of one form, as loophole-schema writes them
"""

import base64
import json
import math
import re
import sys
from pathlib import Path

from jsonschema import Draft202012Validator


class NotJson(Exception):
    """What the json module takes and RFC 8259 or our limits on numbers and text do not."""


def number(convert):
    def read(text):
        if math.isinf(float(text)):
            raise NotJson(text)
        return convert(text)

    return read


def refuse(text):
    raise NotJson(text)


def check_pairs(pairs):
    """Looks at all members, before the last of those with the same name takes the place of the others."""
    for name, value in pairs:
        check_text(name)
        check_text(value)
    return dict(pairs)


def check_text(value):
    """A lone surrogate cannot be in UTF-8, so it is no text."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise NotJson(str(error)) from error
    elif isinstance(value, list):
        for element in value:
            check_text(element)


def parse(text):
    value = json.loads(text, parse_int=number(int), parse_float=number(float), parse_constant=refuse, object_pairs_hook=check_pairs)
    check_text(value)
    return value


def depth_of(text):
    """Of brackets outside strings."""
    deepest = depth = 0
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', text, re.DOTALL):
        if bracket in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in ("]", "}"):
            depth -= 1
    return deepest


class Schemas:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.validators = {}

    def get(self, name):
        if name not in self.validators:
            path = self.folder / f"{name}.json"
            schema = json.loads(path.read_text()) if path.exists() else None
            if schema is not None:
                Draft202012Validator.check_schema(schema)
            self.validators[name] = schema and Draft202012Validator(schema)
        return self.validators[name]

    def of(self, value, otherwise):
        """Of a message, as a receiver finds it: by kind and name. Of anything else: the one that it was made from."""
        if isinstance(value, dict):
            kind, name = value.get("kind"), value.get("name")
            if kind == "error":
                return self.get("error")
            if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9.]+", name):
                found = (kind == "reply" and self.get(name + ".reply")) or self.get(name)
                if found and found.schema["properties"]["name"].get("const") == name:
                    return found
        return self.get(otherwise)


def pointer(path):
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def faults_of(error):
    steps = error.absolute_schema_path
    named = len(steps) > 1 and steps[-2] == "propertyNames"
    yield ["propertyNames" if named else error.validator, pointer(error.absolute_path)]
    for inner in error.context:
        yield from faults_of(inner)


def faults(schemas, name, data):
    found = []
    limits = schemas.get(name).schema
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [["syntax", ""]]
    if depth_of(text) > limits["x-maxDepth"]:
        found.append(["depth", ""])
    try:
        value = parse(text)
    except (ValueError, NotJson, RecursionError):
        return [*found, ["syntax", ""]]
    validator = schemas.of(value, name)
    if len(data) > validator.schema["x-maxBytes"]:
        found.append(["size", ""])
    for error in validator.iter_errors(value):
        found.extend(faults_of(error))
    return found


def main():
    schemas = Schemas(sys.argv[1])
    for line in sys.stdin:
        name, _, data = line.rstrip("\n").partition(" ")
        found = faults(schemas, name, base64.b64decode(data))
        verdict = {"ok": False, "faults": found} if found else {"ok": True}
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    main()
