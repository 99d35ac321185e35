"""A gesture: begin at Pulse, samples straight to Signal, end at Pulse. protocol/gestures.md."""

import time

import zmq

from ..wire.frames import encode


class Gesture:
    """One parameter under a hand. client: the connection to Pulse; sent: samples that left."""

    def __init__(self, context, client, parameter_id):
        self._client, self._context = client, context
        grant = client.call("parameter.gesture.begin", {"parameterIds": [parameter_id]})
        self.id, self.target, self.lease_ms = grant["gestureId"], grant["targets"][0], grant["leaseMs"]
        self.sent, self._waiting, self._value, self._said_at = 0, None, None, time.monotonic()
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
            self._waiting = self._value
            self.flush()

    def move(self, value):
        """The hand moved."""
        self._value = self._waiting = min(max(value, self.target["minimum"]), self.target["maximum"])
        self.flush()

    def rest(self):
        """The hand rests: says the value again before the lease is over."""
        if self._value is not None and (time.monotonic() - self._said_at) * 3000 > self.lease_ms:
            self._waiting = self._value
        self.flush()

    def flush(self):
        """Sends the newest value if there is room; never waits."""
        if self._waiting is None or self._paused:
            return
        sample = (self._waiting, time.monotonic_ns(), self.target["handle"], 0)
        try:
            self.socket.send(encode("ParameterStream", {"stream_id": self._stream, "epoch": self._epoch, "sequence": self._sequence,
                                                        "samples": [sample]}), zmq.NOBLOCK)
        except zmq.Again:
            return
        self._sequence, self.sent, self._waiting, self._said_at = self._sequence + 1, self.sent + 1, None, time.monotonic()

    def end(self):
        """Ends it with the newest value. Returns the answer: revision, values and what Signal saw of the stream."""
        values = [] if self._value is None else [{"parameterId": self.target["parameterId"], "value": self._value}]
        try:
            return self._client.call("parameter.gesture.end", {"gestureId": self.id, "values": values})
        finally:
            self.socket.close()
