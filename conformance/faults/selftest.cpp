#include "selftest.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "fault.hpp"
#include "runner/runner.hpp"

namespace loophole::conformance {

extern const std::string_view kRedSets;  // faults/red-sets.txt

namespace {

using Red = std::set<std::string>;

// Asked of every fault: cases that use the most of the protocol.
const std::vector<std::string> kSentinels{"signal.hello.answer", "signal.streams.gesture"};

std::map<std::string, Red> declared() {
  std::map<std::string, Red> sets;
  std::istringstream lines{std::string(kRedSets)};
  std::string fault;
  std::string check;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (line.empty() || line.front() == '#' || !(words >> fault >> check)) continue;
    sets[fault].insert(check);
  }
  return sets;
}

std::vector<std::string> with_inner_endpoints(std::vector<std::string> engine) {
  for (std::string& word : engine)
    for (const char* name : {"control", "stream", "telemetry"})
      for (const std::string from = "{" + std::string(name) + "}"; word.find(from) != std::string::npos;)
        word.replace(word.find(from), from.size(), "@" + std::string(name) + "@");
  return engine;
}

Order order_for(const SelftestOrder& asked, const char* part, const std::string& id) {
  Order order{.role = "signal", .level = Level::stress, .setting = {}, .selection = {}};
  order.setting.command = {asked.program, part, id, "--control", "{control}", "--stream", "{stream}", "--telemetry", "{telemetry}", "--"};
  const auto engine = with_inner_endpoints(asked.engine);
  order.setting.command.insert(order.setting.command.end(), engine.begin(), engine.end());
  order.setting.patience = Milliseconds(1'000);
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

bool dead_peers_score_nothing(const SelftestOrder& asked) {
  bool good = true;
  for (const std::string& id : faults::dead_peers()) {
    Order order = order_for(asked, "play-dead", id);
    order.level = Level::required;
    order.setting.patience = Milliseconds(700);
    const RunResult result = run(order, say_nothing);
    const Judgement judged = judge(result);
    const bool nothing = judged.verdict != Verdict::conformant && judged.counts.of(Outcome::passed) == 0;
    std::cout << (nothing ? "ok   " : "FAIL ") << "dead peer " << id << ": " << to_string(judged.verdict) << ", "
              << judged.counts.of(Outcome::passed) << " checks passed\n";
    good = good && nothing;
  }
  return good;
}

void print_difference(const Red& found, const Red& expected) {
  for (const std::string& check : found)
    if (!expected.contains(check)) std::cout << "       red, and not declared: " << check << "\n";
  for (const std::string& check : expected)
    if (!found.contains(check)) std::cout << "       declared, and not red: " << check << "\n";
}

}  // namespace

int selftest(const SelftestOrder& asked) {
  const auto sets = declared();
  bool good = !asked.accept.empty() || dead_peers_score_nothing(asked);
  std::map<std::string, std::size_t> red_by_case;
  std::map<std::string, Red> accepted;
  std::size_t planted = 0;
  for (const faults::Fault& fault : faults::catalogue()) {
    const std::string id(fault.id);
    if (!asked.faults.empty() && std::ranges::find(asked.faults, id) == asked.faults.end()) continue;
    const Red expected = sets.contains(id) ? sets.at(id) : Red{};
    Order order = order_for(asked, "play-fault", id);
    order.selection.patterns = kSentinels;
    for (const std::string& check : expected) order.selection.patterns.push_back(check.substr(0, check.find('/')));
    const bool whole = asked.whole_scope || !asked.accept.empty();
    if (whole) order.selection.patterns.insert(order.selection.patterns.end(), fault.scope.begin(), fault.scope.end());
    if (id == "none") order.selection.patterns.clear();  // the good twin: everything
    const RunResult result = run(order, say_nothing);
    const Red found = result.start_problem ? Red{"(" + *result.start_problem + ")"} : red_of(result);
    for (const std::string& check : found) ++red_by_case[check.substr(0, check.find('/'))];
    accepted[id] = found;
    if (id != "none") ++planted;
    const bool as_declared = !asked.accept.empty() || (found == expected && (id == "none" || !found.empty()));
    std::cout << (as_declared ? "ok   " : "FAIL ") << id << " (" << fault.does << "): " << found.size() << " red\n" << std::flush;
    if (!as_declared) print_difference(found, expected);
    for (const std::string& check : found)
      if (as_declared) std::cout << "       " << check << "\n";
    good = good && as_declared;
  }
  if (asked.faults.empty()) {
    std::size_t untouched = 0;
    for (const Case& one : catalogue())
      if (one.role() == "signal" && !red_by_case.contains(std::string(one.id))) {
        std::cout << "no fault turns " << one.id << " red\n";
        ++untouched;
      }
    std::cout << planted << " planted faults; " << catalogue().size() - untouched << " of " << catalogue().size()
              << " cases are turned red by at least one\n";
  }
  if (!asked.accept.empty()) {
    std::ofstream out(asked.accept);
    out << "# What each planted fault turns red: fault, check. Written by loophole-conformance selftest --accept; read it before you "
           "commit it.\n";
    for (const auto& [id, red] : accepted)
      for (const std::string& check : red) out << id << " " << check << "\n";
  }
  std::cout << (good ? "the suite is as declared" : "the suite is NOT as declared") << "\n";
  return good ? 0 : 1;
}

}  // namespace loophole::conformance
