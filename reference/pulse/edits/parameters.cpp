#include <fmt/format.h>

#include <cmath>

#include "edits/edits.hpp"
#include "edits/refusals.hpp"

namespace loophole::pulse::edits {
namespace {

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{}{}{}", value, unit.empty() ? "" : " ", unit);
}

bool is_whole(parameter::ParameterKind kind) {
  return kind != parameter::ParameterKind::float_;
}

}  // namespace

Result<void> check_value(const parameter::Parameter& parameter, double value) {
  const bool inside = value >= parameter.minimum && value <= parameter.maximum;  // false for NaN
  const bool whole = !is_whole(parameter.kind) || std::trunc(value) == value;
  if (inside && whole) return {};
  const std::string range = with_unit(parameter.minimum, parameter.unit) + " to " + with_unit(parameter.maximum, parameter.unit);
  Error error = make_error(errors::kParameterOutOfRange, parameter.name + " cannot be " + with_unit(value, parameter.unit) + "; it takes " +
                                                             (is_whole(parameter.kind) ? "whole numbers from " : "values from ") + range);
  error.expected = range;
  error.found = fmt::format("{}", value);
  return error;
}

Result<Planned<parameter::SetReply>> plan(const EditContext& context, const parameter::Set& command) {
  const parameter::Parameter* parameter = context.state.parameter(command.parameter_id);
  if (parameter == nullptr) return no_parameter(command.parameter_id);
  if (auto valid = check_value(*parameter, command.value); !valid) return pointed(std::move(valid).error(), "/value");
  return Planned<parameter::SetReply>{
      .edit = {.label = "Set " + parameter->name,
               .changes = {project::ParameterChanged{.parameter_id = command.parameter_id, .value = command.value}}},
      .reply = {.value = command.value, .revision = 0}};
}

Result<Edit> plan_values(const EditContext& context, std::span<const parameter::ParameterValue> values) {
  Edit edit;
  std::size_t others = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string at = "/values/" + std::to_string(i);
    const parameter::Parameter* parameter = context.state.parameter(values[i].parameter_id);
    if (parameter == nullptr) return no_parameter(values[i].parameter_id, at + "/parameterId");
    if (auto valid = check_value(*parameter, values[i].value); !valid) return pointed(std::move(valid).error(), at + "/value");
    if (parameter->value == values[i].value) continue;
    if (edit.changes.empty())
      edit.label = "Set " + parameter->name;
    else
      ++others;
    edit.changes.emplace_back(project::ParameterChanged{.parameter_id = values[i].parameter_id, .value = values[i].value});
  }
  if (others > 0) edit.label += " and " + std::to_string(others) + " more";
  return edit;
}

}  // namespace loophole::pulse::edits
