"""Graphs: the digests of protocol/graph-digest-vectors.json, and patches that leave the graph before as it was."""

import json
import unittest

from peers.engine import graph as graphs
from peers.engine.parameter import automated
from peers.wire import model
from peers.wire.envelope import Refused


def node(id, kind="gain", **members):
    return {"id": id, "kind": kind, "parameters": [], "clips": [], **members}


GRAPH = {"nodes": [node("a"), node("out", "output")], "connections": [{"from": "a", "to": "out"}]}


class Digest(unittest.TestCase):
    def test_vectors(self):
        vectors = json.loads((model.ROOT / "protocol" / "graph-digest-vectors.json").read_text(encoding="utf-8"))["vectors"]
        self.assertGreater(len(vectors), 3)
        for vector in vectors:
            self.assertEqual(graphs.digest(vector["graph"]), vector["digest"], vector["name"])


class Patch(unittest.TestCase):
    def refused(self, *operations):
        with self.assertRaises(Refused) as caught:
            graphs.patched(GRAPH, list(operations))
        return caught.exception

    def test_the_operation_at_fault_is_named(self):
        refused = self.refused({"type": "node.remove", "nodeId": "a"}, {"type": "node.remove", "nodeId": "a"})
        self.assertEqual((refused.code, refused.pointer), ("graph.invalid", "/payload/operations/1/nodeId"))

    def test_a_node_that_is_wrong_in_itself_leads_to_its_operation(self):
        refused = self.refused({"type": "node.add", "node": node("b", "kazoo")})
        self.assertEqual((refused.code, refused.pointer), ("node.kindUnsupported", "/payload/operations/0/node/kind"))

    def test_only_the_result_counts(self):
        result = graphs.patched(GRAPH, [{"type": "node.remove", "nodeId": "out"}, {"type": "node.add", "node": node("end", "output")},
                                        {"type": "connection.add", "connection": {"from": "a", "to": "end"}}])
        self.assertEqual([one["id"] for one in result["nodes"]], ["a", "end"])
        self.assertEqual(len(GRAPH["nodes"]), 2)

    def test_a_cycle_is_refused(self):
        self.assertEqual(self.refused({"type": "node.add", "node": node("b")},
                                      {"type": "connection.add", "connection": {"from": "a", "to": "b"}},
                                      {"type": "connection.add", "connection": {"from": "b", "to": "a"}}).code, "graph.invalid")


class Automation(unittest.TestCase):
    POINTS = [{"positionFrames": 100, "value": 1.0, "shape": "linear"}, {"positionFrames": 200, "value": 3.0, "shape": "hold"},
              {"positionFrames": 300, "value": 5.0, "shape": "hold"}]

    def test_before_between_and_behind(self):
        for position, value in ((0, 1.0), (100, 1.0), (150, 2.0), (200, 3.0), (299, 3.0), (300, 5.0), (9999, 5.0)):
            self.assertEqual(automated(self.POINTS, position), value, position)

    def test_a_point_is_come_to_with_the_value_before(self):
        self.assertEqual(automated(self.POINTS, 300, before=True), 3.0)


if __name__ == "__main__":
    unittest.main()
