#pragma once
// Schemas for tests: tests/good, and edits of it.

#include <filesystem>
#include <string>
#include <vector>

#include "load.hpp"

namespace loophole::schema::test {

// sdk/generator/tests
[[nodiscard]] std::filesystem::path folder();

[[nodiscard]] const Files& good();

// {"file", "delete": true} | {"file", "text"} | {"file", "replace", "with"} | {"file", and an operation of RFC 6902}
void apply(const Json& edit, Files& files);

// A fixture of tests/bad: edits of good(), and the faults that they must give.
struct Fixture {
  std::string name;  // "string-bound/no_max_length"
  Files files;
  std::vector<std::string> expect;  // sorted "FILE: POINTER: rule"
};
[[nodiscard]] std::vector<Fixture> bad();

// All faults of load() and lint() as sorted "FILE: POINTER: rule".
[[nodiscard]] std::vector<std::string> faults_of(const Files& files);

// The model of schemas without faults; fails the test when there are any.
[[nodiscard]] Model model_of(const Files& files);

}  // namespace loophole::schema::test
