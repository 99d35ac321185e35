#pragma once
// What cases of all roles share.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trial/client.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

// Whether `holds` becomes true within the patience for one wait (or `bound`); it may ask questions itself.
[[nodiscard]] bool soon(Trial& t, const std::function<bool()>& holds, std::optional<Milliseconds> bound = {});

// A command with any payload, as text.
[[nodiscard]] std::string command_text(Role origin, Role target, std::string_view id, std::string_view name, std::string_view payload);
// The first `from` becomes `to`.
[[nodiscard]] std::string with(std::string text, std::string_view from, std::string_view to);
// The text of an envelope with blanks before its last brace, until it has this size.
[[nodiscard]] std::string padded(std::string text, std::size_t size);
// A command without payload of its own, nested `depth` deep by a member that nobody knows.
[[nodiscard]] std::string nested(const std::string& command, std::size_t depth);

// Another process of the peer's program, beside the one that runs: until it ends by itself, or for the patience. All else goes on
// meanwhile.
struct OtherRun {
  std::optional<Ended> ended;  // nothing: it did not, and was killed
  std::string text;            // for people
  [[nodiscard]] bool exited(int code) const { return ended && ended->code == code; }
  // It ended by itself and in order, with a code that says that something was wrong. A crash is no refusal.
  [[nodiscard]] bool refused() const { return ended && ended->code.value_or(0) != 0; }
};
[[nodiscard]] OtherRun run_other(Trial& t, const std::vector<std::string>& command, const std::filesystem::path& runtime_folder);

// Says a text and waits for the answer to it.
Answer said(Client& who, const std::string& id, const std::string& text, Meant meant = Meant::valid);

[[nodiscard]] session::CountersReply counters(Client& who);  // the case ends where they are not told
[[nodiscard]] bool lower(const session::CountersReply& before, const session::CountersReply& after);  // whether a counter went down
[[nodiscard]] Milliseconds lease_of(Client& who);

}  // namespace loophole::conformance
