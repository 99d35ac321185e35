#include <map>

#include "lint.hpp"
#include "naming.hpp"

namespace loophole::schema {
namespace {

void lint_frame_type(const FrameType& type, Faults& faults) {
  if (type.description.empty()) faults.push_back({type.where, "documentation", "The type has no /// comment; add a sentence."});
  if (!is_pascal(type.name)) faults.push_back({type.where, "type-name", "'" + type.name + "' is not Pascal, such as MeterReading."});
  for (const FrameField& field : type.fields) {
    if (field.description.empty()) faults.push_back({field.where, "documentation", "The field has no /// comment; add a sentence."});
    if (!is_snake(field.name)) faults.push_back({field.where, "field-name", "'" + field.name + "' is not snake_case, such as time_ns."});
    if (is_cpp_keyword(field.name))
      faults.push_back({field.where, "cpp-keyword", "'" + field.name + "' is a word of C++; choose another name."});
    if (!type.fixed && !field.id) faults.push_back({field.where, "fbs-id", "The field has no (id: N); ids keep old frames readable."});
    if (!field.unit.empty() && !is_unit(field.unit))
      faults.push_back(
          {field.where, "unit-unknown", "'" + field.unit + "' is not one of Frames, Ns, Ms, Hz, Db, Ratio, Bpm, Beats, Parameter."});
    lint_unit(lower_camel(field.name), field.unit, field.where, faults);
  }
}

}  // namespace

void lint_frames(const Model& model, Faults& faults) {
  std::map<std::string, std::string> identifiers;
  std::map<std::string, std::string> types;
  for (const Frame& frame : model.frames) {
    if (frame.types.empty()) continue;  // fbs-syntax says why
    const Where where{frame.file, ""};
    const std::string root = pascal(lower_camel(frame.name));
    if (!is_snake(frame.name)) faults.push_back({where, "fbs-root", "The file is not named in snake_case, such as parameter_stream.fbs."});
    if (frame.root != root) faults.push_back({where, "fbs-root", "The root_type must be " + root + ", as the file is named."});
    if (frame.name_space != "loophole.fb") faults.push_back({where, "fbs-namespace", "The namespace must be loophole.fb."});
    if (frame.identifier.empty()) {
      faults.push_back(
          {where, "fbs-identifier", "There is no file_identifier, by which receivers tell frames apart; add one of 4 letters."});
    } else if (const auto [known, fresh] = identifiers.try_emplace(frame.identifier, frame.file); !fresh) {
      faults.push_back({where, "fbs-identifier", "The file_identifier is that of " + known->second + "; choose another one."});
    }
    for (const FrameType& type : frame.types) {
      if (const auto [known, fresh] = types.try_emplace(type.name, frame.file); !fresh)
        faults.push_back(
            {type.where, "name-collision", "The type is in " + known->second + " too, and both become one in C++; rename one."});
      lint_frame_type(type, faults);
    }
  }
}

}  // namespace loophole::schema
