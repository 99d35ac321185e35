"""The client's side of a control connection: hello, one answer for each command, heartbeats both ways.

Everything happens in the thread that calls step() or call().
"""

import secrets
import time

import zmq

from .envelope import Writer, decode
from .model import LIMITS, MODEL

PATIENCE_S = 10.0
LONGEST_TICK_S = 0.05  # between two looks at the clock; more was not planned, and is no silence of the peer


class Failed(Exception):
    """A command was answered with an error, or not at all. code: of the register."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Client:
    """One connection to a server. on_event(name, payload) is called for every event but heartbeats."""

    def __init__(self, context, role, peer, endpoint, software, on_event=lambda name, payload: None, before=None):
        """before: the connection of the same run before this one, whose instance goes on."""
        self.role, self.peer, self._software, self._on_event = role, peer, software, on_event
        self.instance = before.instance if before else "i-" + secrets.token_hex(8)
        self.socket = context.socket(zmq.DEALER)
        for option, value in ((zmq.SNDHWM, 4096), (zmq.RCVHWM, 4096), (zmq.LINGER, 100), (zmq.RECONNECT_IVL, 10),
                              (zmq.RECONNECT_IVL_MAX, 250), (zmq.MAXMSGSIZE, 4 * LIMITS["maxMessageBytes"])):
            self.socket.setsockopt(option, value)
        self.socket.connect(endpoint)
        self._writer, self._waiting = before._writer if before else Writer(role, peer), {}  # no id twice in a run
        self.hello, self.dropped = None, 0  # dropped: what came and could not be used
        self._silent_s = self._heartbeats = 0
        self._said_at = self._looked_at = time.monotonic()

    def greet(self):
        """Says hello. Returns its answer."""
        own = {key: MODEL["protocol"][key] for key in ("major", "minMinor", "maxMinor")}
        hello = self.call("session.hello", {"role": self.role, "clientId": self._software["name"], "instanceId": self.instance,
                                            "software": self._software, "protocol": own, "capabilities": []})
        agreed = hello["protocol"]
        if agreed["major"] != own["major"] or not own["minMinor"] <= agreed["minor"] <= own["maxMinor"]:
            self.goodbye()
            raise Failed("protocol.versionUnsupported", f"{self.peer} answers with {agreed['major']}.{agreed['minor']}")
        self.hello = hello
        return self.hello

    def call(self, name, payload, patience=PATIENCE_S):
        """Sends a command and returns the payload of its reply. Raises Failed."""
        answers = []
        id = self.start(name, payload, answers.append)
        ends_at = time.monotonic() + patience
        while not answers:
            if time.monotonic() > ends_at:
                del self._waiting[id]
                raise Failed("session.timeout", f"no answer to {name}")
            self.step(0.05)
        if answers[0].kind == "error":
            raise Failed(answers[0].error["code"], answers[0].error["message"])
        return answers[0].payload

    def start(self, name, payload, on_answer):
        """Sends a command; on_answer(message) is called from step(). Returns its id."""
        id = self._send("command", name, payload)
        self._waiting[id] = on_answer
        return id

    def step(self, seconds):
        """Waits at most so long for something, handles all that came, keeps the connection alive."""
        self.socket.poll(int(seconds * 1000))
        while True:
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            self._silent_s = 0
            self._take(parts)
        self._keep_alive()

    def _take(self, parts):
        message = decode(parts[0], self.peer, self.role) if len(parts) == 1 else None
        if message is None or message.refused:
            self.dropped += 1
        elif message.kind == "event":
            if message.name == "session.goodbye":
                raise Failed("session.lost", f"{self.peer} said goodbye: {message.payload['reason']}")
            if message.name != "session.heartbeat":
                self._on_event(message.name, message.payload)
        elif message.error and message.error["code"] == "session.helloRequired":
            raise Failed("session.helloRequired", message.error["message"])
        elif message.cid in self._waiting:
            self._waiting.pop(message.cid)(message)
        else:
            self.dropped += 1

    def _keep_alive(self):
        now = time.monotonic()
        self._silent_s, self._looked_at = self._silent_s + min(now - self._looked_at, LONGEST_TICK_S), now
        if self.hello is None:
            return
        if self._silent_s * 1000 > self.hello["leaseMs"]:
            self.goodbye("leaseExpired")
            raise Failed("session.lost", f"{self.peer} fell silent")
        if (now - self._said_at) * 1000 >= self.hello["heartbeatIntervalMs"]:
            self._send("event", "session.heartbeat", {"sequence": self._heartbeats})
            self._heartbeats += 1

    def _send(self, kind, name, payload):
        data, id = self._writer.write(kind, name, payload)
        try:
            self.socket.send(data, zmq.NOBLOCK)
        except zmq.Again:
            raise Failed("session.overflow", f"{self.peer} does not read")
        self._said_at = time.monotonic()
        return id

    def goodbye(self, reason="closing"):
        """Ends the connection."""
        self._send("event", "session.goodbye", {"reason": reason})
        self.socket.close()
