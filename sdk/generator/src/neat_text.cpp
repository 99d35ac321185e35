// JSON for people and for diffs: a value stands on one line where it fits.

#include <optional>

#include "json_schema.hpp"

namespace loophole::schema {
namespace {

constexpr std::size_t kColumns = 140;

// On one line, unless it gets longer than `room`.
bool one_line(const Json& value, std::size_t room, std::string& out) {
  if (value.is_object() && !value.empty()) {
    out += "{ ";
    bool first = true;
    for (const auto& [name, member] : value.items()) {
      if (!first) out += ", ";
      first = false;
      out += Json(name).dump() + ": ";
      if (out.size() > room || !one_line(member, room, out)) return false;
    }
    out += " }";
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      if (out.size() > room || !one_line(value[i], room, out)) return false;
    }
    out += ']';
  } else {
    out += value.dump();
  }
  return out.size() <= room;
}

void write(const Json& value, std::size_t columns, std::size_t indent, std::size_t before, std::size_t after, std::string& out) {
  const std::size_t taken = indent + before + after;
  std::string line;
  if (!value.is_structured() || value.empty() || (taken < columns && one_line(value, columns - taken, line))) {
    out += line.empty() ? value.dump() : line;
    return;
  }
  const std::string inner(indent + 2, ' ');
  out += value.is_object() ? "{\n" : "[\n";
  std::size_t left = value.size();
  for (const auto& [name, member] : value.items()) {
    const std::string key = value.is_object() ? Json(name).dump() + ": " : "";
    --left;
    out += inner + key;
    write(member, columns, indent + 2, key.size(), left > 0 ? 1 : 0, out);
    out += left > 0 ? ",\n" : "\n";
  }
  out += std::string(indent, ' ') + (value.is_object() ? '}' : ']');
}

}  // namespace

std::string neat_text(const Json& value) {
  std::string out;
  // A document is never a line: from column 140 nothing fits in one.
  const bool open = value.is_structured() && !value.empty();
  write(value, kColumns, 0, open ? kColumns : 0, 0, out);
  return out + "\n";
}

std::string neat_value(const Json& value, std::size_t columns, std::size_t indent, std::size_t before) {
  std::string out;
  write(value, columns, indent, before, 0, out);
  return out;
}

}  // namespace loophole::schema
