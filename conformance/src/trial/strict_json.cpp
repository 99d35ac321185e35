#include "trial/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace loophole::conformance {
namespace {

struct Members : nlohmann::json_sax<nlohmann::json> {
  struct Place {
    bool object;
    std::set<std::string> names;
    std::string now;
    std::size_t index = 0;
  };
  std::vector<Place> places;
  std::optional<std::string> twice;

  std::string pointer() const {
    std::string text;
    for (const Place& place : places) text += "/" + (place.object ? place.now : std::to_string(place.index));
    return text;
  }
  bool value() {
    if (!places.empty() && !places.back().object) ++places.back().index;
    return true;
  }
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override {
    places.push_back({.object = true, .names = {}, .now = {}});
    return true;
  }
  bool key(string_t& name) override {
    places.back().now = name;
    if (places.back().names.insert(name).second) return true;
    twice = pointer();
    return false;
  }
  bool end_object() override {
    places.pop_back();
    return value();
  }
  bool start_array(std::size_t) override {
    places.push_back({.object = false, .names = {}, .now = {}});
    return true;
  }
  bool end_array() override {
    places.pop_back();
    return value();
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

}  // namespace

std::optional<std::string> repeated_member(std::string_view text) {
  Members members;
  nlohmann::json::sax_parse(text, &members);
  return members.twice;
}

}  // namespace loophole::conformance
