#pragma once
// Values that a model lets a peer send, chosen so that a difference to another model shows: at every bound of what changed, with every
// label and every alternative, with and without every optional member.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "dynamic_value.hpp"
#include "model.hpp"

namespace evolution {

namespace schema = loophole::schema;

// Where two models differ: types to vary, and the numbers in them from which bounds were taken.
struct Focus {
  std::set<schema::TypeRef> types;
  std::set<double> numbers;
};

// Types whose definition is not the same in both models, and all that is used where one type took the place of another. It compares
// definitions as data and knows nothing of what a change means.
[[nodiscard]] Focus focus_on(const schema::Model& then, const schema::Model& now);

class Instances {
 public:
  Instances(const schema::Model& model, const Focus& focus) : model_(model), focus_(focus) {}

  // Whether a type leads to something that is in the focus.
  [[nodiscard]] bool touches(const schema::TypeRef& ref);
  // Values of a type, each with one thing in the focus varied; at least one. Stops and returns true when `stop` returns true.
  bool each(const schema::TypeRef& ref, const std::function<bool(const Json& value)>& stop);
  // The smallest value.
  [[nodiscard]] Json smallest(const schema::TypeRef& ref);

 private:
  using Values = std::vector<Json>;
  enum class Size { smallest, full };

  Json base(const schema::Type& type, Size size);
  Json base(const schema::TypeRef& ref, Size size);
  Values variants(const schema::TypeRef& ref);
  Values variants(const schema::Type& type, bool in_focus);
  Values leaf(const schema::Type& type) const;
  Values text(const schema::Type& type) const;
  Values object(const schema::Type& type, bool in_focus);
  Values array(const schema::Type& type, bool in_focus);
  Values map(const schema::Type& type, bool in_focus);
  [[nodiscard]] std::set<std::size_t> sizes(std::size_t least, std::size_t most, std::size_t practical) const;

  const schema::Model& model_;
  const Focus& focus_;
  std::map<schema::TypeRef, bool> touches_;
  std::map<std::pair<schema::TypeRef, Size>, Json> bases_;
};

}  // namespace evolution
