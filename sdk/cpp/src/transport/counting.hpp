#pragma once
// Private to the transport: what every receiving end does with bytes, whatever carried them.

#include <cstddef>

#include "loophole/core/bytes.hpp"
#include "loophole/transport/control.hpp"

namespace loophole::net {

// Of a message that is too large: enough to find who is to be answered.
inline constexpr std::size_t kOversizedBeginning = 4096;

void count(ReceiveCounters& counters, Bytes bytes) noexcept;

}  // namespace loophole::net
