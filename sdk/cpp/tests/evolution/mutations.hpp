#pragma once
// One step in the life of a schema, wise or not.

#include <span>

#include "draft.hpp"

namespace evolution {

struct Mutation {
  const char* name;
  bool (*apply)(Draft& draft, Random& random);  // false: there is nothing here that it could change
};

[[nodiscard]] std::span<const Mutation> mutations_of_values();    // mutate_values.cpp: bounds, shapes, labels, unions
[[nodiscard]] std::span<const Mutation> mutations_of_members();   // mutate_members.cpp: members of objects, names of types
[[nodiscard]] std::span<const Mutation> mutations_of_messages();  // mutate_messages.cpp

}  // namespace evolution
