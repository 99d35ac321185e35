"""Envelopes: bytes of the control plane to messages and back, with the faults of protocol/envelope.md in its order."""

import datetime
import itertools
import json
import re

from .model import Decoder, ERRORS, Fault, LIMITS, MESSAGES, control_edge, routed

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile(rb"\\u[dD][89abcdefABCDEF]")
_TOO_MANY_DIGITS = re.compile(rb"[0-9]{309}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9.]{1,64}")


class Refused(Exception):
    """A message or a command is refused: what an answer of kind error says."""

    def __init__(self, code, message, pointer=None, fault=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.pointer, self.fault = code, message[:4096], pointer, fault

    def payload(self):
        """As envelope.Error."""
        error = {"category": ERRORS[self.code]["category"], "code": self.code, "message": self.message}
        if self.pointer is not None:
            error["pointer"] = self.pointer[:1024]
        if self.fault is not None:
            error.update(rule=self.fault.rule, expected=self.fault.expected)
            if self.fault.found is not None:
                error["found"] = self.fault.found
        return error


class Message:
    """What arrived. Members of the header that could not be read are None.

    refused: the first fault, or None. newer: it has members or labels that the model does not have.
    """

    def __init__(self):
        self.id = self.cid = self.origin = self.target = self.kind = self.name = self.payload = self.error = None
        self.refused, self.newer = None, False


def depth(data):
    """How deep brackets are nested, those in texts left out. Looks at bytes, and so does no harm to the stack."""
    if data.count(b"{") + data.count(b"[") <= LIMITS["maxDepth"]:
        return LIMITS["maxDepth"]
    deepest = level = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", data)):
        level += 1 if bracket.group() in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def parse(data):
    """Bytes to a JSON value, as strictly as protocol/envelope.md asks for. Raises ValueError or RecursionError."""

    def number(text):
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ValueError(f"no binary64 holds {text[:32]}")
        return value

    def constant(text):
        raise ValueError(f"{text} is no JSON")

    if _TOO_MANY_DIGITS.search(data):
        raise ValueError("a number has more digits than any binary64")
    value = json.loads(data.decode("utf-8"), parse_float=number, parse_constant=constant)
    if _SURROGATE.search(data):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate has no form in UTF-8
    return value


def decode(data, origin, target):
    """Bytes that came on a connection of `origin` to `target`, as a Message; all faults but the missing hello are looked for."""
    message = Message()
    try:
        _decode(message, data, origin, target)
    except Refused as refused:
        message.refused = refused
    return message


def _decode(message, data, origin, target):
    if len(data) > LIMITS["maxMessageBytes"]:
        raise Refused("envelope.tooLarge", f"{len(data)} bytes are more than {LIMITS['maxMessageBytes']}")
    too_deep = depth(data) > LIMITS["maxDepth"]
    try:
        envelope = parse(data)
    except (ValueError, RecursionError) as reason:
        if too_deep:
            raise Refused("envelope.tooLarge", f"nested deeper than {LIMITS['maxDepth']}")
        raise Refused("envelope.malformed", f"no JSON: {reason}", "", Fault("syntax", "one JSON object in UTF-8"))
    _read_what_can_be_read(message, envelope)
    if too_deep:
        raise Refused("envelope.tooLarge", f"nested deeper than {LIMITS['maxDepth']}")
    decoder = Decoder()
    _header(message, envelope, decoder)
    _name_and_route(message, origin, target)
    schema = MESSAGES.get(message.name)
    if message.kind in ("command", "event") and len(data) > schema["maxBytes"]:
        raise Refused("envelope.tooLarge", f"{message.name} may have {schema['maxBytes']} bytes")
    part = "error" if message.kind == "error" else "payload"
    kind = {"error": "envelope.Error", "reply": schema and schema.get("reply")}.get(message.kind, schema and schema["payload"])
    try:
        if part not in envelope:
            raise Fault("required", f"the member {part}")
        setattr(message, part, decoder.decode(kind, envelope[part]))
    except Fault as fault:
        pointer = fault.pointer("/" + part)
        raise Refused("payload.invalid", f"{pointer} must be {fault.expected}", pointer, fault)
    message.newer = decoder.unknown > 0


def _read_what_can_be_read(message, envelope):
    if isinstance(envelope, dict):
        for member, form in (("id", _ID), ("cid", _ID), ("name", _NAME)):
            value = envelope.get(member)
            if isinstance(value, str) and form.fullmatch(value):
                setattr(message, member, value)
        if envelope.get("kind") in ("command", "reply", "error", "event"):
            message.kind = envelope["kind"]


def _header(message, envelope, decoder):
    try:
        header = decoder.decode("envelope.Header", envelope)
        decoder.unknown = 0
        if header["kind"] == "reply" and "cid" not in header:
            raise Fault("required", "the member cid")
    except Fault as fault:
        raise Refused("envelope.malformed", f"the header must have {fault.expected}", fault.pointer(), fault)
    known = {"v", "id", "cid", "ts", "origin", "target", "kind", "name", "error" if message.kind == "error" else "payload"}
    decoder.unknown += any(member not in known for member in envelope)
    message.origin, message.target = header["origin"], header["target"]


def _name_and_route(message, origin, target):
    if message.kind == "error":  # it answers what was sent, under whatever name that had
        if (message.origin, message.target) != (origin, target) or not control_edge(message.origin, message.target):
            raise Refused("envelope.wrongRoute", f"no error goes from {message.origin} to {message.target} here", "/target")
        return
    schema = MESSAGES.get(message.name)
    if schema is None:
        raise Refused("envelope.unknownName", f"{message.name} is no message of protocol 1.0", "/name")
    kinds = ("event",) if schema["kind"] == "event" else ("command", "reply")
    if message.kind not in kinds:
        raise Refused("envelope.malformed", f"{message.name} is no {message.kind}", "/kind",
                      Fault("enum", "one of " + ", ".join(kinds), message.kind))
    asked = (message.target, message.origin) if message.kind == "reply" else (message.origin, message.target)
    if (message.origin, message.target) != (origin, target) or not routed(message.name, *asked):
        raise Refused("envelope.wrongRoute", f"{message.name} does not go from {message.origin} to {message.target} here", "/target")


class Writer:
    """Makes envelopes of one sender: each with an id of its own."""

    def __init__(self, origin, target):
        self._origin, self._target, self._numbers = origin, target, itertools.count(1)

    def write(self, kind, name, body, cid=None, id=None):
        """The bytes of a message, and its id. id: to repeat a command under the id that it had."""
        id = id or f"p{next(self._numbers)}"
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        envelope = {"v": 1, "id": id, "ts": now, "origin": self._origin, "target": self._target, "kind": kind, "name": name}
        if cid is not None:
            envelope["cid"] = cid
        envelope["error" if kind == "error" else "payload"] = body
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8"), id
