#include "view/table.hpp"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "view/text.hpp"

namespace loophole::cli {

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = terminal_text(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(const TerminalTraits& traits, std::size_t width) const {
  constexpr std::size_t kLeast = 8;
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  const std::size_t all = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  for (std::size_t i = 0, too_much = all > width && width > 0 ? all - width : 0; i < widths.size() && too_much > 0; ++i) {
    if (!columns_[i].path || widths[i] <= kLeast) continue;
    const std::size_t less = std::min(too_much, widths[i] - kLeast);
    widths[i] -= less;
    too_much -= less;
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = fitted_inside(traits, row[i], widths[i]);
      const std::string space(widths[i] - std::min(widths[i], columns(cell)), ' ');
      line += (i == 0 ? "" : "  ") + (columns_[i].right ? space + cell : cell + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

std::string Table::text() const {
  const TerminalTraits traits = terminal_traits();
  return text(traits, isatty(STDOUT_FILENO) == 1 ? static_cast<std::size_t>(traits.width) : 0);
}

}  // namespace loophole::cli
