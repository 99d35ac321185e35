#pragma once
// What the generated code says about its types: tables that one codec reads. A domain's generated .cpp is data and small thunks; the
// logic of decoding, validating and encoding stands once, in wire/codec.
//
// For a type T of schemas/, `describe<T>()` gives its table. Thunks get and give addresses of C++ objects:
//   boolean -> bool    integer -> std::int64_t    number -> double    string -> std::string (for Id<> its value)
//   enumeration -> set/get below    object -> the struct    array -> std::vector    map -> std::map<std::string, T>    tagged ->
//   std::variant

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace loophole::wire {

// Of the protocol.
struct Version {
  std::uint16_t major = 1;  // raised by what breaks peers
  std::uint16_t minor = 0;  // raised by what is new
  friend bool operator==(const Version&, const Version&) = default;
  friend auto operator<=>(const Version&, const Version&) = default;
};

// What a value of a type is in JSON.
enum class Shape : std::uint8_t { boolean, integer, number, string, enumeration, object, array, map, tagged };

struct TypeDesc;

// A member of an object.
struct FieldDesc {
  std::string_view name;                    // JSON member name
  const TypeDesc* type;                     // of its value
  bool required;                            // must be there
  Version since;                            // the first version that has it
  void* (*slot)(void* object);              // where to decode into; engages a std::optional
  const void* (*peek)(const void* object);  // where to encode from; nullptr for an empty std::optional
  std::string_view constant = {};           // for `const` tags: has no C++ member (slot and peek are nullptr), always this text
  // Whether a member with a default has it, and so needs not be sent to who does not know it; nullptr for members that every peer knows.
  bool (*initial)(const void* object) = nullptr;
};

// An alternative of a tagged union.
struct AlternativeDesc {
  std::string_view tag;             // value of the tag member
  const TypeDesc* type;             // an object
  void* (*emplace)(void* variant);  // makes the variant hold it
};

// What schemas/ say of a type.
struct TypeDesc {
  Shape shape;            // which of the members below count
  std::string_view name;  // "track.Track"; for errors

  // integer, number: inclusive bounds; number bounds may be -inf/+inf
  std::int64_t min_integer = 0;
  std::int64_t max_integer = 0;
  double min_number = 0;
  double max_number = 0;

  // string: length in Unicode code points; `alphabet` lists the allowed characters of a pattern ^[…]+$, empty: any
  std::uint32_t min_length = 0;
  std::uint32_t max_length = 0;
  std::string_view alphabet = {};
  std::string_view pattern = {};  // as written in the schema; for errors

  // enumeration: index of a label; an open one takes unknown labels as `labels.size()` (C++ enumerator `unknown`)
  std::span<const std::string_view> labels = {};
  std::span<const Version> label_since = {};  // one a label; empty where all are as old as the enumeration
  bool open = false;
  void (*set_label)(void* value, std::size_t index) = nullptr;
  std::size_t (*label)(const void* value) = nullptr;

  // object
  std::span<const FieldDesc> fields = {};

  // array and map (of `element`)
  const TypeDesc* element = nullptr;
  std::uint32_t min_items = 0;
  std::uint32_t max_items = 0;
  std::size_t (*size)(const void* container) = nullptr;
  void* (*append)(void* vector) = nullptr;                             // array
  const void* (*at)(const void* vector, std::size_t index) = nullptr;  // array
  void* (*insert)(void* map, std::string_view key) = nullptr;          // map; key length is bounded by max_length
  void (*each)(const void* map, void* context, void (*visit)(void* context, std::string_view key, const void* value)) = nullptr;

  // tagged union: an object whose member `tag` says which alternative it is
  std::string_view tag = {};
  std::span<const AlternativeDesc> alternatives = {};
  std::size_t (*alternative)(const void* variant) = nullptr;
  const void* (*held)(const void* variant) = nullptr;
};

// The table of a generated type; specialised in loophole/messages/<domain>.hpp for every type of schemas/.
template <class T>
const TypeDesc& describe();

}  // namespace loophole::wire
