#pragma once
// A folder of schemas in memory, to be changed by one step.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dynamic_value.hpp"
#include "load.hpp"

namespace evolution {

namespace schema = loophole::schema;

// Equal numbers on every platform for equal seeds.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  [[nodiscard]] std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  [[nodiscard]] const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// A schema in a file: a type in $defs, a property, an element.
struct Place {
  std::string file;
  Json::json_pointer at;
};

class Draft {
 public:
  // Schemas as they are, parsed; without the examples of what is invalid, which most changes would turn upside down.
  struct Base {
    schema::Files files;
    std::map<std::string, Json> control;  // by file
    schema::Model model;
  };
  [[nodiscard]] static Base base(schema::Files files);

  explicit Draft(const Base& base) : base_(base) {}

  [[nodiscard]] const Json& see(const std::string& file) const;
  [[nodiscard]] const Json& see(const Place& place) const { return see(place.file).at(place.at); }
  [[nodiscard]] Json& edit(const std::string& file);
  [[nodiscard]] Json& edit(const Place& place) { return edit(place.file).at(place.at); }

  // Every schema that `wanted` holds for.
  [[nodiscard]] std::vector<Place> places(const std::function<bool(const Json& schema)>& wanted) const;
  // Named types and messages: /$defs/Name, /x-messages/name.
  [[nodiscard]] std::vector<Place> members(const char* part, const std::function<bool(const Json&)>& wanted) const;

  // "1.2": the version after that of the base.
  [[nodiscard]] std::string next_version() const;

  // The model, with types that nothing uses any more taken out and examples that are not valid any more replaced; nothing when the schemas
  // have other faults.
  [[nodiscard]] std::optional<schema::Model> finish();

 private:
  bool mend(const schema::Fault& fault, const schema::Model& model);

  const Base& base_;
  std::map<std::string, Json> changed_;
};

// The type that "$ref" of a schema in `file` leads to, as a place; and the other way round.
[[nodiscard]] Place target_of(const std::string& file, const std::string& ref);
[[nodiscard]] std::string ref_to(const Place& type, const std::string& from_file);

}  // namespace evolution
