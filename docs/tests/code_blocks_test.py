#!/usr/bin/env python3
"""What code_blocks.py says about pages that are wrong: code_blocks_test.py BUILD"""
import pathlib, sys, tempfile, unittest

import code_blocks

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


class Pages(unittest.TestCase):
    def faults_of(self, text, build=BUILD):
        with tempfile.TemporaryDirectory(dir=code_blocks.ROOT / "build") as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text(text)
            return code_blocks.check_page(page, build)

    def test_a_fence_says_what_it_is(self):
        done, left, faults = self.faults_of("```\n+--+\n```\n")
        self.assertEqual(len(faults), 1)
        self.assertIn("page.md:1: does not say what it is", faults[0])

    def test_figures_and_what_is_tested_elsewhere_are_left(self):
        self.assertEqual(self.faults_of('```text\n+--+\n```\n```sh elsewhere="another test"\nfalse\n```\n'), (0, 2, []))

    def test_a_language_that_nobody_tries_is_a_fault(self):
        self.assertIn("nobody knows how to try 'json'", self.faults_of("```json\n{}\n```\n")[2][0])

    def test_a_file_is_there_for_the_commands_after_it_and_a_status_for_the_next(self):
        page = "```aura file=one.txt\nhello\n```\n```console\n$ cat one.txt\nhello\n$ (exit 7)\n$ echo $?\n7\n```\n"
        self.assertEqual(len(self.faults_of(page.replace("$ (exit 7)\n", "$ (exit 7)\n…\n"))[2]), 0)

    def test_a_python_program_has_to_end_well(self):
        self.assertEqual(self.faults_of("```python\nassert 1 == 1\n```\n")[2], [])
        self.assertIn("AssertionError", self.faults_of("```python\nassert 1 == 2\n```\n")[2][0])

    def test_an_installation_that_fails_says_what_failed(self):
        with tempfile.TemporaryDirectory() as nothing:
            faults = self.faults_of("```cmake\nfind_package(Loophole)\n```\n", pathlib.Path(nothing))[2]
        self.assertEqual(len(faults), 1)
        self.assertIn("`cmake --install", faults[0])
        self.assertIn("ends with", faults[0])


if __name__ == "__main__":
    unittest.main()
