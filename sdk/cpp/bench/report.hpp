#pragma once
// What the benchmarks have in common: percentiles, never averages alone, and the report as a JSON file.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace loophole::bench {

struct Percentiles {
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
};

// Of at least one sample.
inline Percentiles percentiles_of(std::vector<double> samples) {
  std::ranges::sort(samples);
  const auto at = [&](double share) { return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1))]; };
  return {at(0.50), at(0.90), at(0.99)};
}

inline nlohmann::json json_of(const Percentiles& p) {
  return {{"p50", p.p50}, {"p90", p.p90}, {"p99", p.p99}};
}

// Keeps the optimiser from taking away what is measured.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// The exit code of a benchmark whose report goes to this file; to none where the path is empty.
inline int write_report(const std::string& path, const nlohmann::json& report) {
  if (path.empty()) return 0;
  std::ofstream file(path);
  file << report.dump(2) << '\n';
  file.flush();
  if (file) return 0;
  std::fprintf(stderr, "cannot write %s\n", path.c_str());
  return 1;
}

}  // namespace loophole::bench
