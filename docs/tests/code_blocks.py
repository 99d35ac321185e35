#!/usr/bin/env python3
"""Does what the pages say: code_blocks.py BUILD [PAGE...] (default: all pages of the repository)

  ```cpp      stands in an example, line by line, and those are compiled and run; a line of `…` leaves lines out
  ```console  commands behind `$ `, and what they print; `…` stands for anything. One shell for the whole page, in an empty folder in which
              build/ and the repository's folders are; a session of a page's own
  ```sh       commands of which only the success counts, in the same shell
  ```cmake    a project with this and examples/first_steps is built against the SDK as installed
  ```python   a program that ends well, in the folder of its page
  ```json     in protocol/: compared with the schemas by `loophole-schema prose`, and generated pages by `publish --check`
  ```text     a figure

A fence may say where its block is tested, or why it is not done here: ```sh elsewhere="…". One with file=NAME is written into the folder
of the page's shell, for the commands after it. A fence that does not say what it is is a fault. Each page's count is printed; the last
line is the total.
"""
import functools, json, os, pathlib, re, shutil, signal, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*) *(.*)$")
DEADLINE_S = 120
# Pages that a test of their own does by the letter.
ELSEWHERE = {"docs/guides/add-a-message.md": "sdk/generator/tests/guide_test.cpp"}


def blocks(page):
    """(line, language, attributes, lines) of each fenced block."""
    inside = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = (number, fence[1], dict(re.findall(r'(\w+)=("[^"]*"|\S+)', fence[2])), [])
        elif inside is not None and line.startswith("```"):
            yield inside
            inside = None
        elif inside is not None:
            inside[3].append(line)


class Shell:
    """One bash for a page, in a folder of its own."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lp-docs-"))
        for name in ("examples", "schemas", "protocol", "docs", "dev", "sdk"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / "build").mkdir()
        for name in ("release", "bin"):
            (self.folder / "build" / name).symlink_to(build / name)
        environment = dict(os.environ, HOME=str(self.folder), LOOPHOLE_RUNTIME_DIR=str(self.folder / "run"), TERM="dumb")
        for name in ("LOOPHOLE_SESSION", "XDG_CONFIG_HOME"):
            environment.pop(name, None)
        (self.folder / "run").mkdir(mode=0o700)
        self.bash = subprocess.Popen(["bash", "--norc"], cwd=self.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, start_new_session=True)
        self.run("shopt -s expand_aliases")

    def run(self, command):
        """(status, output) of a command; what it leaves in the background writes to a file."""
        if command.rstrip().endswith("&"):
            command = command.rstrip()[:-1] + " >>background.log 2>&1 &"
        end = "end-of-command"
        self.bash.stdin.write(f"{command}\nlast=$?; printf '\\n%s %s\\n' {end} $last; (exit $last)\n".encode())
        self.bash.stdin.flush()
        signal.alarm(DEADLINE_S)
        output = ""
        while True:
            line = self.bash.stdout.readline().decode(errors="replace")
            if not line:
                return -1, output
            if line.startswith(end + " "):
                signal.alarm(0)
                return int(line.split()[1]), output[:-1] if output.endswith("\n\n") or output == "\n" else output
            output += line

    def background(self):
        log = self.folder / "background.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def left_running(self):
        """Processes of sessions that the page started apart from its shell and did not end; they are ended."""
        left = []
        for session in self.folder.glob("run/*/session.json"):
            process = json.loads(session.read_text())["processId"]
            try:
                if os.getsid(process) != self.bash.pid:
                    os.kill(process, signal.SIGTERM)
                    left.append(f"session '{session.parent.name}', process {process}")
            except ProcessLookupError:
                pass
        return left

    def end(self):
        try:
            os.killpg(self.bash.pid, signal.SIGTERM)
            self.bash.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.bash.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.bash.stdin.close()
        self.bash.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def expected_pattern(lines):
    return re.compile(r"\s*" + r"\n".join(re.escape(line.rstrip()).replace("…", r"(?:.|\n)*?") for line in lines) + r"\s*")


def check_shell(shell, language, lines):
    """None, or what went wrong."""
    commands = []
    for line in lines:
        if language == "console" and not line.startswith("$ "):
            if not commands:
                return "begins with output; the first line of a console block is a command behind `$ `"
            commands[-1][1].append(line)
        elif line.strip():
            commands.append((line[2:] if language == "console" else line, []))
    for command, printed in commands:
        status, output = shell.run(re.sub(r"\s+# .*$", "", command))
        output = "\n".join(line.rstrip() for line in output.splitlines())
        if status != 0 and not printed:
            return f"`{command}` ends with {status}:\n{output}\n{shell.background()}"
        if printed and not expected_pattern(printed).fullmatch(output):
            return f"`{command}` prints\n{output}\nnot\n" + "\n".join(printed)
    return None


def check_cpp(lines):
    """A block stands in an example when all its stretches between `…` do, in order."""
    stretches, wanted = [[]], [line.strip() for line in lines]
    for line in wanted:
        if line in ("…", "// …"):
            stretches.append([])
        elif line:
            stretches[-1].append(line)
    for example in sorted((ROOT / "examples").glob("*/*.cpp")) + sorted((ROOT / "examples").glob("*/*.hpp")):
        have = [line.strip() for line in example.read_text().splitlines() if line.strip()]
        at = 0
        for stretch in stretches:
            while at <= len(have) and have[at:at + len(stretch)] != stretch:
                at += 1
            at += len(stretch)
        if at <= len(have):
            return None
    return "stands in no example"


def failure(command, **options):
    """What a command printed, when it failed; else None."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return None if done.returncode == 0 else f"`{' '.join(map(str, command))}` ends with {done.returncode}:\n{done.stdout}"


def check_cmake(build, lines):
    with tempfile.TemporaryDirectory(prefix="lp-docs-") as folder:
        prefix = pathlib.Path(folder, "prefix")
        pathlib.Path(folder, "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(Page LANGUAGES CXX)\nadd_executable(my-ui %s)\n%s\n"
            % (ROOT / "examples/first_steps/main.cpp", "\n".join(lines)))
        for command in (["cmake", "--install", build / "release", "--prefix", prefix],
                        ["cmake", "-S", folder, "-B", folder + "/build", f"-DCMAKE_PREFIX_PATH={prefix}"],
                        ["cmake", "--build", folder + "/build"]):
            if fault := failure(command):
                return fault
    return None


@functools.cache
def check_protocol(build):
    """Examples of protocol/ against the schemas, and what is generated of them."""
    schema = build / "bin/loophole-schema"
    return (failure([schema, "prose", "schemas", "protocol", "docs", "README.md", "CONTRIBUTING.md"], cwd=ROOT) or
            failure([schema, "publish", "schemas", "--out", "protocol", "--check"], cwd=ROOT))


def check_page(page, build):
    """(blocks that were done, blocks that are figures or done elsewhere, faults)"""
    done, left, faults, shell = 0, 0, [], None
    by_letter = str(page.relative_to(ROOT)) in ELSEWHERE
    try:
        for number, language, attributes, lines in blocks(page):
            if language == "text" or "elsewhere" in attributes:
                left += 1
                continue
            done += 1
            if not language:
                fault = "does not say what it is; a figure is ```text"
            elif by_letter:
                fault = None
            elif "file" in attributes:
                shell = shell or Shell(build)
                (shell.folder / attributes["file"]).write_text("\n".join(lines) + "\n")
                fault = None
            elif language == "cpp":
                fault = check_cpp(lines)
            elif language == "cmake":
                fault = check_cmake(build, lines)
            elif language == "python":
                fault = failure([sys.executable, "-c", "\n".join(lines)], cwd=page.parent)
            elif language == "json" and ROOT / "protocol" in page.parents:
                fault = check_protocol(build)
            elif language in ("console", "sh"):
                shell = shell or Shell(build)
                fault = check_shell(shell, language, lines)
            else:
                fault = f"nobody knows how to try '{language}'"
            if fault:
                faults.append(f"{page.relative_to(ROOT)}:{number}: {fault}")
        for session in shell.left_running() if shell else []:
            faults.append(f"{page.relative_to(ROOT)}: leaves running: {session}")
    finally:
        if shell:
            shell.end()
    return done, left, faults


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    pages = [pathlib.Path(page).resolve() for page in sys.argv[2:]]
    if not pages:
        pages = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("examples/*.md")), *sorted((ROOT / "docs").rglob("*.md")),
                 *sorted((ROOT / "protocol").rglob("*.md")), *sorted(ROOT.glob("reference/*/*.md")), *sorted(ROOT.glob("conformance/*/*.md")),
                 *sorted(ROOT.glob("sdk/generator/*.md"))]
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"a command has not come back for {DEADLINE_S} s"))
    total, all_faults = 0, []
    for page in pages:
        done, left, faults = check_page(page, build)
        total += done
        all_faults += faults
        if done or left:
            print(f"{page.relative_to(ROOT)}: {done} blocks, {len(faults)} faults; {left} figures or done elsewhere", flush=True)
    for fault in all_faults:
        print(fault)
    print(f"{total - len(all_faults)} passed, {len(all_faults)} failed")
    sys.exit(1 if all_faults or total == 0 else 0)


if __name__ == "__main__":
    main()
