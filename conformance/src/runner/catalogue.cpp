#include "runner/catalogue.hpp"

#include <algorithm>
#include <set>

#include "cases.hpp"
#include "register/requirements.hpp"

namespace loophole::conformance {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
      if (matches(pattern.substr(1), text.substr(skip))) return true;
    return false;
  }
  return !text.empty() && text.front() == pattern.front() && matches(pattern.substr(1), text.substr(1));
}

bool plain(std::string_view id) {
  return !id.empty() && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string_view::npos;
}

bool selects(const std::string& pattern, const Case& one) {
  if (matches(pattern, one.id)) return true;
  const auto check_selected = [&](const Check& check) {
    return matches(pattern, std::string(one.id) + "/" + std::string(check.id)) ||
           std::ranges::any_of(check.requirements, [&](std::string_view id) { return matches(pattern, id); });
  };
  return std::ranges::any_of(one.checks, check_selected);
}

}  // namespace

const std::vector<Case>& catalogue() {
  static const std::vector<Case> all = [] {
    std::vector<Case> cases;
    add_signal_cases(cases);
    add_pulse_cases(cases);
    add_aura_cases(cases);
    return cases;
  }();
  return all;
}

const Case* find_case(std::string_view id) {
  const auto found = std::ranges::find(catalogue(), id, &Case::id);
  return found == catalogue().end() ? nullptr : &*found;
}

std::vector<std::string> faults_of(const std::vector<Case>& cases) {
  std::vector<std::string> faults;
  std::set<std::string_view> ids;
  for (const Case& one : cases) {
    const std::string id(one.id);
    if (!plain(id) || std::ranges::count(id, '.') != 2) faults.push_back(id + ": an id is role.family.name");
    if (!ids.insert(one.id).second) faults.push_back(id + " is there twice");
    if (one.title.empty() || one.steps.empty() || one.run == nullptr) faults.push_back(id + " has no title, no steps or nothing to run");
    if (one.checks.empty()) faults.push_back(id + " checks nothing");
    std::set<std::string_view> checks{kSpeechCheck, kAliveCheck};
    for (const Check& check : one.checks) {
      const std::string whole = id + "/" + std::string(check.id);
      if (!plain(check.id) || !checks.insert(check.id).second) faults.push_back(whole + ": the id is there twice, or is of another form");
      if (check.requirements.empty()) faults.push_back(whole + " names no requirement");
      if (check.expects.empty()) faults.push_back(whole + " does not say what it expects");
      for (const std::string_view name : check.requirements) {
        const Requirement* requirement = find_requirement(name);
        if (requirement == nullptr)
          faults.push_back(whole + ": the register has no " + std::string(name));
        else if (!requirement->of(one.role()))
          faults.push_back(whole + ": " + std::string(name) + " is not asked of " + std::string(one.role()));
        else if (!requirement->in_force())
          faults.push_back(whole + ": " + std::string(name) + " is announced only");
        else if (!requirement->must() && one.level < Level::strict)
          faults.push_back(whole + ": " + std::string(name) + " is no MUST, so it belongs to level strict");
      }
    }
  }
  return faults;
}

std::vector<const Case*> cases_of(std::string_view role, Level level) {
  std::vector<const Case*> cases;
  for (const Case& one : catalogue())
    if (one.role() == role && one.level <= level) cases.push_back(&one);
  return cases;
}

std::optional<std::string> misfit(const RunResult& run) {
  if (run.suite_version != LOOPHOLE_VERSION)
    return "it was made by version " + run.suite_version + " of the suite; this is " + LOOPHOLE_VERSION;
  const std::vector<const Case*> cases = cases_of(run.role, run.level);
  if (run.cases.size() != cases.size())
    return "it has " + std::to_string(run.cases.size()) + " cases; " + run.role + " has " + std::to_string(cases.size()) + " at level " +
           std::string(to_string(run.level));
  std::size_t planned = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& mine = *cases[i];
    std::vector<std::string> ids;
    for (const std::vector<Check>* checks : {&mine.checks, &common_checks(run.role)})
      for (const Check& check : *checks) ids.push_back(std::string(mine.id) + "/" + std::string(check.id));
    planned += ids.size();
    if (run.cases[i].id != mine.id) return "it has the case '" + run.cases[i].id + "' in the place of " + std::string(mine.id);
    if (!std::ranges::equal(run.cases[i].checks, ids, {}, &CheckResult::id)) return "it has other checks of " + std::string(mine.id);
  }
  if (run.planned_checks != planned)
    return "it plans " + std::to_string(run.planned_checks) + " checks; there are " + std::to_string(planned);
  return std::nullopt;
}

Selected select(const std::vector<const Case*>& from, const Selection& selection) {
  if (selection.patterns.empty()) return {.cases = from, .unmatched = {}};
  Selected selected;
  for (const std::string& pattern : selection.patterns)
    if (std::ranges::none_of(from, [&](const Case* one) { return selects(pattern, *one); })) selected.unmatched.push_back(pattern);
  for (const Case* one : from)
    if (std::ranges::any_of(selection.patterns, [&](const std::string& pattern) { return selects(pattern, *one); }))
      selected.cases.push_back(one);
  return selected;
}

}  // namespace loophole::conformance
