"""Streams of gestures: leases, and what becomes of each sample, by the table in protocol/gestures.md, "What Signal refuses"."""

import math
import time

from ..wire.frames import FrameFault, decode

REPORT = ("framesReceived", "samplesReceived", "samplesApplied", "samplesLost", "samplesRefused")


class Stream:
    """A stream that is open. last: {handle: newest sample that was applied}."""

    def __init__(self):
        self.report, self.last, self.expected = dict.fromkeys(REPORT, 0), {}, 0

    def grant(self, handles, lease_ms):
        """What it may move, and for how long without a frame."""
        self.handles, self._lease_ns = list(handles), lease_ms * 1_000_000
        self.last = {handle: value for handle, value in self.last.items() if handle in self.handles}
        self.renew()

    def renew(self):
        self.ends_at_ns = time.monotonic_ns() + self._lease_ns

    def last_values(self):
        return [{"handle": handle, "value": value} for handle, value in self.last.items()]


class Streams:
    """All streams of one epoch. find(handle) gives the live Parameter, or None. counters are those of EngineStats."""

    def __init__(self, epoch, find):
        self._epoch, self._find, self.open = epoch, find, {}
        self.counters = dict.fromkeys(("frames_received", "frames_malformed", "samples_received", "samples_applied", "samples_refused",
                                       "samples_lost"), 0)

    def take(self, parts):
        """One message of the stream plane."""
        self.counters["frames_received"] += 1
        try:
            if len(parts) != 1:
                raise FrameFault("parts", "a stream message has one part")
            _, frame = decode(parts[0], "stream")
        except FrameFault:
            self.counters["frames_malformed"] += 1
            return
        samples = frame["samples"]
        stream = self.open.get(f"{frame['stream_id']:016x}")
        self._count(stream, "received", len(samples))
        if stream:
            stream.report["framesReceived"] += 1
        if stream is None or frame["epoch"] != self._epoch:
            self._count(stream, "refused", len(samples))
            return
        stream.renew()
        for number, (value, _, handle, _) in enumerate(samples, frame["sequence"]):
            self._sample(stream, number, handle, value)

    def _sample(self, stream, number, handle, value):
        if number > stream.expected:
            self._count(stream, "lost", number - stream.expected)
        old = number < stream.expected
        stream.expected = max(stream.expected, number + 1)
        parameter = self._find(handle) if handle in stream.handles else None
        if old or parameter is None or not math.isfinite(value) or not parameter.minimum <= value <= parameter.maximum:
            self._count(stream, "refused", 1)
            return
        parameter.sample = stream.last[handle] = value
        self._count(stream, "applied", 1)

    def _count(self, stream, what, how_many):
        self.counters["samples_" + what] += how_many
        if stream:
            stream.report["samples" + what.capitalize()] += how_many

    def holds(self, handle):
        """Whether a stream that is open has moved this parameter."""
        return any(handle in stream.last for stream in self.open.values())

    def expired(self):
        """Ends the streams whose lease ran out; gives them with their ids."""
        now = time.monotonic_ns()
        over = [(id, stream) for id, stream in self.open.items() if now > stream.ends_at_ns]
        for id, _ in over:
            del self.open[id]
        return over
