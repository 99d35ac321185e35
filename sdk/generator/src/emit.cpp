#include "emit.hpp"

#include "emit_cpp.hpp"

namespace loophole::schema {

std::span<const EmitterEntry> emitters() {
  static constexpr EmitterEntry kEmitters[] = {
      {"cpp", "C++20: message types, their tables, registry, topology, error codes; frames", &emit_cpp},
  };
  return kEmitters;
}

}  // namespace loophole::schema
