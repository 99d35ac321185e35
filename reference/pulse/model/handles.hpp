#pragma once
// HandleSource: gives the compact numbers that parameters and meters have in frames. A number is never given twice in the life of a
// project, so that a late frame of something removed cannot move something new; the file keeps where the count stands.

#include "loophole/messages/scalars.hpp"

namespace loophole::pulse {

class HandleSource {
 public:
  explicit HandleSource(Handle next = 1) : next_(next) {}

  // [owner-thread] A number that was not given before.
  [[nodiscard]] Handle take() noexcept { return next_++; }
  // The number that take() gives next; what the file has to keep.
  [[nodiscard]] Handle next() const noexcept { return next_; }

 private:
  Handle next_;
};

}  // namespace loophole::pulse
