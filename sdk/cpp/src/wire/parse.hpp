#pragma once
// The JSON parser, behind functions for each taker of events. nlohmann/json is seen in parse.cpp only.

#include <cstddef>
#include <optional>
#include <string_view>

#include "envelope_decoder.hpp"
#include "loophole/wire/codec.hpp"
#include "rules.hpp"
#include "salvage_reader.hpp"
#include "tape.hpp"
#include "value_decoder.hpp"

namespace loophole::wire::detail {

// Gives the events of `text` to `sink`. Stops at what is no JSON (rule syntax), at too many bytes (size, before anything is parsed) and
// at too much nesting (depth). What every taker of events may rely on: text is UTF-8, every container ends, numbers are finite.
[[nodiscard]] std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, ValueDecoder& sink);
[[nodiscard]] std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, EnvelopeDecoder& sink);
[[nodiscard]] std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, Tape& sink);
[[nodiscard]] std::optional<Fault> parse(std::string_view text, const DecodeLimits& limits, SalvageReader& sink);

}  // namespace loophole::wire::detail
