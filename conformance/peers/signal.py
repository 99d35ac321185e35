#!/usr/bin/python3
"""A small Signal in Python, written from protocol/ and schemas/ alone. See README.md beside it.

    signal.py --control ENDPOINT --stream ENDPOINT --telemetry ENDPOINT [--last-words FILE]
"""

import os
import sys

# Python finds modules beside the script first, and this script has the name of one of its own modules.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import re
import secrets
import signal
import socket

import zmq

from peers.engine.commands import Commands
from peers.engine.engine import Engine
from peers.engine.telemetry import Telemetry
from peers.wire.model import LIMITS
from peers.wire.server import Server

FAILED, WRONG_ARGUMENTS, IN_USE = 1, 2, 3
OPTIONS = ("--control", "--stream", "--telemetry", "--last-words")
LOOPBACK = re.compile(r"tcp://(127(\.[0-9]{1,3}){3}|\[::1\]|localhost):[0-9]{1,5}")
LONGEST_WAIT_MS = 20


class Ending(Exception):
    """The process ends with this exit code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def options(arguments):
    """{option: value}; protocol/framing.md, "Starting an engine"."""
    given = {}
    while arguments:
        option, *arguments = arguments
        if option not in OPTIONS or not arguments:
            raise Ending(WRONG_ARGUMENTS, f"{option} is unknown or lacks its value; there are {', '.join(OPTIONS)}")
        given[option], *arguments = arguments
    for option in OPTIONS[:3]:
        if option not in given:
            raise Ending(WRONG_ARGUMENTS, f"{option} is missing")
        endpoint = given[option]
        path = endpoint.removeprefix("ipc://")
        if not LOOPBACK.fullmatch(endpoint) and (path == endpoint or not 1 <= len(path.encode()) <= 107):
            raise Ending(FAILED, f"session.endpointRefused: {endpoint} is neither ipc:// nor tcp:// on loopback")
    return given


def bind(bound, endpoint):
    """Binds a ZeroMQ socket, and takes no endpoint away from a process that serves it."""
    if endpoint.startswith("ipc://"):
        path = endpoint.removeprefix("ipc://")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(path) == 0:
                raise Ending(IN_USE, f"{endpoint} is in use")
    before = os.umask(0o177)
    try:
        bound.bind(endpoint)
    except zmq.ZMQError as reason:
        raise Ending(IN_USE if reason.errno == zmq.EADDRINUSE else FAILED, f"{endpoint}: {reason}")
    finally:
        os.umask(before)


def serve(given):
    """Runs until SIGTERM."""
    context = zmq.Context()
    epoch = 1 + secrets.randbelow(2**53 - 1)
    link = {"epoch": epoch, "streamEndpoint": given["--stream"], "telemetryEndpoint": given["--telemetry"]}
    engine = Engine(epoch)
    server = Server(context, "signal", "pulse", {"name": "python-signal", "version": "0.1.0"}, link)
    telemetry = Telemetry(context, engine)
    samples = context.socket(zmq.PULL)
    for option, value in ((zmq.RCVHWM, 4096), (zmq.LINGER, 100), (zmq.MAXMSGSIZE, 4 * LIMITS["maxFrameBytes"])):
        samples.setsockopt(option, value)

    def take_samples():
        try:
            while True:
                engine.streams.take(samples.recv_multipart(zmq.NOBLOCK))
        except zmq.Again:
            pass

    commands = Commands(engine, server, telemetry, take_samples)
    try:
        for bound, option in ((samples, "--stream"), (telemetry.socket, "--telemetry"), (server.socket, "--control")):
            bind(bound, given[option])
        asked_to_end = []
        signal.signal(signal.SIGTERM, lambda *_: asked_to_end.append(True))
        poller = zmq.Poller()
        for readable in (samples, telemetry.socket, server.socket):
            poller.register(readable, zmq.POLLIN)
        while not asked_to_end:
            wait_ns = engine.render_due()
            poller.poll(max(0, min(LONGEST_WAIT_MS, wait_ns // 1_000_000)))
            telemetry.subscriptions()
            take_samples()
            server.receive()
            commands.expire_streams()
            server.tick()
            telemetry.idle()
    finally:
        server.close()
        samples.close()
        telemetry.socket.close()
        context.term()


def main():
    try:
        serve(options(sys.argv[1:]))
    except Ending as ending:
        print(f"signal.py: {ending}", file=sys.stderr)
        return ending.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
