"""The server's side of a control connection, protocol/hello.md and protocol/envelope.md: hello, leases, answers, counters.

What the messages mean is the business of handlers: {name: function(payload, connection)}. A handler returns the payload of its reply
or raises Refused. Events that it sends meanwhile leave before the answer and carry the id of its command.
"""

import collections
import secrets
import time
import traceback

import zmq

from .envelope import Refused, Writer, decode
from .frames import FRAMES
from .model import FINGERPRINT, LIMITS, MESSAGES, MODEL, names

HEARTBEAT_MS, LEASE_MS = 500, 5000
LONGEST_TICK_NS = 50_000_000  # between two looks at the clock; more was not planned, and is no silence of the peer
REMEMBERED_ANSWERS, REMEMBERED_INSTANCES = 64, 16

COUNTERS = [field["name"] for field in MODEL["domains"]["session"]["types"]["CountersReply"]["fields"]]


class Connection:
    """One client. address: how ROUTER names it; instance: who it is, None before hello."""

    def __init__(self, address):
        self.address, self.instance, self.session = address, None, None
        self.silent_ns, self.said_at_ns, self.heartbeats = 0, 0, 0


class Server:
    """Answers one role at one endpoint. One greeted instance at a time."""

    def __init__(self, context, role, peer, software, link):
        self.role, self.peer, self._software, self._link = role, peer, software, link
        self.socket = context.socket(zmq.ROUTER)
        for option, value in ((zmq.SNDHWM, 4096), (zmq.RCVHWM, 4096), (zmq.ROUTER_MANDATORY, 1), (zmq.LINGER, 100),
                              (zmq.MAXMSGSIZE, 4 * LIMITS["maxMessageBytes"])):
            self.socket.setsockopt(option, value)
        self.instance = "i-" + secrets.token_hex(8)
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.handlers = {"session.describe": self._describe, "session.counters": lambda payload, connection: dict(self.counters)}
        self.on_greeted = lambda connection, another: None
        self._connections, self._holder, self._last_instance = {}, None, None
        self._writer, self._cause, self._looked_at_ns = Writer(role, peer), None, time.monotonic_ns()
        self._answers = collections.OrderedDict()  # by instance: {id: (kind, body)} of what is not idempotent

    # What arrives

    def receive(self, at_most=256):
        """Handles what waits in the socket. Returns whether there may be more."""
        for _ in range(at_most):
            try:
                address, *parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return False
            connection = self._connections.setdefault(address, Connection(address))
            connection.silent_ns = 0
            self.counters["controlReceived"] += 1
            if len(parts) != 1:
                self.counters["malformed"] += 1
            elif parts[0][4:8] in FRAMES:
                self.counters["refused"] += 1
                self.counters[FRAMES[parts[0][4:8]].plane + "FramesSeen"] += 1
            else:
                self._handle(connection, parts[0])
        return True

    def _handle(self, connection, data):
        message = decode(data, self.peer, self.role)
        self.counters["newer"] += message.newer and message.name != "session.hello"
        refused = message.refused
        if refused is None and connection.instance is None and message.name != "session.hello":
            refused = Refused("session.helloRequired", f"say hello before {message.name}")
        if message.kind in ("reply", "error") or (message.kind == "event" and refused):
            self._count(refused)  # answers to what was never asked, and events that nobody can use
        elif refused:
            self._count(refused)
            self._send(connection, "error", message.name or "unknown", refused.payload(), message.id)
        elif message.kind == "event":
            if message.name == "session.goodbye":
                self._forget(connection)
        else:
            self._answer(connection, message)

    def _count(self, refused):
        undecodable = refused and refused.code in ("envelope.malformed", "envelope.tooLarge", "payload.invalid")
        self.counters["malformed" if undecodable else "refused"] += 1
        self.counters["newer"] += refused is not None and refused.code == "envelope.unknownName"

    def _answer(self, connection, message):
        remembered = self._answers.get(connection.instance, {})
        if message.name != "session.hello" and message.id in remembered:
            self.counters["duplicates"] += 1
            kind, body = remembered[message.id]
        else:
            kind, body = self._execute(connection, message)
            if not MESSAGES[message.name]["idempotent"]:
                self._remember(connection.instance, message.id, (kind, body))
        self._send(connection, kind, message.name, body, message.id)

    def _execute(self, connection, message):
        self._cause = message.id
        try:
            if message.name == "session.hello":
                return "reply", self._hello(connection, message.payload)
            return "reply", self.handlers[message.name](message.payload, connection)
        except Refused as refused:
            return "error", refused.payload()
        except Exception as reason:  # ERR-7: a fault of ours is answered too
            traceback.print_exc()
            return "error", Refused("internal.fault", f"{message.name} failed: {reason!r}").payload()
        finally:
            self._cause = None

    def _remember(self, instance, id, answer):
        mine = self._answers.setdefault(instance, collections.OrderedDict())
        mine[id] = answer
        while len(mine) > REMEMBERED_ANSWERS:
            mine.popitem(last=False)
        self._answers.move_to_end(instance)
        while len(self._answers) > REMEMBERED_INSTANCES:
            self._answers.popitem(last=False)

    # Commands that every server answers

    def _hello(self, connection, hello):
        if hello["role"] != self.peer:
            raise Refused("envelope.wrongRoute", f"{self.role} is greeted by {self.peer}, not by {hello['role']}", "/payload/role")
        mine, theirs = MODEL["protocol"], hello["protocol"]
        minor = min(mine["maxMinor"], theirs["maxMinor"])
        if theirs["major"] != mine["major"] or minor < max(mine["minMinor"], theirs["minMinor"]):
            ranges = " and ".join(f"{side['major']}.{side['minMinor']} to {side['major']}.{side['maxMinor']}" for side in (theirs, mine))
            raise Refused("protocol.versionUnsupported", f"the ranges {ranges} do not meet", "/payload/protocol")
        holder = self._holder
        if holder and holder is not connection:
            if holder.instance != hello["instanceId"]:
                raise Refused("engine.held", f"the instance {holder.instance} holds this {self.role}; end it first")
            self.give_up(holder, "closing")
        if connection.instance != hello["instanceId"] or connection.session is None:
            connection.session = "s-" + secrets.token_hex(6)
        connection.instance, self._holder = hello["instanceId"], connection
        self.on_greeted(connection, self._last_instance not in (None, hello["instanceId"]))
        self._last_instance = hello["instanceId"]
        return {"sessionId": connection.session, "role": self.role, "instanceId": self.instance, "software": self._software,
                "protocol": {"major": mine["major"], "minor": minor}, "capabilities": [], "heartbeatIntervalMs": HEARTBEAT_MS,
                "leaseMs": LEASE_MS, "limits": LIMITS, "engine": self._link, "fingerprint": FINGERPRINT}

    def _describe(self, _, connection):
        return {"handles": names("command", self.peer, self.role), "sends": names("event", self.role, self.peer),
                "protocol": {"major": MODEL["protocol"]["major"], "minor": MODEL["protocol"]["maxMinor"]}, "fingerprint": FINGERPRINT}

    # What leaves

    def event(self, name, payload):
        """Sends an event to who was greeted, if anybody was."""
        if self._holder:
            self._send(self._holder, "event", name, payload, self._cause)

    def _send(self, connection, kind, name, body, cid):
        data, _ = self._writer.write(kind, name, body, cid)
        if len(data) > LIMITS["maxMessageBytes"] and kind == "reply":
            too_large = Refused("envelope.tooLarge", f"the answer would have {len(data)} bytes")
            data, _ = self._writer.write("error", name, too_large.payload(), cid)
        try:
            self.socket.send_multipart([connection.address, data], zmq.NOBLOCK)
            self.counters["controlSent"] += 1
            connection.said_at_ns = time.monotonic_ns()
        except zmq.Again:
            self.counters["overflows"] += 1
            self._forget(connection)
        except zmq.ZMQError:  # ROUTER_MANDATORY: this connection is gone
            self._forget(connection)

    def give_up(self, connection, reason):
        """Says goodbye and takes the connection for ended."""
        self._send(connection, "event", "session.goodbye", {"reason": reason}, None)
        self._forget(connection)

    def _forget(self, connection):
        connection.instance = connection.session = None
        if self._holder is connection:
            self._holder = None
        self._connections.pop(connection.address, None)

    def tick(self):
        """Heartbeats and leases; several times an interval."""
        now = time.monotonic_ns()
        passed, self._looked_at_ns = min(now - self._looked_at_ns, LONGEST_TICK_NS), now
        for connection in list(self._connections.values()):
            connection.silent_ns += passed
            if connection.silent_ns > LEASE_MS * 1_000_000:
                if connection.instance:
                    self.give_up(connection, "leaseExpired")
                else:
                    self._forget(connection)
            elif connection.instance and now - connection.said_at_ns >= HEARTBEAT_MS * 1_000_000:
                self._send(connection, "event", "session.heartbeat", {"sequence": connection.heartbeats}, None)
                connection.heartbeats += 1

    def close(self):
        """Ends in order."""
        for connection in list(self._connections.values()):
            if connection.instance:
                self.give_up(connection, "closing")
        self.socket.close()
