// JUnit, TAP and HTML.
#include <algorithm>
#include <cstdio>

#include "report/report.hpp"

namespace loophole::conformance::report {
namespace {

// For XML 1.0 and HTML: marks are escaped, and what may not be in a document at all becomes a question mark.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
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
        out += static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string seconds(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ms / 1'000);
  return text;
}

std::string story(const CheckResult& check, const CaseResult& one) {
  std::string out = "expected: " + check.expects + "\n";
  for (const std::string& id : check.requirements) out += "required: " + requirement_text(id) + "\n";
  out += "came: " + check.came + "\n";
  if (!one.repeat.empty()) out += "again: " + one.repeat + "\n";
  return out;
}

bool bad(const CheckResult& check) {
  return check.outcome == Outcome::failed || check.outcome == Outcome::not_reached;
}

}  // namespace

std::string junit(const RunResult& run) {
  const Judgement judged = judge(run);
  const Counts& counts = judged.counts;
  const auto failures = counts.of(Outcome::failed) + counts.of(Outcome::not_reached);
  const auto skipped = counts.of(Outcome::not_applicable) + counts.of(Outcome::not_run);
  const std::string numbers = " tests=\"" + std::to_string(counts.checks + 1) + "\" skipped=\"" + std::to_string(skipped) + "\" time=\"" +
                              seconds(run.seconds * 1'000) + "\"";
  const bool conformant = judged.verdict == Verdict::conformant;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"loophole-conformance " + run.role +
                    "\" failures=\"" + std::to_string(failures + (conformant ? 0 : 1)) + "\"" + numbers + ">\n";
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks) {
      const std::string name = check.id.substr(check.id.find('/') + 1);
      out += "<testcase classname=\"" + escaped(one.id) + "\" name=\"" + escaped(name) + "\" time=\"" +
             seconds(one.ms / static_cast<double>(one.checks.size())) + "\">";
      if (bad(check))
        out += "<failure message=\"" + escaped(check.expects) + "\">" + escaped(story(check, one)) + "</failure>";
      else if (check.outcome != Outcome::passed)
        out += "<skipped message=\"" + escaped(check.came) + "\"/>";
      out += "</testcase>\n";
    }
  // Tools that know JUnit take what was skipped for no harm; the verdict is a test of its own so that they do not.
  out += "<testcase classname=\"" + escaped(run.role) + "\" name=\"verdict\" time=\"0.000\">";
  if (!conformant)
    out += "<failure message=\"" + escaped(std::string(to_string(judged.verdict))) + "\">" + escaped(judged.reason) + "</failure>";
  return out + "</testcase>\n</testsuite>\n</testsuites>\n";
}

std::string tap(const RunResult& run) {
  const Judgement judged = judge(run);
  std::string out = "TAP version 13\n1.." + std::to_string(judged.counts.checks + 1) + "\n";
  std::size_t number = 0;
  const auto one_line = [](std::string text) {
    std::ranges::replace(text, '\n', ' ');
    std::ranges::replace(text, '#', ' ');
    return text;
  };
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks) {
      out += (bad(check) ? "not ok " : "ok ") + std::to_string(++number) + " " + check.id;
      if (!bad(check) && check.outcome != Outcome::passed) out += " # SKIP " + one_line(check.came);
      out += "\n";
      if (bad(check)) {
        out += "  ---\n  message: |\n    ";
        for (const char c : story(check, one)) {
          out += c;
          if (c == '\n') out += "    ";
        }
        out += "\n  ...\n";
      }
    }
  const bool conformant = judged.verdict == Verdict::conformant;
  return out + (conformant ? "ok " : "not ok ") + std::to_string(++number) + " verdict: " + std::string(to_string(judged.verdict)) + ", " +
         one_line(judged.reason) + "\n";
}

std::string html(const RunResult& run) {
  const Judgement judged = judge(run);
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>loophole-conformance " + run.role +
      "</title>\n<style>body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}code,pre{font:13px "
      "ui-monospace,monospace}"
      "pre{white-space:pre-wrap;word-break:break-all;margin:.2em 0}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid "
      "#ddd;"
      "padding:.25em .5em;text-align:left;vertical-align:top}.passed{color:#176b2c}.failed,.notReached{color:#b00020;font-weight:600}"
      ".notApplicable,.notRun{color:#777}details{margin:.4em 0}summary{cursor:pointer}.sent{background:#f3f6ff}.wrong{background:#fff3e0}"
      ".fault{color:#b00020}</style></head><body>\n";
  out += "<h1>" + escaped(run.role) + ": <span class=\"" + (judged.verdict == Verdict::conformant ? "passed" : "failed") + "\">" +
         std::string(to_string(judged.verdict)) + "</span></h1>\n<p>" + escaped(judged.reason) + ". Level " +
         std::string(to_string(run.level)) + ", protocol " + run.protocol + ", suite " + escaped(run.suite_version) +
         "; the peer calls itself " + escaped(run.peer_software) + ".</p>\n<p><code>";
  for (const std::string& word : run.command) out += escaped(word) + " ";
  out += "</code></p>\n<p>" + std::to_string(judged.counts.cases) + " cases, " + std::to_string(judged.counts.checks) + " checks:";
  for (std::size_t i = 0; i < kOutcomes.size(); ++i)
    out += " <span class=\"" + std::string(kOutcomes[i]) + "\">" + std::to_string(judged.counts.by_outcome[i]) + " " +
           std::string(kOutcomes[i]) + "</span>";
  out += "</p>\n";
  for (const CaseResult& one : run.cases) {
    const bool failed = std::ranges::any_of(one.checks, bad);
    const bool passed = std::ranges::any_of(one.checks, [](const CheckResult& check) { return check.outcome == Outcome::passed; });
    out += "<details" + std::string(failed ? " open" : "") + " id=\"" + escaped(one.id) + "\"><summary class=\"" +
           (failed   ? "failed"
            : passed ? "passed"
                     : "notRun") +
           "\">" + escaped(one.id) + " · " + escaped(one.title) + "</summary>\n<p>" + escaped(one.steps) +
           "</p>\n<table><tr><th>check</th><th>outcome</th>"
           "<th>expected, required, came</th></tr>\n";
    for (const CheckResult& check : one.checks) {
      const std::string outcome(to_string(check.outcome));
      out += "<tr><td>" + escaped(check.id.substr(check.id.find('/') + 1)) + "</td><td class=\"" + outcome + "\">" + outcome + "</td><td>" +
             escaped(check.expects);
      for (const std::string& id : check.requirements) out += "<br><small>" + escaped(requirement_text(id)) + "</small>";
      if (!check.came.empty()) out += "<pre>" + escaped(check.came) + "</pre>";
      out += "</td></tr>\n";
    }
    out += "</table>\n";
    if (!one.repeat.empty()) out += "<p>Again: <code>" + escaped(one.repeat) + "</code></p>\n";
    if (!one.transcript.empty()) {
      out += "<details><summary>what was sent and what came</summary><table>\n";
      for (const Entry& entry : one.transcript) {
        out += "<tr class=\"" +
               std::string(entry.wrong           ? "wrong"
                           : entry.way == "sent" ? "sent"
                                                 : "") +
               "\"><td>" + seconds(entry.at_ms) + "</td><td>" + escaped(entry.plane) + "</td><td>" + escaped(entry.who + " " + entry.way) +
               (entry.wrong ? ", wrong on purpose" : "") + "</td><td><pre>" + escaped(entry.text) + "</pre>";
        if (!entry.fault.empty()) out += "<span class=\"fault\">" + escaped(entry.fault) + "</span>";
        if (!entry.raw.empty()) out += "<details><summary>bytes</summary><pre>" + escaped(entry.raw) + "</pre></details>";
        out += "</td></tr>\n";
      }
      out += "</table></details>\n";
    }
    if (!one.output.empty()) out += "<details><summary>what the peer wrote</summary><pre>" + escaped(one.output) + "</pre></details>\n";
    out += "</details>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace loophole::conformance::report
