#pragma once
// Whether what a live view shows is what is. Levels that stand still and levels that no longer come look the same.

#include <chrono>
#include <optional>
#include <string>

#include "loophole/aura.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

// For views of Telemetry: what came last stays on the screen, dimmed.
inline constexpr std::chrono::nanoseconds kAnyAge = std::chrono::nanoseconds::max();

// [any-thread] "nothing new for 3.2 s".
[[nodiscard]] std::string age_text(std::chrono::duration<double> age);

// [owner-thread] What is wrong with a view of this topic: no Pulse, no engine, no frame yet, or old ones. Empty: nothing.
[[nodiscard]] std::string trouble(aura::Client& client, aura::Telemetry::Topic topic);

// [any-thread] "▶ 01:02.345"; empty where there is no frame.
[[nodiscard]] std::string position_text(const std::optional<aura::TransportView>& transport, const TerminalTraits& traits);

// [owner-thread] How a view begins: what is wrong with it, if anything is, and the position.
[[nodiscard]] std::string head_text(aura::Client& client, const std::string& wrong, const TerminalTraits& traits);

}  // namespace loophole::cli
