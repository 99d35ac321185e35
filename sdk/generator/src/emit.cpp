#include "emit.hpp"

#include "emit_cpp.hpp"
#include "emit_fuzz.hpp"
#include "emit_json_schema.hpp"
#include "emit_test_data.hpp"

namespace loophole::schema {

std::span<const EmitterEntry> emitters() {
  static constexpr EmitterEntry kEmitters[] = {
      {"cpp", "C++20: message types, their tables, registry, topology, error codes", &emit_cpp},
      {"jsonschema", "JSON Schema 2020-12: one file for each message and reply, in a sender's and a receiver's form", &emit_json_schema},
      {"testdata", "instances of every message, valid and invalid, with the fault that a receiver must find", &emit_test_data},
      {"fuzz", "a dictionary for fuzzers of the control plane, and a valid envelope of every message as seed", &emit_fuzz},
  };
  return kEmitters;
}

}  // namespace loophole::schema
