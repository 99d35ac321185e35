#include "runner/runner.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "peer/noise.hpp"
#include "report/report.hpp"
#include "runner/children.hpp"
#include "trial/client.hpp"
#include "trial/host.hpp"

namespace loophole::conformance {
namespace {

constexpr int kGiveUpAfter = 3;  // cases in a row in which the peer could not even be greeted
constexpr const char* kLacking = "what the peer said lacks something that the case builds on";
constexpr int kTries = 3;  // of a case in which the suite was held up
constexpr const char* kCut = "the run was interrupted";
// Bytes of paths in the folder of a run: sockets of the suite; in the run-time folder of a Pulse a session, and a socket in it.
constexpr std::size_t kRoomOfEngine = std::string_view("/survey/99/telemetry").size();
constexpr std::size_t kRoomOfPulse = std::string_view("/survey/run/").size() + 32 + 1 + 32;

// What is known of the peer before the first case: whether it can be started and greeted, and what it declares.
struct Survey {
  std::optional<std::string> problem;
  std::string software;
  std::vector<std::string> capabilities;
  bool greeted = false;
};

// An Aura shows by itself what it does when it is left alone: whether it mirrors the project and watches telemetry.
void look_at_aura(Trial& trial, Survey& found) {
  Host& host = trial.host();
  trial.start_guest();
  if (!trial.wait([&] { return host.greeted(); })) {
    found.problem = "the peer says no hello: " + host.text();
    return;
  }
  found.greeted = true;
  const session::Software& software = host.hellos().back().software;
  found.software = software.name + " " + software.version;
  const bool driven = has(trial.setting().command, "{driver}");
  const auto mirrors = [&] { return host.count("project.snapshot") > 0; };
  const auto watches = [&] { return host.deck().subscriptions() > 0; };
  (void)trial.wait([&] { return mirrors() && (driven || watches()); });
  if (driven) found.capabilities.emplace_back("driver");
  if (has(trial.setting().command, "{session}")) found.capabilities.emplace_back("session");
  if (mirrors()) found.capabilities.emplace_back("mirror");
  if (driven || watches()) found.capabilities.emplace_back("telemetry");
}

void look_at_server(Trial& trial, const std::string& role, Survey& found) {
  Client& client = role == "pulse" ? static_cast<Client&>(trial.join()) : trial.connect();
  const Answer answer = client.hello();
  if (const auto* reply = answer.as<session::HelloReply>()) {
    found.greeted = true;
    found.software = reply->software.name + " " + reply->software.version;
    found.capabilities = reply->capabilities;
  } else if (!answer.came() && client.received() == 0) {
    found.problem = "the peer does not answer a hello: " + answer.text();
  }
}

Survey survey(const std::string& role, const Setting& setting, double noise) {
  const std::string id = role + ".suite.survey";
  const Case of{.id = id, .title = "", .steps = "", .level = Level::wire, .checks = {}, .run = nullptr};
  Survey found;
  Trial trial(of, setting, noise);
  try {
    if (role == "aura")
      look_at_aura(trial, found);
    else
      look_at_server(trial, role, found);
  } catch (const CaseEnded& end) {
    found.problem = end.what();
  } catch (const SuiteHeldUp&) {
    // It was greeted.
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
  for (int tries = 1;; ++tries) {
    Trial trial(one, setting, noise);
    std::string ended;
    std::optional<std::string> fault;
    try {
      one.run(trial);
    } catch (const CaseEnded& end) {
      ended = end.what();
    } catch (const std::bad_optional_access&) {
      ended = kLacking;
    } catch (const std::out_of_range&) {
      ended = kLacking;
    } catch (const SuiteHeldUp& late) {
      ended = late.what();
    } catch (const std::exception& wrong) {
      fault = wrong.what();
    }
    CaseResult result = trial.finish(std::move(ended), std::move(fault));
    if (!trial.held_up() || result.suite_fault) return result;
    if (tries < kTries && !interrupted) continue;
    result.suite_fault = *trial.held_up();
    return result;
  }
}

RunResult run(const Order& order, const std::function<void(const CaseResult&)>& on_case) {
  const auto begin = std::chrono::steady_clock::now();
  const Folder base;
  check_length(base.path(), order.role == "pulse" ? kRoomOfPulse : kRoomOfEngine);
  const std::vector<const Case*> all = cases_of(order.role, order.level);
  const Selected selected = select(all, order.selection);
  RunResult result{.suite_version = LOOPHOLE_VERSION, .protocol = "1.0", .role = order.role, .level = order.level};
  result.command = order.setting.command;
  result.attached = order.setting.attached.has_value();
  if (const auto& at = order.setting.attached) result.command = {at->control, at->stream, at->telemetry};
  result.expected = order.expected;
  Setting setting = order.setting;
  setting.folder = base.path() / "survey";
  for (const Case* one : all) {
    result.planned_checks += one->checks.size() + common_checks(order.role).size();
    if (!one->capability.empty() && std::ranges::find(setting.capabilities, one->capability) == setting.capabilities.end())
      setting.capabilities.emplace_back(one->capability);
  }
  result.noise = measure_noise();
  const Survey known = survey(order.role, setting, result.noise);
  if (!interrupted) result.start_problem = known.problem;
  result.peer_software = known.software;
  result.capabilities = known.capabilities;

  // A peer that answers, but no hello, gets one case, so that there is something to show.
  int silent = known.greeted ? 0 : kGiveUpAfter - 1;
  result.cases.resize(all.size());
  const auto may_begin = [&](std::size_t i) {
    const Case& one = *all[i];
    std::string why;
    if (interrupted)
      why = kCut;
    else if (known.problem)
      why = "the peer did not start";
    else if (std::ranges::find(selected.cases, &one) == selected.cases.end())
      why = "not selected";
    else if (one.starts_peer && setting.attached)
      why = "needs a peer that the suite starts itself; give its command instead of --attach";
    else if (silent >= kGiveUpAfter)
      why = "the peer can no longer be greeted";
    if (!why.empty()) {
      result.cases[i] = unrun(one, Outcome::not_run, why);
    } else if (!one.capability.empty() && std::ranges::find(known.capabilities, one.capability) == known.capabilities.end()) {
      why = "the peer does not declare " + std::string(one.capability);
      result.cases[i] = unrun(one, Outcome::not_applicable, why);
    }
    return why.empty();
  };
  const auto work = [&](std::size_t i) {
    const double noise = known.greeted ? measure_noise() : 1;
    Setting mine = setting;
    mine.folder = base.path() / std::to_string(i);
    return std::to_string(noise) + "\n" + report::case_json(run_case(*all[i], mine, noise));
  };
  const auto take = [&](std::size_t i, const std::optional<std::string>& text) {
    auto back = text ? report::parse_case(text->substr(text->find('\n') + 1)) : std::nullopt;
    if (back) result.noise = std::max(result.noise, std::stod(*text));
    CaseResult ran = back ? *std::move(back) : unrun(*all[i], Outcome::not_run, interrupted ? kCut : "the suite broke down in it");
    if (!back && !interrupted) ran.suite_fault = "the suite broke down in this case";
    std::vector<std::string> words = order.repeat;
    words.insert(words.end(), {"--case", std::string(all[i]->id)});
    words.insert(words.end(), order.repeat_after.begin(), order.repeat_after.end());
    ran.repeat = quoted(words);
    silent = greeted(ran) ? 0 : silent + 1;
    on_case(ran);
    result.cases[i] = std::move(ran);
  };
  in_children(all.size(), setting.attached ? 1 : order.jobs, may_begin, work, take);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace loophole::conformance
