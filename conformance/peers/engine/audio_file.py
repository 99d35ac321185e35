"""WAV files: PCM of 8 to 32 bits and floating point. A file is mapped and read piece by piece while it plays."""

import array
import mmap
import struct

_FLOAT, _PCM, _EXTENSIBLE = 3, 1, 0xFFFE


class Unreadable(Exception):
    """The file does not exist, or is no audio that can be read."""


class AudioFile:
    """An audio file. frames: its length; rate: in Hz."""

    def __init__(self, path):
        try:
            with open(path, "rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as reason:
            raise Unreadable(f"{path}: {reason}")
        try:
            self._read_header()
        except Unreadable as reason:
            raise Unreadable(f"{path}: {reason}")

    def _read_header(self):
        kind, self.channels, self.rate, bits = self._chunks()
        self._width = bits // 8
        if self.channels < 1 or self.rate < 1 or (kind, bits) not in ((_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32), (_FLOAT, 64)):
            raise Unreadable(f"format {kind} with {bits} bits is not known here")
        self._code = {(_PCM, 8): "B", (_PCM, 16): "h", (_PCM, 32): "i", (_FLOAT, 32): "f", (_FLOAT, 64): "d"}.get((kind, bits))
        self.frames = self._size // (self._width * self.channels)

    def _chunks(self):
        data, form = self._bytes, None
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise Unreadable("it is no WAV file")
        at = 12
        while at + 8 <= len(data):
            name, size = data[at:at + 4], struct.unpack("<I", data[at + 4:at + 8])[0]
            if name == b"fmt " and size >= 16:
                kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", data[at + 8:at + 24])
                if kind == _EXTENSIBLE and size >= 26:
                    kind = struct.unpack("<H", data[at + 32:at + 34])[0]
                form = kind, channels, rate, bits
            elif name == b"data" and form:
                self._start, self._size = at + 8, min(size, len(data) - at - 8)
                return form
            at += 8 + size + size % 2
        raise Unreadable("it has no audio")

    def read(self, first, count):
        """Left and right of `count` frames from `first`; silence behind the end. A file of one channel is on both sides."""
        have = max(0, min(count, self.frames - first))
        step = self._width * self.channels
        data = self._bytes[self._start + first * step:self._start + (first + have) * step]
        if self._code is None:
            whole = [int.from_bytes(data[at:at + 3], "little", signed=True) for at in range(0, len(data), 3)]
        else:
            whole = array.array(self._code, data)
        scale, zero = {"B": (1 / 128, 128), "h": (1 / 32768, 0), "i": (1 / 2147483648, 0), None: (1 / 8388608, 0)}.get(self._code, (1.0, 0))
        silence = [0.0] * (count - have)
        left = [(value - zero) * scale for value in whole[0::self.channels]] + silence
        if self.channels == 1:
            return left, left
        return left, [(value - zero) * scale for value in whole[1::self.channels]] + silence

    def read_at(self, first, count, rate):
        """The same at another sample rate: `first` and `count` are in its frames. In between two samples in a straight line."""
        if rate == self.rate:
            return self.read(first, count)
        ratio = self.rate / rate
        begin = int(first * ratio)
        left, right = self.read(begin, int(count * ratio) + 3)
        places = [(first + index) * ratio - begin for index in range(count)]

        def at(side):
            return [side[int(place)] + (side[int(place) + 1] - side[int(place)]) * (place - int(place)) for place in places]

        heard = at(left)
        return heard, heard if left is right else at(right)
