"""The mirror has a word for every change of the schema, and knows what it cannot apply."""

import unittest

from peers.ui.mirror import Mirror, Stale
from peers.wire import model


def changed(revision, *changes):
    return {"revision": revision, "changes": list(changes)}


class Changes(unittest.TestCase):
    def setUp(self):
        self.mirror = Mirror()
        self.mirror.take_snapshot({"revision": 4, "project": {"tempoBpm": 120.0, "tracks": [], "buses": []}})

    def test_every_change_has_a_handler(self):
        types = model.MODEL["domains"]["project"]["types"]
        for name in types["Change"]["alternatives"]:
            tag = next(field["const"] for field in types[name.partition(".")[2]]["fields"] if field["name"] == "type")
            has = hasattr(self.mirror, "_" + tag.replace(".", "_"))
            self.assertEqual(has, tag != "unknown.changed", tag)

    def test_what_a_snapshot_contained_is_dropped(self):
        self.assertFalse(self.mirror.apply(changed(4, {"type": "tempo.changed", "tempoBpm": 90.0})))
        self.assertEqual(self.mirror.project["tempoBpm"], 120.0)

    def test_what_cannot_be_applied_asks_for_a_snapshot(self):
        for one in (changed(6, {"type": "tempo.changed", "tempoBpm": 90.0}), changed(5, {"type": "unknown.changed"}),
                    changed(5, {"type": "track.removed", "trackId": "trk-9"}),
                    changed(5, {"type": "track.added", "index": 1, "track": {"id": "trk-1"}})):
            with self.assertRaises(Stale):
                self.mirror.apply(one)


if __name__ == "__main__":
    unittest.main()
