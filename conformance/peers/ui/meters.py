"""Reading telemetry: one SUB socket, frames of the present epoch, no frame twice."""

import zmq

from ..wire.frames import FrameFault, decode
from ..wire.model import LIMITS


class Telemetry:
    """Subscriptions at the link of the engine that runs. lost and dropped count what never came and what was of no use."""

    def __init__(self, context, link, topics):
        self._context, self._topics, self.socket = context, {topic.encode() for topic in topics}, None
        self.lost = self.dropped = 0
        self.follow(link)

    def follow(self, link):
        """Goes on at the link of another start of the engine; None: there is no engine now."""
        if link is None or (self.socket and link["epoch"] == self._epoch):
            return
        if self.socket:
            self.socket.close()
        self._epoch, self._sequences = link["epoch"], {}
        self.socket = self._context.socket(zmq.SUB)
        for option, value in ((zmq.RCVHWM, 64), (zmq.LINGER, 0), (zmq.MAXMSGSIZE, 4 * LIMITS["maxFrameBytes"])):
            self.socket.setsockopt(option, value)
        for topic in self._topics:
            self.socket.setsockopt(zmq.SUBSCRIBE, topic)
        self.socket.connect(link["telemetryEndpoint"])

    def add(self, topic):
        """One more topic; one that is there already changes nothing."""
        if topic.encode() not in self._topics:
            self._topics.add(topic.encode())
            self.socket.setsockopt(zmq.SUBSCRIBE, topic.encode())

    def frames(self):
        """All that waits in the socket: (name of the root table, fields)."""
        while True:
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            frame = self._checked(parts)
            if frame:
                yield frame
            else:
                self.dropped += 1

    def _checked(self, parts):
        if len(parts) != 2 or parts[0] not in self._topics:  # ZeroMQ matches prefixes: meters also brings meters@030
            return None
        try:
            root, values = decode(parts[1], "telemetry")
        except FrameFault:
            return None
        before = self._sequences.get(parts[0])
        if values["epoch"] != self._epoch or (before is not None and values["sequence"] <= before):
            return None
        self.lost += values["sequence"] - before - 1 if before is not None else 0
        self._sequences[parts[0]] = values["sequence"]
        return root, values

    def close(self):
        self.socket.close()


class Level:
    """The highest peak of one meter since it was asked for last; None: there was no reading."""

    def __init__(self, handle):
        self._handle, self._peak = handle, None

    def take(self, root, values):
        """One frame."""
        if root == "Meters":
            for handle, _, _, peak, _ in values["readings"]:
                if handle == self._handle:
                    self._peak = max(self._peak or 0.0, peak)

    def read(self):
        peak, self._peak = self._peak, None
        return peak
