#!/usr/bin/python3
"""The Python Aura against a real session: loophole-pulse, which starts an engine of its own.

    session.py PULSE ENGINE [OPTION...]        programs, and options of Pulse; the engine may be loophole-signal or ../signal.py
"""

import json
import pathlib
import subprocess
import sys

sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2])
sys.dont_write_bytecode = True

from peers.tests.real_pulse import PATIENCE_S, real_pulse

AURA = pathlib.Path(__file__).resolve().parents[1] / "aura.py"


def aura(environment, *arguments):
    """Runs the Aura; what it printed."""
    ran = subprocess.run([sys.executable, str(AURA), *arguments], env=environment, stdout=subprocess.PIPE, timeout=PATIENCE_S, check=False)
    print(" ".join(arguments), "->", ran.returncode, ran.stdout.decode().strip())
    if ran.returncode:
        sys.exit("the Aura did not see what it should")
    return json.loads(ran.stdout)


def main(pulse_program, engine_program, *options):
    with real_pulse(pulse_program, "--signal", engine_program, *options) as pulse:
        # The first one waits in its socket for Pulse, so there is a session.json when the second one looks for it.
        aura(pulse.environment, "--endpoint", pulse.endpoint, "--project", str(pulse.folder / "song.loophole"))
        saw = aura(pulse.environment, "--session", "default")
    print("a second Aura finds the project open, and the level where the first one left it:", saw["before"])
    return 0 if saw["before"] == 0.0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
