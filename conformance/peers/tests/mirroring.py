#!/usr/bin/python3
"""The mirror of the Python Aura is what a snapshot says, after every kind of edit that needs no file and no engine.

    mirroring.py PULSE
"""

import pathlib
import sys

sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2])
sys.dont_write_bytecode = True

from peers.aura import Aura, open_project
from peers.tests.real_pulse import real_pulse


class Check:
    """Edits, each followed by a look at the whole project."""

    def __init__(self, aura):
        self.aura, self.edits = aura, 0

    def edit(self, name, /, **payload):
        """Sends an edit, waits for its change, compares the mirror with a snapshot. Returns the reply."""
        mirror = self.aura.mirror
        reply = self.aura.client.call(name, payload)
        self.aura.wait(f"the change of {name}", lambda: mirror.revision >= reply["revision"])
        mirrored, revision = mirror.project, mirror.revision
        self.aura.snapshot()
        if (mirrored, revision) != (mirror.project, mirror.revision):
            sys.exit(f"after {name} the mirror is not what the snapshot says:\n{mirrored}\n{mirror.project}")
        self.edits += 1
        return reply


def edits(check):
    """Every type of change but those of clips, which need an audio file."""
    drums = check.edit("track.add", name="Drums")
    bass = check.edit("track.add", name="Bass", index=0)
    check.edit("track.rename", trackId=drums["trackId"], name="Kit")
    check.edit("track.setColour", trackId=drums["trackId"], colour="#102030")
    check.edit("track.setColour", trackId=drums["trackId"])
    check.edit("track.move", trackId=drums["trackId"], index=0)
    hall = check.edit("routing.addBus", name="Hall")
    check.edit("routing.renameBus", busId=hall["busId"], name="Room")
    send = check.edit("routing.addSend", channelId=bass["channelId"], busId=hall["busId"])
    check.edit("routing.setOutput", channelId=drums["channelId"], busId=hall["busId"])
    check.edit("routing.setOutput", channelId=drums["channelId"])
    check.edit("routing.setOutput", channelId=drums["channelId"], busId=hall["busId"])
    filtered = check.edit("node.add", channelId=bass["channelId"], kind="filter")
    delayed = check.edit("node.add", channelId=bass["channelId"], kind="delay", index=0)
    check.edit("node.setBypass", nodeId=filtered["nodeId"], bypassed=True)
    check.edit("node.move", nodeId=delayed["nodeId"], channelId=drums["channelId"], index=0)
    level = check.aura.mirror.channel(bass["channelId"])["gain"]["id"]
    check.edit("parameter.set", parameterId=level, value=-3.0)
    points = [{"positionFrames": 0, "value": -6.0, "shape": "linear"}, {"positionFrames": 48000, "value": 0.0, "shape": "hold"}]
    check.edit("automation.setPoints", parameterId=level, fromFrames=0, toFrames=96000, points=points)
    check.edit("automation.setMode", parameterId=level, mode="touch")
    check.edit("automation.clear", parameterId=level)
    check.edit("transport.setTempo", tempoBpm=96.0)
    check.edit("track.duplicate", trackId=bass["trackId"])
    check.edit("node.remove", nodeId=filtered["nodeId"])
    check.edit("routing.removeSend", sendId=send["sendId"])
    check.edit("routing.removeBus", busId=hall["busId"])
    check.edit("track.remove", trackId=drums["trackId"])
    done = check.edits
    for step in ("history.undo", "history.redo"):
        for _ in range(done):
            check.edit(step)


def main(pulse_program):
    with real_pulse(pulse_program, "--no-engine") as pulse:
        aura = Aura(pulse.endpoint)
        open_project(aura, pulse.folder / "song.loophole")
        check = Check(aura)
        edits(check)
        aura.client.goodbye()
    print(f"{check.edits} edits, the mirror was right after each; revision {aura.mirror.revision}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
