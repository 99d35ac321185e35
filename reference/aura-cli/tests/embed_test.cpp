// A Pulse inside aura-cli: projects without a loophole-pulse, and with a session that others see.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "background.hpp"
#include "loophole/session/directory.hpp"

using namespace loophole;
using test::aura_cli;
using test::Background;
using test::Rig;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A rig whose session is not in the environment.
struct Unnamed : Rig {
  Unnamed() : Rig("unnamed") { unsetenv("LOOPHOLE_SESSION"); }
  [[nodiscard]] std::string embed(const std::string& file) const { return "--embed-pulse='" + (folder() / file).string() + "' "; }
};

}  // namespace

TEST_CASE("a project is made and edited by a Pulse inside, one command after the other") {
  const Unnamed rig;
  CHECK(aura_cli(rig.embed("song.loophole") + "--no-engine track add Drums").exit_code == 0);
  CHECK(aura_cli("track add Bass --no-engine " + rig.embed("song.loophole")).exit_code == 0);
  const auto listed = aura_cli(rig.embed("song.loophole") + "--no-engine --json track list");
  CHECK(listed.exit_code == 0);
  const auto project = nlohmann::json::parse(listed.out);
  REQUIRE(project["tracks"].size() == 2);
  CHECK(project["tracks"][0]["name"] == "Drums");
  CHECK(project["tracks"][1]["name"] == "Bass");
  CHECK(aura_cli(rig.embed("song.loophole") + "--no-engine history undo").exit_code == 0);
  CHECK(!test::fs::exists(rig.folder() / "song.loophole-wal"));  // closed in order
  CHECK(test::fs::is_empty(rig.folder() / "run"));
}

TEST_CASE("without a file there is no project, and a project can be made with a command") {
  const Unnamed rig;
  const auto status = aura_cli("--embed-pulse --no-engine status");
  CHECK(status.exit_code == 0);
  CHECK(has(status.out, "engine absent"));
  CHECK(has(status.out, "no project is open"));
  CHECK(aura_cli("--embed-pulse --no-engine project new '" + (rig.folder() / "new.loophole").string() + "'").exit_code == 0);
  CHECK(test::fs::exists(rig.folder() / "new.loophole"));
}

TEST_CASE("the engine of a Pulse inside holds its graph, and nothing is left of it") {
  const Unnamed rig;
  CHECK(aura_cli(rig.embed("song.loophole") + "--driver paced track add Drums").exit_code == 0);
  const auto meters = aura_cli(rig.embed("song.loophole") + "--driver paced --json meters --seconds 2");
  CHECK(meters.exit_code == 0);
  CHECK(has(meters.out, "\"levels\""));  // straight from the engine
  CHECK(test::fs::is_empty(rig.folder() / "run"));
}

TEST_CASE("with a session others connect while the command runs, in the same order of revisions") {
  const Unnamed rig;
  Background host({"--embed-pulse=" + (rig.folder() / "song.loophole").string(), "--no-engine", "--session", "shared", "meters"});
  const auto added = aura_cli("--timeout 30 --session shared track add Drums");
  CHECK(added.exit_code == 0);
  const auto status = aura_cli("--session shared status");
  CHECK(has(status.out, "at revision 1, 1 track"));
  const auto second = aura_cli(rig.embed("other.loophole") + "--no-engine --session shared track list");
  CHECK(second.exit_code == 12);
  CHECK(has(second.out, "session.inUse"));
  const auto file = session::find("shared").value();
  CHECK(has(aura_cli("--connect " + file.project_endpoint + " track list").out, "Drums"));
  CHECK(host.end(SIGINT) == 0);
  CHECK(is(session::find("shared").error(), errors::kSessionNotFound));
  CHECK(has(aura_cli(rig.embed("song.loophole") + "--no-engine track list").out, "Drums"));
}

TEST_CASE("what is wrong is said as by a Pulse outside") {
  const Unnamed rig;
  std::ofstream(rig.folder() / "letter.txt") << "dear reader";
  const auto unreadable = aura_cli(rig.embed("letter.txt") + "--no-engine --json track list");
  CHECK(unreadable.exit_code == 10);
  CHECK(nlohmann::json::parse(unreadable.out)["code"] == "project.fileUnreadable");
  const auto refused = aura_cli(rig.embed("song.loophole") + "--no-engine --json track remove trk-nowhere");
  CHECK(refused.exit_code == 10);
  CHECK(aura_cli("--no-engine track list").exit_code == 2);
  CHECK(aura_cli("--embed-pulse --connect ipc:///nowhere track list").exit_code == 2);
  CHECK(aura_cli("--embed-pulse demo").exit_code == 2);
  CHECK(has(aura_cli("--help").out, "--embed-pulse"));
  const auto far = aura_cli("--connect tcp://192.0.2.1:5000 track list");
  CHECK(far.exit_code == 11);
  CHECK(has(far.out, "session.endpointRefused"));
}
