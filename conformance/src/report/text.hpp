#pragma once
// What the reports have in common: text that may stand in a document, whatever a peer sent, and words on a check.

#include <string>
#include <string_view>

#include "result/result.hpp"

namespace loophole::conformance::report {

// [any-thread] Valid UTF-8 that XML 1.0 may have, and a terminal prints: bytes that are none, and control characters, become U+FFFD.
[[nodiscard]] std::string clean(std::string_view text);
// [any-thread] As clean(), with the marks of XML and HTML written as names. Good between tags and in attributes.
[[nodiscard]] std::string escaped(std::string_view text);

// [any-thread] Seconds, with three digits behind the point.
[[nodiscard]] std::string seconds(double ms);

[[nodiscard]] bool bad(const CheckResult& check);  // [any-thread]
// [any-thread] The vendor's reason why this check is expected to fail; empty: it is not.
[[nodiscard]] std::string expected_because(const RunResult& run, const CheckResult& check);
// [any-thread] What is expected, what the specification says and where, what came, and the command that repeats it; a line each.
[[nodiscard]] std::string story(const RunResult& run, const CheckResult& check, const CaseResult& one);

}  // namespace loophole::conformance::report
