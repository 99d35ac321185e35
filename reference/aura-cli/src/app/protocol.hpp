#pragma once
// The protocol as this program knows it: protocol/protocol.json and the JSON Schemas of protocol/json-schema, which are compiled into it.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"

namespace loophole::cli {

// [any-thread] Names of all messages, in order.
[[nodiscard]] std::vector<std::string> message_names();
// [any-thread] One line for each message: its name, kind, routes and summary.
[[nodiscard]] std::string list_messages();
// [any-thread] What a message is, for people: fields with types, units and ranges, reply, errors, an example. Error envelope.unknownName
// names what is near.
[[nodiscard]] Result<std::string> describe_message(const std::string& name);
// [any-thread] The JSON Schema of its envelope as a receiver checks it; that of the reply too, where there is one.
[[nodiscard]] Result<nlohmann::ordered_json> message_schema(const std::string& name);

}  // namespace loophole::cli
