#pragma once
// The report of a benchmark: what was measured, the floor of the same run beside it, and whether the goal is met. One form for all, as text
// and as JSON; loophole-bench-page draws it.
//
// In all units less is better: rates are told as time for one.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "statistics.hpp"

namespace loophole::bench {

enum class Bound { at_most, at_least };

// A part of a goal: a number of a measurement, and what it must be.
struct Limit {
  std::string what;  // "p99", "in a second"
  double value = 0;
  Bound bound = Bound::at_most;
  double goal = 0;
  std::string unit{};  // "x floor", "ms"

  [[nodiscard]] bool is_met() const noexcept { return bound == Bound::at_most ? value <= goal : value >= goal; }
  friend bool operator==(const Limit&, const Limit&) = default;
};

struct Measurement {
  std::string name;    // lower-case words with dashes between them, once in all reports
  std::string goal{};  // "P1"; empty: it has none
  std::string what;    // for people
  std::string unit;    // of the distributions
  Distribution ours;
  std::optional<Distribution> floor{};
  std::vector<Distribution> beside{};  // other ways to do it, to compare with
  std::vector<Limit> limits{};         // of the goal; empty: it has none
  std::vector<std::string> notes{};    // sentences for people

  // Of the medians; nothing without a floor.
  [[nodiscard]] std::optional<double> ratio() const;
  // Nothing without a goal.
  [[nodiscard]] std::optional<bool> is_met() const;
  friend bool operator==(const Measurement&, const Measurement&) = default;
};

struct Machine {
  int cores = 0;
  std::string system{};   // kernel and architecture
  double load_begin = 0;  // average over a minute, when the run began
  double load_end = 0;
  friend bool operator==(const Machine&, const Machine&) = default;
};

struct Report {
  std::string benchmark;
  std::string at{};  // UTC
  double seconds = 0;
  Machine machine{};
  std::vector<Measurement> measurements{};
  friend bool operator==(const Report&, const Report&) = default;
};

[[nodiscard]] nlohmann::json to_json(const Report& report);
// Nothing: the text is no such report, and `fault` says why.
[[nodiscard]] std::optional<Report> report_of(std::string_view json, std::string& fault);

// Three or four digits: "0.132", "18.6", "21,500".
[[nodiscard]] std::string number(double value);
// "p99 at most 1.3 x floor", with the number where one is given.
[[nodiscard]] std::string text_of(const Limit& limit);
// A measurement as lines for a terminal.
[[nodiscard]] std::string text_of(const Measurement& measurement);

}  // namespace loophole::bench
