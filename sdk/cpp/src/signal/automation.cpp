#include "loophole/signal/automation.hpp"

#include <utility>
#include <vector>

namespace loophole::signal {

std::optional<PointFault> find_fault(const automation::Lane& lane, double minimum, double maximum) {
  std::int64_t lowest = 0;
  for (std::size_t i = 0; i < lane.points.size(); ++i) {
    const automation::Point& point = lane.points[i];
    const std::string pointer = "/points/" + std::to_string(i);
    if (point.position_frames < lowest)
      return PointFault{pointer + "/positionFrames", "the point at " + std::to_string(point.position_frames) +
                                                         " does not come behind the one before it; positions rise, and each has one point"};
    lowest = point.position_frames + 1;
    if (!(minimum <= point.value && point.value <= maximum))
      return PointFault{pointer + "/value", "the point at " + std::to_string(point.position_frames) + " has the value " +
                                                std::to_string(point.value) + " outside of the range " + std::to_string(minimum) + " to " +
                                                std::to_string(maximum)};
  }
  return std::nullopt;
}

std::unique_ptr<const rt::Automation> prepare_automation(const std::optional<automation::Lane>& lane) {
  using automation::Mode;
  if (!lane || lane->points.empty()) return nullptr;
  if (lane->mode != Mode::read && lane->mode != Mode::touch && lane->mode != Mode::latch) return nullptr;
  std::vector<rt::AutomationPoint> points;
  points.reserve(lane->points.size());
  for (const automation::Point& point : lane->points)
    points.push_back({.position = static_cast<std::uint64_t>(point.position_frames),
                      .value = point.value,
                      .holds = point.shape != automation::Shape::linear});
  return std::make_unique<const rt::Automation>(std::move(points));
}

}  // namespace loophole::signal
