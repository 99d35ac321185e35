#pragma once
// Case: a small story about one behaviour, told in the words of the specification. Its checks are declared before it runs, so that one
// that was not reached is seen, and one that was never declared is a fault of the suite.

#include <string_view>
#include <vector>

#include "result/result.hpp"

namespace loophole::conformance {

class Trial;

struct Check {
  std::string_view id;  // permanent; "refused"
  std::vector<std::string_view> requirements;
  std::string_view expects;
};

struct Case {
  std::string_view id;  // permanent; "signal.hello.older-major"
  std::string_view title;
  std::string_view steps;
  Level level = Level::required;
  std::vector<Check> checks;
  void (*run)(Trial&) = nullptr;
  bool starts_peer = false;       // needs a peer that the suite starts; cannot run when attached
  std::string_view capability{};  // needs this one; empty: none

  [[nodiscard]] std::string_view role() const { return id.substr(0, id.find('.')); }
};

// Checks that every case has, besides its own.
inline constexpr std::string_view kSpeechCheck = "speech";  // what the peer said, all of it, was as the protocol wants
inline constexpr std::string_view kAliveCheck = "alive";    // the peer did not end in the middle
[[nodiscard]] const std::vector<Check>& common_checks(std::string_view role);

}  // namespace loophole::conformance
