"""Kinds of nodes and what they do with sound. A buffer is a pair of lists, left and right (the same list where both are alike), or None
for silence, so that silence costs nothing."""

import math
import operator

# Keys of the parameters of each kind, with the value of one that the graph leaves out. A plugin has keys of its own.
KEYS = {
    "clipPlayer": {}, "testTone": {"frequency": 440.0, "level": -12.0}, "filter": {"cutoff": 1000.0, "resonance": 0.0},
    "gain": {"gain": 0.0}, "pan": {"position": 0.0}, "delay": {"time": 300.0, "feedback": 0.3, "mix": 0.3}, "send": {"level": 0.0},
    "return": {}, "busMixer": {}, "plugin": None, "meter": {}, "analyser": {}, "output": {},
}
KINDS = list(KEYS)
SILENCE_DB = -90.0


def amplitude(decibel):
    """Factor of a level; -90 dB and less is silence."""
    return 0.0 if decibel <= SILENCE_DB else 10.0 ** (decibel / 20.0)


def mix(buffers):
    """Sum of buffers."""
    sounding = [buffer for buffer in buffers if buffer is not None]
    if len(sounding) < 2:
        return sounding[0] if sounding else None
    left, right = sounding[0]
    for other in sounding[1:]:
        mono = left is right and other[0] is other[1]
        left = list(map(operator.add, left, other[0]))
        right = left if mono else list(map(operator.add, right, other[1]))
    return left, right


def scaled(side, first, last):
    """A list times a factor that goes from `first` to `last`: evenly in dB where both are above silence, so that two opposite moves
    of two nodes cancel each other all the way."""
    if first == last:
        return [value * first for value in side]
    if first > 0.0 and last > 0.0:
        step, factor, out = (last / first) ** (1.0 / len(side)), first, []
        for value in side:
            factor *= step
            out.append(value * factor)
        return out
    step = (last - first) / len(side)
    return [value * (first + step * (index + 1)) for index, value in enumerate(side)]


def level(buffer, first, last):
    """A buffer at a level that goes from `first` to `last`, as factors."""
    if buffer is None or (first == 0.0 and last == 0.0):
        return None
    if first == 1.0 and last == 1.0:
        return buffer
    left = scaled(buffer[0], first, last)
    return left, left if buffer[0] is buffer[1] else scaled(buffer[1], first, last)


class Node:
    """A node that passes its input on: busMixer, return, output, meter, analyser, and a plugin that is missing."""

    def __init__(self, model, rate):
        self.id, self.kind, self.rate = model["id"], model["kind"], rate
        self.parameters, self._moves = {}, {}

    def update(self, model, files):
        """Takes over what a graph says of the node; its sound goes on. files: {path: AudioFile} of the graph."""
        self.bypassed, self.meter_handle = model.get("bypassed", False), model.get("meterHandle")

    def sounds_alone(self, playing):
        """Whether it may sound without an input."""
        return False

    def process(self, sound, frames, block):
        """What the node makes of its input. block: position, playing."""
        self._moves = {key: one.advance(frames, block.position, block.playing) for key, one in self.parameters.items()}
        return sound if self.bypassed else self.render(sound, frames, block)

    def move(self, key):
        """(first, last) value of a parameter over these frames."""
        return self._moves.get(key) or (KEYS[self.kind][key],) * 2

    def render(self, sound, frames, block):
        return sound


class Level(Node):
    """gain and send."""

    def __init__(self, model, rate):
        super().__init__(model, rate)
        self._key = "gain" if self.kind == "gain" else "level"

    def render(self, sound, frames, block):
        return level(sound, *map(amplitude, self.move(self._key)))


class Pan(Node):
    def render(self, sound, frames, block):
        if sound is None or self.move("position") == (0.0, 0.0):
            return sound
        first, last = self.move("position")
        return scaled(sound[0], _away(first), _away(last)), scaled(sound[1], _away(-first), _away(-last))


def _away(position):
    """Factor of the side that a sound moves away from."""
    return 0.0 if position >= 1.0 else math.cos(max(position, 0.0) * math.pi / 2)


class TestTone(Node):
    _phase = 0.0

    def sounds_alone(self, playing):
        return playing

    def render(self, sound, frames, block):
        if not block.playing:
            return sound
        first, last = self.move("frequency")
        step = math.tau * (first + last) / 2 / self.rate
        phase, sine = self._phase, math.sin
        self._phase = (phase + step * frames) % math.tau
        tone = [sine(phase + step * index) for index in range(frames)]
        return mix([sound, level((tone, tone), *map(amplitude, self.move("level")))])


class ClipPlayer(Node):
    def update(self, model, files):
        super().update(model, files)
        self._clips = [(clip, files[clip["path"]], amplitude(clip["gainDb"])) for clip in model["clips"]]

    def sounds_alone(self, playing):
        return playing

    def render(self, sound, frames, block):
        if not block.playing:
            return sound
        return mix([sound] + [self._play(frames, block.position, *clip) for clip in self._clips])

    def _play(self, frames, position, clip, file, factor):
        first = max(position, clip["startFrames"])
        last = min(position + frames, clip["startFrames"] + clip["lengthFrames"])
        if first >= last or factor == 0.0:
            return None
        left, right = file.read_at(clip["offsetFrames"] + first - clip["startFrames"], last - first, self.rate)
        before, after = [0.0] * (first - position), [0.0] * (position + frames - last)

        def placed(side):
            return before + [value * factor for value in side] + after

        heard = placed(left)
        return heard, heard if left is right else placed(right)


class Filter(Node):
    """A state variable filter, trapezoidal: two integrators a side."""

    def __init__(self, model, rate):
        super().__init__(model, rate)
        self._states = [(0.0, 0.0), (0.0, 0.0)]

    def sounds_alone(self, playing):
        return self._states != [(0.0, 0.0), (0.0, 0.0)]

    def render(self, sound, frames, block):
        if sound is None and not self.sounds_alone(block.playing):
            return None
        cutoff, resonance = self.move("cutoff")[1], self.move("resonance")[1]
        tangent = math.tan(math.pi * min(max(cutoff, 1.0), 0.49 * self.rate) / self.rate)
        damping = math.sqrt(2.0) / (20.0 * math.sqrt(2.0)) ** min(max(resonance, 0.0), 1.0)  # by its quality: 0.707 to 20
        sides = sound or ([0.0] * frames,) * 2
        out = [self._side(index, sides[index], tangent, damping) for index in (0, 1)]
        return out[0], out[1]

    def _side(self, index, side, tangent, damping):
        one, two = self._states[index]
        scale, out = 1.0 / (1.0 + tangent * (tangent + damping)), []
        for value in side:
            third = value - two
            band = scale * (one + tangent * third)
            low = two + tangent * band
            one, two = 2.0 * band - one, 2.0 * low - two
            out.append(low)
        quiet = abs(one) + abs(two) < 1e-12
        self._states[index] = (0.0, 0.0) if quiet else (one, two)
        return out


class Delay(Node):
    def __init__(self, model, rate):
        super().__init__(model, rate)
        self._lines, self._at, self._quiet_frames = [[0.0] * 2, [0.0] * 2], 0, 0

    def sounds_alone(self, playing):
        return self._quiet_frames <= len(self._lines[0])

    def render(self, sound, frames, block):
        if sound is None and not self.sounds_alone(block.playing):
            return None
        delay = max(1, int(self.move("time")[1] * self.rate / 1000))
        if delay >= len(self._lines[0]):
            self._grow(delay + 1)
        sides = sound or ([0.0] * frames,) * 2
        out = [self._side(line, side, delay) for line, side in zip(self._lines, sides)]
        self._at = (self._at + frames) % len(self._lines[0])
        loud = sound is not None or max(map(abs, out[0] + out[1])) > 1e-6
        self._quiet_frames = 0 if loud else self._quiet_frames + frames
        return out[0], out[1]

    def _grow(self, length):
        for index, line in enumerate(self._lines):
            self._lines[index] = [0.0] * (length - len(line)) + line[self._at:] + line[:self._at]
        self._at = 0

    def _side(self, line, side, delay):
        feedback, mixed = min(0.99, self.move("feedback")[1]), self.move("mix")[1]
        at, length, dry, out = self._at, len(line), 1.0 - mixed, []
        for value in side:
            echo = line[at - delay]  # an index below 0 counts from the end of the list, which closes the ring
            line[at] = value + echo * feedback
            out.append(value * dry + echo * mixed)
            at = at + 1 if at + 1 < length else 0
        return out


_CLASSES = {"gain": Level, "send": Level, "pan": Pan, "testTone": TestTone, "clipPlayer": ClipPlayer, "filter": Filter, "delay": Delay}


def make(model, rate):
    """A node of its kind; update() it before it sounds."""
    return _CLASSES.get(model["kind"], Node)(model, rate)
