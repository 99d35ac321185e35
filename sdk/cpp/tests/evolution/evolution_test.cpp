// The proof of `loophole-schema breaking`: 1,000 times one thing in real schemas is changed, the tool is asked whether that breaks peers of
// the version before, and then peers of both versions, with the SDK's codec, send each other instances that their schemas allow. Both must
// say the same. Every step has a seed of its own: a failure prints its number, and LOOPHOLE_EVOLUTION_STEP=N runs that step alone.
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <map>

#include "steps.hpp"

namespace {

constexpr std::uint64_t kSeed = 20260131;
constexpr std::size_t kSteps = 1000;

// A quick round takes fewer: LOOPHOLE_EVOLUTION_STEPS.
std::size_t wanted_steps() {
  const char* const steps = std::getenv("LOOPHOLE_EVOLUTION_STEPS");
  return steps == nullptr ? kSteps : std::strtoul(steps, nullptr, 10);
}

}  // namespace

TEST_CASE("breaking says of 1,000 changes what peers of both versions find") {
  const evolution::Steps steps{{LOOPHOLE_SCHEMAS, LOOPHOLE_GOOD_SCHEMAS}};
  const char* const alone = std::getenv("LOOPHOLE_EVOLUTION_STEP");
  const std::size_t first = alone == nullptr ? 0 : std::strtoul(alone, nullptr, 10);
  const std::size_t last = alone == nullptr ? wanted_steps() : first + 1;

  std::map<std::string, std::array<std::size_t, 2>> verdicts;
  for (std::size_t number = first; number < last; ++number) {
    const evolution::Step step = steps.run(kSeed, number);
    CAPTURE(kSeed);
    CAPTURE(number);
    CAPTURE(step.schemas);
    CAPTURE(step.change);
    CAPTURE(step.findings);
    CAPTURE(step.observation);
    if (alone != nullptr) MESSAGE(step.change << ":" << step.findings << "\n  seen: " << step.observation);
    CHECK(step.said == step.seen);
    ++verdicts[step.change][step.seen ? 1 : 0];
  }
  if (alone != nullptr) return;

  // It would prove little if it had seen one side only, or left out a kind of change.
  std::size_t breaks = 0;
  std::string table;
  for (const auto& [change, count] : verdicts) {
    breaks += count[1];
    table += "\n  " + change + ": " + std::to_string(count[1]) + " break, " + std::to_string(count[0]) + " do not";
  }
  MESSAGE(breaks << " of " << last << " changes break:" << table);
  CHECK(verdicts.size() == steps.kinds().size());
  CHECK(breaks > last / 4);
  CHECK(breaks < last - last / 4);
}
