#!/usr/bin/python3
"""The Python Aura against a real session: loophole-pulse, which starts an engine of its own.

    session.py PULSE ENGINE [OPTION...]        programs, and options of Pulse; the engine may be loophole-signal or ../signal.py
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

PATIENCE_S = 60
AURA = pathlib.Path(__file__).resolve().parents[1] / "aura.py"


def aura(environment, *arguments):
    """Runs the Aura; what it printed."""
    ran = subprocess.run([sys.executable, str(AURA), *arguments], env=environment, stdout=subprocess.PIPE, timeout=PATIENCE_S, check=False)
    print(" ".join(arguments), "->", ran.returncode, ran.stdout.decode().strip())
    if ran.returncode:
        sys.exit("the Aura did not see what it should")
    return json.loads(ran.stdout)


def main(pulse_program, engine_program, *pulse_options):
    with tempfile.TemporaryDirectory(prefix="lp-py-") as folder:
        runtime = pathlib.Path(folder, "run")
        runtime.mkdir(mode=0o700)
        environment = dict(os.environ, LOOPHOLE_RUNTIME_DIR=str(runtime), XDG_CONFIG_HOME=folder)
        endpoint = f"ipc://{folder}/pulse"
        pulse = subprocess.Popen([pulse_program, "--listen", endpoint, "--signal", engine_program, "--log-level", "warn", *pulse_options],
                                 env=environment)
        try:
            # The first one waits in its socket for Pulse, so there is a session.json when the second one looks for it.
            aura(environment, "--endpoint", endpoint, "--project", str(pathlib.Path(folder, "song.loophole")))
            saw = aura(environment, "--session", "default")
            print("a second Aura finds the project open, and the level where the first one left it:", saw["before"])
            return 0 if saw["before"] == 0.0 else 1
        finally:
            pulse.send_signal(signal.SIGTERM)
            code = pulse.wait(PATIENCE_S)
            print("loophole-pulse ended with", code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
