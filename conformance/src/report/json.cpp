#include <nlohmann/json.hpp>

#include "report/report.hpp"

namespace loophole::conformance::report {
namespace {

using Json = nlohmann::ordered_json;

// Bytes of a peer may be anything; a report is UTF-8.
constexpr auto kReplace = Json::error_handler_t::replace;

Json of(const CaseResult& one) {
  Json checks = Json::array();
  for (const CheckResult& check : one.checks) {
    Json entry{{"id", check.id}, {"requirements", check.requirements}, {"expects", check.expects}, {"outcome", to_string(check.outcome)}};
    if (!check.came.empty()) entry["came"] = check.came;
    checks.push_back(std::move(entry));
  }
  Json transcript = Json::array();
  for (const Entry& entry : one.transcript) {
    Json line{{"atMs", entry.at_ms}, {"plane", entry.plane}, {"way", entry.way}, {"who", entry.who}, {"text", entry.text}};
    if (entry.wrong) line["wrongOnPurpose"] = true;
    if (!entry.fault.empty()) line["fault"] = entry.fault;
    if (!entry.raw.empty()) line["raw"] = entry.raw;
    transcript.push_back(std::move(line));
  }
  Json result{{"id", one.id}, {"title", one.title},         {"steps", one.steps}, {"level", to_string(one.level)},
              {"ms", one.ms}, {"checks", std::move(checks)}};
  if (!one.ended.empty()) result["ended"] = one.ended;
  if (!one.repeat.empty()) result["repeat"] = one.repeat;
  if (one.suite_fault) result["suiteFault"] = *one.suite_fault;
  if (!one.output.empty()) result["output"] = one.output;
  if (!transcript.empty()) result["transcript"] = std::move(transcript);
  return result;
}

template <class Enum, std::size_t N>
Enum enum_of(const std::array<std::string_view, N>& names, const Json& value) {
  const auto text = value.get<std::string>();
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  throw std::invalid_argument("'" + text + "' is not known");
}

CaseResult case_of(const Json& from) {
  CaseResult one{
      .id = from.at("id"), .title = from.at("title"), .steps = from.at("steps"), .level = enum_of<Level>(kLevels, from.at("level"))};
  one.ms = from.at("ms");
  one.ended = from.value("ended", "");
  one.repeat = from.value("repeat", "");
  one.output = from.value("output", "");
  if (from.contains("suiteFault")) one.suite_fault = from.at("suiteFault").get<std::string>();
  for (const Json& check : from.at("checks"))
    one.checks.push_back({.id = check.at("id"),
                          .requirements = check.at("requirements"),
                          .expects = check.at("expects"),
                          .outcome = enum_of<Outcome>(kOutcomes, check.at("outcome")),
                          .came = check.value("came", "")});
  if (from.contains("transcript"))
    for (const Json& line : from.at("transcript"))
      one.transcript.push_back({.at_ms = line.at("atMs"),
                                .plane = line.at("plane"),
                                .way = line.at("way"),
                                .who = line.at("who"),
                                .wrong = line.value("wrongOnPurpose", false),
                                .fault = line.value("fault", ""),
                                .text = line.at("text"),
                                .raw = line.value("raw", "")});
  return one;
}

}  // namespace

std::string case_json(const CaseResult& one) {
  return of(one).dump(-1, ' ', false, kReplace);
}

std::optional<CaseResult> parse_case(const std::string& text) {
  try {
    return case_of(Json::parse(text));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string json(const RunResult& run) {
  const Judgement judged = judge(run);
  Json counts;
  counts["cases"] = judged.counts.cases;
  counts["checks"] = judged.counts.checks;
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) counts[std::string(kOutcomes[i])] = judged.counts.by_outcome[i];
  Json cases = Json::array();
  for (const CaseResult& one : run.cases) cases.push_back(of(one));
  Json expected = Json::array();
  for (const Expected& one : run.expected) expected.push_back({{"check", one.check}, {"reason", one.reason}});
  Json whole{
      {"report", "loophole-conformance/1"},
      {"verdict", to_string(judged.verdict)},
      {"reason", judged.reason},
      {"role", run.role},
      {"level", to_string(run.level)},
      {"protocol", run.protocol},
      {"suite", run.suite_version},
      {"peer", {{"command", run.command}, {"attached", run.attached}, {"software", run.peer_software}, {"capabilities", run.capabilities}}},
      {"noise", run.noise},
      {"seconds", run.seconds},
      {"counts", counts},
      {"plannedChecks", run.planned_checks},
      {"unexpectedPasses", judged.counts.unexpected_passes},
      {"expected", expected}};
  if (run.start_problem) whole["startProblem"] = *run.start_problem;
  whole["cases"] = std::move(cases);
  return whole.dump(1, ' ', false, kReplace) + "\n";
}

std::optional<RunResult> parse_json(const std::string& text, std::string& error) {
  try {
    const Json from = Json::parse(text);
    if (from.at("report") != "loophole-conformance/1") throw std::invalid_argument("it is of another version");
    RunResult run{.suite_version = from.at("suite"),
                  .protocol = from.at("protocol"),
                  .role = from.at("role"),
                  .level = enum_of<Level>(kLevels, from.at("level"))};
    run.command = from.at("peer").at("command").get<std::vector<std::string>>();
    run.attached = from.at("peer").at("attached");
    run.peer_software = from.at("peer").at("software");
    run.capabilities = from.at("peer").at("capabilities").get<std::vector<std::string>>();
    run.noise = from.at("noise");
    run.seconds = from.at("seconds");
    run.planned_checks = from.at("plannedChecks");
    if (from.contains("startProblem")) run.start_problem = from.at("startProblem").get<std::string>();
    for (const Json& one : from.at("expected")) run.expected.push_back({.check = one.at("check"), .reason = one.at("reason")});
    for (const Json& one : from.at("cases")) run.cases.push_back(case_of(one));
    return run;
  } catch (const std::exception& fault) {
    error = std::string("this is no report of loophole-conformance: ") + fault.what();
    return std::nullopt;
  }
}

}  // namespace loophole::conformance::report
