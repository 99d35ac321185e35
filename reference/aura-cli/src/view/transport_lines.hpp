#pragma once
// The transport for a terminal: position, beat, tempo, and where in the loop it is. Pure: a frame comes in, lines come out.

#include <optional>
#include <string>
#include <vector>

#include "loophole/aura/telemetry.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

// [any-thread] "01:02.345"; rounded down, so that it is never ahead.
[[nodiscard]] std::string clock_text(double seconds);

// [any-thread] `missing`: frames that sequence numbers show as lost. Nothing where there is no frame.
[[nodiscard]] std::vector<std::string> transport_lines(const std::optional<aura::TransportView>& transport, std::uint64_t missing,
                                                       const TerminalTraits& traits);
// [any-thread] One plain line; empty where there is no frame.
[[nodiscard]] std::string transport_summary(const std::optional<aura::TransportView>& transport);

}  // namespace loophole::cli
