#pragma once
// AsyncAPI 3.0.0 documents, one a role: what a program in that role sends and receives, over which sockets.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_asyncapi(const Model& model);

}  // namespace loophole::schema
