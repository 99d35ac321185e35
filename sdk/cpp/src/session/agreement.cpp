#include "agreement.hpp"

#include <algorithm>

#include "loophole/messages/registry.hpp"

namespace loophole::session {
namespace {

std::string text(const ProtocolRange& range) {
  std::string written = std::to_string(range.major);
  written += '.';
  written += std::to_string(range.min_minor);
  if (range.max_minor != range.min_minor) {
    written += " to ";
    written += std::to_string(range.major);
    written += '.';
    written += std::to_string(range.max_minor);
  }
  return written;
}

Error unsupported(const ProtocolRange& own, const ProtocolRange& theirs, std::string_view who) {
  const bool theirs_is_older = theirs.major < own.major || (theirs.major == own.major && theirs.max_minor < own.min_minor);
  std::string message(who);
  message += " speaks protocol ";
  message += text(theirs);
  message += ", this side speaks ";
  message += text(own);
  message += theirs_is_older ? "; update that program" : "; update this program";
  return make_error(errors::kProtocolVersionUnsupported, std::move(message));
}

}  // namespace

ProtocolRange own_range(std::uint16_t max_minor) noexcept {
  return {.major = wire::kProtocolMajor,
          .min_minor = wire::kProtocolMinMinor,
          .max_minor = std::clamp(max_minor, wire::kProtocolMinMinor, wire::kProtocolMinor)};
}

Result<ProtocolVersion> agree(const ProtocolRange& own, const ProtocolRange& theirs, std::string_view who) {
  const std::int64_t minor = std::min(own.max_minor, theirs.max_minor);
  if (theirs.major != own.major || minor < own.min_minor || minor < theirs.min_minor) return unsupported(own, theirs, who);
  return ProtocolVersion{.major = own.major, .minor = minor};
}

Result<void> accept(const ProtocolRange& own, const ProtocolVersion& offered, std::string_view who) {
  if (offered.major == own.major && offered.minor >= own.min_minor && offered.minor <= own.max_minor) return {};
  return unsupported(own, {.major = offered.major, .min_minor = offered.minor, .max_minor = offered.minor}, who);
}

wire::Version newest_of(const ProtocolRange& range) noexcept {
  return {static_cast<std::uint16_t>(range.major), static_cast<std::uint16_t>(range.max_minor)};
}

wire::Version to_wire(const ProtocolVersion& version) noexcept {
  return {static_cast<std::uint16_t>(version.major), static_cast<std::uint16_t>(version.minor)};
}

std::vector<std::string> common(const std::vector<std::string>& own, const std::vector<std::string>& theirs) {
  std::vector<std::string> both;
  for (const std::string& capability : own)
    if (std::find(theirs.begin(), theirs.end(), capability) != theirs.end()) both.push_back(capability);
  return both;
}

std::int64_t clamped(std::int64_t value, std::int64_t low, std::int64_t high) noexcept {
  return std::clamp(value, low, high);
}

std::string_view seat(Role role) noexcept {
  switch (role) {
    case Role::aura:
      return "Aura";
    case Role::pulse:
      return "Pulse";
    case Role::signal:
      return "Signal";
  }
  return "the peer";
}

}  // namespace loophole::session
