// What happens in a session, as JSON lines.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "background.hpp"

using namespace loophole;
using nlohmann::json;
using test::aura_cli;
using test::Background;
using test::Rig;

TEST_CASE("every event is a line, from the revision on that the first line tells") {
  Rig rig("watch");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add Drums").exit_code == 0);

  Background watching({"watch", "--count", "2"});
  const json first = json::parse(watching.line());
  CHECK(first["watching"] == "watch");
  CHECK(first["revision"] == 1);
  REQUIRE(aura_cli("track add Bass").exit_code == 0);
  REQUIRE(aura_cli("project close").exit_code == 0);
  const json added = json::parse(watching.line());
  CHECK(added["event"] == "project.changed");
  CHECK(added["payload"]["revision"] == 2);
  CHECK(added["payload"]["changes"][0]["type"] == "track.added");
  CHECK(json::parse(watching.line())["event"] == "project.closed");
  CHECK(watching.line().empty());
  CHECK(watching.end() == 0);
}

TEST_CASE("events of some names only, until Ctrl-C") {
  Rig rig("watchOnly");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  CHECK(aura_cli("--timeout 30 watch --only project.chnged").out.find("did you mean project.changed") != std::string::npos);
  Background watching({"watch", "--only", "project.closed"});
  watching.line();
  REQUIRE(aura_cli("track add Bass").exit_code == 0);
  REQUIRE(aura_cli("project close").exit_code == 0);
  CHECK(json::parse(watching.line())["event"] == "project.closed");
  CHECK(watching.end(SIGINT) == 0);
}

TEST_CASE("telemetry is among the lines when it is asked for: every topic, and spectra of analysers that come later too") {
  Rig rig("watchFrames");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 node add Master analyser").exit_code == 0);
  Background watching({"--timeout", "30", "watch", "--telemetry", "meters,spectrum,transport,stats"});
  std::set<std::string> topics;
  std::set<std::int64_t> analysers;
  const auto take = [&] {
    const std::string line = watching.line();
    REQUIRE_FALSE(line.empty());
    const json frame = json::parse(line);
    const std::string topic = frame.value("telemetry", "");
    topics.insert(topic);
    if (topic == "meters") CHECK(frame["levels"].is_array());
    if (topic == "transport") CHECK(frame["playing"] == false);
    if (topic == "stats") CHECK(frame["blocks"].is_number());
    if (topic != "spectrum") return;
    analysers.insert(frame["handle"].get<std::int64_t>());
    CHECK(frame["window"] == "hann");
    CHECK(frame["magnitudesDb"].size() == frame["windowFrames"].get<std::size_t>() / 2 + 1);
  };
  while (analysers.empty() || !topics.contains("meters") || !topics.contains("transport") || !topics.contains("stats")) take();
  REQUIRE(aura_cli("track add Synth").exit_code == 0);
  REQUIRE(aura_cli("node add Synth analyser").exit_code == 0);
  while (analysers.size() < 2) take();
  CHECK(watching.end(SIGINT) == 0);
}

TEST_CASE("frames come at the rate that is asked for") {
  Rig rig("watchRate");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  for (const std::string topic : {"meters", "transport"}) {
    Background watching({"--timeout", "30", "watch", "--telemetry", topic, "--rate", "5", "--only", "project.closed", "--count", "4"});
    watching.line();
    std::int64_t before = 0;
    for (int i = 0; i < 4; ++i) {
      const auto at = json::parse(watching.line())["engineFrames"].get<std::int64_t>();
      // Of the engine's own clock; the first frames may still be of its own rate.
      if (i > 1) CHECK(at - before >= 48'000 / 5 * 9 / 10);
      before = at;
    }
    CHECK(watching.end() == 0);
  }
  CHECK(aura_cli("watch --telemetry meters --rate 1000").exit_code == 2);
  CHECK(aura_cli("watch --rate 5").exit_code == 2);  // of what?
}

TEST_CASE("a reader who had enough ends it in order") {
  Rig rig("watchHead");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  const auto ran = aura_cli("--timeout 30 watch --telemetry transport | head -1");
  CHECK(ran.out.starts_with("{"));
  rig.stop_pulse();
  std::ifstream log(rig.folder() / "pulse.log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  CHECK(text.find("aura-cli left: closing") != std::string::npos);
  CHECK(text.find("aura-cli left: leaseExpired") == std::string::npos);
  CHECK(aura_cli("describe 2>&1 > /dev/full #").out == "aura-cli: cannot write to standard output: No space left on device\n");
}
