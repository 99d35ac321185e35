#pragma once
// A value of any type of a model, where generated code would have a struct: so that the SDK's codec can read and write by tables that were
// made at run time. Thunks of tables are plain functions without a context, so each member has one of its number, and the value knows its
// own table.

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loophole/wire/type_desc.hpp"

namespace evolution {

using Json = nlohmann::ordered_json;
namespace wire = loophole::wire;

// More members or alternatives than this no type of ours has.
inline constexpr std::size_t kMost = 64;

// Every table of a dynamic value is one of these.
struct DynamicType : wire::TypeDesc {
  std::vector<const Json*> defaults;  // objects: of each field; nullptr: none
};

class Value {
 public:
  // As a value-initialised struct is: members with a default have it.
  explicit Value(const wire::TypeDesc& type);

  // What the codec reads and writes: the scalar of a leaf, the value itself of everything else.
  [[nodiscard]] void* address();
  [[nodiscard]] const void* address() const { return const_cast<Value*>(this)->address(); }

  // Members as they were read, defaults included; the label of an open enumeration that the table does not know as "unknown".
  [[nodiscard]] Json json() const;

  // Fills in the functions of a table of this shape, with `members` fields or alternatives.
  static void connect(DynamicType& type);
  static void connect(wire::FieldDesc& field, std::size_t index, bool with_default);
  static void connect(wire::AlternativeDesc& alternative, std::size_t index);

 private:
  template <std::size_t I>
  struct Thunk;

  void set(const Json& scalar);
  [[nodiscard]] const DynamicType& type() const { return *type_; }

  const DynamicType* type_;
  bool boolean_ = false;
  std::int64_t integer_ = 0;
  double number_ = 0;
  std::size_t label_ = 0;
  std::size_t chosen_ = 0;
  std::string text_;
  std::vector<std::unique_ptr<Value>> parts_;  // members of an object (nullptr: absent), elements of an array, the value of a union
  std::map<std::string, std::unique_ptr<Value>, std::less<>> entries_;
};

}  // namespace evolution
