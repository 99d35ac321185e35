"""The clock of the engine, where rendering cannot keep up with it."""

import time
import unittest

from peers.engine.engine import Engine


class Slow:
    """Takes longer for a block than it lasts."""

    blocks = 0

    def heard(self, node, sound, frames):
        pass

    def rendered(self, frames):
        pass

    def block(self):
        self.blocks += 1
        if self.blocks > 100:
            raise AssertionError("renders on and on, and hears no message")
        time.sleep(0.005)


class Overload(unittest.TestCase):
    def test_messages_get_their_turn(self):
        engine, slow = Engine(1), Slow()
        engine.hears.append(slow)
        engine.configure(48000, 128)
        engine.run(True)
        deadline = time.monotonic_ns() + 3_000_000
        while time.monotonic_ns() < deadline:
            pass
        self.assertEqual(engine.render_due(), 0)
        self.assertGreater(slow.blocks, 0)
