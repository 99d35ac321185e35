#include "rules.hpp"

namespace loophole::schema {

std::span<const Rule> rules() {
  static constexpr Rule kRules[] = {
      // Files
      {"file-missing", "topology.json, errors.json and at least one control/<domain>.schema.json are there."},
      {"json-syntax", "The file is JSON."},
      {"json-duplicate", "No member occurs twice in an object."},
      {"schema-header", "$schema, $id and title say the dialect and the domain that the file is named after."},
      {"topology-form", "Edges are between roles and on planes that topology.json lists."},
      {"core-type",
       "The types that the SDK takes for granted are there: scalars.Role, scalars.Kind, envelope.Header, .Error and .Category."},

      // Profile
      {"unknown-keyword", "Only keywords of the profile are used."},
      {"missing-keyword", "A keyword that is needed is there."},
      {"keyword-type", "A keyword has a value of the type that it needs."},
      {"version-form", "Versions have the form MAJOR.MINOR, from 1.0."},
      {"required-form", "`required` lists properties, each once, none of which has a default."},
      {"combinator", "allOf, anyOf, not and if are not used."},
      {"untagged-union", "A union names the member that tells its alternatives apart (x-tag)."},
      {"union-alternative", "Alternatives are objects with the tag as a required const, each with another value."},
      {"anonymous-type", "Objects, enumerations, unions and nested lists have a name in $defs."},
      {"ref-form", "References have the form \"#/$defs/Name\" or \"domain.schema.json#/$defs/Name\" and lead to no other reference."},
      {"ref-unresolved", "References lead to a type."},
      {"label-since", "x-label-since dates labels that are there, and later than the enumeration only where that is open."},
      {"since-order", "No member and no label is older than its type, and no default is a label newer than its property."},
      {"since-required", "A required property is as old as its type."},
      {"enum-size", "Enumerations have 1 to 250 labels."},
      {"array-bound", "Arrays have maxItems."},
      {"string-bound", "Strings have maxLength."},
      {"integer-bound", "Integers have minimum and maximum."},
      {"integer-range", "Integers stay within -(2^53-1) … 2^53-1."},
      {"number-unit", "Numbers have a unit (x-unit)."},
      {"map-bound", "Maps have maxProperties and propertyNames.maxLength."},
      {"pattern-form", "Patterns have the form ^[CLASS]+$, and minLength is at least 1 with them."},
      {"default-invalid", "A default is a valid value of a scalar type."},
      {"recursion", "No type contains itself."},
      {"domain-cycle", "No two domains need each other's types."},
      {"unused-type", "Every type is used by a message, by the SDK, or is a document (x-document)."},

      // Names, words, units
      {"domain-name", "Domains are lowerCamel and no namespace of the SDK."},
      {"message-name", "Messages are dotted lowerCamel, their domain first; scalars and envelope have none."},
      {"type-name", "Types are Pascal; Reply is taken."},
      {"field-name", "Properties are lowerCamel with one capital a word; fields in .fbs are snake_case."},
      {"label-name", "Labels are lowerCamel, in .fbs snake_case; `unknown` is taken in an open enumeration."},
      {"error-name", "Error codes are domain.reason, both lowerCamel."},
      {"name-collision", "Two names of one kind stay two in C++."},
      {"cpp-keyword", "No domain or property is a word of C++ (labels get an underscore)."},
      {"documentation", "Every domain, type, property, label, message, error, role, plane, table, field and value has a description."},
      {"unit-unknown", "Units are Frames, Ns, Ms, Hz, Db, Ratio, Bpm, Beats or Parameter."},
      {"unit-suffix", "A field in a unit ends with it, and a field that ends with a unit is in it."},

      // Messages
      {"payload-name", "The payload of a message is named after it, or is envelope.Empty."},
      {"payload-form", "Payloads and replies are objects."},
      {"route-topology", "Messages have routes, each once, which topology.json allows on the control plane."},
      {"error-unknown", "The errors of a message are in errors.json, each once."},
      {"error-category", "The category of an error is a label of envelope.Category."},
      {"error-scope", "An error that no message lists has a scope: any command may get it, or it stays local; a local one is in no list."},
      {"message-limit", "maxBytes is from 1024 to the limit in topology.json."},
      {"limit-unreachable", "A message in which one list or text has its full length fits into maxBytes."},
      {"example-valid", "There is a valid example, and all of them are valid to send."},
      {"example-invalid", "Invalid examples break the rule that they name first, at the pointer that they name."},

      // Frames
      {"fbs-syntax", "flatbuffers can parse the .fbs file."},
      {"fbs-root", "The file is named in snake_case after its root_type."},
      {"fbs-namespace", "The namespace is loophole.fb."},
      {"fbs-plane", "The folder is that of a plane on which topology.json has an edge."},
      {"fbs-id", "Fields of tables have explicit ids."},
      {"fbs-identifier", "The file has a file_identifier that no other file has."},
      {"fbs-topic",
       "Frames of telemetry have a topic that no other frame has; {field} in it is an integer of the table. Others have none."},
      {"fbs-shape", "A frame is one table of numbers, bool, enumerations and at most one vector of structs or numbers; structs are flat."},
      {"fbs-padding", "Structs have no padding."},
      {"fbs-attribute", "Only attributes of the profile are used."},
      {"fbs-range", "min and max are numbers of the field's type, min is not above max, and the default of a newer field is between them."},
      {"fbs-finite", "float and double have min and max, or are finite or unchecked; nothing else is."},
      {"fbs-items", "Vectors have max_items, and a frame of so many stays within maxFrameBytes."},
      {"fbs-enum", "Enumerations are of type ubyte and count from 0 without a gap."},
      {"fbs-deprecated", "A field that is required is not deprecated."},
  };
  return kRules;
}

}  // namespace loophole::schema
