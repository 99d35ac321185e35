"""A gesture: begin at Pulse, samples straight to Signal, end at Pulse. protocol/gestures.md."""

import time

import zmq

from ..wire.frames import encode


class Gesture:
    """Parameters under a hand. sent: samples that left."""

    def __init__(self, context, grant):
        """grant: the answer to parameter.gesture.begin."""
        self._context, self.id, self.lease_ms = context, grant["gestureId"], grant["leaseMs"]
        self.targets = {target["parameterId"]: target for target in grant["targets"]}
        self.sent, self._waiting, self._values, self._said_at = 0, {}, {}, time.monotonic()
        self.socket, self._paused = None, False
        self._open(grant)

    def _open(self, grant):
        """A stream of its own at a link of its own; samples are numbered from 0."""
        self._stream, self._epoch, self._sequence = int(grant["streamId"], 16), grant["link"]["epoch"], 0
        if self.socket:
            self.socket.close()
        self.socket = self._context.socket(zmq.PUSH)
        for option, value in ((zmq.SNDHWM, 4096), (zmq.IMMEDIATE, 1), (zmq.LINGER, 100)):
            self.socket.setsockopt(option, value)
        self.socket.connect(grant["link"]["streamEndpoint"])

    def engine_lost(self):
        """engine.changed without a link: nothing is sent until the gesture is resumed."""
        self._paused = True

    def resumed(self, event):
        """parameter.gesture.resumed: the engine is another one, which is told the newest value first."""
        if event["gestureId"] == self.id:
            self._open(event)
            self._paused = False
            self._waiting = dict(self._values)
            self.flush()

    def move(self, parameter_id, value):
        """The hand moved."""
        target = self.targets[parameter_id]
        self._values[parameter_id] = self._waiting[parameter_id] = min(max(value, target["minimum"]), target["maximum"])
        self.flush()

    def rest(self):
        """The hand rests: says the values again before the lease is over."""
        if (time.monotonic() - self._said_at) * 3000 > self.lease_ms:
            self._waiting = dict(self._values)
        self.flush()

    def flush(self):
        """Sends the newest values if there is room; never waits."""
        if not self._waiting or self._paused or self.socket is None:
            return
        samples = [(value, time.monotonic_ns(), self.targets[id]["handle"], 0) for id, value in self._waiting.items()]
        try:
            self.socket.send(encode("ParameterStream", {"stream_id": self._stream, "epoch": self._epoch, "sequence": self._sequence,
                                                        "samples": samples}), zmq.NOBLOCK)
        except zmq.Again:
            return
        self._sequence += len(samples)
        self.sent += len(samples)
        self._waiting, self._said_at = {}, time.monotonic()

    def final(self):
        """The payload of parameter.gesture.end, with the newest values."""
        return {"gestureId": self.id, "values": [{"parameterId": id, "value": value} for id, value in self._values.items()]}

    def close(self):
        """Nothing is sent any more."""
        if self.socket:
            self.socket.close()
        self.socket = None
