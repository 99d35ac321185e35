#pragma once
// JSON Schemas for other validators: <form>/<message>.json, <form>/<message>.reply.json and <form>/error.json, each complete in itself.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_json_schema(const Model& model);

}  // namespace loophole::schema
