#pragma once
// Encoder: a typed C++ value in, compact JSON out, validated by the same rules as on the way in.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules.hpp"

namespace loophole::wire::detail {

// For whom a value is written.
struct Audience {
  enum class Newer : std::uint8_t {
    refuse,    // who asks means what he asks
    leave_out  // who reads could not know it
  };
  Version effective{UINT16_MAX, UINT16_MAX};  // files have all that there is
  Newer newer = Newer::refuse;
};

class Encoder {
 public:
  // Appends to `out`. Pointers in faults begin with `prefix`; `depth`: containers that are open around the value.
  explicit Encoder(std::string& out, Audience audience = {}, std::string_view prefix = {}, std::size_t depth = 0)
      : out_(out), audience_(audience), prefix_(prefix), depth_(depth) {}

  // False: see fault(); `out` then ends somewhere inside the value.
  [[nodiscard]] bool value(const TypeDesc& type, const void* value);
  // The members of an object without its braces.
  [[nodiscard]] bool members(const TypeDesc& type, const void* object);

  [[nodiscard]] const Fault& fault() const noexcept { return fault_; }
  // Members and labels that the value goes without.
  [[nodiscard]] std::size_t withheld() const noexcept { return withheld_; }

 private:
  bool leaf(const TypeDesc& type, const void* value);
  bool text(const TypeDesc& type, std::string_view text);
  bool label(const TypeDesc& type, std::size_t index);
  bool object(const TypeDesc& type, const void* object, std::string_view tag);
  bool array(const TypeDesc& type, const void* vector);
  bool map(const TypeDesc& type, const void* map);
  bool member(const FieldDesc& field, const void* object, bool& first);
  // What came after the version in effect; never the case between peers of one version.
  bool newer_member(const FieldDesc& field, const void* object);
  bool newer(std::string_view what, Version since);
  bool enter();
  void begin_member(std::string_view name, bool& first);
  [[nodiscard]] std::string pointer() const;
  bool fail(std::string_view rule, std::string expected, std::string found);
  bool fail(const TypeDesc& type, std::string_view rule, std::string found) {
    return fail(rule, expected_by(type, rule), std::move(found));
  }

  std::string& out_;
  Audience audience_;
  std::size_t withheld_ = 0;
  std::string_view prefix_;
  std::size_t depth_;
  std::vector<std::variant<std::string_view, std::size_t>> path_;
  Fault fault_;
};

}  // namespace loophole::wire::detail
