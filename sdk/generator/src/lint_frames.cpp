#include <algorithm>
#include <map>

#include "frame_layout.hpp"
#include "lint.hpp"
#include "naming.hpp"

namespace loophole::schema {
namespace {

void lint_attributes(const std::vector<std::string>& unknown, const Where& where, Faults& faults) {
  for (const std::string& name : unknown)
    faults.push_back({where, "fbs-attribute", "'" + name + "' is no attribute that readers and builders know here; leave it out."});
}

void lint_field_names(const FrameType& type, const FrameField& field, Faults& faults) {
  if (field.description.empty()) faults.push_back({field.where, "documentation", "The field has no /// comment; add a sentence."});
  if (!is_snake(field.name)) faults.push_back({field.where, "field-name", "'" + field.name + "' is not snake_case, such as time_ns."});
  if (is_cpp_keyword(field.name))
    faults.push_back({field.where, "cpp-keyword", "'" + field.name + "' is a word of C++; choose another name."});
  if (!type.fixed && !field.id) faults.push_back({field.where, "fbs-id", "The field has no (id: N); ids keep old frames readable."});
  if (!field.unit.empty() && !is_unit(field.unit))
    faults.push_back(
        {field.where, "unit-unknown", "'" + field.unit + "' is not one of Frames, Ns, Ms, Hz, Db, Ratio, Bpm, Beats, Parameter."});
  lint_unit(lower_camel(field.name), field.unit, field.where, faults);
  lint_attributes(field.unknown_attributes, field.where, faults);
}

// Whether the field is of a type that frames may have.
bool lint_shape(const Frame& frame, const FrameType& type, const FrameField& field, Faults& faults) {
  const std::string_view element = element_of(field.type);
  const std::string_view inner = element.empty() ? std::string_view{field.type} : element;
  const FrameType* of_type = frame.type(inner);
  const bool known = scalar_size(stored_as(frame, inner)) > 0 || (!element.empty() && of_type != nullptr && of_type->fixed);
  if (!known || (!element.empty() && (type.fixed || inner == "bool" || frame.enumeration(inner) != nullptr))) {
    faults.push_back({field.where, "fbs-shape",
                      type.fixed ? "Structs have numbers and enumerations only."
                                 : "Tables have numbers, bool, enumerations and a vector of structs or numbers only."});
    return false;
  }
  if (type.fixed && inner == "bool") {
    faults.push_back({field.where, "fbs-shape", "A bool in a struct may be any byte; use ubyte, and say what its values mean."});
    return false;
  }
  if (element.empty() && !type.fixed && !field.default_value) {
    faults.push_back({field.where, "fbs-shape", "Optional scalars (= null) are not used; say which value means that there is none."});
    return false;
  }
  return true;
}

// Ranges, limits and what says that there are none.
void lint_checks(const Frame& frame, const FrameField& field, const Version& since, Faults& faults) {
  const auto fault = [&](const char* rule, std::string message) { faults.push_back({field.where, rule, std::move(message)}); };
  const std::string_view element = element_of(field.type);
  const std::string_view inner = element.empty() ? std::string_view{field.type} : element;
  if (field.minimum && field.maximum && *field.minimum > *field.maximum) fault("fbs-range", "min is above max; exchange them.");
  // Where the default is out of range a frame without the field is refused, which is right for what was there from the beginning.
  if (field.since > since && field.default_value && field.default_value->is_number() &&
      ((field.minimum && *field.default_value < *field.minimum) || (field.maximum && *field.default_value > *field.maximum)))
    fault("fbs-range", "Frames of older versions have no such field, and its default is out of range; give another one with = VALUE.");
  if (is_floating(inner)) {
    const int said = (field.finite ? 1 : 0) + (field.minimum && field.maximum ? 1 : 0) + (field.unchecked ? 1 : 0);
    if (said != 1) fault("fbs-finite", "Say one of: min and max, finite, or unchecked where somebody else looks at each value.");
  } else if (field.finite || field.unchecked) {
    fault("fbs-finite", "finite and unchecked are for float and double.");
  }
  if (field.unchecked && (field.minimum || field.maximum)) fault("fbs-finite", "An unchecked field has no range that is checked.");
  if (element.empty() == field.max_items.has_value()) {
    fault("fbs-items", element.empty() ? "max_items is for vectors." : "The vector has no (max_items: \"N\"); receivers need a limit.");
  }
  if (field.deprecated && field.required)
    fault("fbs-deprecated", "Old readers refuse frames without this field, so it must go on being written: it is required.");
  if (const FrameType* items = frame.type(inner); items != nullptr && (field.minimum || field.maximum))
    fault("fbs-range", "A range stands with the fields of the struct.");
}

// "spectrum/{handle}": the braces hold the name of a field that the topic is sorted by.
void lint_topic(const Frame& frame, std::map<std::string, std::string>& topics, Faults& faults) {
  const Where where{frame.file, pointer_to("", frame.root)};
  const auto fault = [&](std::string message) { faults.push_back({where, "fbs-topic", std::move(message)}); };
  if (frame.plane != "telemetry") {
    if (!frame.topic.empty()) fault("Only telemetry has topics; leave it out.");
    return;
  }
  if (frame.topic.empty()) return fault("The table has no (topic: \"NAME\"), which subscribers ask for; add one.");
  const std::size_t open = frame.topic.find('{');
  const std::string name = frame.topic.substr(0, open == std::string::npos ? open : open - (open > 0 ? 1 : 0));
  if (!is_lower_camel(name) || (open != std::string::npos && (frame.topic[open - 1] != '/' || !frame.topic.ends_with('}'))))
    return fault("'" + frame.topic + "' is no topic, such as meters or spectrum/{handle}.");
  if (open != std::string::npos) {
    const std::string field = frame.topic.substr(open + 1, frame.topic.size() - open - 2);
    const FrameType* table = frame.type(frame.root);
    const bool known = table != nullptr && std::ranges::any_of(table->fields, [&](const FrameField& one) {
                         return one.name == field && is_integer(one.type) && !one.deprecated;
                       });
    if (!known) fault("'" + field + "' is no integer of the table; correct the spelling.");
  }
  // Subscriptions are prefixes of topics, so what stands before the slash tells frames apart.
  if (const auto [other, fresh] = topics.try_emplace(name, frame.file); !fresh)
    fault("The topic is that of " + other->second + "; choose another one.");
}

void lint_enum(const FrameEnum& enumeration, Faults& faults) {
  const Where& where = enumeration.where;
  lint_attributes(enumeration.unknown_attributes, where, faults);
  if (enumeration.is_union) {
    faults.push_back({where, "fbs-shape", "Unions are not used; a frame is one table."});
    return;
  }
  if (enumeration.description.empty()) faults.push_back({where, "documentation", "The enumeration has no /// comment; add a sentence."});
  if (!is_pascal(enumeration.name))
    faults.push_back({where, "type-name", "'" + enumeration.name + "' is not Pascal, such as SpectrumWindow."});
  if (enumeration.underlying != "ubyte") faults.push_back({where, "fbs-enum", "The enumeration must be of type ubyte."});
  for (std::size_t i = 0; i < enumeration.values.size(); ++i) {
    const FrameEnumValue& value = enumeration.values[i];
    const Where at{where.file, pointer_to(where.pointer, value.name)};
    if (value.description.empty()) faults.push_back({at, "documentation", "The value has no /// comment; add a sentence."});
    if (!is_snake(value.name)) faults.push_back({at, "label-name", "'" + value.name + "' is not snake_case, such as flat_top."});
    if (is_cpp_keyword(value.name)) faults.push_back({at, "cpp-keyword", "'" + value.name + "' is a word of C++; choose another name."});
    if (value.value != static_cast<std::int64_t>(i))
      faults.push_back({at, "fbs-enum", "Values are 0, 1, 2 and so on without a gap; this one must be " + std::to_string(i) + "."});
  }
}

void lint_frame_type(const Frame& frame, const FrameType& type, Faults& faults) {
  if (type.description.empty()) faults.push_back({type.where, "documentation", "The type has no /// comment; add a sentence."});
  if (!is_pascal(type.name)) faults.push_back({type.where, "type-name", "'" + type.name + "' is not Pascal, such as MeterReading."});
  if (!type.fixed && type.name != frame.root)
    faults.push_back({type.where, "fbs-shape", "A frame is one table, its root_type; use a struct."});
  lint_attributes(type.unknown_attributes, type.where, faults);
  std::uint32_t used = 0;
  bool good = true;
  const FrameField* vector = nullptr;
  for (const FrameField& field : type.fields) {
    lint_field_names(type, field, faults);
    if (!lint_shape(frame, type, field, faults)) {
      good = false;
      continue;
    }
    lint_checks(frame, field, type.since, faults);
    used += scalar_size(stored_as(frame, field.type));
    if (element_of(field.type).empty() || field.deprecated) continue;
    if (field.name == "header")
      faults.push_back({field.where, "name-collision", "'header' is what the numbers of a frame are called in C++; rename the vector."});
    if (vector != nullptr) faults.push_back({field.where, "fbs-shape", "A frame has one vector; put both into one struct."});
    vector = &field;
  }
  if (type.fixed && good && used != type.size)
    faults.push_back({type.where, "fbs-padding",
                      "The struct has " + std::to_string(type.size - used) +
                          " bytes of padding, which hold anything; put larger fields first, or fill up with a reserved field."});
}

// A frame with as many items as it may have is one that receivers take.
void lint_size(const Frame& frame, std::uint64_t max_frame_bytes, Faults& faults) {
  const FrameLayout layout = frame_layout(frame);
  if (max_frame_bytes == 0) return;  // file-missing says why
  if (layout.vector == nullptr || !layout.vector->max_items) return;
  const std::uint64_t bytes = layout.fixed_bytes + std::uint64_t{*layout.vector->max_items} * layout.item_size;
  if (*layout.vector->max_items == 0 || bytes > max_frame_bytes)
    faults.push_back({layout.vector->where, "fbs-items",
                      "max_items must be from 1 to " + std::to_string((max_frame_bytes - layout.fixed_bytes) / layout.item_size) +
                          ", so that a frame stays within maxFrameBytes of topology.json."});
}

}  // namespace

void lint_frames(const Model& model, Faults& faults) {
  std::map<std::string, std::string> identifiers;
  std::map<std::string, std::string> types;
  std::map<std::string, std::string> topics;
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
    if (frame.name == "control" || frame.name == "unknown")
      faults.push_back({where, "name-collision", "'" + frame.name + "' is what receivers call bytes that are no frame; rename the file."});
    lint_topic(frame, topics, faults);
    const auto name = [&](const std::string& type, const Where& at) {
      if (const auto [known, fresh] = types.try_emplace(type, frame.file); !fresh)
        faults.push_back({at, "name-collision", "'" + type + "' is in " + known->second + " too, and both become one in C++; rename one."});
    };
    if (!model.topology.planes.empty() && std::ranges::find(model.topology.edges, frame.plane, &Edge::plane) == model.topology.edges.end())
      faults.push_back(
          {where, "fbs-plane", "topology.json has no edge on the plane '" + frame.plane + "', so nobody could send this frame."});
    const std::size_t before = faults.size();
    for (const FrameEnum& enumeration : frame.enums) {
      name(enumeration.name, enumeration.where);
      lint_enum(enumeration, faults);
    }
    for (const FrameType& type : frame.types) {
      name(type.name, type.where);
      lint_frame_type(frame, type, faults);
    }
    // In C++ a frame has these, too.
    for (const char* part : {"Header", "View"}) name(root + part, where);
    if (faults.size() == before && frame.root == root) lint_size(frame, model.topology.max_frame_bytes, faults);
  }
}

}  // namespace loophole::schema
