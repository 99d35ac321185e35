#pragma once
// The rules that faults name, for people: `loophole-schema rules` prints them, and tests/bad has a fixture for each.

#include <span>
#include <string_view>

namespace loophole::schema {

struct Rule {
  std::string_view id;
  std::string_view asks;  // what the rule asks of the schemas
};

// By subject.
[[nodiscard]] std::span<const Rule> rules();

}  // namespace loophole::schema
