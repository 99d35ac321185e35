#pragma once
// Spellings: how a name on the wire becomes a name in C++, and which names are allowed so that this can be undone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::schema {

// "trackId"; each capital begins a word and is followed by a small letter or digit, so that snake_case maps back.
[[nodiscard]] bool is_lower_camel(std::string_view name);
// "TrackId".
[[nodiscard]] bool is_pascal(std::string_view name);
// "time_ns".
[[nodiscard]] bool is_snake(std::string_view name);
// Two or more lowerCamel segments: "parameter.gesture.begin".
[[nodiscard]] bool is_dotted(std::string_view name);

// "trackId" -> "track_id"; the inverse of lower_camel().
[[nodiscard]] std::string snake(std::string_view lower_camel);
// "gesture.begin" -> "GestureBegin", "engineLost" -> "EngineLost".
[[nodiscard]] std::string pascal(std::string_view dotted);
// "track_id" -> "trackId".
[[nodiscard]] std::string lower_camel(std::string_view snake);

// "parameter.gesture.begin" -> "GestureBegin": the type of a message inside its domain.
[[nodiscard]] std::string message_type(std::string_view message);
// "track.add" -> "track".
[[nodiscard]] std::string domain_of(std::string_view dotted);
// "track.notFound" -> "kTrackNotFound".
[[nodiscard]] std::string constant(std::string_view dotted);

// " Did you mean 'gain'?" where one of `known` is spelled much like `name`; else nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

[[nodiscard]] bool is_cpp_keyword(std::string_view name);
// The enumerator of a label: snake_case, with a trailing underscore where C++ has the word ("float" -> "float_").
[[nodiscard]] std::string enumerator(std::string_view label);

// The unit suffix of a field's name: "positionFrames" -> "Frames"; empty when it has none of the closed list.
[[nodiscard]] std::string_view unit_suffix(std::string_view lower_camel);
// Whether `unit` is of the closed list: the suffixes and "Parameter".
[[nodiscard]] bool is_unit(std::string_view unit);

// Characters allowed by a pattern of the form ^[CLASS]+$, in ASCII order; nothing for any other form.
[[nodiscard]] std::optional<std::string> alphabet(std::string_view pattern);

}  // namespace loophole::schema
