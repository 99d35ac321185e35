#include "loophole/wire/topic.hpp"

#include <algorithm>
#include <charconv>

namespace loophole::wire {
namespace {

using frames::FrameKind;

constexpr std::size_t kRateDigits = 3;
constexpr std::uint16_t kMaxRateHz = 240;

// A number in decimal digits and nothing else, without leading zeros unless it has a fixed width.
template <class T>
std::optional<T> number(std::string_view digits) noexcept {
  T value = 0;
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value == 0) return std::nullopt;
  return value;
}

std::string_view name_of(FrameKind kind) noexcept {
  switch (kind) {
    case FrameKind::meters:
      return topic::kMeters;
    case FrameKind::transport_position:
      return topic::kTransport;
    case FrameKind::engine_stats:
      return topic::kStats;
    case FrameKind::spectrum:
      return topic::kSpectrum;
    default:
      return {};
  }
}

}  // namespace

std::optional<Topic> Topic::parse(std::string_view text) noexcept {
  Topic topic;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    const std::string_view digits = text.substr(at + 1);
    const auto rate = digits.size() == kRateDigits ? number<std::uint16_t>(digits) : std::nullopt;
    if (!rate || *rate > kMaxRateHz) return std::nullopt;
    topic.rate_hz = *rate;
    text = text.substr(0, at);
  }
  for (const FrameKind kind : {FrameKind::meters, FrameKind::transport_position, FrameKind::engine_stats})
    if (text == name_of(kind)) topic.kind = kind;
  if (text.starts_with(topic::kSpectrum)) {
    const std::string_view digits = text.substr(topic::kSpectrum.size());
    const auto handle = digits.starts_with('0') ? std::nullopt : number<std::uint32_t>(digits);
    if (!handle) return std::nullopt;
    topic.kind = FrameKind::spectrum;
    topic.handle = *handle;
  }
  return topic.kind == FrameKind::unknown ? std::nullopt : std::optional(topic);
}

std::string Topic::text() const {
  std::string out(name_of(kind));
  if (out.empty() || rate_hz > kMaxRateHz || (kind == FrameKind::spectrum) != (handle != 0)) return {};
  if (kind == FrameKind::spectrum) out += std::to_string(handle);
  if (rate_hz == 0) return out;
  const std::string digits = std::to_string(rate_hz);
  return out + "@" + std::string(kRateDigits - digits.size(), '0') + digits;
}

}  // namespace loophole::wire
