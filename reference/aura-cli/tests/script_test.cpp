// Scripts of aura-cli against real programs: the ones in scripts/, and how they fail.
#include <doctest/doctest.h>

#include "reading.hpp"

using namespace loophole;
using test::aura_cli;
using test::Ran;
using test::Rig;

namespace {

struct Session : Rig {
  Session(const std::string& name, const std::vector<std::string>& engine) : Rig(name) {
    std::vector<std::string> words = engine;
    words.insert(words.end(), {"--project", (folder() / "song.loophole").string()});
    start_pulse(words);
    { const auto client = connect(); }  // it is up
  }
  // A script of these lines.
  [[nodiscard]] Ran lines(const std::string& text) const { return test::aura_cli_reading(*this, "run -", text + "\n"); }
};

std::string script(const char* name) {
  const char* folder = std::getenv("LOOPHOLE_SCRIPTS");
  REQUIRE_MESSAGE(folder != nullptr, "LOOPHOLE_SCRIPTS is the folder of the scripts; ctest sets it");
  return "run '" + (test::fs::path(folder) / name).string() + "'";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("nodes, buses, sends and outputs") {
  const Session session("routes", {"--no-engine"});
  const Ran ran = aura_cli(script("routes.aura"));
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
}

TEST_CASE("a tone is heard, moved by a gesture and brought back") {
  const Session session("sound", {"--driver", "paced"});
  const Ran ran = aura_cli(script("sound.aura"));
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
}

TEST_CASE("engine, device and transport") {
  const Session session("engine", {"--driver", "paced"});
  const Ran ran = aura_cli(script("engine.aura"));
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
}

TEST_CASE("a project goes on in another file, and tells what happened") {
  const Session session("files", {"--no-engine"});
  const auto other = session.folder() / "other.loophole";
  const Ran ran = session.lines("track add Voice\ntrack add Drums\nproject save-as '" + other.string() +
                                "' --name Other\nexpect project Other\nchanges = project changes 1\n"
                                "expect $changes.transactions.0.revision = 2\nexpect $changes.name = Other\nproject changes 0");
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
  CHECK(has(ran.out, "Add Track \"Drums\", 1 change"));
  CHECK(test::fs::exists(other));
}

TEST_CASE("the first line that fails ends the script, and is named") {
  const Session session("failing", {"--no-engine"});
  Ran ran = session.lines("track add Voice\n\nexpect revision = 2\ntrack add Never");
  CHECK(ran.exit_code == 1);
  CHECK(has(ran.out, "standard input:3: expected revision = 2, found 1"));
  CHECK(has(ran.out, "\n  expect revision = 2\n"));

  ran = session.lines("wait revision 5 within 0.05");
  CHECK(ran.exit_code == 1);
  CHECK(has(ran.out, ":1: waited 0.05 s in vain for revision >= 5: it is 1"));

  ran = session.lines("track remove Moon");
  CHECK(ran.exit_code == 10);
  CHECK(has(ran.out, "track.notFound"));

  CHECK(session.lines("expect error invalid track remove Moon\nexpect error track.notFound track remove Moon").exit_code == 0);
  CHECK(session.lines("expect error conflict track remove Moon").exit_code == 1);
  CHECK(session.lines("expect error invalid track list").exit_code == 1);
  CHECK(session.lines("fly away").exit_code == 2);
  CHECK(session.lines("track add \"half").exit_code == 2);
  CHECK(session.lines("print $nothing").exit_code == 2);
  CHECK(session.lines("wait engine is running").exit_code == 2);
  CHECK(session.lines("expect tracks = 1").exit_code == 0);  // what followed a failure was not done
  CHECK(aura_cli("run /nowhere/script").exit_code == 10);
}

TEST_CASE("replies are kept in variables") {
  const Session session("variables", {"--no-engine"});
  const Ran ran = session.lines(
      "one = track add 'Lead Synth'\n"
      "track rename $one.trackId \"Second Voice\"  # by its id\n"
      "song = project show\n"
      "print $song.project.tracks.0.name costs $$5 at $song.revision\n"
      "call track.add {\\\"name\\\":\\\"Raw\\\"}");
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
  CHECK(has(ran.out, "Second Voice costs $5 at 2\n"));
  CHECK(session.lines("one = track list --json\nprint $one.tracks.7.name").exit_code == 1);
}

TEST_CASE("a script has its own Pulse with --embed-pulse") {
  const Rig rig("embedded");
  const Ran ran = test::aura_cli_reading(rig, "--embed-pulse='" + (rig.folder() / "new.loophole").string() + "' --no-engine run -",
                                         "track add Voice\nwait revision 1\nexpect tracks = 1\n");
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
}
