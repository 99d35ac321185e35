#pragma once
// Result<T>: a value or an Error. What can fail in normal life returns one; nothing in the SDK throws across its API.
//
//   Result<Track> found = find(id);
//   if (!found) return found.error();          // an Error converts to any Result
//   use(*found);
//   auto sure = find(id).value();              // for programs that cannot go on: prints the error and aborts
//
// Would-block is not an error: functions that may have nothing to give return Result<std::optional<T>>.

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "loophole/core/error.hpp"

namespace loophole {

namespace detail {
[[noreturn]] void abort_with(const Error& error) noexcept;  // prints code and message to stderr first
}

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;  // what it has where it went well

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // it went well
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // it did not

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }  // whether it went well
  explicit operator bool() const noexcept { return has_value(); }                // the same

  // The value. Aborts with the error's message when there is none.
  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }

  // The value; there must be one.
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  // The error; there must be one.
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  T& checked() {
    if (!has_value()) detail::abort_with(error());
    return **this;
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (error_) detail::abort_with(*error_);
  }
  [[nodiscard]] const Error& error() const& noexcept { return *error_; }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace loophole
