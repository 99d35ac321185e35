// Long work shows how far it is, on a terminal alone, and Ctrl-C ends the wait in order.
#include <doctest/doctest.h>

#include "loophole/core/clock.hpp"
#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
using test::Typist;

namespace {

// A project with so long a history that opening it is long work; closed.
std::string long_history(const Rig& rig) {
  auto client = rig.connect();
  const std::string path = (rig.folder() / "long.loophole").string();
  client.call(project::New{.path = path, .name = {}, .sample_rate_hz = 48'000, .tempo_bpm = 120}).value();
  const TrackId id = client.call(track::Add{.name = "Voice"}).value().track_id;
  constexpr int kEdits = 5'000;
  int done = 0;
  for (int i = 0; i < kEdits; ++i) {
    client.call(track::Rename{.track_id = id, .name = "Voice " + std::to_string(i)}, [&done](const Result<Edited>& reply) {
      CHECK(reply);
      ++done;
    });
    REQUIRE(client.poll_until([&] { return i - done < 500; }, test::kWatchdog));
  }
  REQUIRE(client.poll_until([&] { return done == kEdits; }, test::kWatchdog));
  client.call(project::Close{}).value();
  return path;
}

}  // namespace

TEST_CASE("opening a long history draws a line that goes away; to a pipe there is the reply alone") {
  Rig rig("progress");
  rig.start_pulse({"--no-engine"});
  const std::string path = long_history(rig);
  {
    Typist typist("xterm", {"project", "open", path});
    typist.wait_for("\r\x1b[Kreading the project  [################----]  82 %");
    typist.wait_for("\r\x1b[K");
    CHECK(typist.rest().starts_with("long ("));
    CHECK(typist.end() == 0);
  }
  REQUIRE(aura_cli("project close").exit_code == 0);
  {
    Typist typist("dumb", {"project", "open", path});
    typist.wait_for("reading the project\r\n");
    CHECK(typist.rest().find('\x1b') == std::string::npos);
    CHECK(typist.end() == 0);
  }
  REQUIRE(aura_cli("project close").exit_code == 0);
  CHECK(aura_cli("project open '" + path + "'").out.starts_with("long ("));
}

TEST_CASE("Ctrl-C ends the wait for an answer: the line goes, the code says so, and Pulse hears a goodbye") {
  Rig rig("waiting");
  // An engine that never comes up.
  const test::fs::path engine = rig.folder() / "engine";
  std::ofstream(engine) << "#!/bin/sh\nexec sleep 1000\n";
  test::fs::permissions(engine, test::fs::perms::owner_all);
  rig.start_pulse({"--signal", engine.string()});
  auto client = rig.connect();
  Typist typist("xterm", {"--timeout", "30", "engine", "restart"});
  typist.wait_for("\r\x1b[Kstarting the engine again");
  typist.type("\x03");
  typist.wait_for("\r\x1b[K");
  typist.wait_for("interrupted; ");
  CHECK(typist.end() == 130);
  const auto heard = [&rig] {
    std::ifstream log(rig.folder() / "pulse.log");
    const std::string text{std::istreambuf_iterator<char>(log), {}};
    return text.find("aura-cli left: closing") != std::string::npos;
  };
  const auto end = Clock::now() + test::kWatchdog;
  while (!heard()) {
    REQUIRE(Clock::now() < end);
    client.poll(std::chrono::milliseconds{20});
  }
}
