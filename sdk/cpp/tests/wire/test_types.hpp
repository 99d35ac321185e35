#pragma once
// A small table written by hand, with the shapes and rules that the protocol itself does not use: maps, unions in unions, more than 64
// members. The generator writes such tables for schemas/; what is tested here is the codec.

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "loophole/wire/codec.hpp"

namespace test {

using loophole::wire::AlternativeDesc;
using loophole::wire::FieldDesc;
using loophole::wire::Shape;
using loophole::wire::TypeDesc;

enum class Colour : std::uint8_t { red, green };
enum class Mood : std::uint8_t { calm, loud, unknown };

struct Leaf {
  std::int64_t size = 0;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};
struct Group;
using Item = std::variant<Leaf, Group>;
struct Group {
  std::string label;
  std::vector<Item> items;
  friend bool operator==(const Group&, const Group&);
};
inline bool operator==(const Group& a, const Group& b) {
  return a.label == b.label && a.items == b.items;
}

struct Sample {
  bool flag = false;
  std::int64_t count = 0;               // 1 … 10
  double level = 0;                     // -1 … 1
  double any = 0;                       // unbounded
  std::string name{};                   // 2 … 4, ^[abcä]+$
  std::string free{};                   // up to 3
  Colour colour = Colour::red;          // closed
  Mood mood = Mood::calm;               // open
  std::vector<std::int64_t> numbers{};  // 1 … 3
  std::map<std::string, double> map{};  // 1 … 2, keys up to 3
  std::optional<Item> item{};
  std::optional<std::string> note{};
  friend bool operator==(const Sample&, const Sample&) = default;
};

template <auto Member>
struct MemberOf;
template <class O, class V, V O::*Member>
struct MemberOf<Member> {
  static void* slot(void* object) { return address(static_cast<O*>(object)->*Member); }
  static const void* peek(const void* object) { return address(static_cast<const O*>(object)->*Member); }

 private:
  template <class T>
  static T* address(T& value) {
    return &value;
  }
  template <class T>
  static T* address(std::optional<T>& value) {
    if (!value) value.emplace();
    return &*value;
  }
  template <class T>
  static const T* address(const std::optional<T>& value) {
    return value ? &*value : nullptr;
  }
};

template <auto Member>
constexpr FieldDesc field(std::string_view name, const TypeDesc& type, bool required) {
  return {.name = name, .type = &type, .required = required, .since = {}, .slot = &MemberOf<Member>::slot, .peek = &MemberOf<Member>::peek};
}
constexpr FieldDesc constant(std::string_view name, const TypeDesc& type, std::string_view text) {
  return {.name = name, .type = &type, .required = true, .since = {}, .slot = nullptr, .peek = nullptr, .constant = text};
}

template <class E>
void set_label(void* value, std::size_t index) {
  *static_cast<E*>(value) = static_cast<E>(index);
}
template <class E>
std::size_t label(const void* value) {
  return static_cast<std::size_t>(*static_cast<const E*>(value));
}

template <class T>
constexpr TypeDesc array_of(std::string_view name, const TypeDesc& element, std::uint32_t min, std::uint32_t max) {
  using V = std::vector<T>;
  return {.shape = Shape::array,
          .name = name,
          .element = &element,
          .min_items = min,
          .max_items = max,
          .size = [](const void* v) { return static_cast<const V*>(v)->size(); },
          .append = [](void* v) -> void* { return &static_cast<V*>(v)->emplace_back(); },
          .at = [](const void* v, std::size_t i) -> const void* { return &(*static_cast<const V*>(v))[i]; }};
}

template <class T>
constexpr TypeDesc map_of(std::string_view name, const TypeDesc& element, std::uint32_t min, std::uint32_t max, std::uint32_t key_length) {
  using M = std::map<std::string, T>;
  return {.shape = Shape::map,
          .name = name,
          .max_length = key_length,
          .element = &element,
          .min_items = min,
          .max_items = max,
          .size = [](const void* m) { return static_cast<const M*>(m)->size(); },
          .insert = [](void* m, std::string_view key) -> void* { return &(*static_cast<M*>(m))[std::string(key)]; },
          .each =
              [](const void* m, void* context, void (*visit)(void*, std::string_view, const void*)) {
                for (const auto& [key, value] : *static_cast<const M*>(m)) visit(context, key, &value);
              }};
}

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr std::string_view kColours[] = {"red", "green"};
inline constexpr std::string_view kMoods[] = {"calm", "loud"};

inline const TypeDesc kFlag{.shape = Shape::boolean, .name = "Flag"};
inline const TypeDesc kCount{.shape = Shape::integer, .name = "Count", .min_integer = 1, .max_integer = 10};
inline const TypeDesc kWide{.shape = Shape::integer, .name = "Wide", .min_integer = -9007199254740991, .max_integer = 9007199254740991};
inline const TypeDesc kLevel{.shape = Shape::number, .name = "Level", .min_number = -1, .max_number = 1};
inline const TypeDesc kAny{.shape = Shape::number, .name = "Any", .min_number = -kInfinity, .max_number = kInfinity};
inline const TypeDesc kName{
    .shape = Shape::string, .name = "Name", .min_length = 2, .max_length = 4, .alphabet = "abc", .pattern = "^[abc]+$"};
inline const TypeDesc kFree{.shape = Shape::string, .name = "Free", .max_length = 3};
inline const TypeDesc kText{.shape = Shape::string, .name = "Text", .max_length = 1000};
inline const TypeDesc kColour{
    .shape = Shape::enumeration, .name = "Colour", .labels = kColours, .set_label = &set_label<Colour>, .label = &label<Colour>};
inline const TypeDesc kMood{
    .shape = Shape::enumeration, .name = "Mood", .labels = kMoods, .open = true, .set_label = &set_label<Mood>, .label = &label<Mood>};
inline const TypeDesc kNumbers = array_of<std::int64_t>("Numbers", kWide, 1, 3);
inline const TypeDesc kMap = map_of<double>("Map", kAny, 1, 2, 3);

extern const TypeDesc kItem;
extern const TypeDesc kItems;
inline const FieldDesc kLeafFields[] = {constant("type", kText, "leaf"), field<&Leaf::size>("size", kCount, true)};
inline const FieldDesc kGroupFields[] = {field<&Group::label>("label", kText, true), constant("type", kText, "group"),
                                         field<&Group::items>("items", kItems, true)};
inline const TypeDesc kLeaf{.shape = Shape::object, .name = "Leaf", .fields = kLeafFields};
inline const TypeDesc kGroup{.shape = Shape::object, .name = "Group", .fields = kGroupFields};
inline const AlternativeDesc kAlternatives[] = {
    {"leaf", &kLeaf, [](void* v) -> void* { return &static_cast<Item*>(v)->emplace<Leaf>(); }},
    {"group", &kGroup, [](void* v) -> void* { return &static_cast<Item*>(v)->emplace<Group>(); }}};
inline const TypeDesc kItem{.shape = Shape::tagged,
                            .name = "Item",
                            .tag = "type",
                            .alternatives = kAlternatives,
                            .alternative = [](const void* v) { return static_cast<const Item*>(v)->index(); },
                            .held = [](const void* v) -> const void* {
                              return std::visit([](const auto& held) -> const void* { return &held; }, *static_cast<const Item*>(v));
                            }};
inline const TypeDesc kItems = array_of<Item>("Items", kItem, 0, 100);

inline const FieldDesc kSampleFields[] = {
    field<&Sample::flag>("flag", kFlag, false),          field<&Sample::count>("count", kCount, false),
    field<&Sample::level>("level", kLevel, false),       field<&Sample::any>("any", kAny, false),
    field<&Sample::name>("name", kName, false),          field<&Sample::free>("free", kFree, false),
    field<&Sample::colour>("colour", kColour, false),    field<&Sample::mood>("mood", kMood, false),
    field<&Sample::numbers>("numbers", kNumbers, false), field<&Sample::map>("map", kMap, false),
    field<&Sample::item>("item", kItem, false),          field<&Sample::note>("note", kText, false)};
inline const TypeDesc kSample{.shape = Shape::object, .name = "Sample", .fields = kSampleFields};

struct Fault {
  std::string pointer;
  std::string rule;
  friend bool operator==(const Fault&, const Fault&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.rule << " at '" << fault.pointer << "'";
}
inline Fault fault_of(const loophole::Error& error) {
  return {error.pointer.value_or("(none)"), error.rule.value_or("(none)")};
}

// The fault of a text, {"", ""} when it is good.
template <class T = Sample>
Fault fault_in(std::string_view text, const TypeDesc& type = kSample, const loophole::wire::DecodeLimits& limits = {}) {
  T value{};
  const auto done = loophole::wire::decode_value(type, text, &value, limits);
  return done ? Fault{} : fault_of(done.error());
}

}  // namespace test
