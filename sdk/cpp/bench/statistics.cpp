#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loophole::bench {
namespace {

Percentiles of_sorted(const std::vector<double>& sorted) {
  // In whole thousandths: 0.9 x 10 is a little more than 9 in binary, and would be rank 10.
  const auto at = [&](std::size_t thousandths) { return sorted[(sorted.size() * thousandths + 999) / 1'000 - 1]; };
  return {.p50 = at(500), .p90 = at(900), .p99 = at(990), .p999 = at(999), .max = sorted.back()};
}

std::vector<CurvePoint> curve_of_sorted(const std::vector<double>& sorted) {
  const auto count = static_cast<double>(sorted.size());
  std::vector<CurvePoint> curve;
  const auto add = [&](std::size_t rank) { curve.push_back({static_cast<double>(rank) / count, sorted[rank]}); };
  if (sorted.size() <= kMostCurvePoints) {
    for (std::size_t rank = 0; rank < sorted.size(); ++rank) add(rank);
    return curve;
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < kMostCurvePoints; ++i) {
    const double share = 1 - std::pow(count, -static_cast<double>(i) / static_cast<double>(kMostCurvePoints - 1));
    const auto rank = std::min(static_cast<std::size_t>(std::lround(share * count)), sorted.size() - 1);
    if (rank < next) continue;
    add(rank);
    next = rank + 1;
  }
  return curve;
}

}  // namespace

Percentiles percentiles_of(std::vector<double> samples) {
  std::ranges::sort(samples);
  return of_sorted(samples);
}

Distribution distribution_of(std::string what, std::vector<double> samples) {
  std::ranges::sort(samples);
  return {.what = std::move(what), .samples = samples.size(), .at = of_sorted(samples), .curve = curve_of_sorted(samples)};
}

}  // namespace loophole::bench
