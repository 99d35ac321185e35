"""What Signal answers to each command of Pulse. Handlers run between two blocks; see engine.py."""

from . import graph as graphs
from .streams import Stream
from ..wire.envelope import Refused


class Commands:
    """Handlers of one engine, put into the server of its control connection. take_samples() empties the socket of the stream plane."""

    def __init__(self, engine, server, telemetry, take_samples):
        self._engine, self._server, self._telemetry, self._take_samples = engine, server, telemetry, take_samples
        self._asked = None  # rate and block of the newest engine.configure
        server.on_greeted = self._greeted
        server.handlers.update({
            "session.counters": self._counters,
            "engine.configure": self._configure, "engine.start": self._start, "engine.stop": self._stop, "engine.state": self._state,
            "engine.parameter.set": self._set_parameters, "engine.automation.set": self._set_automation,
            "engine.transport.set": self._set_transport,
            "engine.plugin.state.get": self._get_plugin_state, "engine.plugin.state.set": self._set_plugin_state,
            "graph.replace": self._replace, "graph.patch": self._patch, "graph.query": self._query,
            "stream.open": self._open_stream, "stream.close": self._close_stream,
            "plugin.scan": lambda payload, connection: {"found": 0, "failed": []},
            "plugin.list": lambda payload, connection: {"plugins": []},
            "plugin.info": self._plugin_info,
            "device.list": lambda payload, connection: {"devices": []},
        })

    def _greeted(self, _, another):
        if another:
            self._engine.streams.open.clear()

    def expire_streams(self):
        """Says so of each stream whose lease ran out."""
        for id, stream in self._engine.streams.expired():
            self._server.event("stream.expired", {"streamId": id, "report": stream.report, "values": stream.last_values()})

    def _counters(self, _, connection):
        streams = self._engine.streams.counters
        counts = dict(self._server.counters)
        counts["malformed"] += streams["frames_malformed"]
        counts["streamFramesSeen"] += streams["frames_received"]
        counts.update(streamSamplesApplied=streams["samples_applied"],
                      streamSamplesLost=streams["samples_lost"], streamSamplesRefused=streams["samples_refused"],
                      telemetryFramesSent=self._telemetry.sent)
        return counts

    # Set-up

    def _configure(self, payload, _):
        if "deviceId" in payload:
            raise Refused("device.notFound", f"there is no device {payload['deviceId']}: this engine has none", "/payload/deviceId")
        if payload.get("driver", "paced") != "paced":
            raise Refused("engine.driverFailed", f"there is no driver {payload['driver']} here, only paced", "/payload/driver")
        engine, asked = self._engine, (payload["sampleRateHz"], payload["blockFrames"])
        other_rate = asked != self._asked and engine.configure(*asked)
        self._asked = asked
        if not engine.running:
            self._run(True, "configured")
        if other_rate and engine.graph:
            self._server.event("graph.applied", self._applied())
        return engine.effective

    def _start(self, payload, connection):
        if self._engine.effective is None:
            raise Refused("engine.driverFailed", "nothing is configured yet; send engine.configure")
        if not self._engine.running:
            self._run(True, "started")
        return self._state(payload, connection)

    def _stop(self, payload, connection):
        if self._engine.running:
            self._run(False, "stopped")
        return self._state(payload, connection)

    def _run(self, running, reason):
        self._engine.run(running)
        self._server.event("engine.state.changed", {"state": self._audio_state(), "reason": reason})

    def _audio_state(self):
        return "withoutDevice" if self._engine.running else "stopped"

    def _state(self, _, connection):
        engine = self._engine
        state = {"state": self._audio_state(), "xruns": engine.xruns, "engineFrames": engine.frames}
        return dict(state, effective=engine.effective) if engine.effective else state

    # Graph

    def _replace(self, payload, _):
        graphs.check(payload["graph"])
        return self._make_live(payload["graph"], payload["revision"])

    def _patch(self, payload, _):
        engine = self._engine
        if payload["baseRevision"] != engine.revision or engine.graph is None:
            raise Refused("graph.wrongBase", f"revision {engine.revision} is live, not {payload['baseRevision']}", "/payload/baseRevision")
        return self._make_live(graphs.patched(engine.graph, payload["operations"]), payload["revision"])

    def _make_live(self, graph, revision):
        self._engine.make_live(graph, revision)
        for node in graph["nodes"]:
            if node["kind"] == "plugin":
                self._server.event("engine.plugin.failed", {"nodeId": node["id"], "plugin": node["plugin"], "status": "missing",
                                                            "reason": "this engine has no plugins"})
        applied = self._applied()
        self._server.event("graph.applied", applied)
        return applied

    def _applied(self):
        return {"revision": self._engine.revision, "digest": self._engine.digest(), "latencyFrames": 0}

    def _query(self, _, connection):
        engine = self._engine
        if engine.graph is None:
            return {"revision": 0, "values": []}
        values = [{"handle": handle, "value": parameter.value(engine.position, engine.playing)}
                  for handle, parameter in engine.parameters.items()]
        return {"revision": engine.revision, "digest": engine.digest(), "values": values[:65536]}

    # Values

    def _checked(self, values):
        for index, one in enumerate(values):
            parameter = self._parameter(one["handle"], f"/payload/values/{index}/handle")
            if not parameter.minimum <= one["value"] <= parameter.maximum:
                raise Refused("parameter.outOfRange", f"{one['value']} is not in {parameter.minimum} … {parameter.maximum}",
                              f"/payload/values/{index}/value")
        return [(one["handle"], one["value"]) for one in values]

    def _parameter(self, handle, pointer):
        if handle not in self._engine.parameters:
            raise Refused("graph.unknownHandle", f"the live graph has no parameter {handle}; send the graph that has it", pointer)
        return self._engine.parameters[handle]

    def _set_parameters(self, payload, _):
        self._engine.commit(self._checked(payload["values"]))
        return {"digest": self._engine.digest()}

    def _set_automation(self, payload, _):
        for index, lane in enumerate(payload["lanes"]):
            parameter = self._parameter(lane["handle"], f"/payload/lanes/{index}/handle")
            graphs.check_points(lane.get("automation"), parameter.minimum, parameter.maximum, "automation.invalidPoints",
                                f"/payload/lanes/{index}/automation")
        for lane in payload["lanes"]:
            self._engine.automate(lane["handle"], lane.get("automation"))
        return {"digest": self._engine.digest()}

    def _set_transport(self, payload, _):
        engine = self._engine
        loop = payload.get("loop", engine.loop)
        if loop["enabled"] and loop["endFrames"] <= loop["startFrames"]:
            raise Refused("transport.invalidLoop", "an enabled loop ends behind its begin", "/payload/loop")
        told = engine.position, engine.playing
        engine.position = payload.get("positionFrames", engine.position)
        engine.loop, engine.tempo = loop, payload.get("tempoBpm", engine.tempo)
        engine.playing = payload.get("playing", engine.playing)
        if told != (engine.position, engine.playing):
            self._telemetry.transport_changed()
        return {"playing": engine.playing, "positionFrames": engine.position, "tempoBpm": engine.tempo, "loop": loop,
                "positionBeats": engine.position / engine.rate * engine.tempo / 60}

    # Streams

    def _open_stream(self, payload, _):
        for index, handle in enumerate(payload["handles"]):
            self._parameter(handle, f"/payload/handles/{index}")
        stream = self._engine.streams.open.setdefault(payload["streamId"], Stream())
        stream.grant(payload["handles"], payload["leaseMs"])
        return {}

    def _close_stream(self, payload, _):
        self._take_samples()
        streams = self._engine.streams.open
        if payload["streamId"] not in streams:
            raise Refused("stream.unknown", f"no stream {payload['streamId']} is open", "/payload/streamId")
        values = self._checked(payload["values"])
        stream = streams.pop(payload["streamId"])
        self._engine.commit(values)
        return {"report": stream.report, "lastValues": stream.last_values(), "digest": self._engine.digest()}

    # Plugins, of which there are none

    def _plugin_info(self, payload, _):
        raise Refused("plugin.notFound", f"this engine has no plugin {payload['plugin']}", "/payload/plugin")

    def _plugin_node(self, id):
        node = next((one for one in (self._engine.graph or {"nodes": []})["nodes"] if one["id"] == id), None)
        if node is None:
            raise Refused("graph.unknownNode", f"the live graph has no node {id}", "/payload/nodeId")
        if node["kind"] != "plugin":
            raise Refused("node.noPlugin", f"{id} is a {node['kind']}", "/payload/nodeId")
        return node

    def _get_plugin_state(self, payload, _):
        return {"state": self._plugin_node(payload["nodeId"]).get("state", "")}

    def _set_plugin_state(self, payload, _):
        node = self._plugin_node(payload["nodeId"])
        raise Refused("plugin.faulty", f"{node['plugin']} is not installed, so it cannot take a state")
