#include "runner/runner.hpp"

#include <algorithm>
#include <chrono>

#include "peer/noise.hpp"
#include "trial/pulse.hpp"

namespace loophole::conformance {
namespace {

constexpr int kGiveUpAfter = 3;  // cases in a row in which the peer could not even be greeted

// What is known of the peer before the first case: whether it can be started and greeted, and what it declares.
struct Survey {
  std::optional<std::string> problem;
  std::string software;
  std::vector<std::string> capabilities;
};

Survey survey(const Setting& setting, double noise) {
  static const Case kSurvey{.id = "signal.suite.survey", .title = "", .steps = "", .level = Level::wire, .checks = {}, .run = nullptr};
  Survey found;
  Trial trial(kSurvey, setting, noise);
  try {
    Pulse& pulse = trial.connect();
    const Answer answer = pulse.hello();
    if (const auto* reply = answer.as<session::HelloReply>()) {
      found.software = reply->software.name + " " + reply->software.version;
      found.capabilities = reply->capabilities;
    } else if (!answer.came() && pulse.received() == 0) {
      found.problem = "the peer does not answer a hello: " + answer.text();
    }
  } catch (const CaseEnded& end) {
    found.problem = end.what();
  }
  const CaseResult result = trial.finish("", std::nullopt);
  if (found.problem && !result.output.empty())
    *found.problem += "\nIt wrote:\n" + result.output.substr(result.output.size() > 2'000 ? result.output.size() - 2'000 : 0);
  return found;
}

bool greeted(const CaseResult& result) {
  return std::ranges::any_of(result.checks, [](const CheckResult& check) { return check.outcome == Outcome::passed; });
}

}  // namespace

CaseResult unrun(const Case& one, Outcome outcome, const std::string& why) {
  static const Setting kNone;
  Trial trial(one, kNone, 1);
  CaseResult result = trial.finish("", std::nullopt);
  for (CheckResult& check : result.checks) {
    check.outcome = outcome;
    check.came = why;
  }
  result.ms = 0;
  return result;
}

CaseResult run_case(const Case& one, const Setting& setting, double noise) {
  Trial trial(one, setting, noise);
  std::string ended;
  std::optional<std::string> fault;
  try {
    one.run(trial);
  } catch (const CaseEnded& end) {
    ended = end.what();
  } catch (const std::exception& wrong) {
    fault = wrong.what();
  }
  return trial.finish(std::move(ended), std::move(fault));
}

RunResult run(const Order& order, const std::function<void(const CaseResult&)>& on_case) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<const Case*> all = cases_of(order.role, order.level);
  const Selected selected = select(all, order.selection);
  RunResult result{.suite_version = LOOPHOLE_VERSION, .protocol = "1.0", .role = order.role, .level = order.level};
  result.command = order.setting.command;
  result.attached = order.setting.attached.has_value();
  if (const auto& at = order.setting.attached) result.command = {at->control, at->stream, at->telemetry};
  result.expected = order.expected;
  Setting setting = order.setting;
  for (const Case* one : all) {
    result.planned_checks += one->checks.size() + common_checks().size();
    if (!one->capability.empty() && std::ranges::find(setting.capabilities, one->capability) == setting.capabilities.end())
      setting.capabilities.emplace_back(one->capability);
  }
  result.noise = measure_noise();
  const Survey known = survey(setting, result.noise);
  result.start_problem = known.problem;
  result.peer_software = known.software;
  result.capabilities = known.capabilities;

  int silent = 0;
  for (const Case* one : all) {
    const bool wanted = std::ranges::find(selected.cases, one) != selected.cases.end();
    std::string why;
    if (known.problem)
      why = "the peer did not start";
    else if (!wanted)
      why = "not selected";
    else if (interrupted)
      why = "the run was interrupted";
    else if (one->starts_peer && setting.attached)
      why = "needs a peer that the suite starts itself; give its command instead of --attach";
    else if (silent >= kGiveUpAfter)
      why = "the peer can no longer be greeted";
    if (!why.empty()) {
      result.cases.push_back(unrun(*one, Outcome::not_run, why));
      continue;
    }
    if (!one->capability.empty() && std::ranges::find(known.capabilities, one->capability) == known.capabilities.end()) {
      result.cases.push_back(unrun(*one, Outcome::not_applicable, "the peer does not declare " + std::string(one->capability)));
      continue;
    }
    const double noise = measure_noise();
    result.noise = std::max(result.noise, noise);
    CaseResult done = run_case(*one, setting, noise);
    std::vector<std::string> words = order.repeat;
    words.insert(words.end(), {"--case", std::string(one->id)});
    words.insert(words.end(), order.repeat_after.begin(), order.repeat_after.end());
    done.repeat = quoted(words);
    silent = greeted(done) ? 0 : silent + 1;
    on_case(done);
    result.cases.push_back(std::move(done));
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace loophole::conformance
