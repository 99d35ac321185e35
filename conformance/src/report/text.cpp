#include "report/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "report/report.hpp"

namespace loophole::conformance::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// How many bytes the character at the begin of `text` has; 0: it is none, or none that a document may have.
std::size_t length_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return (first >= 0x20 && first != 0x7F) || first == '\n' || first == '\t' ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || text.size() < length) return 0;
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return 0;
    point = (point << 6U) | (byte(at) & 0x3FU);
  }
  // Below U+00A0 they are control characters, which a terminal may obey.
  const bool shortest = point >= (length == 2 ? 0xA0U : length == 3 ? 0x800U : 0x10000U);
  const bool surrogate = point >= 0xD800U && point <= 0xDFFFU;
  return shortest && !surrogate && point <= 0x10FFFFU && point != 0xFFFEU && point != 0xFFFFU ? length : 0;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = length_of(text);
    out += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : clean(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string seconds(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ms / 1'000);
  return text;
}

bool bad(const CheckResult& check) {
  return check.outcome == Outcome::failed || check.outcome == Outcome::not_reached;
}

std::string expected_because(const RunResult& run, const CheckResult& check) {
  const auto found = std::ranges::find(run.expected, check.id, &Expected::check);
  return found == run.expected.end() ? std::string() : found->reason;
}

std::string story(const RunResult& run, const CheckResult& check, const CaseResult& one) {
  std::string out = "expected: " + check.expects + "\n";
  for (const std::string& id : check.requirements) out += "required: " + requirement_text(id) + "\n";
  out += "came: " + check.came + "\n";
  if (const std::string reason = expected_because(run, check); !reason.empty()) out += "known: " + reason + "\n";
  if (!one.repeat.empty()) out += "again: " + one.repeat + "\n";
  return out;
}

}  // namespace loophole::conformance::report
