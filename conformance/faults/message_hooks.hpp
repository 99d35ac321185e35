#pragma once
// Hooks that look into control messages.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "fault.hpp"

namespace loophole::conformance::faults {

using Json = nlohmann::ordered_json;

// A hook that changes messages for which `change` says so.
[[nodiscard]] Hook edit(std::function<bool(Json&)> change);
// What passes may be anything, so no member is trusted to be a text.
[[nodiscard]] std::string member(const Json& message, const char* name);
[[nodiscard]] bool is(const Json& message, std::string_view kind, std::string_view name);
[[nodiscard]] bool has_code(const Json& message, std::string_view code);
[[nodiscard]] bool command(const Json& message, std::string_view name);
// The text as JSON; null where it is none, or no object.
[[nodiscard]] Json parsed(const std::string& text);
// A hook that sees what `see` wants to remember, and changes nothing.
[[nodiscard]] Hook watch(std::function<void(const Json&)> see);
// The text of an event, or of an error that answers a command.
[[nodiscard]] std::string event_text(std::string_view id, std::string_view from, std::string_view to, std::string_view name,
                                     const Json& payload);
[[nodiscard]] std::string refusal_text(const Json& command, std::string_view code, std::string_view category);
// Messages of this kind and name are swallowed.
[[nodiscard]] Hook swallow(std::string kind, std::string name);

}  // namespace loophole::conformance::faults
