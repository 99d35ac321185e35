#pragma once
// Automation as it comes in messages: the rule that its points keep, and the form in which the audio thread plays them.

#include <memory>
#include <optional>
#include <string>

#include "loophole/messages/automation.hpp"
#include "loophole/signal/rt/automated_parameter.hpp"

namespace loophole::signal {

// The first point that is wrong: its pointer into the lane ("/points/3/value") and why.
struct PointFault {
  std::string pointer;  // into the lane
  std::string message;  // why, for people
};

// [any-thread] Positions rise, one point each, and values lie in the range of the parameter. Nothing: the lane is right.
[[nodiscard]] std::optional<PointFault> find_fault(const automation::Lane& lane, double minimum, double maximum);

// [any-thread] The points of a lane whose mode plays them; nullptr: the mode is another one, or there are none.
[[nodiscard]] std::unique_ptr<const rt::Automation> prepare_automation(const std::optional<automation::Lane>& lane);

}  // namespace loophole::signal
