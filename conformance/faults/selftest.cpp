#include "selftest.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "fault.hpp"
#include "peer/command_line.hpp"
#include "runner/children.hpp"
#include "runner/runner.hpp"

namespace loophole::conformance {

extern const std::string_view kRedSets;  // faults/red-sets.txt

namespace {

using Red = std::set<std::string>;

// For most of what faults do, the suite waits in vain: a second is enough. On a machine that is busy it may be too little for what does
// come; a fault whose red set is another one is asked again when the others are through, with the patience that any peer gets.
constexpr Milliseconds kShortPatience{1'000};
constexpr Milliseconds kPatience{5'000};

// Asked of every fault: cases that use the most of the protocol.
std::vector<std::string> sentinels(const std::string& role) {
  if (role == "pulse") return {"pulse.hello.answer", "pulse.gestures.end"};
  if (role == "aura") return {"aura.hello.greeting", "aura.model.gap"};
  return {"signal.hello.answer", "signal.streams.gesture"};
}

// Of the faults of this role: their ids are unique within it.
std::map<std::string, Red> declared(const std::string& role) {
  std::map<std::string, Red> sets;
  std::istringstream lines{std::string(kRedSets)};
  std::string fault;
  std::string check;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (line.empty() || line.front() == '#' || !(words >> fault >> check) || !check.starts_with(role + ".")) continue;
    sets[fault].insert(check);
  }
  return sets;
}

std::vector<std::string> with_inner_endpoints(std::vector<std::string> peer) {
  for (std::string& word : peer)
    for (const char* name : {"control", "stream", "telemetry", "project", "engine", "session", "driver"})
      for (const std::string from = "{" + std::string(name) + "}"; word.find(from) != std::string::npos;)
        word.replace(word.find(from), from.size(), "@" + std::string(name) + "@");
  return peer;
}

const char* part_of_proxy(const SelftestOrder& asked) {
  return asked.role == "pulse" ? "play-pulse-fault" : asked.role == "aura" ? "play-aura-fault" : "play-fault";
}

// Where a peer of this role is to be found, or finds the suite.
std::vector<std::string> words_before(const SelftestOrder& asked) {
  if (asked.role == "pulse") return {"--project", "{project}", "--engine", "{engine}", "--"};
  if (asked.role != "aura") return {"--control", "{control}", "--stream", "{stream}", "--telemetry", "{telemetry}", "--"};
  std::vector<std::string> words{"--find", "{project}"};
  if (has(asked.peer, "{session}")) words.insert(words.end(), {"--session", "{session}"});
  if (has(asked.peer, "{driver}")) words.insert(words.end(), {"--driver", "{driver}"});
  words.emplace_back("--");
  return words;
}

Order order_for(const SelftestOrder& asked, const char* part, const std::string& id) {
  Order order{.role = asked.role, .level = Level::stress, .setting = {}, .selection = {}};
  order.setting.command = {asked.program, part, id};
  const std::vector<std::string> where = words_before(asked);
  order.setting.command.insert(order.setting.command.end(), where.begin(), where.end());
  const auto peer = with_inner_endpoints(asked.peer);
  order.setting.command.insert(order.setting.command.end(), peer.begin(), peer.end());
  return order;
}

Red red_of(const RunResult& result) {
  Red red;
  for (const CaseResult& one : result.cases)
    for (const CheckResult& check : one.checks)
      if (check.outcome == Outcome::failed || check.outcome == Outcome::not_reached) red.insert(check.id);
  return red;
}

void say_nothing(const CaseResult&) {}

// A dead peer, or a fault: judged in a child, and told to the parent as text.
struct Subject {
  std::string id;
  const faults::Fault* fault = nullptr;  // none: a dead peer
};

// Checks that passed and that somebody has to do something for: who is greeted and does nothing passes none of them.
std::size_t passed_by_deeds(const RunResult& result) {
  std::size_t passed = 0;
  for (const Case* one : cases_of(result.role, result.level)) {
    if (one->capability != "driver") continue;
    const auto ran = std::ranges::find(result.cases, one->id, &CaseResult::id);
    for (const Check& check : one->checks)
      for (const CheckResult& found : ran->checks)
        if (found.id == std::string(one->id) + "/" + std::string(check.id) && found.outcome == Outcome::passed) ++passed;
  }
  return passed;
}

// "passed checks, verdict" of a dead peer.
std::string judge_dead(const SelftestOrder& asked, const std::string& id) {
  Order order = order_for(asked, asked.role == "aura" ? "play-dead-aura" : "play-dead", id);
  order.level = Level::required;
  order.setting.patience = Milliseconds(700);
  const bool greets = id == faults::kObeysNothing;
  if (greets) {  // and is asked all there is; what it does not do it never will
    order.jobs = asked.jobs;
    order.setting.patience = Milliseconds(300);
  }
  const RunResult result = run(order, say_nothing);
  const Judgement judged = judge(result);
  return std::to_string(greets ? passed_by_deeds(result) : judged.counts.of(Outcome::passed)) + " " +
         std::string(to_string(judged.verdict));
}

bool scores_nothing(const std::string& judged) {
  return judged.starts_with("0 ") && judged != "0 " + std::string(to_string(Verdict::conformant));
}

// What a fault turns red, one check a line.
std::string judge_fault(const SelftestOrder& asked, const faults::Fault& fault, const Red& expected, Milliseconds patience) {
  const std::string id(fault.id);
  Order order = order_for(asked, part_of_proxy(asked), id);
  order.setting.patience = patience;
  order.selection.patterns = sentinels(asked.role);
  for (const std::string& check : expected) order.selection.patterns.push_back(check.substr(0, check.find('/')));
  const bool whole = asked.whole_scope || !asked.accept.empty();
  if (whole) order.selection.patterns.insert(order.selection.patterns.end(), fault.scope.begin(), fault.scope.end());
  if (id == "none") {  // the good twin: everything
    order.selection.patterns.clear();
    order.setting.patience = kPatience;
    order.jobs = 2;
  }
  const RunResult result = run(order, say_nothing);
  if (result.start_problem) return "(" + *result.start_problem + ")\n";
  std::string lines;
  for (const CaseResult& one : result.cases)
    if (one.suite_fault) lines += "(" + one.id + ": " + *one.suite_fault + ")\n";
  for (const std::string& check : red_of(result)) lines += check + "\n";
  return lines;
}

Red lines_of(const std::string& text) {
  Red lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

void print_difference(const Red& found, const Red& expected) {
  for (const std::string& check : found)
    if (!expected.contains(check)) std::cout << "       red, and not declared: " << check << "\n";
  for (const std::string& check : expected)
    if (!found.contains(check)) std::cout << "       declared, and not red: " << check << "\n";
}

// Whether the user asked for it, by its id or by not saying which.
bool wanted(const SelftestOrder& asked, std::string_view id) {
  return asked.faults.empty() || std::ranges::find(asked.faults, id) != asked.faults.end();
}

// A peer that only uses the freedoms of the specification is conformant: the suite is not stricter than that.
bool oddities_stay_green(const SelftestOrder& asked) {
  bool good = true;
  for (const faults::Fault* oddity : faults::oddities(asked.role)) {
    const std::string id(oddity->id);
    // The freedoms one by one are for who looks for the one that is not green.
    if (!wanted(asked, id) || (asked.faults.empty() && !id.starts_with("legal-all"))) continue;
    Order order = order_for(asked, part_of_proxy(asked), id);
    order.level = asked.role == "aura" ? Level::strict : Level::required;
    order.jobs = asked.jobs;
    order.setting.patience = kPatience;
    const RunResult result = run(order, say_nothing);
    const Judgement judged = judge(result);
    const bool green = judged.verdict == Verdict::conformant;
    std::cout << (green ? "ok   " : "FAIL ") << id << " (" << oddity->does << "): " << to_string(judged.verdict) << ", "
              << judged.counts.of(Outcome::passed) << " checks passed\n"
              << std::flush;
    if (!green) std::cout << "       " << judged.reason << "\n";
    for (const CaseResult& one : result.cases)
      for (const CheckResult& check : one.checks)
        if (check.outcome == Outcome::failed || check.outcome == Outcome::not_reached)
          std::cout << "       red, and legal: " << check.id << ": " << check.came << "\n";
    good = good && green;
  }
  return good;
}

// Puts the red sets of the faults that were asked into the file, beside those of other faults and roles that it has.
void write_accepted(const SelftestOrder& asked, const std::map<std::string, Red>& accepted) {
  std::vector<std::array<std::string, 3>> all;  // place of the role, fault, check
  const auto add = [&all](const std::string& fault, const std::string& check) {
    all.push_back({check.starts_with("signal.") ? "1" : check.starts_with("pulse.") ? "2" : "3", fault, check});
  };
  std::ifstream before(asked.accept);
  for (std::string line; std::getline(before, line);) {
    std::istringstream words(line);
    std::string fault;
    std::string check;
    if (line.starts_with('#') || !(words >> fault >> check)) continue;
    if (!check.starts_with(asked.role + ".") || !accepted.contains(fault)) add(fault, check);
  }
  before.close();
  for (const auto& [fault, red] : accepted)
    for (const std::string& check : red) add(fault, check);
  std::ranges::sort(all);
  std::ofstream out(asked.accept);
  out << "# What each planted fault turns red: fault, check. Written by loophole-conformance selftest --accept; read it before you commit "
         "it.\n";
  for (const auto& [role, fault, check] : all) out << fault << " " << check << "\n";
}

}  // namespace

int selftest(const SelftestOrder& asked) {
  const auto sets = declared(asked.role);
  const auto done = [](bool good) {
    std::cout << (good ? "the suite is as declared" : "the suite is NOT as declared") << "\n";
    return good ? 0 : 1;
  };
  if (asked.legal_only) return done(oddities_stay_green(asked));
  const auto declared_for = [&](const std::string& id) { return sets.contains(id) ? sets.at(id) : Red{}; };
  std::vector<Subject> subjects;
  if (asked.accept.empty())
    for (const std::string& id : faults::dead_peers(asked.role)) subjects.push_back({.id = id});
  for (const faults::Fault* fault : faults::catalogue(asked.role))
    if (wanted(asked, fault->id)) subjects.push_back({.id = std::string(fault->id), .fault = fault});
  bool good = !asked.accept.empty() || oddities_stay_green(asked);
  std::map<std::string, std::vector<std::string>> matrix;  // faults that turn a case red
  std::map<std::string, Red> accepted;
  std::size_t planted = 0;
  const auto take_dead = [&](const std::string& id, const std::string& judged) {
    const bool nothing = scores_nothing(judged);
    std::cout << (nothing ? "ok   " : "FAIL ") << "dead peer " << id << " (checks that passed, and verdict): " << judged << "\n"
              << std::flush;
    good = good && nothing;
  };
  const auto take_fault = [&](const faults::Fault& fault, const Red& found) {
    const std::string id(fault.id);
    const Red expected = declared_for(id);
    std::set<std::string> cases;
    for (const std::string& check : found) cases.insert(check.substr(0, check.find('/')));
    for (const std::string& one : cases) matrix[one].push_back(id);
    accepted[id] = found;
    if (id != "none") ++planted;
    const bool as_declared = !asked.accept.empty() || (found == expected && (id == "none" || !found.empty()));
    std::cout << (as_declared ? "ok   " : "FAIL ") << id << " (" << fault.does << "): " << found.size() << " red\n" << std::flush;
    if (!as_declared) print_difference(found, expected);
    for (const std::string& check : found)
      if (as_declared) std::cout << "       " << check << "\n";
    good = good && as_declared;
  };
  std::vector<Subject> again;
  const auto judge_all = [&](const std::vector<Subject>& these, std::size_t jobs, Milliseconds patience, bool last) {
    in_children(
        these.size(), jobs, [](std::size_t) { return !interrupted; },
        [&](std::size_t i) {
          const Subject& one = these[i];
          return one.fault == nullptr ? judge_dead(asked, one.id) : judge_fault(asked, *one.fault, declared_for(one.id), patience);
        },
        [&](std::size_t i, const std::optional<std::string>& told) {
          const Subject& one = these[i];
          const std::string text = told.value_or("(the suite broke down)");
          if (one.fault == nullptr)
            take_dead(one.id, text);
          else if (!last && lines_of(text) != declared_for(one.id))
            again.push_back(one);
          else
            take_fault(*one.fault, lines_of(text));
        });
  };
  judge_all(subjects, asked.jobs, kShortPatience, !asked.accept.empty());
  const std::vector<Subject> differing = std::exchange(again, {});
  if (!differing.empty())
    std::cout << differing.size() << " faults are asked again, one after the other and with more patience\n" << std::flush;
  judge_all(differing, 1, kPatience, true);
  if (interrupted) {
    std::cout << "interrupted\n";
    return 1;
  }
  if (asked.faults.empty()) {
    std::size_t untouched = 0;
    const auto cases = cases_of(asked.role, Level::stress);
    std::cout << "\nWhat turns each case red:\n";
    for (const Case* one : cases) {
      const auto& by = matrix[std::string(one->id)];
      if (by.empty()) ++untouched;
      std::cout << (by.empty() ? "FAIL " : "ok   ") << one->id << ":";
      for (const std::string& id : by) std::cout << " " << id;
      std::cout << (by.empty() ? " no fault\n" : "\n");
    }
    std::cout << planted << " planted faults; " << cases.size() - untouched << " of " << cases.size()
              << " cases are turned red by at least one\n";
    good = good && untouched == 0;
  }
  if (!asked.accept.empty() && interrupted) {
    std::cout << "interrupted: " << asked.accept << " is as it was\n";
    return 1;
  }
  if (!asked.accept.empty()) write_accepted(asked, accepted);
  return done(good);
}

}  // namespace loophole::conformance
