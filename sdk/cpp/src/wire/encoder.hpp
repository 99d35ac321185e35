#pragma once
// Encoder: a typed C++ value in, compact JSON out, validated by the same rules as on the way in.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules.hpp"

namespace loophole::wire::detail {

class Encoder {
 public:
  // Appends to `out`. Pointers in faults begin with `prefix`; `depth`: containers that are open around the value.
  explicit Encoder(std::string& out, std::string_view prefix = {}, std::size_t depth = 0) : out_(out), prefix_(prefix), depth_(depth) {}

  // False: see fault(); `out` then ends somewhere inside the value.
  [[nodiscard]] bool value(const TypeDesc& type, const void* value);
  // The members of an object without its braces.
  [[nodiscard]] bool members(const TypeDesc& type, const void* object);

  [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

 private:
  bool leaf(const TypeDesc& type, const void* value);
  bool text(const TypeDesc& type, std::string_view text);
  bool object(const TypeDesc& type, const void* object, std::string_view tag);
  bool array(const TypeDesc& type, const void* vector);
  bool map(const TypeDesc& type, const void* map);
  bool member(const FieldDesc& field, const void* object, bool& first);
  bool enter();
  void begin_member(std::string_view name, bool& first);
  bool fail(std::string_view rule, std::string expected, std::string found);
  bool fail(const TypeDesc& type, std::string_view rule, std::string found) {
    return fail(rule, expected_by(type, rule), std::move(found));
  }

  std::string& out_;
  std::string_view prefix_;
  std::size_t depth_;
  std::vector<std::variant<std::string_view, std::size_t>> path_;
  Fault fault_;
};

}  // namespace loophole::wire::detail
