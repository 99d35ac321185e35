#include <algorithm>
#include <cstdio>

#include "register/requirements.hpp"
#include "report/report.hpp"
#include "report/text.hpp"

namespace loophole::conformance::report {
namespace {

constexpr std::size_t kEntriesShown = 8;

std::string indented(const std::string& text, const std::string& by) {
  std::string out = by;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

std::string painted(const std::string& text, const char* colour, Colours colours) {
  return colours.on ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
}

std::string rounded(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

}  // namespace

std::string requirement_text(const std::string& id) {
  const Requirement* requirement = find_requirement(id);
  if (requirement == nullptr) return id;
  return id + " (protocol/" + requirement->place + "): " + requirement->text;
}

std::string terminal_case(const CaseResult& result, Colours colours) {
  const bool failed = std::ranges::any_of(result.checks, bad);
  const auto passed = static_cast<std::size_t>(std::ranges::count(result.checks, Outcome::passed, &CheckResult::outcome));
  const bool ran = std::ranges::any_of(result.checks, [](const CheckResult& check) { return check.outcome < Outcome::not_applicable; });
  if (!ran) return {};
  std::string out = failed ? painted("FAIL", "31", colours) : painted("pass", "32", colours);
  out += "  " + result.id + "  " + std::to_string(passed) + "/" + std::to_string(result.checks.size()) + "  " + rounded(result.ms / 1'000) +
         " s\n";
  if (result.suite_fault) out += indented("fault of the suite: " + *result.suite_fault, "      ") + "\n";
  if (!failed) return out;
  for (const CheckResult& check : result.checks) {
    if (!bad(check)) continue;
    out += "  " + painted(check.outcome == Outcome::failed ? "failed" : "not reached", "31", colours) + "  " + check.id + "\n";
    out += "      expected: " + check.expects + "\n";
    if (check.outcome == Outcome::failed)
      for (const std::string& id : check.requirements) out += "      required: " + requirement_text(id) + "\n";
    out += indented("came: " + clean(check.came), "      ") + "\n";
  }
  out += "      what was sent and what came, the newest last:\n";
  const std::size_t from = result.transcript.size() > kEntriesShown ? result.transcript.size() - kEntriesShown : 0;
  for (std::size_t i = from; i < result.transcript.size(); ++i) {
    const Entry& entry = result.transcript[i];
    const std::string text = entry.text.size() > 400 ? clean(entry.text.substr(0, 400)) + "…" : clean(entry.text);
    out += "        " + rounded(entry.at_ms) + " ms " + entry.who + " " + entry.way + (entry.wrong ? " (wrong on purpose)" : "") + ": " +
           text + "\n";
    if (!entry.fault.empty()) out += "          ^ " + clean(entry.fault) + "\n";
  }
  if (!result.output.empty()) {
    const std::string tail = result.output.size() > 600 ? "…" + result.output.substr(result.output.size() - 600) : result.output;
    out += "      the peer wrote:\n" + indented(clean(tail), "        ") + "\n";
  }
  out += "      again, this case alone: " + result.repeat + "\n";
  return out;
}

std::string terminal_end(const RunResult& run, Colours colours) {
  const Judgement judged = judge(run);
  const Counts& counts = judged.counts;
  std::string out = "\n";
  for (const CaseResult& one : run.cases) {
    const bool aside = std::ranges::all_of(one.checks, [](const CheckResult& check) { return check.outcome == Outcome::not_applicable; });
    if (aside && !one.checks.empty()) out += "not applicable: " + one.id + " (" + one.checks.front().came + ")\n";
  }
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks)
      if (const std::string reason = expected_because(run, check); bad(check) && !reason.empty())
        out += "known failure: " + check.id + " (" + reason + ")\n";
  for (const std::string& id : counts.unexpected_passes) out += "passed, though it was expected to fail: " + id + "\n";
  out += std::to_string(counts.cases) + " cases, " + std::to_string(counts.checks) + " checks:";
  for (std::size_t i = 0; i < kOutcomes.size(); ++i)
    if (counts.by_outcome[i] > 0) out += " " + std::to_string(counts.by_outcome[i]) + " " + std::string(kOutcomes[i]);
  if (counts.expected_failures > 0) out += " (" + std::to_string(counts.expected_failures) + " of the failures expected)";
  out += "; " + rounded(run.seconds) + " s, noise " + rounded(run.noise) + "\n";
  const bool good = judged.verdict == Verdict::conformant;
  out += painted(std::string(to_string(judged.verdict)), good ? "1;32" : "1;31", colours) + ": " + judged.reason + "\n";
  return out;
}

}  // namespace loophole::conformance::report
