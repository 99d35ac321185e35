#pragma once
// All reports of a run as one page, and as one table for a terminal.

#include <string>
#include <vector>

#include "report.hpp"

namespace loophole::bench {

// HTML that needs nothing else: what is met and what is missed, then a picture of each measurement. Light, dark and printed.
[[nodiscard]] std::string page_of(const std::vector<Report>& reports);

// A line for each measurement, and one more for each further part of its goal.
[[nodiscard]] std::string table_of(const std::vector<Report>& reports);

// By goal (P2 before P10), and those without a goal behind them; otherwise in the order of the reports.
[[nodiscard]] std::vector<const Measurement*> by_goal(const std::vector<Report>& reports);

}  // namespace loophole::bench
