// The completion script for bash, sourced in bash.
#include <doctest/doctest.h>

#include "rig.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

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

TEST_CASE("the script for zsh is one that zsh can read, where there is a zsh") {
  const auto ran = aura_cli("completion zsh");
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.rfind("#compdef aura-cli\n", 0) == 0);
  if (std::system("command -v zsh >/dev/null") != 0) return;
  const Rig rig("zsh");
  std::ofstream(rig.folder() / "_aura-cli") << ran.out;
  CHECK(std::system(("zsh -n '" + (rig.folder() / "_aura-cli").string() + "'").c_str()) == 0);
}
