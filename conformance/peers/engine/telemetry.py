"""The telemetry plane: topics, rates, meters, spectrum, transport and statistics, by protocol/telemetry.md and framing.md."""

import cmath
import math
import operator
import re
import time

import zmq

from ..wire.frames import encode, pack
from ..wire.model import LIMITS

_TOPIC = re.compile(r"(meters|transport|stats|spectrum/([1-9][0-9]{0,9}))(?:@([0-9]{3}))?")
_RATES_HZ = {"meters": 60, "transport": 60, "stats": 2, "spectrum": 30}
WINDOW_FRAMES, _HANN = 2048, 1
READINGS_IN_A_FRAME = 32768
_SILENCE = (0.0, 0.0, 0)


class Topic:
    """One topic that somebody subscribed to, with what it gathers between two frames."""

    def __init__(self, text, what, handle, rate):
        self.text, self.what, self.handle = text.encode(), what, handle
        self.period_ns, self.next_ns = 1_000_000_000 // rate, 0
        self.levels, self.frames, self.busy_ns, self.busiest_ns = {}, 0, 0, 0

    def due(self, now):
        """Whether it is time for a frame."""
        if now < self.next_ns:
            return False
        self.next_ns += self.period_ns
        if self.next_ns <= now:  # the first time, or too late to make up for
            self.next_ns = now + self.period_ns
        return True


def topic(text):
    """A Topic of one of the forms of the specification, or None."""
    form = _TOPIC.fullmatch(text)
    if not form:
        return None
    what = form[1].partition("/")[0]
    handle, rate = int(form[2] or 0), int(form[3] or _RATES_HZ[what])
    if handle > 4294967295 or not 1 <= rate <= 240:
        return None
    return Topic(text, what, handle, min(rate, 240))


class Telemetry:
    """Publishes at one XPUB socket what is subscribed to there."""

    def __init__(self, context, engine):
        self.socket = context.socket(zmq.XPUB)
        for option, value in ((zmq.SNDHWM, 64), (zmq.LINGER, 0), (zmq.MAXMSGSIZE, 4 * LIMITS["maxFrameBytes"])):
            self.socket.setsockopt(option, value)
        self.sent, self._engine, self._topics, self._sequences, self._history = 0, engine, {}, {}, {}
        self._measured = (None, None)
        engine.hears.append(self)

    def subscriptions(self):
        """Takes what subscribers say."""
        while True:
            try:
                word = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            text = word[1:].decode("latin-1")
            if word[:1] == b"\x00":
                self._topics.pop(text, None)
            elif word[:1] == b"\x01":
                asked = topic(text)
                if asked:
                    self._topics[text] = asked
        wanted = {one.handle for one in self._topics.values() if one.what == "spectrum"}
        self._history = {handle: self._history.get(handle, [0.0] * WINDOW_FRAMES) for handle in wanted}

    # What the engine says

    def heard(self, node, sound, frames):
        """A meter or an analyser got this sound."""
        if node.kind == "analyser" and node.meter_handle in self._history:
            left, right = sound
            mean = left if left is right else [value / 2 for value in map(operator.add, left, right)]
            self._history[node.meter_handle] = (self._history[node.meter_handle] + mean)[-WINDOW_FRAMES - frames:]
        elif node.kind == "meter":
            levels = None
            for one in self._topics.values():
                if one.what == "meters":
                    levels = levels or self._measure(sound)
                    one.levels[node.meter_handle] = _joined(one.levels.get(node.meter_handle), levels)

    def _measure(self, sound):
        if self._measured[0] is not sound:
            left = _levels(sound[0])
            self._measured = sound, (left, left if sound[0] is sound[1] else _levels(sound[1]))
        return self._measured[1]

    def rendered(self, frames):
        """A piece is done."""
        for one in self._topics.values():
            one.frames += frames
        for handle, history in self._history.items():
            if len(history) <= WINDOW_FRAMES:
                history = history + [0.0] * frames
            self._history[handle] = history[-WINDOW_FRAMES:]

    def block(self):
        """A block is done: sends what is due."""
        now, engine = time.monotonic_ns(), self._engine
        for one in list(self._topics.values()):
            one.busy_ns, one.busiest_ns = one.busy_ns + engine.took_ns, max(one.busiest_ns, engine.took_ns)
            if one.due(now):
                self._send_topic(one)

    def idle(self):
        """Sends what is due while nothing is rendered."""
        if self._engine.running:
            return
        for one in list(self._topics.values()):
            if one.what == "stats" and one.due(time.monotonic_ns()):
                self._send_topic(one)

    def transport_changed(self):
        """The transport started, stopped or jumped: says so at once."""
        for one in self._topics.values():
            if one.what == "transport":
                self._send_topic(one)

    # Frames

    def _send_topic(self, one):
        getattr(self, "_" + one.what)(one)
        one.levels, one.frames, one.busy_ns, one.busiest_ns = {}, 0, 0, 0

    def _send(self, one, root, **values):
        sequence = self._sequences.get(one.text, 0)
        self._sequences[one.text] = sequence + 1
        frame = encode(root, dict(values, epoch=self._engine.epoch, sequence=sequence, engine_frames=self._engine.frames,
                                  time_ns=self._engine.time_ns()))
        self.socket.send_multipart([one.text, frame], zmq.NOBLOCK)
        self.sent += 1

    def _meters(self, one):
        readings = []
        for node in self._engine.nodes.values():
            if node.kind == "meter" and node.meter_handle:
                sides = one.levels.get(node.meter_handle, (_SILENCE, _SILENCE))
                for channel, (peak, square, clipped) in enumerate(sides):
                    rms = min(peak, math.sqrt(square / one.frames)) if one.frames else 0.0
                    readings.append((node.meter_handle, channel, min(clipped, 65535), peak, rms))
        for first in range(0, max(len(readings), 1), READINGS_IN_A_FRAME):
            self._send(one, "Meters", length_frames=one.frames,
                       readings=pack("Meters", "MeterReading", readings[first:first + READINGS_IN_A_FRAME]))

    def _transport(self, one):
        engine = self._engine
        self._send(one, "TransportPosition", position_frames=engine.position, sample_rate_hz=engine.rate, playing=engine.playing,
                   position_beats=engine.position / engine.rate * engine.tempo / 60, tempo_bpm=engine.tempo,
                   loop_enabled=engine.loop["enabled"], loop_start_frames=engine.loop["startFrames"],
                   loop_end_frames=engine.loop["endFrames"])

    def _stats(self, one):
        engine, streams = self._engine, self._engine.streams
        shape = engine.effective if engine.running else {"sampleRateHz": 0, "blockFrames": 0}
        period_ns = max(1, one.frames * 1_000_000_000 // engine.rate)
        block_ns = max(1, shape["blockFrames"] * 1_000_000_000 // engine.rate)
        self._send(one, "EngineStats", length_frames=one.frames, sample_rate_hz=shape["sampleRateHz"], block_frames=shape["blockFrames"],
                   nodes=len(engine.nodes), load_mean_ratio=one.busy_ns / period_ns if one.frames else 0.0,
                   load_peak_ratio=one.busiest_ns / block_ns if one.frames else 0.0, blocks=engine.blocks, late_blocks=engine.late_blocks,
                   xruns=engine.xruns, streams_open=len(streams.open), telemetry_frames_sent=self.sent,
                   **{"stream_" + name: count for name, count in streams.counters.items()})

    def _spectrum(self, one):
        if not any(node.kind == "analyser" and node.meter_handle == one.handle for node in self._engine.nodes.values()):
            return
        self._send(one, "Spectrum", handle=one.handle, channel=-1, window=_HANN, sample_rate_hz=self._engine.rate,
                   window_frames=WINDOW_FRAMES, magnitudes_db=spectrum(self._history[one.handle][-WINDOW_FRAMES:]))


def _levels(side):
    peak = max(max(side), -min(side))
    return peak, sum(map(operator.mul, side, side)), sum(abs(value) > 1.0 for value in side) if peak > 1.0 else 0


def _joined(before, now):
    if before is None:
        return now
    return tuple((max(a[0], b[0]), a[1] + b[1], a[2] + b[2]) for a, b in zip(before, now))


_WEIGHTS = [0.5 - 0.5 * math.cos(math.tau * index / WINDOW_FRAMES) for index in range(WINDOW_FRAMES)]
_TURNS = {size: [cmath.exp(-1j * math.tau * index / size) for index in range(size // 2)]
          for size in (2 ** power for power in range(1, 12))}


def _transform(values):
    size = len(values)
    if size == 1:
        return values
    even, odd = _transform(values[0::2]), _transform(values[1::2])
    turned = list(map(operator.mul, _TURNS[size], odd))
    return list(map(operator.add, even, turned)) + list(map(operator.sub, even, turned))


def spectrum(samples):
    """Magnitudes in dB of the bins from 0 Hz to half of the sample rate; a sine of full scale has 0 in its bin."""
    if not any(samples):
        return [-200.0] * (WINDOW_FRAMES // 2 + 1)
    bins = _transform(list(map(operator.mul, samples, _WEIGHTS)))[:WINDOW_FRAMES // 2 + 1]
    full = WINDOW_FRAMES / 4  # a sine is half of its height on each side of 0 Hz, and half of that behind a Hann window
    return [min(100.0, max(-200.0, 20 * math.log10(abs(one) / full))) if one else -200.0 for one in bins]
