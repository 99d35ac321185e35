#include <algorithm>

#include "breaking_parts.hpp"

namespace loophole::schema::breaking {
namespace {

constexpr const char* kFile = "topology.json";

struct Listed {
  const char* key;
  std::string_view rule;
  const char* word;
};
constexpr Listed kListed[] = {{"roles", "breaking-role-removed", "role"}, {"planes", "breaking-plane-removed", "plane"}};

}  // namespace

// New roles, planes and edges are legal: what goes over them is new, or is another rule's business (breaking-route-added,
// breaking-label-added of scalars.Role).
void break_topology(Breaks& breaks) {
  const Sorted& then = breaks.then.at("topology");
  const Sorted& now = breaks.now.at("topology");
  for (const Listed& listed : kListed) {
    for (const Sorted& entry : then.at(listed.key))
      if (find_by(now.at(listed.key), "name", entry.at("name")) == nullptr)
        breaks.add(below({kFile, pointer_to("", listed.key)}, text(entry, "name")), listed.rule,
                   "the " + std::string{listed.word} + " " + said(entry["name"]) + " was removed or renamed", kNewRefuses);
  }
  for (const Sorted& edge : then.at("edges"))
    if (std::find(now.at("edges").begin(), now.at("edges").end(), edge) == now.at("edges").end())
      breaks.add(
          {kFile, "/edges"}, "breaking-edge-removed",
          "the edge from " + text(edge, "from") + " to " + text(edge, "to") + " on the " + text(edge, "plane") + " plane was removed",
          kNewRefuses);
  for (const auto& [name, value] : then.at("limits").items()) {
    const Sorted& limit = get(now.at("limits"), name.c_str());
    if (limit != value)
      breaks.add({kFile, pointer_to("/limits", name)}, "breaking-limit", changed(name, value, limit),
                 limit > value ? kOldRefuses : kNewRefuses);
  }
}

}  // namespace loophole::schema::breaking
