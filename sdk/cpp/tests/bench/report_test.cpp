// A report says the same as JSON, and says of each measurement whether its goal is met.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "sample_report.hpp"

using namespace loophole::bench;

TEST_CASE("a report written as JSON is read as it was") {
  std::string fault;
  const auto read = report_of(to_json(sample_report()).dump(), fault);
  CAPTURE(fault);
  REQUIRE(read);
  CHECK(*read == sample_report());
}

TEST_CASE("what is no report is refused with what is missing") {
  std::string fault;
  CHECK_FALSE(report_of("{", fault));
  CHECK_FALSE(report_of(R"({"benchmark": "control", "ratio": 1.2})", fault));
  CHECK(fault.find("machine") != std::string::npos);
}

TEST_CASE("a goal is met when each of its parts is; without one there is nothing to meet") {
  const auto measurements = sample_report().measurements;
  CHECK(measurements[0].is_met() == true);
  CHECK(measurements[1].is_met() == false);  // p50 is, p99 is not
  CHECK(measurements[2].is_met() == std::nullopt);
}

TEST_CASE("JSON has the ratio of the medians and the verdicts") {
  const auto json = to_json(sample_report()).at("measurements");
  CHECK(json[0].at("ratio") == doctest::Approx(1.2));
  CHECK(json[0].at("met") == true);
  CHECK(json[0].at("floor").at("p99.9") == 110);
  CHECK(json[1].at("met") == false);
  CHECK(json[1].at("limits")[1].at("met") == false);
  CHECK_FALSE(json[1].contains("ratio"));
  CHECK_FALSE(json[2].contains("met"));
}

TEST_CASE("a bound that is reached is kept") {
  CHECK(Limit{"p50", 1.3, Bound::at_most, 1.3}.is_met());
  CHECK_FALSE(Limit{"p50", 1.31, Bound::at_most, 1.3}.is_met());
  CHECK(Limit{"rate", 5'000, Bound::at_least, 5'000}.is_met());
  CHECK_FALSE(Limit{"rate", 4'999, Bound::at_least, 5'000}.is_met());
}

TEST_CASE("numbers have three or four digits") {
  CHECK(number(0.1324) == "0.132");
  CHECK(number(1.316) == "1.32");
  CHECK(number(18.64) == "18.6");
  CHECK(number(249.6) == "250");
  CHECK(number(21'500) == "21,500");
  CHECK(number(-1'234'567) == "-1,234,567");
  CHECK(number(-123) == "-123");
}

TEST_CASE("text tells each part of the goal with what was measured") {
  const std::string text = text_of(sample_report().measurements[1]);
  CHECK(text.find("p50 at most 1.00 ms: 0.600, met") != std::string::npos);
  CHECK(text.find("p99 at most 1.00 ms: 4.00, MISSED") != std::string::npos);
  CHECK(text.find("in a second at least 5,000: 9,000, met") != std::string::npos);
}
