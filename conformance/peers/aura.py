#!/usr/bin/python3
"""A small Aura in Python, written from protocol/ and schemas/ alone. See README.md beside it.

    aura.py (--session NAME | --endpoint ENDPOINT) [--project FILE]
    aura.py --session NAME --attend [--driver FD]

Opens the project FILE where none is open (makes it where there is none), adds a track, drags the level of the master, takes the
drag back, and reads the meter of the master meanwhile. Prints what it saw as one line of JSON. Exit code 0: all went as it should.

With --attend it stays with the session until SIGTERM, and obeys a driver (docs/guides/validate-your-ui.md).
"""

import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # peers.*; beside the script lies one called signal
sys.dont_write_bytecode = True

import argparse
import json
import pathlib
import time

import zmq

from peers.ui.attendant import attend
from peers.ui.gesture import Gesture
from peers.ui.meters import Level, Telemetry
from peers.ui.mirror import Mirror, Stale
from peers.ui.session_file import NotFound, find
from peers.wire.client import Client, Failed

SOFTWARE = {"name": "python-aura", "version": "0.1.0"}
PATIENCE_S = 20.0
DRAG_DB = (-3.0, -6.0, -12.0, -18.0, -24.0)


class Aura:
    """A connection to a Pulse and what is known by it."""

    def __init__(self, endpoint):
        self.context = zmq.Context()
        self.mirror, self.link, self.gesture, self._stale = Mirror(), None, None, False
        self.client = Client(self.context, "aura", "pulse", endpoint, SOFTWARE, self._hear)
        self.link = self.client.greet().get("engine")
        self.snapshot()

    def snapshot(self):
        """Replaces the mirror by what Pulse has."""
        self._stale = False
        self.mirror.take_snapshot(self.client.call("project.snapshot", {}))

    def _hear(self, name, payload):
        if name == "project.changed":
            try:
                self.mirror.apply(payload)
            except Stale:
                self._stale = True
        elif name in ("project.opened", "project.closed"):
            self._stale = True
        elif name == "engine.changed":
            self.link = payload.get("link")
            if self.gesture and self.link is None:
                self.gesture.engine_lost()
        elif name == "parameter.gesture.resumed" and self.gesture:
            self.gesture.resumed(payload)

    def step(self, seconds=0.02):
        """Handles what came; asks for a snapshot where the mirror is old."""
        self.client.step(seconds)
        if self._stale:
            self.snapshot()

    def wait(self, what, holds, each=lambda: None):
        """Goes on until `holds`. Raises Failed where that takes too long."""
        ends_at = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > ends_at:
                raise Failed("session.timeout", f"{what} did not happen")
            self.step()
            each()


def open_project(aura, path):
    """Has a project open afterwards."""
    if aura.mirror.project is None:
        if path is None:
            raise Failed("project.none", "no project is open, and --project names none")
        name = "project.open" if pathlib.Path(path).exists() else "project.new"
        aura.client.call(name, {"path": str(pathlib.Path(path).resolve())} | ({"name": "Song"} if name == "project.new" else {}))
        aura.snapshot()


def add_track(aura):
    """Adds a track and finds it in the mirror."""
    added = aura.client.call("track.add", {"name": "Python"})
    aura.wait("the change of track.add", lambda: aura.mirror.revision >= added["revision"])
    return next(track["name"] for track in aura.mirror.project["tracks"] if track["id"] == added["trackId"])


def drag(aura):
    """Drags the level of the master down, reading the meter meanwhile, then takes it back."""
    aura.wait("an engine", lambda: aura.link is not None)
    master = aura.mirror.project["master"]
    before, level, readings = master["gain"]["value"], Level(master["meterHandle"]), []
    telemetry = Telemetry(aura.context, aura.link, ["meters", "transport"])

    def listen():
        telemetry.follow(aura.link)
        for root, values in telemetry.frames():
            level.take(root, values)
        peak = level.read()
        if peak is not None:
            readings.append(peak)
        if aura.gesture:
            aura.gesture.rest()

    aura.wait("a reading of the master", lambda: readings, listen)
    gain = master["gain"]["id"]
    aura.gesture = Gesture(aura.context, aura.client.call("parameter.gesture.begin", {"parameterIds": [gain]}))
    for value in DRAG_DB:
        seen, sent = len(readings), aura.gesture.sent
        aura.gesture.move(gain, value)
        aura.wait("a sample, and a reading after it", lambda: aura.gesture.sent > sent and len(readings) > seen, listen)
    try:
        ended = aura.client.call("parameter.gesture.end", aura.gesture.final())
    finally:
        aura.gesture.close()
        aura.gesture = None
    aura.wait("the change of the gesture", lambda: aura.mirror.revision >= ended["revision"], listen)
    after = aura.mirror.project["master"]["gain"]["value"]
    undone = aura.client.call("history.undo", {})
    aura.wait("the change of the undo", lambda: aura.mirror.revision >= undone["revision"], listen)
    telemetry.close()
    return {"before": before, "after": after, "undone": aura.mirror.project["master"]["gain"]["value"], "stream": ended["stream"],
            "readings": len(readings), "lost": telemetry.lost}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--session", help="name of a session in the run-time directory")
    where.add_argument("--endpoint", help="project endpoint of a Pulse")
    parser.add_argument("--project", help="project file to open where none is open")
    parser.add_argument("--attend", action="store_true", help="stay with the session until SIGTERM")
    parser.add_argument("--driver", type=int, help="with --attend: descriptor of the driver channel")
    given = parser.parse_args()
    if given.attend:
        return attend(given.session, given.driver, SOFTWARE)
    try:
        aura = Aura(given.endpoint or find(given.session)["projectEndpoint"])
        open_project(aura, given.project)
        saw = {"track": add_track(aura), **drag(aura)}
        mirrored = aura.mirror.project
        aura.snapshot()
        saw["mirrorIsTrue"] = mirrored == aura.mirror.project
        aura.client.goodbye()
    except (Failed, NotFound) as reason:
        print(f"aura.py: {reason}", file=sys.stderr)
        return 1
    print(json.dumps(saw))
    right = saw["mirrorIsTrue"] and saw["after"] == DRAG_DB[-1] and saw["undone"] == saw["before"] and saw["stream"]["samplesRefused"] == 0
    return 0 if right and saw["stream"]["samplesApplied"] >= len(DRAG_DB) else 1


if __name__ == "__main__":
    sys.exit(main())
