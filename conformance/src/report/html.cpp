// One page, without scripts and without anything from elsewhere: what failed first, then every case down to the raw bytes.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "report/text.hpp"

namespace loophole::conformance::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kFirstWords = 200;  // of what came instead, in the list of failures

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--page:#fff;--ink:#1c1e21;--soft:#5c636a;--line:#d9dde1;--box:#f5f6f8;--good:#176b2c;--bad:#b3261e;--warn:#8a6100;
--goodbg:#e6f4ea;--badbg:#fdecea;--warnbg:#fff4db;--sent:#1f4fa3}
@media(prefers-color-scheme:dark){:root{--page:#16181b;--ink:#e4e6e9;--soft:#9aa2ab;--line:#34393f;--box:#1f2226;--good:#7fd494;--bad:#ff9a91;
--warn:#f0c060;--goodbg:#17301e;--badbg:#3a1d1b;--warnbg:#362b12;--sent:#9dbcf5}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76em;padding:1.5em;background:var(--page);color:var(--ink)}
h1{font-size:1.5em;margin:0 0 .3em}h2{font-size:1.15em;margin:2em 0 .5em}a{color:inherit}
code,pre,.mono{font:12.5px/1.45 ui-monospace,'DejaVu Sans Mono',monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0;padding:.5em .7em;background:var(--box);border-radius:4px}
summary{cursor:pointer}
.pill{padding:.1em .6em;border-radius:1em;font-weight:600;white-space:nowrap}
.passed{color:var(--good);background:var(--goodbg)}.failed,.notReached{color:var(--bad);background:var(--badbg)}
.notApplicable{color:var(--soft);background:var(--box)}.notRun{color:var(--warn);background:var(--warnbg)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.2em;margin:1em 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.counts{display:flex;flex-wrap:wrap;gap:.5em;align-items:baseline}
.case{border:1px solid var(--line);border-radius:6px;margin:.5em 0}.case>summary{padding:.5em .8em}.case>div{padding:0 .8em .8em}
.case>summary .title{color:var(--soft)}.case>summary .number{float:right;color:var(--soft);font-variant-numeric:tabular-nums}
.check{border-left:4px solid var(--line);padding:.2em 0 .2em .8em;margin:.6em 0}.check.bad{border-color:var(--bad)}
.check p{margin:.2em 0;display:flex;gap:.6em}.what{color:var(--soft);flex:0 0 5em}.check pre{margin-left:5.6em}
.entry{border-bottom:1px solid var(--line)}.entry>summary,.note{padding:.15em 0;overflow-wrap:anywhere}.entry>div{padding:0 0 .5em 1.2em}
.note{color:var(--soft);border-bottom:1px solid var(--line)}
.at{color:var(--soft);display:inline-block;min-width:6.5em;text-align:right;padding-right:.8em;font-variant-numeric:tabular-nums}
.sent{color:var(--sent)}.mark{color:var(--bad);font-weight:600}.aim{color:var(--warn)}
.reason{white-space:pre-wrap;overflow-wrap:anywhere}
h4{font-size:.85em;margin:.6em 0 0;color:var(--soft);font-weight:600}ul{padding-left:1.2em}
)css";

std::string pill(const std::string& kind, const std::string& text) {
  return "<span class=\"pill " + kind + "\">" + escaped(text) + "</span>";
}

std::string words_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::not_reached:
      return "not reached";
    case Outcome::not_applicable:
      return "not applicable";
    case Outcome::not_run:
      return "not run";
  }
  return {};
}

std::string words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::conformant:
      return "conformant";
    case Verdict::not_conformant:
      return "not conformant";
    case Verdict::not_started:
      return "did not start";
    case Verdict::suite_fault:
      return "fault of the suite";
    case Verdict::incomplete:
      return "incomplete";
  }
  return {};
}

std::string link_to(const std::string& id) {
  return "<a href=\"#" + escaped(id) + "\"><code>" + escaped(id) + "</code></a>";
}

// A control message in a line: kind, name, ids, and the code of an error.
std::string in_short(const std::string& text) {
  const Json message = Json::parse(text, nullptr, false);
  const auto member = [&](const Json& of, const char* name) {
    const auto found = of.find(name);
    return found != of.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!message.is_object() || member(message, "kind").empty()) return text.size() > 160 ? text.substr(0, 160) + "…" : text;
  std::string line = member(message, "kind") + " " + member(message, "name");
  if (const std::string id = member(message, "id"); !id.empty()) line += "  id " + id;
  if (const std::string cid = member(message, "cid"); !cid.empty()) line += "  cid " + cid;
  if (message.contains("error") && message["error"].is_object()) line += "  " + member(message["error"], "code");
  return line;
}

std::string decoded(const std::string& text) {
  const Json message = Json::parse(text, nullptr, false);
  return message.is_discarded() ? text : message.dump(2, ' ', false, Json::error_handler_t::replace);
}

// Sixteen bytes a line: where, hexadecimal, and as characters.
std::string dump(const std::string& digits) {
  std::string out;
  std::size_t at = 0;
  for (; at + 1 < digits.size() && std::isxdigit(static_cast<unsigned char>(digits[at])) != 0; at += 32) {
    const std::string row = digits.substr(at, 32);
    char offset[24];
    std::snprintf(offset, sizeof offset, "%04zx  ", at / 2);
    std::string bytes;
    std::string letters;
    std::size_t n = 0;
    for (; n + 1 < row.size() && std::isxdigit(static_cast<unsigned char>(row[n])) != 0; n += 2) {
      bytes += row.substr(n, 2) + (n == 14 ? "  " : " ");
      const int value = std::stoi(row.substr(n, 2), nullptr, 16);
      letters += value >= 32 && value < 127 ? static_cast<char>(value) : '.';
    }
    bytes.resize(50, ' ');
    out += offset + bytes + letters + "\n";
    if (n < row.size()) return out + row.substr(n) + digits.substr(std::min(at + 32, digits.size())) + "\n";  // "… (so many more)"
  }
  return out + (at < digits.size() ? digits.substr(at) : std::string());
}

std::string of(const Entry& entry) {
  char at[32];
  std::snprintf(at, sizeof at, "%.1f ms", entry.at_ms);
  const std::string when = "<span class=\"at\">" + std::string(at) + "</span>";
  if (entry.way == "note" || (entry.raw.empty() && entry.plane != "control"))
    return "<div class=\"note mono\">" + when + escaped(entry.who) + " " + escaped(entry.text) + "</div>\n";
  const bool sent = entry.way == "sent";
  const bool control = entry.plane == "control";
  std::string out = "<details class=\"entry\"" + std::string(entry.fault.empty() ? "" : " open") + "><summary class=\"mono\">" + when +
                    "<span class=\"" + (sent ? "sent" : "came") + "\">" + escaped(entry.who) + (sent ? " → " : " ← ") + "</span>" +
                    (control ? "" : escaped(entry.plane) + " ") + escaped(control ? in_short(entry.text) : entry.text);
  if (entry.wrong) out += " <span class=\"aim\">(wrong on purpose)</span>";
  if (!entry.fault.empty()) out += " <span class=\"mark\">✗ " + escaped(entry.fault) + "</span>";
  out += "</summary><div><h4>decoded</h4><pre>" + escaped(control ? decoded(entry.text) : entry.text) + "</pre>";
  return out + "<h4>raw</h4><pre>" + escaped(control ? entry.text : dump(entry.raw)) + "</pre></div></details>\n";
}

std::string of(const RunResult& run, const CheckResult& check) {
  const std::string known = expected_because(run, check);
  std::string out = "<div class=\"check" + std::string(bad(check) ? " bad" : "") + "\" id=\"" + escaped(check.id) + "\"><p>" +
                    pill(std::string(to_string(check.outcome)), words_of(check.outcome)) + " <code>" +
                    escaped(check.id.substr(check.id.find('/') + 1)) + "</code></p><p><span class=\"what\">expected</span>" +
                    escaped(check.expects) + "</p>";
  for (const std::string& id : check.requirements) {
    // Those that every case asks are a long list; the ids say enough until one of them is broken.
    if (check.requirements.size() > 6) {
      out += "<p><span class=\"what\">required</span>";
      out += "<span>";
      for (const std::string& each : check.requirements) out += escaped(each) + " ";
      out += "</span></p>";
      break;
    }
    out += "<p><span class=\"what\">required</span>" + escaped(requirement_text(id)) + "</p>";
  }
  if (!check.came.empty())
    out += "<p><span class=\"what\">" + std::string(bad(check) ? "came" : "because") + "</span></p><pre>" + escaped(check.came) + "</pre>";
  if (!known.empty()) out += "<p><span class=\"what\">known</span>" + escaped(known) + "</p>";
  return out + "</div>\n";
}

std::string of(const RunResult& run, const CaseResult& one) {
  const bool failed = std::ranges::any_of(one.checks, bad) || one.suite_fault;
  const auto passed = static_cast<std::size_t>(std::ranges::count(one.checks, Outcome::passed, &CheckResult::outcome));
  const bool aside = !one.checks.empty() && one.checks.front().outcome == Outcome::not_applicable;
  const Outcome outcome = failed ? Outcome::failed : passed > 0 ? Outcome::passed : aside ? Outcome::not_applicable : Outcome::not_run;
  std::string out = "<details class=\"case\"" + std::string(failed ? " open" : "") + " id=\"" + escaped(one.id) + "\"><summary>" +
                    "<span class=\"number\">" + std::to_string(passed) + "/" + std::to_string(one.checks.size()) + " · " + seconds(one.ms) +
                    " s</span>" + pill(std::string(to_string(outcome)), words_of(outcome)) + " <code>" + escaped(one.id) +
                    "</code> <span class=\"title\">" + escaped(one.title) + "</span></summary><div>\n<p>" + escaped(one.steps) + "</p>\n";
  if (one.suite_fault) out += "<p class=\"mark\">Fault of the suite: " + escaped(*one.suite_fault) + "</p>\n";
  for (const CheckResult& check : one.checks)
    if (bad(check)) out += of(run, check);
  std::string others;
  for (const CheckResult& check : one.checks)
    if (!bad(check)) others += of(run, check);
  if (!failed)
    out += others;
  else if (!others.empty())
    out += "<details><summary>the other checks</summary>" + others + "</details>\n";
  if (failed && !one.repeat.empty()) out += "<p>This case alone, again:</p><pre>" + escaped(one.repeat) + "</pre>\n";
  if (!one.transcript.empty()) {
    out += "<details" + std::string(failed ? " open" : "") + "><summary>what was sent and what came (" +
           std::to_string(one.transcript.size()) + "; → sent by the suite in the seat of the name, ← came from the peer)</summary>\n";
    for (const Entry& entry : one.transcript) out += of(entry);
    out += "</details>\n";
  }
  if (!one.output.empty()) out += "<details><summary>what the peer wrote</summary><pre>" + escaped(one.output) + "</pre></details>\n";
  return out + "</div></details>\n";
}

std::string failures(const RunResult& run, const Judgement& judged) {
  std::string out;
  for (const CaseResult& one : run.cases)
    for (const CheckResult& check : one.checks)
      if (bad(check)) {
        const std::string known = expected_because(run, check);
        const std::string came = check.came.substr(0, std::min(check.came.find('\n'), kFirstWords));
        out += "<li>" + link_to(check.id) + (check.outcome == Outcome::not_reached ? " (not reached)" : "") + ": " + escaped(came) +
               (known.empty() ? "" : " <span class=\"aim\">known: " + escaped(known) + "</span>") + "</li>\n";
      }
  if (!out.empty()) out = "<h2>What did not pass</h2>\n<ul>\n" + out + "</ul>\n";
  if (!judged.counts.unexpected_passes.empty()) {
    out += "<h2>What passed, though it was expected to fail</h2>\n<ul>\n";
    for (const std::string& id : judged.counts.unexpected_passes) out += "<li>" + link_to(id) + "</li>\n";
    out += "</ul>\n";
  }
  return out;
}

}  // namespace

std::string html(const RunResult& run) {
  const Judgement judged = judge(run);
  const std::string title = "loophole-conformance: " + escaped(run.role) + " " + words_of(judged.verdict);
  const char* colour = judged.verdict == Verdict::conformant ? "passed" : judged.verdict == Verdict::incomplete ? "notRun" : "failed";
  std::string command;
  for (const std::string& word : run.command) command += (command.empty() ? "" : " ") + word;
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>" +
      title + "</title>\n<style>" + std::string(kStyle) + "</style></head><body>\n<h1>" + escaped(run.role) + " " +
      pill(colour, words_of(judged.verdict)) + "</h1>\n<p class=\"reason\">" + escaped(judged.reason) +
      ".</p>\n<div class=\"counts\"><span>" + std::to_string(judged.counts.cases) + " of " + std::to_string(run.cases.size()) +
      " cases ran, with " + std::to_string(judged.counts.checks) + " checks in all:</span>";
  for (std::size_t i = 0; i < kOutcomes.size(); ++i)
    if (judged.counts.by_outcome[i] > 0)
      out += pill(std::string(kOutcomes[i]), std::to_string(judged.counts.by_outcome[i]) + " " + words_of(static_cast<Outcome>(i)));
  char noise[32];
  std::snprintf(noise, sizeof noise, "%.1f", run.noise);
  std::string capabilities;
  for (const std::string& one : run.capabilities) capabilities += (capabilities.empty() ? "" : ", ") + one;
  out += "</div>\n<dl><dt>level</dt><dd>" + std::string(to_string(run.level)) + ", protocol " + escaped(run.protocol) +
         "</dd>\n<dt>peer</dt><dd><code>" + escaped(command) + "</code>" + (run.attached ? " (attached)" : "") +
         "</dd>\n<dt>calls itself</dt><dd>" + escaped(run.peer_software) + "</dd>\n<dt>declares</dt><dd>" +
         escaped(capabilities.empty() ? "nothing" : capabilities) + "</dd>\n<dt>judged by</dt><dd>loophole-conformance " +
         escaped(run.suite_version) + ", in " + seconds(run.seconds * 1'000) + " s; waits were at most " + noise +
         " times as long as on a quiet machine</dd></dl>\n";
  out += failures(run, judged) + "<h2>Cases</h2>\n";
  for (const CaseResult& one : run.cases) out += of(run, one);
  return out + "</body></html>\n";
}

}  // namespace loophole::conformance::report
