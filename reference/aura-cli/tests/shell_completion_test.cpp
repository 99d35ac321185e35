// The completion scripts, sourced in bash and in zsh.
#include <doctest/doctest.h>

#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
namespace fs = test::fs;

namespace {

// What bash offers at the end of a line: as bash splits it into words.
std::string offered(const std::string& line, const std::string& words) {
  const std::string script = "PATH='" + test::program("").string() +
                             "':$PATH\nsource <(aura-cli completion bash)\ncompopt() { echo \"compopt $*\"; }\n" + "COMP_WORDS=(" + words +
                             ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\nCOMP_LINE='" + line +
                             "'\nCOMP_POINT=${#COMP_LINE}\n_aura_cli aura-cli\nprintf '[%s]' \"${COMPREPLY[@]}\"\n";
  std::FILE* pipe = ::popen(("bash --norc --noprofile 2>&1 <<'BASH'\n" + script + "BASH\n").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), got);
  ::pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE("bash completes commands, names and ids of the running session, and files") {
  Rig rig("bash");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add 'Lead Synth'").exit_code == 0);
  REQUIRE(aura_cli("node add 'Lead Synth' filter").exit_code == 0);
  const std::string id = rig.connect().project()->tracks.at(0).id.str();

  CHECK(offered("aura-cli tra", "aura-cli tra") == "[track][transport]");
  CHECK(offered("aura-cli track rename ", "aura-cli track rename ''") == "[Lead\\ Synth][" + id + "]");
  CHECK(offered("aura-cli track rename Le", "aura-cli track rename Le") == "[Lead\\ Synth]");
  CHECK(offered("aura-cli track rename \"Lead S", "aura-cli track rename '\"Lead S'") == "[Lead Synth]");
  CHECK(offered("aura-cli parameter set Lead\\ Synth/F", "aura-cli parameter set 'Lead\\ Synth/F'").find("Lead\\ Synth/Filter/Cutoff") !=
        std::string::npos);
  CHECK(offered("aura-cli --session=ba", "aura-cli --session = ba") == "[bash]");
  CHECK(offered("aura-cli describe track.a", "aura-cli describe track.a") == "[track.add]");
  CHECK(offered("aura-cli project open ", "aura-cli project open ''") == "compopt -o default -o filenames\n[]");
  CHECK(offered("aura-cli --session nobody track rename ", "aura-cli --session nobody track rename ''") == "[]");
}

TEST_CASE("zsh completes the same at its prompt, where there is a zsh") {
  const fs::path zsh = "/usr/bin/zsh";
  if (!fs::exists(zsh)) {
    MESSAGE("skipped: there is no " << zsh.string());
    return;
  }
  Rig rig("zsh");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add 'Lead Synth'").exit_code == 0);
  REQUIRE(aura_cli("node add 'Lead Synth' filter").exit_code == 0);
  std::ofstream(rig.folder() / "tune.wav") << "a file";
  fs::create_directory_symlink(test::program(""), rig.folder() / "programs");
  std::ofstream(rig.folder() / "setup") << "HOME='" << rig.folder().string() << "' PATH='" << test::program("").string()
                                        << "':$PATH PS1='> '\ncd '" << rig.folder().string()
                                        << "'\nautoload -U compinit && compinit -D -u\nsource <(aura-cli completion zsh)\nprint ready\n";
  test::Typist typist("xterm", zsh, {"-f", "-i"});
  typist.type("source '" + (rig.folder() / "setup").string() + "'\r");
  typist.wait_for("ready\r");
  const auto completes = [&typist](const std::string& line, const std::string& rest) {
    typist.type(line + "\t");
    typist.wait_for(rest);
    typist.type("\x15");  // the line is gone again
  };
  completes("aura-cli tra", "transport");
  completes("~/programs/aura-cli track ren", "ame");
  completes("aura-cli track rename Le", "ad\\ Synth");
  completes("aura-cli track rename \"Lead S", "ynth\"");
  completes("aura-cli parameter set lead\\ synth/filter/c", "utoff");
  completes("aura-cli --session=z", "sh");
  completes("aura-cli describe track.a", "dd");
  completes("aura-cli clip add 'Lead Synth' tun", "e.wav");
  typist.type("exit\r");
  CHECK(typist.end() == 0);
}
