#!/usr/bin/env python3
"""Shows that the logic tests of the suite notice mistakes of the suite: run.py BUILD [ID...]

Each mutant of mutants.txt is made in a copy of one file of conformance/, which is compiled as in BUILD and linked in front of the library, so that
nothing else is compiled. Its logic tests must fail. A mutant whose place is no longer there, that does not compile or that lives is an error.
"""
import concurrent.futures, json, os, pathlib, re, shlex, shutil, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
SUITE = HERE.parents[1]
TEST = "conformance_logic_test"
SLOW = "*runner_test.cpp"
DEADLINE_S = 400  # on a machine that builds something else meanwhile


def mutants():
    """(id, what, file, before, after) of each."""
    found = []
    for number, line in enumerate((HERE / "mutants.txt").read_text().splitlines(), 1):
        mark, rest = line[:1], line[2:]
        if mark == "=":
            name, what = rest.split(": ", 1)
            found.append({"id": name, "what": what, "file": None, "before": [], "after": []})
        elif mark == "@":
            found[-1]["file"] = rest
        elif mark in "-+" and mark:
            found[-1]["before" if mark == "-" else "after"].append(rest)
        elif mark not in ("", "#"):
            sys.exit(f"mutants.txt:{number}: a line begins with = @ - + or #")
    return found


def words_of_compiler(build, source):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]).resolve() == source:
            words = shlex.split(entry["command"])
            launcher = [i for i, word in enumerate(words) if word.endswith("ccache")]
            return words[launcher[0] + 1:] if launcher else words
    sys.exit(f"{source} is not in compile_commands.json")


def words_of_linker(build):
    """The command that ninja links the test with."""
    out = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", f"tests/{TEST}"], capture_output=True, text=True, check=True).stdout
    command = out.strip().splitlines()[-1]
    command = re.sub(r"^: && ", "", re.sub(r" && :$", "", command))
    return shlex.split(command)


def place(words, flag, value):
    words = list(words)
    words[words.index(flag) + 1] = str(value)
    return words


def environment(build):
    """That of the test's entry in CTest."""
    shown = json.loads(subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1", "-R", f"^{TEST}$"], capture_output=True, text=True,
                                      check=True).stdout)
    entries = [p["value"] for p in shown["tests"][0]["properties"] if p["name"] == "ENVIRONMENT"]
    return os.environ | dict(entry.split("=", 1) for entry in (entries[0] if entries else []))


def judge(build, mutant, link, usual, folder):
    """(killed, how); `usual` is the environment of the test."""
    source = SUITE / mutant["file"]
    text = source.read_text()
    before, after = "\n".join(mutant["before"]), "\n".join(mutant["after"])
    if text.count(before) != 1:
        return False, f"{mutant['file']} has {text.count(before)} times: {before}"
    work = pathlib.Path(folder) / mutant["id"]
    work.mkdir()
    program, more = build / "tests" / TEST, {}
    if source.suffix == ".cpp":
        patched, built, program = work / source.name, work / "mutant.o", work / TEST
        patched.write_text(text.replace(before, after))
        compiler = place(words_of_compiler(build, source), "-o", built)
        compiler = place(compiler, "-c", patched)
        # It is made to be wrong and to be fast to make, not to be well written.
        made = subprocess.run(compiler + ["-w", "-O0", f"-I{source.parent}"], cwd=build, capture_output=True, text=True)
        if made.returncode == 0:
            words = place(link, "-o", program)
            words.insert(words.index("-o"), str(built))
            made = subprocess.run(words, cwd=build, capture_output=True, text=True)
        if made.returncode != 0:
            return False, "it does not compile:\n" + made.stderr[-2000:]
    else:
        shutil.copytree(SUITE / "coverage", work / "coverage")
        (work / "coverage" / source.name).write_text(text.replace(before, after))
        more["LOOPHOLE_COVERAGE"] = str(work / "coverage")
    for choice in (f"--source-file-exclude={SLOW}", f"--source-file={SLOW}"):  # those that start an engine come last
        try:
            ran = subprocess.run([program, "--abort-after=1", "--no-intro", choice], env=usual | more, capture_output=True, text=True,
                                 timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            return False, f"the tests did not end in {DEADLINE_S} s"
        if ran.returncode != 0:
            case = re.search(r"TEST CASE:\s+(.*)", ran.stdout)
            return True, case[1] if case else f"the tests ended with {ran.returncode}"
    return False, "it lives: no test failed"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    begin, build, names = time.monotonic(), pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    chosen = [m for m in mutants() if not names or m["id"] in names]
    for name in set(names) - {m["id"] for m in chosen}:
        sys.exit(f"there is no mutant '{name}'")
    usual = environment(build)
    good = subprocess.run([build / "tests" / TEST, "--no-intro"], env=usual, capture_output=True, text=True)
    if good.returncode != 0:
        sys.exit(f"the logic tests are red without a mutant:\n{good.stdout[-2000:]}")
    link, failed = words_of_linker(build), 0
    with tempfile.TemporaryDirectory(prefix="lp-mutants-") as folder, concurrent.futures.ThreadPoolExecutor(4) as pool:
        verdicts = pool.map(lambda mutant: judge(build, mutant, link, usual, folder), chosen)
        for mutant, (killed, how) in zip(chosen, verdicts):
            failed += not killed
            print(f"{'ok  ' if killed else 'FAIL'} {mutant['id']} ({mutant['what']})\n       {how}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} mutants of the runner are noticed, in {time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed else 0)


main()
