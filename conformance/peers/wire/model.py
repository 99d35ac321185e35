"""The compiled model of the protocol, protocol/protocol.json: types, messages, errors and frames.

decode(type, value) checks a JSON value against a type and returns a clean copy of it: members that the type does not have are left
out, whole numbers are integers. It raises Fault for the first thing that is wrong.
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODEL = json.loads((ROOT / "protocol" / "protocol.json").read_text(encoding="utf-8"))
FINGERPRINT = MODEL["fingerprint"]
LIMITS = MODEL["topology"]["limits"]
MESSAGES = {name: message for domain in MODEL["domains"].values() for name, message in domain["messages"].items()}
ERRORS = MODEL["errors"]


NOTHING = object()  # stands for what was not there; None is null, which is something


class Fault(Exception):
    """A value breaks its type. path: the way to it, from the outside; rule, expected, found: as in envelope.Error."""

    def __init__(self, rule, expected, found=NOTHING, path=()):
        super().__init__(rule)
        self.rule, self.expected, self.path = rule, expected[:1024], list(path)
        self.found = None if found is NOTHING else json.dumps(found)[:256]

    def pointer(self, root=""):
        """JSON pointer (RFC 6901) to what is wrong."""
        return root + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)

    def inside(self, part):
        """The same fault, seen from the object or list that has `part`."""
        self.path.insert(0, part)
        return self


class Decoder:
    """Decodes values of one message. unknown: how many members and labels were met that the model does not have."""

    def __init__(self):
        self.unknown = 0

    def decode(self, name, value):
        """The value as the type `domain.Type`, cleaned. Raises Fault."""
        domain, _, short = name.partition(".")
        return self._shape(MODEL["domains"][domain]["types"][short], value)

    def _shape(self, shape, value):
        return self._BY_SHAPE[shape["shape"]](self, shape, value)

    def _reference(self, shape, value):
        return self.decode(shape["type"], value)

    def _object(self, shape, value):
        if not isinstance(value, dict):
            raise Fault("type", "an object", value)
        clean = {}
        for field in shape["fields"]:
            name = field["name"]
            if name in value:
                try:
                    clean[name] = self._shape(field, value[name])
                except Fault as fault:
                    raise fault.inside(name)
            elif field["required"]:
                raise Fault("required", f"the member {name}")
        if len(clean) != len(value):
            self.unknown += 1
        return clean

    def _array(self, shape, value):
        if not isinstance(value, list):
            raise Fault("type", "a list", value)
        if len(value) < shape["minItems"]:
            raise Fault("minItems", f"at least {shape['minItems']} items", len(value))
        if len(value) > shape["maxItems"]:
            raise Fault("maxItems", f"at most {shape['maxItems']} items", len(value))
        element, clean = shape["element"], []
        decode = self._BY_SHAPE[element["shape"]]
        for index, item in enumerate(value):
            try:
                clean.append(decode(self, element, item))
            except Fault as fault:
                raise fault.inside(index)
        return clean

    def _integer(self, shape, value):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Fault("type", "a whole number", value)
        return self._bounded(shape, value)

    def _number(self, shape, value):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Fault("type", "a number", value)
        return self._bounded(shape, float(value))

    @staticmethod
    def _bounded(shape, value):
        if value < shape.get("minimum", value):
            raise Fault("minimum", f"at least {shape['minimum']}", value)
        if value > shape.get("maximum", value):
            raise Fault("maximum", f"at most {shape['maximum']}", value)
        return value

    def _boolean(self, _, value):
        if not isinstance(value, bool):
            raise Fault("type", "true or false", value)
        return value

    def _string(self, shape, value):
        if not isinstance(value, str):
            raise Fault("type", "a text", value)
        if len(value) < shape.get("minLength", 0):
            raise Fault("minLength", f"at least {shape['minLength']} characters", value)
        if len(value) > shape.get("maxLength", len(value)):
            raise Fault("maxLength", f"at most {shape['maxLength']} characters", value)
        pattern = shape.get("pattern")
        if pattern and not re.fullmatch(pattern.removesuffix("$"), value):
            raise Fault("pattern", pattern, value)
        return value

    def _constant(self, shape, value):
        if value != shape["const"]:
            raise Fault("const", json.dumps(shape["const"]), value)
        return value

    def _enumeration(self, shape, value):
        if not isinstance(value, str):
            raise Fault("type", "a text", value)
        labels = [label["name"] for label in shape["labels"]]
        if value not in labels:
            if not shape["open"]:
                raise Fault("enum", "one of " + ", ".join(labels), value)
            self.unknown += 1
        return value

    def _tagged(self, shape, value):
        if not isinstance(value, dict):
            raise Fault("type", "an object", value)
        tag = shape["tag"]
        if tag not in value:
            raise Fault("required", f"the member {tag}")
        if not isinstance(value[tag], str):
            raise Fault("type", "a text", value[tag], [tag])
        tags = _alternatives(tuple(shape["alternatives"]), tag)
        if value[tag] not in tags:
            raise Fault("enum", "one of " + ", ".join(tags), value[tag], [tag])
        return self.decode(tags[value[tag]], value)

    _BY_SHAPE = {
        "reference": _reference, "object": _object, "array": _array, "integer": _integer, "number": _number, "boolean": _boolean,
        "string": _string, "constant": _constant, "enumeration": _enumeration, "tagged": _tagged,
    }


_known_alternatives = {}


def _alternatives(names, tag):
    """{tag: type} of a tagged union."""
    if names not in _known_alternatives:
        tags = {}
        for name in names:
            domain, _, short = name.partition(".")
            fields = MODEL["domains"][domain]["types"][short]["fields"]
            tags[next(field["const"] for field in fields if field["name"] == tag)] = name
        _known_alternatives[names] = tags
    return _known_alternatives[names]


def routed(name, origin, target):
    """Whether a message may go from one role to another."""
    return any(route == {"from": origin, "to": target} for route in MESSAGES[name]["routes"])


def control_edge(origin, target):
    """Whether two roles talk on the control plane."""
    return {"from": origin, "to": target, "plane": "control"} in MODEL["topology"]["edges"]


def names(kind, origin, target):
    """Names of the commands or events of one edge, in order."""
    return sorted(name for name, message in MESSAGES.items() if message["kind"] == kind and routed(name, origin, target))
