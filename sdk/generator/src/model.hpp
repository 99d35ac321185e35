#pragma once
// The compiled model: what schemas/ says, with references by name and every place known. Emitters read it and nothing else.

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fault.hpp"

namespace loophole::schema {

// Keeps the order of members: C++ structs have the fields in the order of the schema.
using Json = nlohmann::ordered_json;

struct Version {
  unsigned major = 1;
  unsigned minor = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};

enum class Shape { boolean, integer, number, string, constant, enumeration, object, array, map, tagged, reference };

struct TypeRef {
  std::string domain;
  std::string name;
  friend auto operator<=>(const TypeRef&, const TypeRef&) = default;
};

struct Label {
  std::string name;
  std::string description;
  Version since{};  // of enumerations; as old as the enumeration where the schema does not say
};

struct Field;

struct Type {
  Shape shape = Shape::boolean;
  Where where;
  std::string description;

  TypeRef reference;                        // reference
  std::optional<std::int64_t> min_integer;  // integer
  std::optional<std::int64_t> max_integer;
  std::optional<double> min_number;  // number; none: unbounded
  std::optional<double> max_number;
  std::string unit;                         // integer, number; empty: none
  std::uint32_t min_length = 0;             // string, in code points
  std::optional<std::uint32_t> max_length;  // string; of a map: of its keys
  std::string pattern;                      // string; empty: any text
  bool id = false;                          // string: a type of its own in C++
  std::string constant;                     // constant: the one text it may be
  std::vector<Label> labels;                // enumeration
  bool open = false;                        // enumeration: receivers take labels that they do not know
  std::vector<Field> fields;                // object
  bool document = false;                    // object: the content of a file of its own, used without a message that carries it
  std::shared_ptr<const Type> element;      // array, map
  std::uint32_t min_items = 0;              // array
  std::optional<std::uint32_t> max_items;   // array, map
  std::string tag;                          // tagged: name of the member that tells the alternatives apart
  std::vector<TypeRef> alternatives;        // tagged: objects with a constant `tag`
};

struct Field {
  std::string name;
  Type type;
  bool required = false;
  std::optional<Json> default_value;
  Version since;  // as old as the type that it is in where the schema does not say
};

struct NamedType {
  std::string name;
  Type type;
};

struct Route {
  std::string from;
  std::string to;
  friend auto operator<=>(const Route&, const Route&) = default;
};

struct InvalidExample {
  Json payload;
  std::string pointer;
  std::string rule;
  Where where;
};

struct ValidExample {
  Json payload;
  Where where;
};

enum class MessageKind { command, event };

struct Message {
  std::string name;
  Where where;
  MessageKind kind = MessageKind::event;
  std::string summary;
  std::vector<Route> routes;
  TypeRef payload;
  std::optional<TypeRef> reply;     // commands
  std::vector<std::string> errors;  // commands
  Version since;
  std::string deprecated;  // version; empty: not
  std::uint32_t max_bytes = 0;
  bool idempotent = false;
  bool undoable = false;
  std::vector<ValidExample> valid;
  std::vector<InvalidExample> invalid;
};

struct Domain {
  std::string name;
  std::string file;
  std::string description;
  std::vector<NamedType> types;  // in the order of the file
  std::vector<Message> messages;
};

struct Edge {
  std::string from;
  std::string to;
  std::string plane;
};

struct Topology {
  std::string file;
  std::vector<Label> roles;
  std::vector<Label> planes;
  std::vector<Edge> edges;
  std::uint64_t max_message_bytes = 0;
  std::uint64_t max_depth = 0;
  std::uint64_t max_frame_bytes = 0;
};

enum class ErrorScope {
  listed,  // the messages that list it
  any,     // any command
  local,   // no message: an SDK says it to its own caller
};

struct ErrorCode {
  std::string code;  // domain.reason
  Where where;
  std::string category;
  ErrorScope scope = ErrorScope::listed;
  Version since;
  std::string summary;
};

// Numbers and vectors of frames. Ranges and limits of a vector's elements stand with the vector.
struct FrameField {
  std::string name;
  Where where;
  std::string type;  // as FlatBuffers writes it: "ulong", "SpectrumWindow", "[MeterReading]"
  std::string description;
  std::string unit;
  Version since;
  std::optional<unsigned> id;  // tables
  bool required = false;
  bool deprecated = false;            // no longer written or read; its id stays taken
  std::optional<Json> default_value;  // tables: number, boolean or name of an enumeration's value; none: a vector, or `= null`
  std::optional<Json> minimum;        // a number of the field's type
  std::optional<Json> maximum;
  bool finite = false;     // float, double: neither infinite nor NaN
  bool unchecked = false;  // float, double: readers let any value pass, its user looks at it
  std::optional<std::uint32_t> max_items;
  std::optional<std::uint32_t> offset;          // structs: bytes from the begin
  std::vector<std::string> unknown_attributes;  // of FlatBuffers or declared in the file, and not of the profile
};

struct FrameType {
  std::string name;
  Where where;
  std::string description;
  bool fixed = false;              // struct, not table
  Version since;                   // tables
  std::vector<FrameField> fields;  // tables: by id
  std::uint32_t size = 0;          // structs: bytes
  std::uint32_t alignment = 0;
  std::vector<std::string> unknown_attributes;
};

struct FrameEnumValue {
  std::string name;
  std::string description;
  std::int64_t value = 0;
};

struct FrameEnum {
  std::string name;
  Where where;
  std::string description;
  std::string underlying;  // "ubyte"
  bool is_union = false;
  std::vector<FrameEnumValue> values;  // ascending
  std::vector<std::string> unknown_attributes;
};

struct Frame {
  std::string name;   // of the file: "parameter_stream"
  std::string plane;  // of the folder: "stream", "telemetry"
  std::string file;
  std::string name_space;  // of the root: "loophole.fb"
  std::string root;
  std::string identifier;
  std::string topic;  // of telemetry: "meters", "spectrum/{handle}" where a number in decimal digits stands for a field
  std::vector<FrameType> types;
  std::vector<FrameEnum> enums;

  [[nodiscard]] const FrameType* type(std::string_view type_name) const;  // nullptr: none of this name
  [[nodiscard]] const FrameEnum* enumeration(std::string_view enum_name) const;
};

struct Model {
  std::vector<Domain> domains;  // by name
  Topology topology;
  std::vector<ErrorCode> errors;  // by code
  std::vector<Frame> frames;      // by file
  Version protocol;               // the highest `since`
  unsigned min_minor = 0;
  std::set<std::string> unread;  // files that are missing or no JSON: what leads into them is no fault of its own

  [[nodiscard]] const Domain* domain(std::string_view name) const;
  [[nodiscard]] const Type* find(const TypeRef& ref) const;
  // "There is no type x.Y; …": the fault ref-unresolved. Nothing where the file of the domain could not be read.
  [[nodiscard]] std::optional<std::string> unresolved(const TypeRef& ref) const;
  // Whether every file of the control plane could be read.
  [[nodiscard]] bool domains_read() const;
  // Follows references; nullptr when one leads nowhere.
  [[nodiscard]] const Type* resolve(const Type& type) const;
};

// envelope.Empty: payload of messages that say nothing more than their name; each gets an empty type of its own.
[[nodiscard]] bool is_empty_payload(const TypeRef& ref);
// The type of a message's payload: of its own name even where the schema says envelope.Empty.
[[nodiscard]] TypeRef payload_type(const Message& message);

}  // namespace loophole::schema
