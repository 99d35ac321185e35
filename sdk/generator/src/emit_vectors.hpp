#pragma once
// Golden vectors for conformance/vectors: a few hundred messages and frames as bytes, a file each, and manifest.json that says of each what
// it is and what a receiver must make of it. A choice of what `testdata` has, and bytes that JSON cannot carry.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_vectors(const Model& model);

}  // namespace loophole::schema
