"""The project as an Aura sees it: a snapshot and every change since, by protocol/model.md, "Changes"."""


class Stale(Exception):
    """A change does not fit, or one is missing: ask for a snapshot."""


class Mirror:
    """A project in the form of project.snapshot. project is None while none is open."""

    def __init__(self):
        self.revision, self.project = 0, None

    def take_snapshot(self, snapshot):
        """Replaces everything."""
        self.revision, self.project = snapshot["revision"], snapshot.get("project")

    def apply(self, changed):
        """Applies project.changed. Returns whether it was new. Raises Stale."""
        if changed["revision"] <= self.revision:
            return False
        if changed["revision"] != self.revision + 1 or self.project is None:
            raise Stale(f"revision {changed['revision']} came after {self.revision}")
        for change in changed["changes"]:
            handler = getattr(self, "_" + change["type"].replace(".", "_"), None)
            if handler is None:
                raise Stale(f"{change['type']} is not known")
            try:
                handler(change)
            except (KeyError, IndexError, StopIteration, ValueError) as reason:
                raise Stale(f"{change['type']} does not fit: {reason!r}")
        self.revision = changed["revision"]
        return True

    # Looking things up

    def channels(self):
        yield self.project["master"]
        for owner in self.project["tracks"] + self.project["buses"]:
            yield owner["channel"]

    def channel(self, id):
        return _one(self.channels(), id)

    def parameters(self):
        """Every parameter of the project: levels of channels and sends, and what nodes have."""
        for channel in self.channels():
            yield channel["gain"]
            for send in channel["sends"]:
                yield send["level"]
            for node in channel["nodes"]:
                yield from node["parameters"]

    def parameter(self, id):
        return _one(self.parameters(), id)

    def _lists(self, kind):
        """All lists that hold clips, nodes or sends."""
        for owner in self.project["tracks"] if kind == "clips" else self.channels():
            yield owner[kind]

    def _take(self, kind, id):
        for one in self._lists(kind):
            for index, thing in enumerate(one):
                if thing["id"] == id:
                    return one.pop(index)
        raise KeyError(id)

    def _node(self, id):
        return _one((node for nodes in self._lists("nodes") for node in nodes), id)

    # Changes

    def _track_added(self, change):
        _put(self.project["tracks"], change["index"], change["track"])

    def _track_removed(self, change):
        self.project["tracks"].remove(_one(self.project["tracks"], change["trackId"]))

    def _track_moved(self, change):
        track = _one(self.project["tracks"], change["trackId"])
        self.project["tracks"].remove(track)
        _put(self.project["tracks"], change["index"], track)

    def _track_changed(self, change):
        _set(_one(self.project["tracks"], change["trackId"]), change, "name", "colour")

    def _clip_added(self, change):
        _put(_one(self.project["tracks"], change["trackId"])["clips"], change["index"], change["clip"])

    def _clip_removed(self, change):
        self._take("clips", change["clipId"])

    def _clip_moved(self, change):
        clip = self._take("clips", change["clipId"])
        clip["startFrames"] = change["startFrames"]
        _put(_one(self.project["tracks"], change["trackId"])["clips"], change["index"], clip)

    def _clip_changed(self, change):
        for clips in self._lists("clips"):
            for index, clip in enumerate(clips):
                if clip["id"] == change["clip"]["id"]:
                    clips[index] = change["clip"]
                    return
        raise KeyError(change["clip"]["id"])

    def _node_added(self, change):
        _put(self.channel(change["channelId"])["nodes"], change["index"], change["node"])

    def _node_removed(self, change):
        self._take("nodes", change["nodeId"])

    def _node_moved(self, change):
        node = self._take("nodes", change["nodeId"])
        _put(self.channel(change["channelId"])["nodes"], change["index"], node)

    def _node_changed(self, change):
        _set(self._node(change["nodeId"]), change, "name", "bypassed", "status", "state")

    def _bus_added(self, change):
        _put(self.project["buses"], change["index"], change["bus"])

    def _bus_removed(self, change):
        self.project["buses"].remove(_one(self.project["buses"], change["busId"]))
        for channel in self.channels():
            channel["sends"][:] = [send for send in channel["sends"] if send["busId"] != change["busId"]]
            if channel.get("output") == change["busId"]:
                del channel["output"]

    def _bus_changed(self, change):
        _set(_one(self.project["buses"], change["busId"]), change, "name")

    def _send_added(self, change):
        _put(self.channel(change["channelId"])["sends"], change["index"], change["send"])

    def _send_removed(self, change):
        self._take("sends", change["sendId"])

    def _output_changed(self, change):
        channel = self.channel(change["channelId"])
        channel.pop("output", None)
        if "busId" in change:
            channel["output"] = change["busId"]

    def _parameter_changed(self, change):
        self.parameter(change["parameterId"])["value"] = change["value"]

    def _automation_changed(self, change):
        _set(self.parameter(change["parameterId"]), change, "automation")

    def _tempo_changed(self, change):
        self.project["tempoBpm"] = change["tempoBpm"]


def _one(things, id):
    return next(thing for thing in things if thing["id"] == id)


def _put(things, index, thing):
    if index > len(things):
        raise IndexError(index)
    things.insert(index, thing)


def _set(thing, change, *members):
    """Sets members; one that the change leaves out is none."""
    for member in members:
        thing.pop(member, None)
        if member in change:
            thing[member] = change[member]
