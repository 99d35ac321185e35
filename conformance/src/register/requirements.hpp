#pragma once
// The register of requirements, protocol/requirements.json, compiled in: what the suite judges by, in the words of the specification.

#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance {

struct Requirement {
  std::string id;                  // "HELLO-13"
  std::string keyword;             // MUST, MUST NOT, SHOULD, SHOULD NOT, MAY
  std::vector<std::string> roles;  // aura, pulse, signal
  std::string plane;               // control, stream, telemetry, all
  std::string since;               // "1.0", or "announced" for what no version asks for yet
  std::string place;               // page and heading, below protocol/
  std::string text;
  bool observable = false;

  [[nodiscard]] bool must() const { return keyword.starts_with("MUST"); }
  [[nodiscard]] bool in_force() const { return since != "announced"; }
  [[nodiscard]] bool of(std::string_view role) const;
};

// [any-thread] All of them, in the order of the file.
[[nodiscard]] const std::vector<Requirement>& requirements();

// [any-thread] nullptr for an id that the register does not have.
[[nodiscard]] const Requirement* find_requirement(std::string_view id);

}  // namespace loophole::conformance
