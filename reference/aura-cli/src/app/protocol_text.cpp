#include "app/protocol_text.hpp"

// The assembler reads the files: a string literal of this size is beyond what the language promises, and takes the compiler a while.
#define LOOPHOLE_EMBED(symbol, file)                   \
  asm(".section .rodata, \"a\"\n" #symbol              \
      "_begin:\n"                                      \
      ".incbin \"" file "\"\n" #symbol                 \
      "_end:\n"                                        \
      ".byte 0\n.previous\n");                         \
  extern "C" const char symbol##_begin[] /* NOLINT */; \
  extern "C" const char symbol##_end[] /* NOLINT */

LOOPHOLE_EMBED(loophole_protocol_json, LOOPHOLE_PROTOCOL_JSON);
LOOPHOLE_EMBED(loophole_json_schemas, LOOPHOLE_JSON_SCHEMAS);

namespace loophole::cli {

std::string_view protocol_json() noexcept {
  return {loophole_protocol_json_begin, loophole_protocol_json_end};
}

std::string_view json_schemas_json() noexcept {
  return {loophole_json_schemas_begin, loophole_json_schemas_end};
}

}  // namespace loophole::cli
