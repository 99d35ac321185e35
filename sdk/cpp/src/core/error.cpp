#include "loophole/core/error.hpp"

#include <cstdio>
#include <cstdlib>

#include "loophole/core/result.hpp"
#include "loophole/core/text.hpp"

namespace loophole {
namespace {
// Of envelope.Error: an error must always be fit to be sent, whatever is quoted in its message.
constexpr std::size_t kMaxMessageLength = 4096;
}  // namespace

Error make_error(const errors::Code& code, std::string message) {
  Error error;
  error.category = code.category;
  error.code = code.text;
  if (message.size() > kMaxMessageLength || !count_code_points(message)) message = printable(message, kMaxMessageLength);
  error.message = std::move(message);
  return error;
}

std::string envelope::to_string(const Error& error) {
  std::string text = error.code + ": " + error.message;
  if (error.pointer && !error.pointer->empty()) text += " (at " + *error.pointer + ")";
  return text;
}

bool envelope::is(const Error& error, const errors::Code& code) noexcept {
  return error.code == code.text;
}

void detail::abort_with(const Error& error) noexcept {
  std::fprintf(stderr, "loophole: value() of a failed result: %s: %s\n", error.code.c_str(), error.message.c_str());
  std::abort();
}

}  // namespace loophole
