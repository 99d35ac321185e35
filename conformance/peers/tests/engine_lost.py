#!/usr/bin/python3
"""The engine dies in the middle of a gesture of the Python Aura; the gesture goes on with the next one, and its end is committed.

    engine_lost.py PULSE ENGINE [OPTION...]        as session.py
"""

import json
import os
import pathlib
import signal
import sys

sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2])
sys.dont_write_bytecode = True

from peers.aura import Aura, open_project
from peers.tests.real_pulse import real_pulse
from peers.ui.gesture import Gesture


def main(pulse_program, engine_program, *options):
    with real_pulse(pulse_program, "--signal", engine_program, *options) as pulse:
        aura = Aura(pulse.endpoint)
        open_project(aura, pulse.folder / "song.loophole")
        aura.wait("an engine", lambda: aura.link is not None)
        first, gain = aura.link, aura.mirror.project["master"]["gain"]["id"]
        aura.gesture = Gesture(aura.context, aura.client.call("parameter.gesture.begin", {"parameterIds": [gain]}))
        aura.gesture.move(gain, -7.0)
        aura.wait("a sample", lambda: aura.gesture.sent == 1, aura.gesture.flush)
        os.kill(json.loads(pulse.session_file.read_text())["engineProcessId"], signal.SIGKILL)
        aura.wait("the loss of the engine", lambda: aura.link is None)
        aura.gesture.move(gain, -9.0)
        held_back = aura.gesture.sent
        aura.wait("the newest value at another engine", lambda: aura.gesture.sent == 2, aura.gesture.flush)
        second = aura.link
        ended = aura.client.call("parameter.gesture.end", aura.gesture.final())
        aura.wait("the change of the gesture", lambda: aura.mirror.revision >= ended["revision"])
        saw = {"epochs": [first["epoch"], second["epoch"]], "heldBack": held_back == 1, "stream": ended["stream"],
               "value": aura.mirror.project["master"]["gain"]["value"]}
        aura.client.goodbye()
    print(json.dumps(saw))
    right = first["epoch"] != second["epoch"] and saw["heldBack"] and ended["stream"]["samplesApplied"] == 1 and saw["value"] == -9.0
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
