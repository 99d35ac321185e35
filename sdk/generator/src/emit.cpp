#include "emit.hpp"

#include "canonical.hpp"
#include "emit_asyncapi.hpp"
#include "emit_cpp.hpp"
#include "emit_fuzz.hpp"
#include "emit_json_schema.hpp"
#include "emit_markdown.hpp"
#include "emit_test_data.hpp"
#include "emit_vectors.hpp"

namespace loophole::schema {
namespace {

std::vector<OutputFile> emit_model(const Model& model) {
  return {{"protocol.json", canonical_text(model)}};
}

}  // namespace

// A new emitter joins by a line here: `generate` knows it, and `publish` keeps its files where the last column says.
std::span<const EmitterEntry> emitters() {
  static constexpr EmitterEntry kEmitters[] = {
      {"cpp", "C++20: message types, their tables, registry, topology, error codes; frames", &emit_cpp},
      {"model", "the compiled model as sorted JSON, with its fingerprint", &emit_model, "."},
      {"markdown", "reference pages: domains, errors, topology, frames", &emit_markdown, "reference"},
      {"asyncapi", "AsyncAPI 3.0.0, one document a role", &emit_asyncapi, "asyncapi"},
      {"jsonschema", "JSON Schema 2020-12: one file for each message and reply, in a sender's and a receiver's form", &emit_json_schema,
       "json-schema"},
      {"testdata", "instances of every message, valid and invalid, with the fault that a receiver must find", &emit_test_data, "test-data"},
      {"fuzz", "a dictionary for fuzzers of the control plane, and a valid envelope of every message as seed", &emit_fuzz},
      {"vectors", "golden vectors of all planes, a file each, with a manifest", &emit_vectors},
  };
  return kEmitters;
}

}  // namespace loophole::schema
