#pragma once
// What would break a peer that speaks a released version: the model of then against the model of now, both as canonical JSON.
//
// For years peers of two versions talk to each other, in both directions, and read each other's documents. So a change breaks when
//   an old receiver refuses or misreads what a new sender may send, or
//   a new receiver refuses or misreads what an old sender may send.
// Types are compared by what they are on the wire, wherever messages and documents lead to them; names of types are not on the wire.
// The loopholes that stay open on purpose: optional members, messages, errors, labels of open enumerations and fields of frames may be
// added, each with a `since` above the released version where it has one. protocol/versioning.md has the whole table.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "fault.hpp"

namespace loophole::schema {

struct BreakingRule {
  std::string_view id;
  std::string_view asks;     // what the rule asks of a change
  std::string_view instead;  // what to do where it is broken
};

// By subject; `loophole-schema rules` prints them, and tests/breaking has fixtures for each.
[[nodiscard]] std::span<const BreakingRule> breaking_rules();

// Every breaking change, by file. Places are in the schemas of now; of what is gone, in those of then. None when the major version rose,
// because then nobody talks to an old peer. Throws nlohmann::json::exception for what is no canonical model.
[[nodiscard]] Faults find_breaks(const nlohmann::json& then, const nlohmann::json& now);

// Reads what `loophole-schema model` prints.
struct Released {
  nlohmann::json model;
  std::string error;  // why it is none; empty when it is one
};
[[nodiscard]] Released read_released(const std::string& text);

}  // namespace loophole::schema
