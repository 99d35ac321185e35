#include "register/requirements.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loophole::conformance {

extern const std::string_view kRequirementsJson;  // made from protocol/requirements.json when the suite is built

bool Requirement::of(std::string_view role) const {
  return std::ranges::find(roles, role) != roles.end();
}

const std::vector<Requirement>& requirements() {
  static const std::vector<Requirement> all = [] {
    std::vector<Requirement> list;
    const nlohmann::json file = nlohmann::json::parse(kRequirementsJson);
    for (const auto& entry : file.at("requirements"))
      list.push_back({.id = entry.at("id"),
                      .keyword = entry.at("keyword"),
                      .roles = entry.at("roles"),
                      .plane = entry.at("plane"),
                      .since = entry.at("since"),
                      .place = entry.at("place"),
                      .text = entry.at("text"),
                      .observable = entry.at("observable")});
    return list;
  }();
  return all;
}

const Requirement* find_requirement(std::string_view id) {
  const auto& all = requirements();
  const auto found = std::ranges::find(all, id, &Requirement::id);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace loophole::conformance
