#pragma once
// What really happens between a peer of then and one of now: instances that either may send are decoded by the other. Knows nothing of
// the rules of `breaking`.

#include <optional>
#include <string>

#include "peer.hpp"

namespace evolution {

// The first thing that one peer sends and the other refuses or misreads; nothing when they understand each other. Misread means: a member
// that both know, or that is not newer than the version in effect, has another value or another meaning when it is absent.
[[nodiscard]] std::optional<std::string> observe(const Peer& then, const Peer& now);

}  // namespace evolution
