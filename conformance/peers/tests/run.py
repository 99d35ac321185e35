#!/usr/bin/python3
"""Runs a test that needs the packages of the peers: the tests of this folder, or a script with its arguments.

    run.py [SCRIPT ARGUMENT...]

Exit code 77, with the reason, where a package is missing: CTest then shows the test as skipped.
"""

import importlib.util
import os
import pathlib
import sys
import unittest

SKIPPED = 77
PACKAGES = {"zmq": "python3-zmq", "flatbuffers": "python3-flatbuffers"}
FOLDER = pathlib.Path(__file__).resolve().parent


def main(arguments):
    missing = [package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"skipped: {' and '.join(missing)} missing (./dev test --full installs them)")
        return SKIPPED
    sys.stdout.flush()
    if arguments:
        os.execv(sys.executable, [sys.executable, *arguments])
    sys.path[0] = str(FOLDER.parents[1])
    found = unittest.defaultTestLoader.discover(str(FOLDER), top_level_dir=str(FOLDER.parents[1]))
    ran = unittest.TextTestRunner().run(found)
    return 0 if ran.wasSuccessful() and ran.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
