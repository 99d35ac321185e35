// How conditions of scripts are read and compared.
#include "script/condition.hpp"

#include <doctest/doctest.h>

using namespace loophole;
using namespace loophole::cli;

namespace {

std::string read(const std::vector<std::string>& words) {
  auto condition = parse_condition(words);
  return condition ? condition->text() : condition.error().code;
}

}  // namespace

TEST_CASE("subject, name, comparison, value, unit") {
  CHECK(read({"revision", "3"}) == "revision >= 3");
  CHECK(read({"engine", "running"}) == "engine = running");
  CHECK(read({"meter", "Lead Synth", ">", "-30", "dB"}) == "meter Lead Synth > -30");
  CHECK(read({"parameter", "Synth/Cutoff", "440"}) == "parameter Synth/Cutoff = 440");
  CHECK(read({"Song", "contains", "on"}) == "Song contains on");
  CHECK(parse_condition({"engine", "running", "within", "2.5"}).value().within_s == 2.5);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {}, {"engine"}, {"meter", "Synth"}, {"engine", "is", "running"}, {"engine", "running", "within", "soon"}})
    CHECK(read(words) == "payload.invalid");
}

TEST_CASE("numbers are compared as numbers, other text as text") {
  CHECK(compare("12", "=", "12.0").value());
  CHECK(compare("9", "<", "10").value());
  CHECK_FALSE(compare("nothing", ">", "-30").value());
  CHECK(compare("running", "!=", "lost").value());
  CHECK(compare("Lead Synth", "contains", "Synth").value());
  CHECK_FALSE(compare("1", ">", "loud").has_value());
}
