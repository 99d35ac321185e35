"""Graphs as protocol/engine.md means them: what is a valid one, what a patch makes of one, and the digest. Pure functions on JSON."""

import hashlib
import struct

from ..wire.envelope import Refused
from .nodes import KINDS, KEYS


def check(graph, root="/payload/graph"):
    """Refuses a graph that cannot be made live."""
    ids, handles = {}, set()
    for index, node in enumerate(graph["nodes"]):
        at = f"{root}/nodes/{index}"
        if node["kind"] not in KINDS:
            raise Refused("node.kindUnsupported", f"{node['kind']} is not one of {', '.join(KINDS)}", f"{at}/kind")
        if node["id"] in ids:
            raise _invalid(f"the id {node['id']} is there twice", f"{at}/id")
        ids[node["id"]] = node
        _once(handles, node.get("meterHandle"), f"{at}/meterHandle")
        _check_members(node, at)
        for number, parameter in enumerate(node["parameters"]):
            _check_parameter(node, parameter, handles, f"{at}/parameters/{number}")
    if sum(node["kind"] == "output" for node in ids.values()) != 1:
        raise _invalid("a graph has exactly one output", f"{root}/nodes")
    seen = set()
    for index, connection in enumerate(graph["connections"]):
        for end in ("from", "to"):
            if connection[end] not in ids:
                raise _invalid(f"there is no node {connection[end]}", f"{root}/connections/{index}/{end}")
        if ids[connection["from"]]["kind"] == "output":
            raise _invalid("nothing hears an output", f"{root}/connections/{index}/from")
        if (connection["from"], connection["to"]) in seen:
            raise _invalid("this connection is there twice", f"{root}/connections/{index}")
        seen.add((connection["from"], connection["to"]))
    order(graph, root)


def _check_members(node, at):
    """Members that belong to some kinds only, and keys that are there twice."""
    for member, kinds, needed in (("meterHandle", ("meter", "analyser"), True), ("plugin", ("plugin",), True), ("state", ("plugin",), False)):
        if (member in node and node["kind"] not in kinds) or (needed and member not in node and node["kind"] in kinds):
            raise _invalid(f"{member} belongs to {' and '.join(kinds)}", f"{at}/{member}" if member in node else at)
    if node["clips"] and node["kind"] != "clipPlayer":
        raise _invalid("clips belong to a clipPlayer", f"{at}/clips")
    keys = [parameter["key"] for parameter in node["parameters"]]
    if len(set(keys)) < len(keys):
        raise _invalid(f"{node['id']} has a key twice", f"{at}/parameters")


def _once(handles, handle, pointer):
    if handle is not None and handle in handles:
        raise _invalid(f"the handle {handle} is there twice", pointer)
    handles.add(handle)


def _check_parameter(node, parameter, handles, at):
    _once(handles, parameter["handle"], f"{at}/handle")
    keys = KEYS[node["kind"]]
    if keys is not None and parameter["key"] not in keys:
        raise _invalid(f"a {node['kind']} has no {parameter['key']}", f"{at}/key")
    if not parameter["minimum"] <= parameter["value"] <= parameter["maximum"]:
        raise _invalid(f"{parameter['value']} is not in {parameter['minimum']} … {parameter['maximum']}", f"{at}/value")
    check_points(parameter.get("automation"), parameter["minimum"], parameter["maximum"], "graph.invalid", f"{at}/automation")


def check_points(lane, minimum, maximum, code, at):
    """Refuses points that are not in the order of their positions, or whose value the parameter cannot have."""
    before = -1
    for index, point in enumerate(lane["points"] if lane else []):
        if point["positionFrames"] <= before:
            raise Refused(code, "points rise by position, one a position", f"{at}/points/{index}/positionFrames")
        if not minimum <= point["value"] <= maximum:
            raise Refused(code, f"{point['value']} is not in {minimum} … {maximum}", f"{at}/points/{index}/value")
        before = point["positionFrames"]


def order(graph, root="/payload/graph"):
    """Ids of the nodes, each behind all that it hears. Refuses a cycle."""
    waits = {node["id"]: 0 for node in graph["nodes"]}
    leads = {id: [] for id in waits}
    for connection in graph["connections"]:
        waits[connection["to"]] += 1
        leads[connection["from"]].append(connection["to"])
    ready = [id for id, count in waits.items() if count == 0]
    for id in ready:  # grows while it is read
        for to in leads[id]:
            waits[to] -= 1
            if waits[to] == 0:
                ready.append(to)
    if len(ready) < len(waits):
        stuck = [id for id, count in waits.items() if count]
        raise _invalid(f"audio runs in a circle through {', '.join(stuck[:8])}", f"{root}/connections")
    return ready


def patched(graph, operations):
    """What a patch makes of a graph; nodes that it does not name are the same objects.

    The result is checked as a whole. Where an operation alone is at fault, the pointer leads to it.
    """
    nodes = {node["id"]: node for node in graph["nodes"]}
    connections = {(one["from"], one["to"]): one for one in graph["connections"]}
    for index, operation in enumerate(operations):
        at = f"/payload/operations/{index}"
        kind = operation["type"]
        if kind == "node.add":
            if operation["node"]["id"] in nodes:
                raise _invalid(f"there is a node {operation['node']['id']}", f"{at}/node/id")
            nodes[operation["node"]["id"]] = operation["node"]
        elif kind == "node.replace":
            if operation["node"]["id"] not in nodes:
                raise _invalid(f"there is no node {operation['node']['id']}", f"{at}/node/id")
            nodes[operation["node"]["id"]] = operation["node"]
        elif kind == "node.remove":
            if nodes.pop(operation["nodeId"], None) is None:
                raise _invalid(f"there is no node {operation['nodeId']}", f"{at}/nodeId")
            connections = {ends: one for ends, one in connections.items() if operation["nodeId"] not in ends}
        else:
            ends = (operation["connection"]["from"], operation["connection"]["to"])
            if (ends in connections) == (kind == "connection.add"):
                raise _invalid(f"{ends[0]} to {ends[1]}: " + ("is there" if ends in connections else "is not there"), f"{at}/connection")
            if kind == "connection.add":
                connections[ends] = operation["connection"]
            else:
                del connections[ends]
    result = {"nodes": list(nodes.values()), "connections": list(connections.values())}
    try:
        check(result)
    except Refused as refused:
        raise Refused(refused.code, refused.message, _blame(refused, result, operations))
    return result


def _blame(refused, result, operations):
    """Pointer to the operation that brought the node or the connection at fault; to all of them where none alone did."""
    parts = (refused.pointer or "").split("/")[3:]
    if len(parts) > 1 and parts[0] in ("nodes", "connections"):
        thing = result[parts[0]][int(parts[1])]
        for index in reversed(range(len(operations))):
            for member in ("node", "connection"):
                if operations[index].get(member) is thing:
                    return "/".join([f"/payload/operations/{index}/{member}"] + parts[2:])
    return "/payload/operations"


def _invalid(message, pointer):
    return Refused("graph.invalid", message, pointer)


# The digest, protocol/graph-digest.md


def _u32(number):
    return struct.pack("<I", number)


def _u64(number):
    return struct.pack("<Q", number)


def _f64(number):
    return struct.pack("<d", float(number) + 0.0)  # -0.0 + 0.0 is 0.0


def _text(text):
    data = text.encode("utf-8")
    return _u32(len(data)) + data


def _parameter(one):
    lane = one.get("automation", {"mode": "", "points": []})
    points = sorted(lane["points"], key=lambda point: point["positionFrames"])
    values = struct.pack("<4d", *(float(one[key]) + 0.0 for key in ("value", "minimum", "maximum", "smoothingMs")))
    return (_u32(one["handle"]) + _text(one["key"]) + values + _text(lane["mode"]) + _u32(len(points))
            + b"".join(_u64(point["positionFrames"]) + _f64(point["value"]) + _text(point["shape"]) for point in points))


def _clip(one):
    return _u64(one["startFrames"]) + _text(one["path"]) + _u64(one["offsetFrames"]) + _u64(one["lengthFrames"]) + _f64(one["gainDb"])


def _clip_order(one):
    return one["startFrames"], one["path"].encode("utf-8"), one["offsetFrames"], one["lengthFrames"], one["gainDb"]


def _node(one):
    parameters = sorted(one["parameters"], key=lambda parameter: parameter["handle"])
    clips = sorted(one["clips"], key=_clip_order)
    return b"".join([_text(one["id"]), _text(one["kind"]), _u32(one.get("meterHandle", 0)), _u32(one.get("bypassed", False)),
                     _text(one.get("plugin", "")), _text(one.get("state", "")), _u32(len(parameters)), *map(_parameter, parameters),
                     _u32(len(clips)), *map(_clip, clips)])


def digest(graph):
    """SHA-256 of the canonical form."""
    form = hashlib.sha256(_text("loophole.graph/1") + _u32(len(graph["nodes"])))
    for node in sorted(graph["nodes"], key=lambda one: one["id"].encode("utf-8")):
        form.update(_node(node))
    form.update(_u32(len(graph["connections"])))
    for ends in sorted((one["from"].encode("utf-8"), one["to"].encode("utf-8")) for one in graph["connections"]):
        form.update(b"".join(_u32(len(end)) + end for end in ends))
    return form.hexdigest()
