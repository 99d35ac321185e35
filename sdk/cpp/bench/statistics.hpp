#pragma once
// What is kept of many measurements of one thing: percentiles, never averages alone, and points of their curve to draw.

#include <cstddef>
#include <string>
#include <vector>

namespace loophole::bench {

// Each is a value that was measured: the smallest that at least this share of the samples does not exceed (nearest rank). With fewer than
// a thousand samples the 99.9th percentile is the largest of them.
struct Percentiles {
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;

  friend bool operator==(const Percentiles&, const Percentiles&) = default;
};

// Of at least one sample.
[[nodiscard]] Percentiles percentiles_of(std::vector<double> samples);

// A point of the curve: this share of the samples, at least 0 and less than 1, is before `value` in their order.
struct CurvePoint {
  double share = 0;
  double value = 0;

  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

inline constexpr std::size_t kMostCurvePoints = 200;

struct Distribution {
  std::string what;  // for people
  std::size_t samples = 0;
  Percentiles at{};
  // Ascending, from the smallest sample to the largest, dense where percentiles are dense: equal steps of log(1 / (1 - share)).
  std::vector<CurvePoint> curve{};

  friend bool operator==(const Distribution&, const Distribution&) = default;
};

// Of at least one sample.
[[nodiscard]] Distribution distribution_of(std::string what, std::vector<double> samples);

}  // namespace loophole::bench
