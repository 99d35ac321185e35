#pragma once
// For fuzzers: control.dict, the words of the control plane as libFuzzer and AFL read them, and seeds/<schema>.json, a valid envelope each.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_fuzz(const Model& model);

}  // namespace loophole::schema
