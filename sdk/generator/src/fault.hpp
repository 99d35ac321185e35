#pragma once
// Fault: one thing that is wrong in schemas/. All are collected, none stops the others.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loophole::schema {

// A place in schemas/. For .fbs files the pointer is /Table or /Table/field.
struct Where {
  std::string file;     // relative to the folder of the schemas
  std::string pointer;  // JSON pointer (RFC 6901)
};

struct Fault {
  Where where;
  std::string rule;     // "string-bound"
  std::string message;  // what is wrong and what to do
};

using Faults = std::vector<Fault>;

// RFC 6901: appends one reference token to a pointer.
[[nodiscard]] std::string pointer_to(std::string_view parent, std::string_view token);

// "FILE: POINTER: rule: message"; the pointer of a whole file is written as /.
[[nodiscard]] std::string to_line(const Fault& fault);

// By file, then in the order of discovery.
void sort_faults(Faults& faults);

}  // namespace loophole::schema
