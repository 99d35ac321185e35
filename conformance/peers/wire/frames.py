"""Frames of the stream and telemetry planes: FlatBuffers, read and written by the model in protocol/protocol.json.

Python's FlatBuffers library writes and reads, and does not verify. Since a receiver must not trust a single offset, decode() follows and
checks them itself, as protocol/framing.md describes under "What the verifier looks at".
"""

import math
import struct

import flatbuffers
from flatbuffers import number_types

from .model import LIMITS, MODEL

_SCALARS = {
    "bool": ("?", number_types.BoolFlags), "ubyte": ("B", number_types.Uint8Flags), "short": ("h", number_types.Int16Flags),
    "ushort": ("H", number_types.Uint16Flags), "uint": ("I", number_types.Uint32Flags), "ulong": ("Q", number_types.Uint64Flags),
    "float": ("f", number_types.Float32Flags), "double": ("d", number_types.Float64Flags),
}


class FrameFault(Exception):
    """The bytes are no frame that may be read. rule: identifier, size, structure or bounds."""

    def __init__(self, rule, message):
        super().__init__(message)
        self.rule = rule


class _Struct:
    """A struct of a frame: its fields in the order of their bytes."""

    def __init__(self, model):
        self.alignment, self.fields = model["alignment"], model["fields"]
        form, at = "<", 0
        for field in self.fields:
            code = _SCALARS[field["type"]][0]
            form += "x" * (field["offset"] - at) + code
            at = field["offset"] + struct.calcsize("<" + code)
        self.packing = struct.Struct(form + "x" * (model["size"] - at))
        self.names = [field["name"] for field in self.fields]


class Frame:
    """One kind of frame."""

    def __init__(self, model):
        self.identifier, self.plane, self.enums = model["identifier"].encode(), model["plane"], model["enums"]
        self.root, self.topic = model["root"], model.get("topic")
        self.fields = model["types"][self.root]["fields"]
        self.structs = {name: _Struct(kind) for name, kind in model["types"].items() if kind["fixed"]}

    def scalar(self, field_type):
        """Type of the bytes of a scalar field; an enum is the integer under it."""
        return self.enums[field_type]["type"] if field_type in self.enums else field_type

    def default(self, field):
        """Value of a field that is not there."""
        value = field["default"]
        if field["type"] in self.enums:
            return next(each["value"] for each in self.enums[field["type"]]["values"] if each["name"] == value)
        return value


FRAMES = {frame.identifier: frame for frame in map(Frame, MODEL["frames"].values())}
BY_ROOT = {frame.root: frame for frame in FRAMES.values()}


def decode(data, plane):
    """(name of the root table, its fields) of a frame of this plane, verified. Vectors of structs are lists of tuples in the order of
    their fields. Raises FrameFault."""
    if len(data) > LIMITS["maxFrameBytes"]:
        raise FrameFault("size", f"{len(data)} bytes are more than {LIMITS['maxFrameBytes']}")
    frame = FRAMES.get(bytes(data[4:8]))
    if frame is None or frame.plane != plane:
        raise FrameFault("identifier", f"{bytes(data[4:8])!r} is no frame of the {plane} plane")
    reader = _Reader(data)
    table = reader.offset(0)
    slots = reader.vtable(table)
    values = {}
    for field in frame.fields:
        at = slots[field["id"]] if field["id"] < len(slots) else 0
        name, kind = field["name"], field["type"]
        if not at:
            if field["required"]:
                raise FrameFault("structure", f"{name} is required")
            values[name] = frame.default(field)
            _check(field, values[name])
        elif kind.startswith("["):
            values[name] = _vector(reader, frame, field, table + at)
        else:
            values[name] = reader.scalar(_SCALARS[frame.scalar(kind)][0], table + at)
            _check(field, values[name])
    return frame.root, values


def _vector(reader, frame, field, at):
    inner = field["type"][1:-1]
    start = reader.offset(at)
    count = reader.scalar("I", start)
    kind = frame.structs.get(inner)
    size, alignment = (kind.packing.size, kind.alignment) if kind else (struct.calcsize("<" + _SCALARS[inner][0]),) * 2
    data = reader.span(start + 4, count * size, alignment)
    if count > field.get("maxItems", count):
        raise FrameFault("bounds", f"{field['name']} has {count} items, more than {field['maxItems']}")
    if kind:
        items = list(kind.packing.iter_unpack(data))
        for index, one in enumerate(kind.fields):
            if not one.get("unchecked") and ("minimum" in one or "maximum" in one or "finite" in one):
                for item in items:
                    _check(one, item[index])
        return items
    items = struct.unpack(f"<{count}{_SCALARS[inner][0]}", data)
    for item in items:
        _check(field, item)
    return list(items)


def _check(field, value):
    bounded = "minimum" in field or "maximum" in field
    if isinstance(value, float) and (bounded or field.get("finite")) and not math.isfinite(value):
        raise FrameFault("bounds", f"{field['name']} is not finite")
    if bounded and not field.get("minimum", value) <= value <= field.get("maximum", value):
        raise FrameFault("bounds", f"{field['name']} is {value}")


class _Reader:
    """Bytes that nobody vouches for."""

    def __init__(self, data):
        self._data = data

    def span(self, at, size, alignment):
        """`size` bytes from `at`, which is inside and aligned."""
        if at % alignment or at < 0 or at + size > len(self._data):
            raise FrameFault("structure", f"{size} bytes at {at} are not inside of the frame, or not aligned to {alignment}")
        return self._data[at:at + size]

    def scalar(self, code, at):
        size = struct.calcsize("<" + code)
        return struct.unpack("<" + code, self.span(at, size, size))[0]

    def offset(self, at):
        """Where the unsigned offset at `at` leads."""
        distance = self.scalar("I", at)
        if distance == 0 or distance > len(self._data):
            raise FrameFault("structure", f"the offset at {at} leads out of the frame")
        return at + distance

    def vtable(self, table):
        """Offsets of the fields of a table, by id; 0 where there is none."""
        at = table - self.scalar("i", table)
        size = self.scalar("H", at) if at >= 0 else 0
        if size < 4 or size % 2:
            raise FrameFault("structure", "the vtable is too small, or outside of the frame")
        return struct.unpack(f"<{size // 2}H", self.span(at, size, 2))[2:]


def encode(name, values):
    """The bytes of a frame with this root table; fields that are left out have their default. A vector of structs may come as bytes."""
    frame = BY_ROOT[name]
    builder = flatbuffers.Builder(1024)
    vectors = {field["name"]: _write_vector(builder, frame, field, values[field["name"]])
               for field in frame.fields if field["type"].startswith("[")}
    builder.StartObject(1 + max(field["id"] for field in frame.fields))
    for field in sorted(frame.fields, key=lambda each: -struct.calcsize("<" + _SCALARS.get(frame.scalar(each["type"]), "I")[0])):
        if field["name"] in vectors:
            builder.PrependUOffsetTRelativeSlot(field["id"], vectors[field["name"]], 0)
        elif field["name"] in values:
            flags = _SCALARS[frame.scalar(field["type"])][1]
            builder.PrependSlot(flags, field["id"], values[field["name"]], frame.default(field))
    builder.Finish(builder.EndObject(), file_identifier=frame.identifier)
    return bytes(builder.Output())


def pack(name, struct_name, items):
    """Structs as the bytes of a vector of them; items are tuples in the order of their fields."""
    packing = BY_ROOT[name].structs[struct_name].packing
    return b"".join(packing.pack(*item) for item in items)


def _write_vector(builder, frame, field, items):
    inner = field["type"][1:-1]
    if inner in frame.structs:
        kind = frame.structs[inner]
        data = items if isinstance(items, bytes) else pack(frame.root, inner, items)
        size, alignment = kind.packing.size, kind.alignment
    else:
        code = _SCALARS[inner][0]
        data = struct.pack(f"<{len(items)}{code}", *items)
        size = alignment = struct.calcsize("<" + code)
    builder.StartVector(size, len(data) // size, alignment)
    builder.head = builder.Head() - len(data)
    builder.Bytes[builder.Head():builder.Head() + len(data)] = data
    return builder.EndVector()
