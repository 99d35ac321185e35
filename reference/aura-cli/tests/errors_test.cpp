// What a user sees when something is wrong: a message that names the thing, and an exit code by category.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rig.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a wrong command line is usage") {
  const Rig rig("usage");
  CHECK(aura_cli("").exit_code == 2);
  CHECK(aura_cli("fly").exit_code == 2);
  CHECK(aura_cli("track add").exit_code == 2);
  CHECK(aura_cli("gesture X --rate 0").exit_code == 2);
  CHECK(aura_cli("node add Synth trumpet").exit_code == 2);
  CHECK(aura_cli("--help").exit_code == 0);
  CHECK(aura_cli("track add").out == "aura-cli: NAME is required; `aura-cli track add --help` has what belongs here\n");
  CHECK(aura_cli("track add --help").exit_code == 0);
}

TEST_CASE("a session that is not there is unavailable, and the message says what to start") {
  const Rig rig("nobody");
  const auto ran = aura_cli("--timeout 0.2 status");
  CHECK(ran.exit_code == 13);
  CHECK(has(ran.out, "nobody"));
  CHECK(has(ran.out, "loophole-pulse"));
  const auto json = aura_cli("--timeout 0.2 --json status");
  CHECK(json.exit_code == 13);
  const auto error = nlohmann::json::parse(json.out);
  CHECK(error["code"] == "session.notFound");
  CHECK(error["category"] == "unavailable");
}

TEST_CASE("a Pulse program that is missing is named") {
  const Rig rig("missing");
  const auto ran = aura_cli("demo --headless --pulse /nowhere/loophole-pulse --audio '" + rig.make_wav("a.wav").string() + "' --out '" +
                            (rig.folder() / "out").string() + "'");
  CHECK(ran.exit_code == 1);
  CHECK(has(ran.out, "/nowhere/loophole-pulse"));
}

TEST_CASE("audio that cannot be read is refused before the demo starts anything") {
  const Rig rig("unread");
  const auto ran = aura_cli("demo --headless --audio /nowhere/speech.wav");
  CHECK(ran.exit_code == 10);
  CHECK(has(ran.out, "/nowhere/speech.wav"));
}

TEST_CASE("bad requests of a running session") {
  Rig rig("errors");
  rig.start_pulse({"--no-engine"});
  { const auto client = rig.connect(); }  // it is up

  SUBCASE("without a project edits are in conflict with the state") {
    const auto ran = aura_cli("track add Drums");
    CHECK(ran.exit_code == 12);
    CHECK(has(ran.out, "project.none"));
    CHECK(aura_cli("track list").exit_code == 12);
  }
  SUBCASE("a project file that is not there is named") {
    const auto ran = aura_cli("project open /nowhere/song.loophole");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "/nowhere/song.loophole"));
    CHECK(has(ran.out, "project.fileNotFound"));
  }
  SUBCASE("a file that is no project is left as it was") {
    const auto file = rig.folder() / "letter.txt";
    std::ofstream(file) << "Dear all";
    const auto ran = aura_cli("project open '" + file.string() + "'");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "project.fileUnreadable"));
    std::string text;
    std::getline(std::ifstream(file), text);
    CHECK(text == "Dear all");
  }
  SUBCASE("a file is not overwritten") {
    const auto file = rig.folder() / "song.loophole";
    std::ofstream(file) << "mine";
    const auto ran = aura_cli("project new '" + file.string() + "'");
    CHECK(ran.exit_code == 12);
    CHECK(has(ran.out, "project.fileExists"));
  }
  SUBCASE("a project from the future is left as it was") {
    const auto file = rig.folder() / "future.loophole";
    REQUIRE(aura_cli("project new '" + file.string() + "'").exit_code == 0);
    REQUIRE(aura_cli("project close").exit_code == 0);
    {
      std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekp(60);  // user_version in the header of an SQLite file, big-endian
      bytes.write("\x00\x00\x03\xe7", 4);
    }
    const auto size = std::filesystem::file_size(file);
    const auto ran = aura_cli("project open '" + file.string() + "'");
    CHECK(ran.exit_code == 15);
    CHECK(has(ran.out, "project.fileTooNew"));
    CHECK(has(ran.out, "999"));
    CHECK(std::filesystem::file_size(file) == size);
  }
  SUBCASE("an edit that is refused changes nothing") {
    REQUIRE(aura_cli("project new '" + (rig.folder() / "song.loophole").string() + "'").exit_code == 0);
    REQUIRE(aura_cli("track add Voice").exit_code == 0);
    const auto before = aura_cli("project show --json");
    const auto file = rig.folder() / "broken.wav";
    std::ofstream(file) << "RIFF, but no audio";
    auto ran = aura_cli("clip add Voice '" + file.string() + "'");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "broken.wav"));
    ran = aura_cli("parameter set Voice/Gain 1000");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "parameter.outOfRange"));
    ran = aura_cli("track rename Voice ''");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "  at NEW-NAME: expected "));
    ran = aura_cli("call track.add '[]'");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "  at the payload itself: expected "));
    ran = aura_cli("track remove Moon");
    CHECK(ran.exit_code == 10);
    CHECK(has(ran.out, "Moon"));
    ran = aura_cli("transport play");
    CHECK(ran.exit_code == 13);
    ran = aura_cli("gesture Voice/Gain --seconds 0.1");
    CHECK(ran.exit_code == 13);
    CHECK(aura_cli("project show --json").out == before.out);
  }
}

TEST_CASE("a session from the shell, with one JSON object each") {
  Rig rig("shell");
  rig.start_pulse({"--no-engine"});
  { const auto client = rig.connect(); }
  const auto run = [](const std::string& words) {
    const auto ran = aura_cli("--json " + words);
    CAPTURE(words);
    CAPTURE(ran.out);
    CHECK(ran.exit_code == 0);
    return nlohmann::json::parse(ran.out);
  };
  CHECK(run("project new '" + (rig.folder() / "song.loophole").string() + "' --name Song")["name"] == "Song");
  CHECK(run("track add Voice")["revision"] == 1);
  CHECK(run("clip add Voice '" + rig.make_wav("a.wav").string() + "'")["lengthFrames"] == 48000);
  CHECK(run("clip add Voice '" + rig.make_wav("b.wav").string() + "'")["lengthFrames"] == 48000);
  CHECK(run("node add Voice filter")["revision"] == 4);
  CHECK(run("parameter set Voice/Cutoff 880")["value"] == 880.0);
  CHECK(run("parameter set Voice/Gain -6.5")["value"] == -6.5);
  CHECK(run("parameter get Voice/Filter/Cutoff")["value"] == 880.0);
  CHECK(run("track rename Voice Speech")["revision"] == 7);
  const auto shown = run("project show");
  CHECK(shown["project"]["tracks"][0]["name"] == "Speech");
  CHECK(shown["project"]["tracks"][0]["clips"][1]["startFrames"] == 48000);  // after the first
  CHECK(run("history list")["entries"].size() == 7);
  CHECK(run("history undo")["revision"] == 8);
  CHECK(run("history redo")["revision"] == 9);
  CHECK(run("node remove Speech/Filter")["revision"] == 10);
  CHECK(run("clip remove Speech/a")["revision"] == 11);
  CHECK(run("status")["project"]["revision"] == 11);
  CHECK(run("counters")["streamFramesSeen"] == 0);
  CHECK(run("engine status")["state"] == "absent");
  CHECK(run("project save")["revision"] == 11);
  run("project close");
  CHECK(run("project open '" + (rig.folder() / "song.loophole").string() + "'")["revision"] == 11);
  CHECK(run("track remove Speech")["revision"] == 12);
}
