#include <algorithm>
#include <limits>

#include "edits/edits.hpp"
#include "edits/refusals.hpp"

namespace loophole::pulse::edits {
namespace {

using automation::Lane;
using automation::Point;

constexpr std::size_t kMostPoints = 65'536;

Result<const parameter::Parameter*> automatable(const EditContext& context, const ParameterId& id, const std::string& pointer) {
  const parameter::Parameter* parameter = context.state.parameter(id);
  if (parameter == nullptr) return no_parameter(id, pointer);
  if (!parameter->automatable)
    return pointed(
        make_error(errors::kAutomationUnsupported, parameter->name + " cannot be automated; choose a parameter whose automatable is true"),
        pointer);
  return parameter;
}

Error no_part(const errors::Code& code, std::int64_t from, std::int64_t to, std::string pointer) {
  Error error = pointed(make_error(code, "the part from " + std::to_string(from) + " to " + std::to_string(to) +
                                             " ends before it begins; send toFrames of fromFrames or more"),
                        std::move(pointer));
  error.expected = "at least " + std::to_string(from);
  error.found = std::to_string(to);
  return error;
}

// The lane of a parameter. One that has none gets one that is played, or what was drawn would not be heard.
Lane lane_of(const parameter::Parameter& parameter) {
  return parameter.automation.value_or(Lane{.mode = automation::Mode::read, .points = {}});
}

bool before(const Point& point, std::int64_t position) {
  return point.position_frames < position;
}

void erase_part(std::vector<Point>& points, std::int64_t from, std::int64_t to) {
  const auto first = std::lower_bound(points.begin(), points.end(), from, before);
  points.erase(first, std::lower_bound(first, points.end(), to, before));
}

Result<void> check_points(const parameter::Parameter& parameter, std::int64_t from, std::int64_t to, std::span<const Point> points,
                          const std::string& pointer) {
  std::int64_t lowest = from;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    const std::string at = pointer + "/" + std::to_string(i);
    if (point.position_frames < lowest || point.position_frames >= to) {
      Error error = pointed(make_error(errors::kAutomationInvalidPoints,
                                       "the point at " + std::to_string(point.position_frames) + " is not in its place: the part is from " +
                                           std::to_string(from) + " to " + std::to_string(to) + ", positions rise, and each has one point"),
                            at + "/positionFrames");
      error.expected = std::to_string(lowest) + " to " + std::to_string(to - 1);
      error.found = std::to_string(point.position_frames);
      return error;
    }
    lowest = point.position_frames + 1;
    if (auto valid = check_value(parameter, point.value); !valid) return pointed(std::move(valid).error(), at + "/value");
    if (point.shape == automation::Shape::unknown)
      return invalid("this Pulse has no such shape; it has hold and linear", at + "/shape", "enum", "hold, linear", "another label");
  }
  return {};
}

}  // namespace

Result<project::AutomationChanged> plan_points(const EditContext& context, const PointsInPart& part) {
  auto parameter = automatable(context, part.parameter_id, part.pointer + "/parameterId");
  if (!parameter) return std::move(parameter).error();
  if (part.to_frames < part.from_frames)
    return no_part(errors::kAutomationInvalidPoints, part.from_frames, part.to_frames, part.pointer + "/toFrames");
  if (auto valid = check_points(**parameter, part.from_frames, part.to_frames, part.points, part.pointer + "/points"); !valid)
    return std::move(valid).error();
  const bool nothing = part.points.empty() && !(*parameter)->automation;
  if (nothing) return project::AutomationChanged{.parameter_id = part.parameter_id, .automation = {}};
  Lane lane = lane_of(**parameter);
  erase_part(lane.points, part.from_frames, part.to_frames);
  if (lane.points.size() + part.points.size() > kMostPoints) return full("points", kMostPoints, part.pointer + "/points");
  lane.points.insert(std::lower_bound(lane.points.begin(), lane.points.end(), part.from_frames, before), part.points.begin(),
                     part.points.end());
  return project::AutomationChanged{.parameter_id = part.parameter_id, .automation = std::move(lane)};
}

Result<Planned<Edited>> plan(const EditContext& context, const automation::SetPoints& command) {
  auto change = plan_points(context, {.parameter_id = command.parameter_id,
                                      .from_frames = command.from_frames,
                                      .to_frames = command.to_frames,
                                      .points = command.points,
                                      .pointer = {}});
  if (!change) return std::move(change).error();
  const std::string& name = context.state.parameter(command.parameter_id)->name;
  return Planned<Edited>{.edit = {.label = "Draw Automation of " + name, .changes = {*std::move(change)}}, .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const automation::Clear& command) {
  auto parameter = automatable(context, command.parameter_id, "/parameterId");
  if (!parameter) return std::move(parameter).error();
  const std::int64_t from = command.from_frames.value_or(0);
  const std::int64_t to = command.to_frames.value_or(std::numeric_limits<std::int64_t>::max());
  if (to < from) return no_part(errors::kPayloadInvalid, from, to, "/toFrames");
  std::optional<Lane> lane = (*parameter)->automation;
  if (lane) erase_part(lane->points, from, to);
  return Planned<Edited>{
      .edit = {.label = "Clear Automation of " + (*parameter)->name,
               .changes = {project::AutomationChanged{.parameter_id = command.parameter_id, .automation = std::move(lane)}}},
      .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const automation::SetMode& command) {
  auto parameter = automatable(context, command.parameter_id, "/parameterId");
  if (!parameter) return std::move(parameter).error();
  if (command.mode == automation::Mode::unknown)
    return invalid("this Pulse has no such mode; it has off, read, touch, latch and write", "/mode", "enum",
                   "off, read, touch, latch, write", "another label");
  Lane lane = lane_of(**parameter);
  lane.mode = command.mode;
  return Planned<Edited>{
      .edit = {.label = "Set Automation of " + (*parameter)->name + " to " + std::string(to_string(command.mode)),
               .changes = {project::AutomationChanged{.parameter_id = command.parameter_id, .automation = std::move(lane)}}},
      .reply = {}};
}

}  // namespace loophole::pulse::edits
