#pragma once
// Instances: whole envelopes, valid and invalid, with what a receiver must say of them. Derived from the model; no two are equal.

#include <string>
#include <vector>

#include "model.hpp"
#include "value_cases.hpp"

namespace loophole::schema {

// Longer texts would make the files large and say little more.
inline constexpr std::size_t kMostInstanceBytes = 20'000;

struct Instance {
  std::string schema;  // file of the JSON Schemas without its end: "track.add", "track.add.reply", "error"
  ValueCase content;   // pointers begin at the envelope
};

struct LeftOutInstance {
  std::string schema;
  LeftOut content;
};

struct DomainInstances {
  std::string domain;  // "envelope" for what is common to all messages
  std::vector<Instance> instances;
  std::vector<LeftOutInstance> left_out;
};

[[nodiscard]] std::vector<DomainInstances> instances(const Model& model);

// One valid envelope with every member for each schema.
struct Seed {
  std::string schema;
  Json value;
};
[[nodiscard]] std::vector<Seed> seeds(const Model& model);

}  // namespace loophole::schema
