#pragma once
// Error: why something failed. One type on the wire and in the API, generated from schemas/control/envelope.schema.json;
// codes come from the register schemas/errors.json (loophole/messages/errors.hpp has a constant for each).

#include <string>
#include <string_view>

#include "loophole/messages/envelope.hpp"
#include "loophole/messages/errors.hpp"

namespace loophole {

using Error = envelope::Error;        // of every function that can fail
using Category = envelope::Category;  // what the caller does about an error

// [any-thread] An Error of the register; `message` names the thing at fault and says what to do.
[[nodiscard]] Error make_error(const errors::Code& code, std::string message);

namespace envelope {  // where Error lives: user code says to_string(error) and is(error, …), with no namespace before it

// [any-thread] "parameter.outOfRange: cutoff must be … (at /value)", for terminals and logs.
[[nodiscard]] std::string to_string(const Error& error);

// [any-thread] Whether an error has this code of the register.
[[nodiscard]] bool is(const Error& error, const errors::Code& code) noexcept;

}  // namespace envelope
using envelope::is;
using envelope::to_string;

}  // namespace loophole
