#pragma once
// The commands of the protocol and the words for them: one table. Whatever Aura may send to Pulse is in it; a test compares it with the
// registry of messages.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/errand.hpp"

namespace loophole::cli {

struct CommandWord {
  std::string_view name;  // "track.add"
  std::string_view word;  // "track add": the command of aura-cli that sends it
  // Sends the command with a payload as JSON and waits for its reply as JSON. Errors: payload.invalid with a pointer into the payload,
  // what the command is refused with, session.cancelled after Ctrl-C.
  Result<std::string> (*call)(Errand& errand, std::string_view payload, const Options& options);
  // The same by a client, without waiting: `on_answer` is called from its poll(). Errors: payload.invalid, and it is not called.
  Result<void> (*send)(aura::Client& client, std::string_view payload, std::function<void(Result<std::string>)> on_answer);
};

// [any-thread] By name.
[[nodiscard]] std::span<const CommandWord> command_words() noexcept;
// [any-thread] nullptr: no command of this name.
[[nodiscard]] const CommandWord* find_command(std::string_view name) noexcept;

// [any-thread] Those of `names` that a mistyped one may have meant, likeliest first, at most five.
[[nodiscard]] std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& names);
// [any-thread] "; did you mean track.add?", or where nothing is near who lists the messages.
[[nodiscard]] std::string did_you_mean(std::string_view name, const std::vector<std::string>& names);

}  // namespace loophole::cli
