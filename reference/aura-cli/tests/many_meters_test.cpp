// More meters than lines: keys scroll them, the master stays, and a line for a dumb terminal stays a line.
#include <doctest/doctest.h>

#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
using test::Typist;

TEST_CASE("keys scroll and end the meters, and the keyboard is as it was afterwards") {
  Rig rig("many");
  setenv("LC_ALL", "C.UTF-8", 1);
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  {
    auto client = rig.connect();
    for (int i = 1; i <= 60; ++i) REQUIRE(client.call(track::Add{.name = "Track " + std::to_string(i) + ".", .index = {}}));
  }
  Typist typist("xterm", {"meters"});
  typist.wait_for("Track 1.");
  typist.wait_for("Track 21.");
  typist.wait_for("Master");
  typist.wait_for("1 to 21 of 60");
  typist.type("\x1b[6~");
  typist.wait_for("Track 22.");
  typist.wait_for("Master");
  typist.wait_for("22 to 42 of 60");
  typist.type("G");
  typist.wait_for("Track 60.");
  typist.wait_for("40 to 60 of 60");
  typist.resize(120, 40);
  typist.wait_for("24 to 60 of 60");
  typist.resize(20, 5);
  typist.wait_for("\x1b[1mTrack…\x1b[0m ");
  typist.type("q");
  typist.wait_for("\x1b[?25h\x1b[?1049l");
  CHECK(typist.end() == 0);

  Typist dumb("dumb", {"meters", "--seconds", "2"});
  dumb.wait_for("Master -120.0 -120.0  Track 1. ");
  dumb.wait_for(" more\r\n");
  const std::string shown = dumb.rest();
  for (std::size_t begin = 0, end = 0; (end = shown.find("\r\n", begin)) != std::string::npos; begin = end + 2)
    CHECK(end - begin <= 84);  // bytes; the sign of the transport has three
  CHECK(dumb.end() == 0);
}
