"""Frames: what is written can be read, and no bytes whatever make the reader do more than refuse."""

import random
import unittest

from peers.wire import frames


class Frames(unittest.TestCase):
    GOOD = frames.encode("ParameterStream", {"stream_id": 5, "epoch": 7, "sequence": 3, "samples": [(1.5, 2, 9, 0), (2.5, 3, 9, 0)]})

    def test_what_is_written_is_read(self):
        root, values = frames.decode(self.GOOD, "stream")
        self.assertEqual(root, "ParameterStream")
        self.assertEqual(values, {"stream_id": 5, "epoch": 7, "sequence": 3, "samples": [(1.5, 2, 9, 0), (2.5, 3, 9, 0)]})

    def test_defaults_are_those_of_the_schema(self):
        values = frames.decode(frames.encode("Spectrum", {"handle": 1, "magnitudes_db": [0.0]}), "telemetry")[1]
        self.assertEqual((values["channel"], values["window"], values["sample_rate_hz"]), (-1, 1, 48000))

    def test_bounds_are_checked(self):
        for fields in ({"handle": 0, "magnitudes_db": [0.0]}, {"handle": 1, "magnitudes_db": [float("nan")]},
                       {"handle": 1, "magnitudes_db": [101.0]}):
            with self.assertRaises(frames.FrameFault):
                frames.decode(frames.encode("Spectrum", fields), "telemetry")

    def test_a_frame_of_another_plane_is_refused(self):
        with self.assertRaises(frames.FrameFault):
            frames.decode(self.GOOD, "telemetry")

    def test_cut_and_changed_bytes_are_refused_or_read(self):
        chance = random.Random(7)
        refused = 0
        for number in range(4000):
            bad = bytearray(self.GOOD)
            if number % 2:
                del bad[chance.randrange(len(bad)):]
            else:
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            try:
                frames.decode(bytes(bad), "stream")
            except frames.FrameFault:
                refused += 1
        self.assertGreater(refused, 2000)


if __name__ == "__main__":
    unittest.main()
