#!/usr/bin/python3
"""Do our decoder, python3-jsonschema and ajv agree on every message?

Every instance of `loophole-schema generate testdata`, and seeded mutations of them, go to the three; for each they must say the same (taken
or refused, by the receiver's form of the schema), and the fault that our decoder names must be among those that the others find. For the
instances the outcome is known beforehand, and valid ones are looked at by the sender's form too.

Exit code: 0 they agree, 1 they do not, 2 something is missing.
"""

import argparse
import base64
import collections
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is left behind in the source folder

from mutate import Mutator  # noqa: E402

HERE = Path(__file__).resolve().parent

# Where our decoder tells the same fault by another name: (our rule, our pointer, their rule, their pointer, why). Regular expressions, of
# the whole; everything else must be equal.
EXCEPTIONS = [
    ("enum", "/(kind|origin|target)", "const", "/(kind|origin|target)", "the schema of one message has one kind, and often one route"),
    ("enum|minLength|maxLength|pattern", "/name", "const", "/name", "the schema of one message has one name"),
    ("route", "/target", "const", "/(origin|target)", "a route is two members; one route in the schema"),
    ("route", "/target", "anyOf", "", "a route is two members; several routes in the schema"),
    ("required", "/(payload|error)", "required", "", "we point at the body that is missing, not at the envelope without it"),
    ("depth", "", "syntax", "", "we stop where it gets too deep and do not see what is wrong later"),
]

# Mutations are of the shorter instances: they say as much, and python3-jsonschema is slow.
MOST_BYTES = 1500


class Stopped(Exception):
    """A tool is not there, or gave up."""


class Tool:
    """One of the three, kept running: lines in, verdicts out."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 16)

    def ask(self, lines):
        writer = threading.Thread(target=self.write, args=(lines,))
        writer.start()
        verdicts = []
        for line in lines:
            answer = self.process.stdout.readline()
            if not answer:
                raise Stopped(f"{self.name} stopped at: {line}")
            verdicts.append(json.loads(answer))
        writer.join()
        return verdicts

    def write(self, lines):
        try:
            for line in lines:
                self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # ask() says what it stopped at

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ask_all(questions):
    """[(tool, lines)] -> [verdicts], all at the same time."""
    answers = [None] * len(questions)

    def ask(i):
        tool, lines = questions[i]
        try:
            answers[i] = tool.ask(lines)
        except Stopped as stopped:
            answers[i] = stopped

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        if isinstance(answer, Stopped):
            raise answer
    return answers


class Trio:
    def __init__(self, args, form, with_ours):
        folder = str(args.work / form)
        self.ours = Tool("loophole-verdicts", [args.verdicts]) if with_ours else None
        self.pythons = [Tool("python3-jsonschema", [sys.executable, HERE / "verdicts.py", folder]) for _ in range(2)]
        self.ajv = Tool("ajv", ["node", HERE / "verdicts.mjs", args.node, folder])

    def ask(self, lines):
        """(ours, python's, ajv's) for each line."""
        half = (len(lines) + 1) // 2
        questions = [(self.pythons[0], lines[:half]), (self.pythons[1], lines[half:]), (self.ajv, lines)]
        if self.ours:
            questions.append((self.ours, lines))
        first, second, ajv, *ours = ask_all(questions)
        return list(zip(ours[0] if ours else [None] * len(lines), first + second, ajv))

    def close(self):
        for tool in [*self.pythons, self.ajv, *([self.ours] if self.ours else [])]:
            tool.close()


def line_of(schema, data):
    return f"{schema} {base64.b64encode(data).decode()}"


def is_among(fault, others):
    if fault in others:
        return True
    for rule, pointer, their_rule, their_pointer, _ in EXCEPTIONS:
        if re.fullmatch(rule, fault[0]) and re.fullmatch(pointer, fault[1]):
            if any(re.fullmatch(their_rule, r) and re.fullmatch(their_pointer, p) for r, p in others):
                return True
    return False


def disagreement(ours, python, ajv):
    """Nothing, or what they disagree on."""
    if not ours["ok"] == python["ok"] == ajv["ok"]:
        return "verdict: " + ", ".join(f"{n} {'takes' if v['ok'] else 'refuses'} it" for n, v in
                                       (("the decoder", ours), ("python3-jsonschema", python), ("ajv", ajv)))  # fmt: skip
    if ours["ok"]:
        return None
    fault = ours["faults"][0]
    for name, verdict in (("python3-jsonschema", python), ("ajv", ajv)):
        if not is_among(fault, verdict["faults"]):
            return f"fault: {name} does not find {fault[0]} at '{fault[1]}'"
    return None


def reduced(trio, schema, data, complaint):
    """A smaller text with the same disagreement: pieces are taken away as long as it stays."""
    size = max(1, len(data) // 2)
    while size >= 1:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + size :]
            if disagreement(*trio.ask([line_of(schema, less)])[0]) == complaint:
                data = less
            else:
                at += size
        size //= 2
    return data


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", required=True, help="the program loophole-verdicts")
    parser.add_argument("--schema-tool", required=True, help="the program loophole-schema")
    parser.add_argument("--schemas", required=True, help="the folder of the schemas")
    parser.add_argument("--node", required=True, help="the folder that has node_modules, with ajv in it")
    parser.add_argument("--mutations", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def generate(args):
    for what, out in (("jsonschema", args.work), ("testdata", args.work / "test-data")):
        subprocess.run([args.schema_tool, "generate", what, args.schemas, "--out", out], check=True)
    return [one for path in sorted((args.work / "test-data").glob("*.json")) for one in json.loads(path.read_text())["instances"]]


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def mutations(args, instances):
    bases = [one for one in instances if len(compact(one["instance"])) <= MOST_BYTES and isinstance(one["instance"], dict)]
    # Mostly of valid ones: in the others a second fault may hide behind the first.
    valid = [i for i, one in enumerate(bases) if one["valid"]]
    mutator = Mutator([compact(one["instance"]).decode() for one in bases])
    for i in range(args.mutations):
        own = random.Random(f"{args.seed}:{i}")
        base = own.choice(valid) if own.random() < 0.8 else own.randrange(len(bases))
        yield bases[base]["schema"], mutator.mutate(base, own)


def check_sendable(args, instances):
    """What may be sent is valid by the sender's form as well, what only receivers take is not."""
    valid = [one for one in instances if one["valid"]]
    trio = Trio(args, "sender", with_ours=False)
    wrong = []
    for one, (_, python, ajv) in zip(valid, trio.ask([line_of(one["schema"], compact(one["instance"])) for one in valid])):
        sendable = one.get("sendable", True)
        if not python["ok"] == ajv["ok"] == sendable:
            wrong.append(f"{one['schema']} ({one['about']} at '{one['at']}'): sendable is {sendable}, python3-jsonschema says "
                         f"{json.dumps(python)}, ajv says {json.dumps(ajv)}")  # fmt: skip
    trio.close()
    return len(valid), wrong


def main():
    args = parse_arguments()
    with tempfile.TemporaryDirectory() as work:
        args.work = Path(work)
        instances = generate(args)
        cases = [(one["schema"], compact(one["instance"]), one) for one in instances]
        cases += [(schema, data, None) for schema, data in mutations(args, instances)]
        trio = Trio(args, "receiver", with_ours=True)
        verdicts = trio.ask([line_of(schema, data) for schema, data, _ in cases])

        taken = collections.Counter()
        rules = collections.Counter()
        complaints = []
        for (schema, data, one), (ours, python, ajv) in zip(cases, verdicts):
            complaint = disagreement(ours, python, ajv)
            if one and not complaint and ours["ok"] != one["valid"]:
                complaint = f"expected: the instance is {'valid' if one['valid'] else 'not valid'}, and all say the contrary"
            if complaint:
                complaints.append((schema, data, complaint, (ours, python, ajv)))
            taken["instances" if one else "mutations", ours["ok"]] += 1
            if not ours["ok"]:
                rules[ours["faults"][0][0]] += 1

        for schema, data, complaint, _ in complaints[:5]:
            if not complaint.startswith("expected"):
                data = reduced(trio, schema, data, complaint)
            print(f"{schema}: {complaint}\n  {data!r}")
            for name, verdict in zip(("decoder", "python3-jsonschema", "ajv"), trio.ask([line_of(schema, data)])[0]):
                print(f"  {name}: {json.dumps(verdict)}")
        trio.close()
        sent, wrong = check_sendable(args, instances)
        for line in wrong[:5]:
            print(f"sender: {line}")

    for kind in ("instances", "mutations"):
        print(f"{kind}: {taken[kind, True] + taken[kind, False]} ({taken[kind, True]} taken, {taken[kind, False]} refused)")
    print("refused for: " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common()))
    print(f"sender's form: {sent} valid instances, {len(wrong)} disagree")
    print(f"agree: {len(cases) - len(complaints)}, disagree: {len(complaints)} (seed {args.seed})")
    return 1 if complaints or wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Stopped, OSError, subprocess.CalledProcessError) as error:
        print(f"differential: {error}", file=sys.stderr)
        sys.exit(2)
