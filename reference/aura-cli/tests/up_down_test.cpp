// A session in the background: started, asked, stopped.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "loophole/session/directory.hpp"
#include "rig.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("up starts Pulse and engine, down ends both") {
  const Rig rig("upAndDown");
  const auto nothing = aura_cli("down");
  CHECK(nothing.exit_code == 13);
  CHECK(has(nothing.out, "session 'upAndDown' does not run"));

  const auto up = aura_cli("up --json --timeout 30 --driver paced --project '" + (rig.folder() / "song.loophole").string() + "'");
  INFO(up.out);
  REQUIRE(up.exit_code == 0);
  const auto started = nlohmann::json::parse(up.out);
  CHECK(started["engineState"] == "running");
  CHECK(test::fs::exists(started["log"].get<std::string>()));

  const auto again = aura_cli("up");
  CHECK(again.exit_code == 12);
  CHECK(has(again.out, "runs already"));

  const auto status = nlohmann::json::parse(aura_cli("status --json").out);
  CHECK(status["processId"] == started["processId"]);
  CHECK(status["project"]["name"] == "song");
  CHECK(status["roundTripUs"] > 0);
  CHECK(status["counters"]["malformed"] == 0);
  CHECK(has(aura_cli("status").out, "process " + std::to_string(started["processId"].get<int>())));

  CHECK(aura_cli("down --timeout 30").exit_code == 0);
  for (const auto& process : {started["processId"], status["engine"]["processId"]}) {
    const std::string of = cli::program_of(process.get<pid_t>());
    CHECK(of.rfind("loophole-", 0) != 0);
  }
  CHECK(is(session::find("upAndDown").error(), errors::kSessionNotFound));
  CHECK(aura_cli("down").exit_code == 13);
}

TEST_CASE("a Pulse that cannot start is told with what it said, and nothing is left") {
  const Rig rig("upInVain");
  std::ofstream(rig.folder() / "letter.txt") << "Dear all";
  const auto ran = aura_cli("up --no-engine --timeout 30 --project '" + (rig.folder() / "letter.txt").string() + "'");
  CHECK(ran.exit_code == 13);
  CHECK(has(ran.out, "letter.txt"));
  CHECK(has(ran.out, "pulse.log"));
  CHECK(aura_cli("up --pulse /nowhere/loophole-pulse").exit_code == 13);
  CHECK(aura_cli("--connect ipc:///nowhere up").exit_code == 2);
  CHECK(is(session::find("upInVain").error(), errors::kSessionNotFound));
}
