#pragma once
// How much slower than it should be this machine is just now. Every deadline is multiplied by it, so that load is not blamed on the peer.

namespace loophole::conformance {

// [any-thread] 1 on a machine at rest, up to 8. Takes a few milliseconds: sleeps that are too long, and a wait for a core.
[[nodiscard]] double measure_noise();

}  // namespace loophole::conformance
