#pragma once
// Reports, all of the same result: [any-thread] pure functions from a RunResult to text.

#include <optional>
#include <string>

#include "result/result.hpp"

namespace loophole::conformance::report {

struct Colours {
  bool on = false;
};

// For people: failures with what was sent, what is required and where, what came, and the command that repeats the case.
[[nodiscard]] std::string terminal_case(const CaseResult& result, Colours colours);
[[nodiscard]] std::string terminal_end(const RunResult& run, Colours colours);

[[nodiscard]] std::string json(const RunResult& run);
[[nodiscard]] std::string junit(const RunResult& run);
[[nodiscard]] std::string tap(const RunResult& run);
[[nodiscard]] std::string html(const RunResult& run);
// For README files: the form that shields.io reads, and a picture. Green for `conformant` alone.
[[nodiscard]] std::string badge_json(const RunResult& run);
[[nodiscard]] std::string badge_svg(const RunResult& run);

// A report that json() made. Nothing for anything else; `error` says why.
[[nodiscard]] std::optional<RunResult> parse_json(const std::string& text, std::string& error);

// One case of such a report, and back; nothing for anything else.
[[nodiscard]] std::string case_json(const CaseResult& one);
[[nodiscard]] std::optional<CaseResult> parse_case(const std::string& text);

// "CLAUSE (place): MUST text" for an id of the register.
[[nodiscard]] std::string requirement_text(const std::string& id);

}  // namespace loophole::conformance::report
