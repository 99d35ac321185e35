"""A loophole-pulse for a test: a run-time directory and an endpoint of its own, and an end in order."""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import types

PATIENCE_S = 60


@contextlib.contextmanager
def real_pulse(program, *options):
    """Runs a Pulse. Gives an object with `endpoint`, `folder`, `environment` (in which its session is found) and `session_file`."""
    with tempfile.TemporaryDirectory(prefix="lp-py-") as folder:
        runtime = pathlib.Path(folder, "run")
        runtime.mkdir(mode=0o700)
        at = types.SimpleNamespace()
        at.endpoint, at.folder, at.session_file = f"ipc://{folder}/pulse", pathlib.Path(folder), runtime / "default" / "session.json"
        at.environment = dict(os.environ, LOOPHOLE_RUNTIME_DIR=str(runtime), XDG_CONFIG_HOME=folder)
        process = subprocess.Popen([program, "--listen", at.endpoint, "--log-level", "error", *options], env=at.environment)
        try:
            yield at
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)
