#pragma once
// Test data: <domain>.json with valid and invalid instances, for the tests of any decoder. The first lines of each file say what
// its members mean.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_test_data(const Model& model);

}  // namespace loophole::schema
