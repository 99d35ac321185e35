"""A parameter of the live graph: what it has by protocol/engine.md, "Values", and how it moves there by protocol/realtime.md."""


class Parameter:
    """One parameter. committed, automation and sample are what was said; now is the smoothed value."""

    def __init__(self, model, rate):
        self.handle, self.minimum, self.maximum = model["handle"], model["minimum"], model["maximum"]
        self.smoothing_frames = int(model["smoothingMs"] * rate / 1000)
        self.committed, self.automation, self.sample = model["value"], model.get("automation"), None
        self.now = self._target = None
        self._left = 0  # frames until the target, or until the way to the automation is gone
        self._offset, self._automated = 0.0, False

    def take_over(self, old, keep_sample):
        """Goes on from where the parameter of the graph before was."""
        self.now, self._target, self._left = old.now, old._target, old._left
        self._offset, self._automated = old._offset, old._automated
        self.sample = old.sample if keep_sample else None

    def plays(self, playing):
        """Whether automation says the value."""
        lane = self.automation
        return playing and self.sample is None and lane is not None and lane["mode"] in ("read", "touch", "latch") and bool(lane["points"])

    def value(self, position, playing):
        """The value in force, unsmoothed."""
        if self.sample is not None:
            return self.sample
        return automated(self.automation["points"], position) if self.plays(playing) else self.committed

    def advance(self, frames, position, playing):
        """(first, last) value over the next frames; there is no point of the automation in between."""
        if self.plays(playing):
            return self._follow(frames, position)
        self._automated = False
        target = self.sample if self.sample is not None else self.committed
        if self.now is None:
            self.now = self._target = target
        if target != self._target:
            self._target, self._left = target, self.smoothing_frames
            if not self._left:
                self.now = target
        first = self.now
        if self._left > frames:
            self.now += (target - self.now) * frames / self._left
            self._left -= frames
        else:
            self.now, self._left = target, 0
        return first, self.now

    def _follow(self, frames, position):
        points = self.automation["points"]
        first, last = automated(points, position), automated(points, position + frames, before=True)
        if not self._automated:
            self._automated, self._left = True, self.smoothing_frames
            self._offset = 0.0 if self.now is None else self.now - first
        begin = self._offset if self._left else 0.0
        remaining = max(0, self._left - frames)
        self._offset = begin * remaining / self._left if self._left else 0.0
        self._left = remaining
        self.now = self._target = last + self._offset
        return first + begin, self.now


def automated(points, position, before=False):
    """Value of a line of points at a position. before: as the position is come to, where a point stands exactly there."""
    low, high = 0, len(points)
    while low < high:  # the number of points that are not behind the position
        middle = (low + high) // 2
        at = points[middle]["positionFrames"]
        if at < position or (at == position and not before):
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return points[0]["value"]
    left = points[low - 1]
    if low == len(points) or left["shape"] != "linear":
        return left["value"]
    right = points[low]
    way = (position - left["positionFrames"]) / (right["positionFrames"] - left["positionFrames"])
    return left["value"] + (right["value"] - left["value"]) * way
