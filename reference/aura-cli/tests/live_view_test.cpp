// Live views take the terminal and give it back; a dumb terminal gets plain lines.
#include <doctest/doctest.h>

#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
using test::Typist;

TEST_CASE("meters and transport view draw on a screen of their own, in any size, and leave one line") {
  Rig rig("views");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add Voice").exit_code == 0);
  for (const bool meters : {true, false}) {
    Typist typist("xterm", meters ? std::vector<std::string>{"meters"} : std::vector<std::string>{"transport", "view"});
    typist.wait_for("\x1b[?1049h");
    typist.wait_for(meters ? "Master" : "00:00.000");
    typist.resize(40, 5);
    typist.wait_for("\x1b[H");
    typist.type("\x03");
    typist.wait_for("\x1b[?25h\x1b[?1049l");
    typist.wait_for(meters ? "Master -120.0" : "stopped 00:00.000");
    CHECK(typist.rest().find("\x1b[") == std::string::npos);
    CHECK(typist.end() == 0);
  }
}

TEST_CASE("the spectrum of an analyser draws on a screen of its own, in any size, and leaves one line") {
  Rig rig("spectra");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add Synth").exit_code == 0);
  REQUIRE(aura_cli("node add Synth testTone").exit_code == 0);
  REQUIRE(aura_cli("node add Synth analyser").exit_code == 0);
  REQUIRE(aura_cli("transport play").exit_code == 0);
  Typist typist("xterm", {"spectrum"});
  typist.wait_for("\x1b[?1049h");
  typist.wait_for("Synth/Analyser");
  typist.wait_for("440 Hz at -");
  typist.wait_for(" 1k ");
  typist.resize(40, 6);
  typist.wait_for("\x1b[H");
  typist.type("\x03");
  typist.wait_for("\x1b[?25h\x1b[?1049l");
  typist.wait_for("Synth/Analyser: 440 Hz -");
  CHECK(typist.rest().find("\x1b[") == std::string::npos);
  CHECK(typist.end() == 0);

  Typist dumb("dumb", {"spectrum", "Synth", "--seconds", "2"});
  dumb.wait_for("Synth/Analyser: 440 Hz -");
  CHECK(dumb.rest().find('\x1b') == std::string::npos);
  CHECK(dumb.end() == 0);
}

TEST_CASE("a spectrum without an analyser, or with several, says what to do") {
  Rig rig("analysers");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  const auto has = [](const test::Ran& ran, const char* part) { return ran.out.find(part) != std::string::npos; };
  REQUIRE(aura_cli("--timeout 30 track add Synth").exit_code == 0);
  const auto none = aura_cli("spectrum");
  CHECK(none.exit_code == 10);
  CHECK(has(none, "`aura-cli node add Master analyser` adds one"));
  REQUIRE(aura_cli("node add Master analyser").exit_code == 0);
  REQUIRE(aura_cli("node add Synth analyser --name Eye").exit_code == 0);
  CHECK(has(aura_cli("spectrum"), "say which: Synth/Eye ("));
  CHECK(has(aura_cli("spectrum Synth/Gain"), "there is no analyser 'Synth/Gain'; the project has Synth/Eye ("));
  REQUIRE(aura_cli("node add Synth analyser --name Ear").exit_code == 0);
  CHECK(has(aura_cli("spectrum Synth"), "'Synth' means 2 analysers"));
  const auto one = aura_cli("spectrum synth/ear --seconds 0.2");
  CHECK(one.exit_code == 0);
}

TEST_CASE("a dumb terminal gets one plain line after the other") {
  Rig rig("plain");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add Voice").exit_code == 0);
  Typist typist("dumb", {"meters", "--seconds", "1"});
  const std::string shown = typist.rest();
  CHECK(shown.find("Master") != std::string::npos);
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK(typist.end() == 0);
}
