#pragma once
// Table: rows of cells under each other, within the width of the terminal.

#include <string>
#include <vector>

#include "view/terminal.hpp"

namespace loophole::cli {

class Table {
 public:
  struct Column {
    bool right = false;  // numbers
    bool path = false;   // gives way where the rows are too wide: its middle is left out
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // [owner-thread] A cell for each column.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  // [owner-thread] Without a limit where `width` is 0. What gives way keeps 8 columns; rows that do not fit even so stay whole.
  [[nodiscard]] std::string text(const TerminalTraits& traits, std::size_t width) const;
  // [owner-thread] For standard output: as wide as the terminal, without a limit where it is none.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace loophole::cli
