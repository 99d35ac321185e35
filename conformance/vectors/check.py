#!/usr/bin/python3
"""Decodes every golden vector with the Python peers and compares what they say with manifest.json. No runner, no C++.

    check.py [FOLDER]        FOLDER has manifest.json; without it, the folder of this script
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)
sys.dont_write_bytecode = True

from peers.wire import envelope, frames


def judged(vector, data):
    """(code, rule, pointer) of what a receiver says; None for what it takes."""
    if vector["plane"] == "control":
        refused = envelope.decode(data, vector.get("from"), vector.get("to")).refused
        if refused is None:
            return None
        # Faults of a name, a route or a limit have no keyword of a schema behind them.
        return refused.code, refused.fault.rule if refused.fault else vector.get("rule"), refused.pointer or ""
    try:
        root, _ = frames.decode(data, vector["plane"])
        return None if root == vector["frame"] else ("another frame", root, "")
    except frames.FrameFault as fault:
        return "frame.malformed", fault.rule, ""


def main(folder):
    vectors = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["vectors"]
    there = {str(path.relative_to(folder)) for path in folder.glob("*/*valid/*")}
    wrong = [f"{path}: is not in the manifest" for path in sorted(there - {vector["file"] for vector in vectors})]
    register = json.loads((HERE.parents[1] / "protocol" / "requirements.json").read_text(encoding="utf-8"))["requirements"]
    known = {requirement["id"] for requirement in register}
    wrong += [f"{vector['file']}: there is no requirement {vector['requirement']}" for vector in vectors if vector["requirement"] not in known]
    for vector in vectors:
        wanted = None if vector["valid"] else (vector["code"], vector["rule"], vector.get("pointer", ""))
        came = judged(vector, (folder / vector["file"]).read_bytes())
        if came != wanted:
            wrong.append(f"{vector['file']}: {came or 'taken'} came, {wanted or 'valid'} is right ({vector['requirement']})")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(vectors)} vectors, {len(wrong)} faults")
    return 1 if wrong or not vectors else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
