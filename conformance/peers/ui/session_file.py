"""Finding Pulse: the run-time directory and session.json, by protocol/framing.md and security.md."""

import json
import os
import pathlib
import re
import stat
import tempfile

from ..wire.model import Decoder, Fault


class NotFound(Exception):
    """There is no such session, or its folder cannot be trusted."""


def runtime_directory():
    """Where local processes of this user meet."""
    if os.environ.get("LOOPHOLE_RUNTIME_DIR"):
        return pathlib.Path(os.environ["LOOPHOLE_RUNTIME_DIR"])
    beside = pathlib.Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    return beside / "loophole" if beside.is_dir() else pathlib.Path(tempfile.gettempdir()) / f"loophole-{os.getuid()}"


def find(name):
    """The session.json of a session whose process runs."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name):
        raise NotFound(f"{name!r} is no name of a session")
    directory = runtime_directory()
    try:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise NotFound(f"session.runtimeDir: {directory} is not a directory of this user alone")
        session = Decoder().decode("session.SessionFile", json.loads((directory / name / "session.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, Fault) as reason:
        raise NotFound(f"there is no session {name} in {directory}: {reason}")
    if session["name"] != name or not _runs(session["processId"]):
        raise NotFound(f"the session {name} has ended")
    return session


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
