#include "emit.hpp"

#include "emit_cpp.hpp"
#include "emit_json_schema.hpp"

namespace loophole::schema {

std::span<const EmitterEntry> emitters() {
  static constexpr EmitterEntry kEmitters[] = {
      {"cpp", "C++20: message types, their tables, registry, topology, error codes", &emit_cpp},
      {"jsonschema", "JSON Schema 2020-12: one file for each message and reply, in a sender's and a receiver's form", &emit_json_schema},
  };
  return kEmitters;
}

}  // namespace loophole::schema
