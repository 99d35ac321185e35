#include "cli/show.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "register/requirements.hpp"
#include "report/report.hpp"
#include "runner/catalogue.hpp"

namespace loophole::conformance {
namespace {

std::vector<Check> all_checks(const Case& one) {
  std::vector<Check> checks = one.checks;
  checks.insert(checks.end(), common_checks(one.role()).begin(), common_checks(one.role()).end());
  return checks;
}

}  // namespace

std::vector<std::string> roles_with_cases() {
  std::set<std::string> roles;
  for (const Case& one : catalogue()) roles.emplace(one.role());
  return {roles.begin(), roles.end()};
}

bool has_check(std::string_view id, std::string_view role) {
  const Case* one = find_case(id.substr(0, id.find('/')));
  if (one == nullptr || one->role() != role || id.find('/') == std::string_view::npos) return false;
  const auto checks = all_checks(*one);
  return std::ranges::find(checks, id.substr(id.find('/') + 1), &Check::id) != checks.end();
}

std::string list_text(std::string_view role, Level level) {
  std::string out;
  std::size_t checks = 0;
  const auto cases = cases_of(role, level);
  for (const Case* one : cases) {
    out += std::string(one->id) + "  " + std::string(to_string(one->level)) + "  " + std::to_string(all_checks(*one).size()) + "\n    " +
           std::string(one->title) + "\n";
    checks += all_checks(*one).size();
  }
  return out + std::to_string(cases.size()) + " cases, " + std::to_string(checks) + " checks\n";
}

std::string list_json(std::string_view role, Level level) {
  using Json = nlohmann::ordered_json;
  Json cases = Json::array();
  for (const Case* one : cases_of(role, level)) {
    Json checks = Json::array();
    std::vector<std::string_view> requirements;
    for (const Check& check : all_checks(*one)) {
      checks.push_back(
          {{"id", std::string(one->id) + "/" + std::string(check.id)}, {"requirements", check.requirements}, {"expects", check.expects}});
      for (const std::string_view id : check.requirements)
        if (std::ranges::find(requirements, id) == requirements.end()) requirements.push_back(id);
    }
    cases.push_back({{"id", one->id},
                     {"title", one->title},
                     {"requirements", requirements},
                     {"level", to_string(one->level)},
                     {"checks", std::move(checks)}});
  }
  return Json{{"role", role}, {"cases", std::move(cases)}}.dump(1) + "\n";
}

namespace {

std::string what_checks(const Requirement& requirement) {
  std::string roles;
  for (const std::string& role : requirement.roles) roles += (roles.empty() ? "" : ", ") + role;
  std::string out = report::requirement_text(requirement.id) + "\n  of " + roles + "; " + requirement.plane + "; " +
                    (requirement.in_force() ? "since " + requirement.since : "announced") + "\n\n";
  bool any = false;
  for (const std::string& role : roles_with_cases())
    for (const Case* one : cases_of(role, Level::stress))
      for (const Check& check : all_checks(*one)) {
        if (std::ranges::find(check.requirements, requirement.id) == check.requirements.end()) continue;
        any = true;
        out += "  " + std::string(one->id) + "/" + std::string(check.id) + "\n      " + std::string(check.expects) + "\n";
      }
  return any ? out : out + "  No case checks it.\n";
}

}  // namespace

std::optional<std::string> explain(std::string_view id) {
  if (const Requirement* requirement = find_requirement(id)) return what_checks(*requirement);
  const Case* one = find_case(id.substr(0, id.find('/')));
  if (one == nullptr || (id.find('/') != std::string_view::npos && !has_check(id, one->role()))) return std::nullopt;
  std::string out = std::string(one->id) + "\n  " + std::string(one->title) + "\n  level " + std::string(to_string(one->level)) +
                    "\n\n  Steps: " + std::string(one->steps) + "\n";
  if (one->starts_peer) out += "  Needs a peer that the suite starts itself.\n";
  if (!one->capability.empty()) out += "  Applies to peers that declare " + std::string(one->capability) + ".\n";
  out += "\n";
  for (const Check& check : all_checks(*one)) {
    out += "  " + std::string(one->id) + "/" + std::string(check.id) + "\n      " + std::string(check.expects) + "\n";
    for (const std::string_view name : check.requirements) out += "      " + report::requirement_text(std::string(name)) + "\n";
  }
  return out;
}

}  // namespace loophole::conformance
