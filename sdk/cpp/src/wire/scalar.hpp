#pragma once
// A JSON value that is neither object nor array, as the parser gives it.

#include <cstdint>
#include <string_view>

namespace loophole::wire::detail {

struct Scalar {
  enum class Kind : std::uint8_t { null, boolean, integer, big_integer, number, text };

  Kind kind = Kind::null;
  union {
    bool boolean;
    std::int64_t integer = 0;
    std::uint64_t big_integer;  // above the highest int64
    double number;              // written with a fraction or an exponent, or too large for 64 bits
  };
  std::string_view text;

  [[nodiscard]] static Scalar of_null() noexcept { return {}; }
  [[nodiscard]] static Scalar of(bool value) noexcept {
    Scalar scalar;
    scalar.kind = Kind::boolean;
    scalar.boolean = value;
    return scalar;
  }
  [[nodiscard]] static Scalar of(std::int64_t value) noexcept {
    Scalar scalar;
    scalar.kind = Kind::integer;
    scalar.integer = value;
    return scalar;
  }
  [[nodiscard]] static Scalar of(std::uint64_t value) noexcept {
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return of(static_cast<std::int64_t>(value));
    Scalar scalar;
    scalar.kind = Kind::big_integer;
    scalar.big_integer = value;
    return scalar;
  }
  [[nodiscard]] static Scalar of(double value) noexcept {
    Scalar scalar;
    scalar.kind = Kind::number;
    scalar.number = value;
    return scalar;
  }
  [[nodiscard]] static Scalar of(std::string_view value) noexcept {
    Scalar scalar;
    scalar.kind = Kind::text;
    scalar.text = value;
    return scalar;
  }
};

}  // namespace loophole::wire::detail
