// Every observable MUST of a role has a case, or a written reason why it has none.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "register/requirements.hpp"
#include "runner/catalogue.hpp"

using namespace loophole::conformance;

namespace {

// Each requirement of the role is checked, or has a reason, and never both.
void holds(const std::string& role, std::size_t at_least = 151) {
  CAPTURE(role);
  std::ifstream file(std::string(std::getenv("LOOPHOLE_COVERAGE")) + "/" + role + ".json");
  REQUIRE(file);
  const auto list = nlohmann::json::parse(file);
  REQUIRE(list.at("role") == role);
  std::map<std::string, std::string> reasons;
  for (const auto& entry : list.at("uncovered")) {
    CHECK_MESSAGE(!entry.at("reason").get<std::string>().empty(), entry.at("id"));
    CHECK_MESSAGE(reasons.emplace(entry.at("id"), entry.at("reason")).second, entry.at("id"));
  }
  std::set<std::string> checked;
  for (const Case& one : catalogue()) {
    if (one.role() != role) continue;
    for (const Check& check : one.checks) checked.insert(check.requirements.begin(), check.requirements.end());
  }
  for (const Check& check : common_checks(role)) checked.insert(check.requirements.begin(), check.requirements.end());
  std::size_t asked = 0;
  for (const Requirement& requirement : requirements()) {
    const bool wanted = requirement.of(role) && requirement.must() && requirement.observable && requirement.in_force();
    const bool excused = reasons.erase(requirement.id) > 0;
    if (!wanted) {
      CHECK_MESSAGE(!excused, requirement.id << " needs no reason");
      continue;
    }
    ++asked;
    const bool has_case = checked.contains(requirement.id);
    CHECK_MESSAGE((has_case || excused), requirement.id << " has neither a case nor a reason");
    CHECK_MESSAGE(!(has_case && excused), requirement.id << " has a case and a reason why it has none");
  }
  for (const auto& [id, reason] : reasons) FAIL_CHECK("the register has no " << id);
  CHECK(asked >= at_least);
}

}  // namespace

TEST_CASE("requirements of an engine: checked, or with a reason") {
  holds("signal");
}
TEST_CASE("requirements of a Pulse: checked, or with a reason") {
  holds("pulse");
}
TEST_CASE("requirements of a user interface: checked, or with a reason") {
  holds("aura", 90);
}
