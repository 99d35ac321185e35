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
    typist.wait_for(meters ? "meter frames" : "stopped 00:00.000");
    CHECK(typist.rest().find("\x1b[") == std::string::npos);
    CHECK(typist.end() == 0);
  }
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
