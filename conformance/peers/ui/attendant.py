"""An Aura that stays: finds Pulse again and again, mirrors the project, follows meters, and does what a driver says.

The driver channel is specified in docs/guides/validate-your-ui.md.
"""

import json
import os
import signal
import struct
import time

import zmq

from ..wire.client import Client, Failed
from .gesture import Gesture
from .meters import Telemetry
from .mirror import Mirror, Stale
from .session_file import NotFound, find

LOOK_AGAIN_S = 0.05


class DriverChannel:
    """Messages of a length in four bytes and a JSON object. descriptor: None where there is no driver."""

    def __init__(self, descriptor):
        self._fd, self._received = descriptor, b""
        if descriptor is not None:
            os.set_blocking(descriptor, False)

    def messages(self):
        """All that arrived."""
        while self._fd is not None:
            try:
                piece = os.read(self._fd, 65536)
            except BlockingIOError:
                break
            if not piece:
                self._fd = None
                break
            self._received += piece
        while len(self._received) >= 4:
            (length,) = struct.unpack("<I", self._received[:4])
            if len(self._received) < 4 + length:
                return
            text, self._received = self._received[4:4 + length], self._received[4 + length:]
            yield json.loads(text)

    def send(self, message):
        data = json.dumps(message).encode()
        data = struct.pack("<I", len(data)) + data
        while data and self._fd is not None:
            try:
                data = data[os.write(self._fd, data):]
            except BlockingIOError:
                time.sleep(0.001)


class Attendant:
    """One session after another, until it is asked to end."""

    def __init__(self, context, session, driver, software):
        self._context, self._session, self._driver, self._software = context, session, driver, software
        self._client, self._mirror, self._link, self._asking = None, Mirror(), None, False
        self._gestures, self._telemetry, self._topics, self._newest = {}, None, set(), {}
        self._connected, self.ends = False, False

    # A session

    def live(self):
        """Connects, and stays until the connection ends."""
        try:
            endpoint = find(self._session)["projectEndpoint"]
        except NotFound:
            self._obey()
            time.sleep(LOOK_AGAIN_S)
            return
        self._client = Client(self._context, "aura", "pulse", endpoint, self._software, self._hear, self._client)
        try:
            self._link = self._client.greet().get("engine")
            self._connected = True
            self._ask()
            while not self.ends:
                self._client.step(0.01)
                self._look()
            self._client.goodbye()
        except Failed:
            self._client.socket.close()
            time.sleep(LOOK_AGAIN_S)
        self._connected, self._asking = False, False
        self._let_go(list(self._gestures))

    def _let_go(self, names):
        for name in names:
            self._gestures.pop(name).close()

    def _ask(self):
        """Has the mirror replaced; once, until that is answered."""
        if not self._asking:
            self._asking = True
            self._client.start("project.snapshot", {}, self._replace)

    def _replace(self, answer):
        self._asking = False
        if answer.kind == "reply":
            self._mirror.take_snapshot(answer.payload)

    def _hear(self, name, payload):
        if name == "project.changed":
            try:
                self._mirror.apply(payload)
            except Stale:
                self._ask()
        elif name == "project.opened":
            self._ask()
        elif name == "project.closed":
            self._mirror.take_snapshot({"revision": 0})
        elif name == "engine.changed":
            self._link = payload.get("link")
            if self._link is None:
                for gesture in self._gestures.values():
                    gesture.engine_lost()
        elif name == "parameter.gesture.resumed":
            for gesture in self._gestures.values():
                gesture.resumed(payload)
        elif name == "parameter.gesture.ended":
            self._let_go([one for one, gesture in self._gestures.items() if gesture.id == payload["gestureId"]])

    def _look(self):
        """What is due besides messages of Pulse."""
        if self._link and self._topics:
            if self._telemetry is None:
                self._telemetry = Telemetry(self._context, self._link, [])
            self._telemetry.follow(self._link)
            for topic in self._topics:
                self._telemetry.add(topic)
            for root, values in self._telemetry.frames():
                self._newest[root] = values
        for gesture in self._gestures.values():
            gesture.rest()
        self._obey()

    # A driver

    def watch(self, topics):
        self._topics |= set(topics)

    def _obey(self):
        for order in self._driver.messages():
            try:
                if not self._connected and order["do"] != "ask":
                    raise Failed("session.lost", "there is no connection")
                getattr(self, "_do_" + order["do"])(order, lambda answer, order=order: self._answer(order, answer))
            except (AttributeError, KeyError, StopIteration, TypeError) as reason:
                self._refuse(order, "payload.invalid", repr(reason))
            except Failed as reason:
                self._refuse(order, reason.code, str(reason))

    def _refuse(self, order, code, text):
        self._driver.send({"id": order.get("id"), "ok": False, "error": {"code": code, "message": text}})

    def _answer(self, order, answer=None, **more):
        if answer is not None and answer.kind == "error":
            self._refuse(order, answer.error["code"], answer.error["message"])
        else:
            self._driver.send({"id": order["id"], "ok": True, **more})

    def _do_call(self, order, then):
        self._client.start(order["name"], order["payload"], then)

    def _do_step(self, order, then):
        value = self._mirror.parameter(order["parameterId"])["value"] + order["by"]
        self._client.start("parameter.set", {"parameterId": order["parameterId"], "value": value}, then)

    def _do_begin(self, order, then):
        def begun(answer):
            if answer.kind == "reply":
                self._gestures[order["gesture"]] = Gesture(self._context, answer.payload)
            then(answer)
        self._client.start("parameter.gesture.begin", {"parameterIds": order["parameterIds"], "takeOver": order["takeOver"]}, begun)

    def _do_move(self, order, _then):
        for one in order["values"]:
            self._gestures[order["gesture"]].move(one["parameterId"], one["value"])
        self._answer(order)

    def _do_end(self, order, then, **more):
        gesture = self._gestures.pop(order["gesture"])
        gesture.close()
        self._client.start("parameter.gesture.end", gesture.final() | more, then)

    def _do_cancel(self, order, then):
        self._do_end(order, then, outcome="revert")

    def _do_watch(self, order, _then):
        self.watch(order["topics"])
        self._answer(order)

    def _do_ask(self, order, _then):
        more = {"connected": self._connected, "revision": self._mirror.revision, "gestures": list(self._gestures)}
        if self._mirror.project is not None:
            more["project"] = self._mirror.project
        if "Meters" in self._newest:
            more["meters"] = {key: self._newest["Meters"][key] for key in ("epoch", "sequence")}
        self._answer(order, **more)


def attend(session, descriptor, software):
    """Stays with the session until SIGTERM. Without a driver it watches meters by itself."""
    attendant = Attendant(zmq.Context(), session, DriverChannel(descriptor), software)
    if descriptor is None:
        attendant.watch(["meters", "transport"])
    signal.signal(signal.SIGTERM, lambda number, frame: setattr(attendant, "ends", True))
    while not attendant.ends:
        attendant.live()
    return 0
