#pragma once
// Private to the session: what two peers agree on in a hello.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/session.hpp"

namespace loophole::session {

// The versions that this SDK speaks, up to 1.`max_minor`.
[[nodiscard]] ProtocolRange own_range(std::uint16_t max_minor) noexcept;

// The version in effect between this side and a peer: equal majors, the lower of both highest minors. Error protocol.versionUnsupported
// with both ranges. `who` names the peer.
[[nodiscard]] Result<ProtocolVersion> agree(const ProtocolRange& own, const ProtocolRange& theirs, std::string_view who);

// Whether this side speaks exactly this version. The same error.
[[nodiscard]] Result<void> accept(const ProtocolRange& own, const ProtocolVersion& offered, std::string_view who);

// Versions as the codec takes them.
[[nodiscard]] wire::Version newest_of(const ProtocolRange& range) noexcept;
[[nodiscard]] wire::Version to_wire(const ProtocolVersion& version) noexcept;

// What both have, in the order of `own`.
[[nodiscard]] std::vector<std::string> common(const std::vector<std::string>& own, const std::vector<std::string>& theirs);

// A limit of the schema's type.
[[nodiscard]] std::int64_t clamped(std::int64_t value, std::int64_t low, std::int64_t high) noexcept;

// "Pulse", "Signal", "Aura": for sentences.
[[nodiscard]] std::string_view seat(Role role) noexcept;

}  // namespace loophole::session
