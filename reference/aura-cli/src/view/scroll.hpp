#pragma once
// Scroll: which of many lines are shown. Pure: keys come in.

#include <algorithm>
#include <cstddef>

#include "view/keyboard.hpp"

namespace loophole::cli {

class Scroll {
 public:
  // [owner-thread] There are this many lines, and room for so many.
  void fit(std::size_t total, std::size_t shown) noexcept {
    total_ = total;
    shown_ = shown;
    first_ = std::min(first_, last_first());
  }
  // [owner-thread]
  void press(Key key) noexcept {
    const std::size_t page = std::max<std::size_t>(1, shown_);
    if (key == Key::up) first_ -= std::min<std::size_t>(first_, 1);
    if (key == Key::down) first_ = std::min(first_ + 1, last_first());
    if (key == Key::page_up) first_ -= std::min(first_, page);
    if (key == Key::page_down) first_ = std::min(first_ + page, last_first());
    if (key == Key::home) first_ = 0;
    if (key == Key::end) first_ = last_first();
  }
  [[nodiscard]] std::size_t first() const noexcept { return first_; }
  [[nodiscard]] std::size_t end() const noexcept { return std::min(first_ + shown_, total_); }  // the first that is not shown
  [[nodiscard]] std::size_t total() const noexcept { return total_; }
  [[nodiscard]] bool needed() const noexcept { return total_ > shown_; }

 private:
  [[nodiscard]] std::size_t last_first() const noexcept { return total_ - std::min(total_, shown_); }
  std::size_t first_ = 0;
  std::size_t total_ = 0;
  std::size_t shown_ = 0;
};

}  // namespace loophole::cli
