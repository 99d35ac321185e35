// A live view never shows what was as if it were what is: values that are old say how old they are, and go on when new ones come.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "reading.hpp"
#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
using test::Typist;

namespace {

pid_t engine_process() {
  const auto ran = aura_cli("--timeout 30 --json engine status");
  REQUIRE(ran.exit_code == 0);
  return nlohmann::json::parse(ran.out)["processId"].get<pid_t>();
}

}  // namespace

TEST_CASE("meters, spectrum and transport tell that the engine stalls, and go on when it does") {
  Rig rig("stalls");
  setenv("LC_ALL", "C.UTF-8", 1);
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 node add Master analyser").exit_code == 0);
  REQUIRE(test::aura_cli_reading(rig, "run -", "wait graph equal within 30\n").exit_code == 0);
  const pid_t engine = engine_process();
  // One at a time: a program whose screen nobody reads stalls itself.
  struct View {
    std::vector<std::string> words;
    std::string fresh;
    std::vector<std::string> dimmed;
  };
  const std::string position = "\x1b[2m■ 00:00";
  for (const View& view : {View{{"meters"}, "\x1b[H  ■ 00:00", {position, "\x1b[2m  Master", "  -inf dB"}},
                           View{{"spectrum"}, "\x1b[H  ■ 00:00", {position, "\x1b[2m0 dB ┤"}},
                           View{{"transport", "view"}, "\x1b[H  \x1b[K", {"\x1b[2m  ■ stopped   00:00"}}}) {
    Typist typist("xterm", view.words);
    typist.wait_for(view.fresh);
    REQUIRE(::kill(engine, SIGSTOP) == 0);
    typist.wait_for("nothing new for ");
    for (const std::string& what : view.dimmed) typist.wait_for(what);
    REQUIRE(::kill(engine, SIGCONT) == 0);
    typist.wait_for(view.fresh);
  }
}

TEST_CASE("a view outlives Pulse and its engine, says that they are gone, and goes on with the next ones") {
  Rig rig("outlives");
  setenv("LC_ALL", "C.UTF-8", 1);
  const std::vector<std::string> how{"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()};
  rig.start_pulse(how);
  REQUIRE(aura_cli("--timeout 30 track add Voice").exit_code == 0);
  Typist meters("xterm", {"meters"});
  meters.wait_for("\x1b[H  ■ 00:00");
  rig.stop_pulse();
  meters.wait_for("Pulse does not answer");
  rig.start_pulse(how);
  meters.wait_for("\x1b[H  ■ 00:00");
  meters.wait_for("Voice");
  meters.type("q");
  meters.wait_for("\x1b[?25h\x1b[?1049l");
  CHECK(meters.end() == 0);
}

TEST_CASE("a view of a Pulse at an endpoint goes on with the next one there, too") {
  Rig rig("endpoint");
  setenv("LC_ALL", "C.UTF-8", 1);
  const std::string endpoint = "ipc://" + (rig.folder() / "run" / "pulse.sock").string();
  const std::vector<std::string> how{"--driver", "paced", "--listen", endpoint, "--project", (rig.folder() / "song.loophole").string()};
  rig.start_pulse(how);
  Typist meters("xterm", {"--connect", endpoint, "--timeout", "30", "meters"});
  meters.wait_for("\x1b[H  ■ 00:00");
  rig.stop_pulse();
  meters.wait_for("Pulse does not answer");
  rig.start_pulse(how);
  meters.wait_for("\x1b[H  ■ 00:00");
  meters.type("q");
  CHECK(meters.end() == 0);
}

TEST_CASE("meters without an engine are not known, and dimmed") {
  Rig rig("unknown");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  Typist meters("xterm", {"--timeout", "30", "meters"});
  meters.wait_for("no engine");
  meters.wait_for("\x1b[2m  Master");
  meters.wait_for("     ? dB");
  meters.type("q");
  CHECK(meters.end() == 0);
  CHECK(meters.shown().find("-inf") == std::string::npos);
}
