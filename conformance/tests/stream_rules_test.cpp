// Frames of an Aura: what is wrong with each, and nothing where nothing is.
#include "trial/stream_rules.hpp"

#include <doctest/doctest.h>

using namespace loophole;
using namespace loophole::conformance;

namespace {

const StreamId kId("00f1a2b3c4d5e6f7");
constexpr std::uint64_t kNumber = 0x00f1a2b3c4d5e6f7U;

StreamRules granted() {
  StreamRules rules;
  rules.granted(kId, 17, {{.parameter_id = ParameterId("prm-1"), .handle = 3, .value = 0, .minimum = -60, .maximum = 12}});
  return rules;
}

std::string heard(StreamRules& rules, const frames::ParameterStreamHeader& header, const std::vector<frames::ParameterSample>& samples,
                  Instant now = {}) {
  std::vector<Violation> violations;
  (void)rules.hear(frames::make_parameter_stream(header, samples), now, violations);
  return violations.empty() ? std::string() : violations.front().requirement;
}

}  // namespace

TEST_CASE("the digits of a stream id are its number, the most significant one first") {
  CHECK(StreamRules::number_of(kId) == kNumber);
}

TEST_CASE("frames of a grant, numbered by samples, are good") {
  StreamRules rules = granted();
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 0}, {{.value = 1, .handle = 3}, {.value = 2, .handle = 3}}).empty());
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 2}, {{.value = 3, .handle = 3}}).empty());
  REQUIRE(rules.find(kId) != nullptr);
  CHECK(rules.find(kId)->newest.at(3) == 3);
  CHECK(rules.report(kId).samples_received == 3);
  CHECK(rules.report(kId).frames_received == 2);
}

TEST_CASE("a frame that breaks a rule names it") {
  StreamRules rules = granted();
  const std::vector<frames::ParameterSample> one{{.value = 1, .handle = 3}};
  CHECK(heard(rules, {.stream_id = kNumber + 1, .epoch = 17, .sequence = 0}, one) == "GEST-10");
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 18, .sequence = 0}, one) == "GEST-10");
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 7}, one) == "GEST-11");
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 8}, {{.value = 1, .handle = 4}}) == "GEST-10");
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 9}, {{.value = 1, .handle = 3, .reserved = 1}}) == "FRM-35");
  StreamRules none;
  CHECK(heard(none, {.stream_id = 1, .epoch = 17, .sequence = 0}, one) == "GEST-9");
}

TEST_CASE("what comes in the moment after the end was sent before it, and what comes later was not") {
  StreamRules rules = granted();
  const Instant end = Instant{} + std::chrono::seconds(5);
  rules.over(kId, "GEST-15", end);
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 0}, {{.value = 1, .handle = 3}}, end).empty());
  CHECK(heard(rules, {.stream_id = kNumber, .epoch = 17, .sequence = 1}, {{.value = 1, .handle = 3}}, end + std::chrono::seconds(1)) ==
        "GEST-15");
}
