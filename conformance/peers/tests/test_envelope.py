"""Envelopes: every instance of protocol/test-data gets the verdict, the pointer and the rule that stand there."""

import json
import unittest

from peers.wire import envelope, model


class TestData(unittest.TestCase):
    def test_every_instance(self):
        seen = 0
        for path in sorted((model.ROOT / "protocol" / "test-data").glob("*.json")):
            for each in json.loads(path.read_text(encoding="utf-8"))["instances"]:
                instance = each["instance"]
                header = instance if isinstance(instance, dict) else {}
                message = envelope.decode(json.dumps(instance).encode(), header.get("origin"), header.get("target"))
                where = (path.name, each["schema"], each["about"], each["at"])
                self.assertEqual(message.refused is None, each["valid"], where)
                if message.refused and message.refused.fault:
                    self.assertEqual((message.refused.pointer, message.refused.fault.rule), (each["at"], each["rule"]), where)
                seen += 1
        self.assertGreater(seen, 10000)


class Strictness(unittest.TestCase):
    def test_what_is_no_json_here(self):
        for text in (b"", b"{", b"\xef\xbb\xbf{}", b'{"a":1e999}', b'{"a":NaN}', b'{"a":"\\ud800"}', b'{"a":"\0"}', b"{} {}", b"{'a':1}"):
            message = envelope.decode(text, "pulse", "signal")
            self.assertEqual(message.refused.code, "envelope.malformed", text)

    def test_depth_is_looked_at_before_anything_is_parsed(self):
        self.assertEqual(envelope.decode(b"[" * 100_000, "pulse", "signal").refused.code, "envelope.tooLarge")

    def test_brackets_in_texts_are_not_depth(self):
        self.assertLessEqual(envelope.depth(b'{"a":"' + b"[" * 100 + b'"}'), 32)


if __name__ == "__main__":
    unittest.main()
