#pragma once
// Files of protocol/, compiled in.

#include <string_view>

namespace loophole::cli {

[[nodiscard]] std::string_view protocol_json() noexcept;      // protocol/protocol.json
[[nodiscard]] std::string_view json_schemas_json() noexcept;  // an object: "track.add", "track.add.reply", … and the schema of each

}  // namespace loophole::cli
