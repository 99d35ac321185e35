"""The live graph and the clock: renders block by block in real time, without a device.

There is one thread. Whatever a message changes is changed between two blocks, so a change is at a block boundary by itself, and what
came together is applied together.
"""

import time

from . import graph as graphs
from .audio_file import AudioFile, Unreadable
from .nodes import make, mix
from .parameter import Parameter
from .streams import Streams
from ..wire.envelope import Refused

SMALLEST_BLOCK, LATE_NS, AT_ONCE_NS = 128, 250_000_000, 20_000_000


class Block:
    """What a node knows of the frames that it renders."""

    position, playing = 0, False


class Engine:
    """hears: objects with heard(node, sound, frames) for what meters and analysers get, rendered(frames) and block()."""

    def __init__(self, epoch):
        self.epoch, self.effective, self.running, self.revision = epoch, None, False, 0
        self.graph, self.parameters = None, {}
        self.position, self.playing, self.tempo = 0, False, 120.0
        self.loop = {"enabled": False, "startFrames": 0, "endFrames": 0}
        self.frames = self.blocks = self.late_blocks = self.xruns = 0
        self.took_ns = 0  # of the newest block
        self.streams, self.hears = Streams(epoch, lambda handle: self.parameters.get(handle)), []
        self._plan, self._models, self._nodes, self._values, self._files = [], {}, {}, {}, {}
        self._alone = []
        self._anchor = (0, time.monotonic_ns())  # a frame, and when it is due

    # Set-up

    def configure(self, rate, block):
        """Format in effect from now on; whether the rate is another one than before."""
        other = self.effective is not None and self.effective["sampleRateHz"] != rate
        self._anchor = (self.frames, self.time_ns())
        self.effective = {"driver": "paced", "device": "", "sampleRateHz": rate, "blockFrames": max(block, SMALLEST_BLOCK),
                          "outputLatencyFrames": 0}
        if other and self.graph:
            self.make_live(self.graph, self.revision)
        return other

    def run(self, running):
        """Starts or stops rendering."""
        self._anchor, self.running, self.took_ns = (self.frames, self.time_ns()), running, 0

    @property
    def rate(self):
        return self.effective["sampleRateHz"] if self.effective else 48000

    def due_ns(self, frame):
        """When a frame is due."""
        first, at = self._anchor
        return at + (frame - first) * 1_000_000_000 // self.rate

    def time_ns(self):
        """When the next frame is due: never before one that was told."""
        now = time.monotonic_ns()
        return self.due_ns(self.frames) if self.effective and self.running else max(now, self._anchor[1])

    # Graph

    def make_live(self, graph, revision):
        """Makes a checked graph live. Refuses it when a file of it cannot be read; then the old one goes on."""
        files = self._open(graph)
        nodes, parameters = {}, {}
        for model in graph["nodes"]:
            old = self._nodes.get(model["id"])
            known = old.parameters if old and old.kind == model["kind"] else {}
            node = nodes[model["id"]] = old if old and old.kind == model["kind"] and old.rate == self.rate else make(model, self.rate)
            node.update(model, files)
            node.parameters = {}
            for one in model["parameters"]:
                parameter = node.parameters[one["key"]] = parameters[one["handle"]] = Parameter(one, self.rate)
                if one["key"] in known and known[one["key"]].handle == one["handle"]:
                    unsaid = model is self._models.get(model["id"])
                    parameter.take_over(known[one["key"]], unsaid or self.streams.holds(one["handle"]))
        self._models, self._nodes, self._files, self.parameters = {model["id"]: model for model in graph["nodes"]}, nodes, files, parameters
        self._values = {one["handle"]: one for model in graph["nodes"] for one in model["parameters"]}
        self.graph, self.revision, self._plan = graph, revision, self._planned(graph, nodes)
        self._alone = [node for node in nodes.values() if node.kind in ("clipPlayer", "testTone", "filter", "delay")]

    def _open(self, graph):
        files = {}
        for index, model in enumerate(graph["nodes"]):
            for number, clip in enumerate(model["clips"]):
                path = clip["path"]
                try:
                    files[path] = files.get(path) or self._files.get(path) or AudioFile(path)
                except Unreadable as reason:
                    raise Refused("clip.fileUnreadable", str(reason), f"/payload/graph/nodes/{index}/clips/{number}/path")
        return files

    @staticmethod
    def _planned(graph, nodes):
        hears = {id: [] for id in nodes}
        for connection in graph["connections"]:
            hears[connection["to"]].append(connection["from"])
        return [(nodes[id], hears[id]) for id in graphs.order(graph)]

    @property
    def nodes(self):
        return self._nodes

    def commit(self, values):
        """Committed values, each with its handle, checked before: until Pulse says others. A sample of an open stream goes on."""
        for handle, value in values:
            self.parameters[handle].committed = value
            if not self.streams.holds(handle):
                self.parameters[handle].sample = None
            self._values[handle]["value"] = value

    def automate(self, handle, lane):
        """Automation of a parameter; None: none."""
        self.parameters[handle].automation = lane
        self._values[handle].pop("automation", None)
        if lane is not None:
            self._values[handle]["automation"] = lane

    def digest(self):
        return graphs.digest(self.graph or {"nodes": [], "connections": []})

    # Rendering

    def render_due(self):
        """Renders what is due by now, or as much as fits into a moment: messages are heard also where rendering cannot keep up. Returns
        the nanoseconds until the next block."""
        if not self.running:
            return LATE_NS
        begun = time.monotonic_ns()
        while (wait := self.due_ns(self.frames) - time.monotonic_ns()) <= 0:
            if -wait > LATE_NS:  # too late to make up for: there is a gap in the sound
                self._anchor = (self.frames, time.monotonic_ns())
                self.xruns += 1
            self._block(self.effective["blockFrames"])
            if time.monotonic_ns() - begun > AT_ONCE_NS:
                return 0
        return wait

    def _block(self, frames):
        begun, left = time.monotonic_ns(), frames
        while left:
            piece = min([left] + self._borders(left))
            self._render(piece)
            if self.playing:
                self.position += piece
                if self.loop["enabled"] and self.position == self.loop["endFrames"]:
                    self.position = self.loop["startFrames"]
            left -= piece
        self.took_ns = time.monotonic_ns() - begun
        self.blocks += 1
        self.late_blocks += self.took_ns > frames * 1_000_000_000 // self.rate
        for hearer in self.hears:
            hearer.block()

    def _borders(self, left):
        """Distances to where a piece must end: the end of the loop, and points of automation."""
        if not self.playing:
            return []
        ends = [self.loop["endFrames"]] if self.loop["enabled"] else []
        for parameter in self.parameters.values():
            if parameter.automation:
                ends += [point["positionFrames"] for point in parameter.automation["points"]]
        return [end - self.position for end in ends if self.position < end < self.position + left]

    def _render(self, frames):
        block, sounds = Block(), {}
        block.position, block.playing = self.position, self.playing
        silent = not any(node.sounds_alone(self.playing) for node in self._alone)
        for parameter in self.parameters.values() if silent else ():
            parameter.advance(frames, self.position, self.playing)
        for node, heard in () if silent else self._plan:
            sound = mix([sounds[id] for id in heard]) if len(heard) != 1 else sounds[heard[0]]
            sounds[node.id] = sound = node.process(sound, frames, block)
            if node.meter_handle and sound is not None:
                for hearer in self.hears:
                    hearer.heard(node, sound, frames)
        self.frames += frames
        for hearer in self.hears:
            hearer.rendered(frames)
