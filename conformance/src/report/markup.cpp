// JUnit and TAP. Tools that know these take what was skipped for no harm, so the verdict is one more test in both.
#include <algorithm>

#include "report/report.hpp"
#include "report/text.hpp"

namespace loophole::conformance::report {
namespace {

std::string attribute(const char* name, const std::string& value) {
  std::string text = " " + std::string(name) + "=\"";
  for (const char c : escaped(value)) text += c == '\n' ? std::string("&#10;") : std::string(1, c);
  return text + "\"";
}

std::string check_name(const CheckResult& check) {
  return check.id.substr(check.id.find('/') + 1);
}

// Version 13, whose readers refuse a later one; nothing below is otherwise in version 14.
// Of a description or a reason: one line, in which neither a directive nor an escape begins.
std::string tap_text(const std::string& text) {
  std::string out;
  for (const char c : clean(text)) {
    if (c == '#' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string junit(const RunResult& run) {
  const Judgement judged = judge(run);
  const Counts& counts = judged.counts;
  const bool conformant = judged.verdict == Verdict::conformant;
  const auto failures = counts.of(Outcome::failed) + counts.of(Outcome::not_reached) + (conformant ? 0U : 1U);
  const auto skipped = counts.of(Outcome::not_applicable) + counts.of(Outcome::not_run);
  const std::string name = attribute("name", "loophole-conformance " + run.role);
  const std::string numbers = attribute("tests", std::to_string(counts.checks + 1)) + attribute("failures", std::to_string(failures)) +
                              attribute("errors", "0") + attribute("skipped", std::to_string(skipped)) +
                              attribute("time", seconds(run.seconds * 1'000));
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + name + numbers + ">\n<testsuite" + name + numbers + ">\n";
  const auto failure = [](const std::string& type, const std::string& message, const std::string& text) {
    return "<failure" + attribute("type", type) + attribute("message", message) + ">" + escaped(text) + "</failure>";
  };
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks) {
      out += "<testcase" + attribute("classname", one.id) + attribute("name", check_name(check)) +
             attribute("time", seconds(one.ms / static_cast<double>(one.checks.size()))) + ">";
      if (bad(check))
        out += failure(std::string(to_string(check.outcome)), check.expects, story(run, check, one));
      else if (check.outcome != Outcome::passed)
        out += "<skipped" + attribute("message", check.came) + "/>";
      out += "</testcase>\n";
    }
  out += "<testcase" + attribute("classname", run.role) + attribute("name", "verdict") + attribute("time", "0.000") + ">";
  if (!conformant) out += failure(std::string(to_string(judged.verdict)), judged.reason, judged.reason);
  if (!counts.unexpected_passes.empty()) {
    out += "<system-out>";
    for (const std::string& id : counts.unexpected_passes) out += "passed, though it was expected to fail: " + escaped(id) + "\n";
    out += "</system-out>";
  }
  return out + "</testcase>\n</testsuite>\n</testsuites>\n";
}

std::string tap(const RunResult& run) {
  const Judgement judged = judge(run);
  std::string out = "TAP version 13\n1.." + std::to_string(judged.counts.checks + 1) + "\n";
  std::size_t number = 0;
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks) {
      out += (bad(check) ? "not ok " : "ok ") + std::to_string(++number) + " - " + tap_text(check.id);
      if (!bad(check) && check.outcome != Outcome::passed) out += " # SKIP " + tap_text(check.came);
      out += "\n";
      if (!bad(check)) continue;
      out += "  ---\n  message: |\n    ";
      std::string text = clean(story(run, check, one));
      text.pop_back();  // the last end of line
      for (const char c : text) {
        out += c;
        if (c == '\n') out += "    ";
      }
      out += "\n  ...\n";
    }
  for (const std::string& id : judged.counts.unexpected_passes) out += "# passed, though it was expected to fail: " + tap_text(id) + "\n";
  return out + (judged.verdict == Verdict::conformant ? "ok " : "not ok ") + std::to_string(++number) +
         " - verdict: " + std::string(to_string(judged.verdict)) + ", " + tap_text(judged.reason) + "\n";
}

}  // namespace loophole::conformance::report
