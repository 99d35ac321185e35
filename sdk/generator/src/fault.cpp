#include "fault.hpp"

#include <algorithm>

namespace loophole::schema {

std::string pointer_to(std::string_view parent, std::string_view token) {
  std::string out{parent};
  out += '/';
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string to_line(const Fault& fault) {
  const std::string& pointer = fault.where.pointer;
  return fault.where.file + ": " + (pointer.empty() ? "/" : pointer) + ": " + fault.rule + ": " + fault.message;
}

void sort_faults(Faults& faults) {
  std::ranges::stable_sort(faults, {}, [](const Fault& fault) -> const std::string& { return fault.where.file; });
}

}  // namespace loophole::schema
