// The proof of `loophole-schema breaking`: 1,000 times one thing in real schemas is changed, the tool is asked whether that breaks peers of
// the version before, and then peers of both versions, with the SDK's codec, send each other instances that their schemas allow. Both must
// say the same. Every step has a seed of its own: a failure prints seed and step, and LOOPHOLE_EVOLUTION_STEP=N runs that step alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "breaking.hpp"
#include "canonical.hpp"
#include "mutations.hpp"
#include "observe.hpp"

using namespace evolution;

namespace {

constexpr std::uint64_t kSeed = 20260131;
constexpr std::size_t kSteps = 1000;

// Changes that no decoder can see; tests of the generator cover them.
constexpr auto kUnseen = std::to_array<std::string_view>(
    {"breaking-unit", "breaking-message-idempotent", "breaking-message-undoable", "breaking-message-error-removed"});

struct Start {
  std::string name;
  Draft::Base base;
  nlohmann::json model;
  std::unique_ptr<Peer> peer;
};

const std::vector<Start>& starts() {
  static const std::vector<Start> all = [] {
    std::vector<Start> out;
    for (const char* folder : {LOOPHOLE_SCHEMAS, LOOPHOLE_GOOD_SCHEMAS}) {
      Start& start = out.emplace_back();
      start.name = folder;
      start.base = Draft::base(schema::read_folder(folder));
      start.model = schema::canonical(start.base.model);
      start.peer = std::make_unique<Peer>(start.base.model);
    }
    return out;
  }();
  return all;
}

const std::vector<Mutation>& mutations() {
  static const std::vector<Mutation> all = [] {
    std::vector<Mutation> out;
    for (const auto part : {mutations_of_values(), mutations_of_members(), mutations_of_messages()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

struct Step {
  const Start* start = nullptr;
  const Mutation* mutation = nullptr;
  schema::Model now;
};

// Kinds of change take turns; each tries until the linter lets one through.
Step make_step(std::size_t number) {
  Random random{kSeed + number};
  Step step;
  step.mutation = &mutations()[number % mutations().size()];
  for (int attempt = 0; attempt < 400; ++attempt) {
    step.start = &starts()[random.chance(35) ? 1 : 0];
    Draft draft{step.start->base};
    if (!step.mutation->apply(draft, random)) continue;
    if (auto model = draft.finish()) {
      step.now = std::move(*model);
      return step;
    }
  }
  FAIL("no change of this kind passes the linter: " << step.mutation->name);
  return step;
}

std::string text_of(const schema::Faults& faults) {
  std::string out;
  for (const schema::Fault& fault : faults) out += "\n  " + schema::to_line(fault);
  return out;
}

std::pair<std::size_t, std::size_t> range() {
  const char* const one = std::getenv("LOOPHOLE_EVOLUTION_STEP");
  if (one == nullptr) return {0, kSteps};
  const std::size_t step = std::strtoul(one, nullptr, 10);
  return {step, step + 1};
}

}  // namespace

TEST_CASE("breaking says of 1,000 changes what peers of both versions find") {
  std::map<std::string, std::array<std::size_t, 2>> verdicts;
  const auto [first, last] = range();
  for (std::size_t number = first; number < last; ++number) {
    const Step step = make_step(number);
    CAPTURE(kSeed);
    CAPTURE(number);
    CAPTURE(step.start->name);
    CAPTURE(step.mutation->name);
    schema::Faults found = schema::find_breaks(step.start->model, schema::canonical(step.now));
    std::erase_if(found, [](const schema::Fault& fault) { return std::ranges::find(kUnseen, fault.rule) != kUnseen.end(); });
    const auto seen = observe(*step.start->peer, Peer{step.now});
    const std::string said = text_of(found);
    const std::string observed = seen.value_or("nothing breaks");
    CAPTURE(said);
    CAPTURE(observed);
    CHECK(found.empty() == !seen.has_value());
    ++verdicts[step.mutation->name][seen ? 1 : 0];
  }
  if (last - first < kSteps) return;

  // The proof would be none if it had only seen one side, or left out a kind of change.
  std::size_t breaks = 0;
  std::string table;
  for (const auto& [name, count] : verdicts) {
    breaks += count[1];
    table += "\n  " + name + ": " + std::to_string(count[1]) + " break, " + std::to_string(count[0]) + " do not";
  }
  MESSAGE(breaks << " of " << kSteps << " changes break:" << table);
  CHECK(verdicts.size() == mutations().size());
  CHECK(breaks > kSteps / 3);
  CHECK(breaks < kSteps * 2 / 3 + 100);
}
