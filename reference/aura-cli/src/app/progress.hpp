#pragma once
// ProgressLine: how far a slow command is, on standard error while that is a terminal; it goes away when the answer is here.

#include <memory>
#include <string>

#include "loophole/messages/operation.hpp"

namespace loophole::cli {

class ProgressLine {
 public:
  // [owner-thread] nullptr where standard error is no terminal.
  [[nodiscard]] static std::shared_ptr<ProgressLine> of_standard_error();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // [owner-thread]
  void show(const operation::Progress& progress);

  // [any-thread] "Scanning plugins  [#####-----]  52 %", not wider than `width`.
  [[nodiscard]] static std::string text(const operation::Progress& progress, std::size_t width);

 private:
  explicit ProgressLine(bool in_place) : in_place_(in_place) {}
  bool in_place_;  // false on a dumb terminal: a line for each step
  std::string step_;
};

}  // namespace loophole::cli
