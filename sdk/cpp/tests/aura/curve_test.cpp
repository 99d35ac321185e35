#include "loophole/aura/curve.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace loophole;
using aura::to_plain;
using aura::to_position;
using parameter::Curve;
using parameter::ParameterKind;

namespace {

parameter::Parameter make(double minimum, double maximum, Curve curve, const std::string& unit = "",
                          ParameterKind kind = ParameterKind::float_) {
  parameter::Parameter made;
  made.kind = kind;
  made.minimum = minimum;
  made.maximum = maximum;
  made.unit = unit;
  made.curve = curve;
  return made;
}

}  // namespace

TEST_CASE("a linear control is in proportion") {
  const auto parameter = make(-1, 3, Curve::linear);
  CHECK(to_plain(parameter, 0.25) == doctest::Approx(0.0));
  CHECK(to_position(parameter, 1.0) == doctest::Approx(0.5));
}

TEST_CASE("an exponential control has equal ratios for equal distances") {
  const auto parameter = make(20, 20'000, Curve::exponential, "Hz");
  CHECK(to_plain(parameter, 1.0 / 3) == doctest::Approx(200.0));
  CHECK(to_plain(parameter, 2.0 / 3) == doctest::Approx(2000.0));
  CHECK(to_position(parameter, 2000) == doctest::Approx(2.0 / 3));
}

TEST_CASE("a decibel control is linear in decibels, for levels in dB and for amplitude ratios") {
  CHECK(to_plain(make(-60, 0, Curve::decibel, "dB"), 0.5) == doctest::Approx(-30.0));
  const auto ratio = make(0.001, 1, Curve::decibel);
  CHECK(to_plain(ratio, 0.5) == doctest::Approx(std::pow(10.0, -30.0 / 20)));
  CHECK(to_position(ratio, 0.1) == doctest::Approx(2.0 / 3));
  CHECK(to_plain(make(0, 1, Curve::decibel), 0) == 0.0);
}

TEST_CASE("both ends are exact, and what is outside is moved to them") {
  for (const auto& parameter : {make(-90, 24, Curve::decibel, "dB"), make(20, 20'000, Curve::exponential), make(0.1, 0.7, Curve::linear)}) {
    CHECK(to_plain(parameter, 0) == parameter.minimum);
    CHECK(to_plain(parameter, 1) == parameter.maximum);
    CHECK(to_plain(parameter, -3) == parameter.minimum);
    CHECK(to_plain(parameter, 7) == parameter.maximum);
    CHECK(to_position(parameter, parameter.minimum - 1) == 0.0);
    CHECK(to_position(parameter, parameter.maximum + 1) == 1.0);
  }
}

TEST_CASE("positions come back from values") {
  for (const auto& parameter : {make(-90, 24, Curve::decibel, "dB"), make(20, 20'000, Curve::exponential), make(-1, 1, Curve::linear),
                                make(0.001, 4, Curve::decibel), make(0, 1, Curve::unknown), make(0, 100, Curve::exponential)}) {
    for (double position = 0; position <= 1; position += 0.125) {
      CAPTURE(position);
      CHECK(to_position(parameter, to_plain(parameter, position)) == doctest::Approx(position));
    }
  }
}

TEST_CASE("whole kinds get whole values") {
  const auto parameter = make(0, 3, Curve::linear, "", ParameterKind::choice);
  CHECK(to_plain(parameter, 0.4) == 1.0);
  CHECK(to_plain(parameter, 0.6) == 2.0);
}

TEST_CASE("what is no number stays none") {
  const auto parameter = make(0, 3, Curve::linear);
  CHECK(std::isnan(to_plain(parameter, std::nan(""))));
  CHECK(std::isnan(to_position(parameter, std::nan(""))));
}
