#include "cursor.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "naming.hpp"

namespace loophole::schema {

void Cursor::allow(std::initializer_list<std::string_view> known) const {
  if (!value_->is_object()) return;
  for (const auto& [key, value] : value_->items()) {
    if (std::ranges::find(known, std::string_view{key}) != known.end()) continue;
    std::string list;
    for (const std::string_view word : known) list += (list.empty() ? "" : ", ") + std::string{word};
    faults_->push_back(
        {{where_.file, pointer_to(where_.pointer, key)},
         "unknown-keyword",
         "'" + key + "' is not part of the profile here; use one of: " + list + "." + did_you_mean(key, {known.begin(), known.end()})});
  }
}

std::optional<Cursor> Cursor::get(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return Cursor{(*value_)[std::string{key}], {where_.file, pointer_to(where_.pointer, key)}, *faults_};
}

std::optional<Cursor> Cursor::need(std::string_view key) const {
  auto found = get(key);
  if (!found) fault("missing-keyword", "'" + std::string{key} + "' is missing; add it.");
  return found;
}

void Cursor::each_member(const std::function<void(const std::string&, const Cursor&)>& visit) const {
  if (!value_->is_object()) return fault("keyword-type", "This must be an object.");
  for (const auto& [key, value] : value_->items()) visit(key, Cursor{value, {where_.file, pointer_to(where_.pointer, key)}, *faults_});
}

void Cursor::each_element(const std::function<void(const Cursor&)>& visit) const {
  if (!value_->is_array()) return fault("keyword-type", "This must be an array.");
  for (std::size_t i = 0; i < value_->size(); ++i)
    visit(Cursor{(*value_)[i], {where_.file, pointer_to(where_.pointer, std::to_string(i))}, *faults_});
}

std::string Cursor::text() const {
  if (value_->is_string()) return value_->get<std::string>();
  fault("keyword-type", "This must be a string.");
  return {};
}

bool Cursor::boolean() const {
  if (value_->is_boolean()) return value_->get<bool>();
  fault("keyword-type", "This must be true or false.");
  return false;
}

std::optional<std::int64_t> Cursor::integer() const {
  const bool fits = !value_->is_number_unsigned() || value_->get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
  if (value_->is_number_integer() && fits) return value_->get<std::int64_t>();
  fault("keyword-type", "This must be an integer of 64 bits, written without a fraction.");
  return std::nullopt;
}

std::optional<std::uint32_t> Cursor::count() const {
  if (value_->is_number_integer()) {
    const auto wide = value_->get<std::int64_t>();
    if (wide >= 0 && wide <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(wide);
  }
  fault("keyword-type", "This must be an integer from 0 to 4294967295.");
  return std::nullopt;
}

std::optional<double> Cursor::number() const {
  if (value_->is_number()) return value_->get<double>();
  fault("keyword-type", "This must be a number.");
  return std::nullopt;
}

Version Cursor::version() const {
  Version version;
  const std::string written = value_->is_string() ? value_->get<std::string>() : "";
  const std::size_t dot = written.find('.');
  const char* const end = written.data() + written.size();
  if (dot != std::string::npos) {
    const auto major = std::from_chars(written.data(), end, version.major);
    const auto minor = std::from_chars(written.data() + dot + 1, end, version.minor);
    if (major.ec == std::errc{} && major.ptr == written.data() + dot && minor.ec == std::errc{} && minor.ptr == end && version.major > 0)
      return version;
  }
  fault("version-form", "This must be a protocol version such as \"1.0\".");
  return {};
}

std::string Cursor::text(std::string_view key) const {
  const auto member = get(key);
  return member ? member->text() : std::string{};
}

bool Cursor::boolean(std::string_view key) const {
  const auto member = get(key);
  return member && member->boolean();
}

std::optional<Json> read_json(const std::string& text, const std::string& file, Faults& faults) {
  // What is open: an object with the keys seen and the one being read, or an array with the number of elements read.
  struct Level {
    std::string pointer;
    bool array = false;
    std::size_t index = 0;
    std::string key{};
    std::set<std::string> keys{};
  };
  std::vector<Level> levels;
  const auto here = [&levels]() -> std::string {
    if (levels.empty()) return "";
    const Level& level = levels.back();
    return pointer_to(level.pointer, level.array ? std::to_string(level.index) : level.key);
  };

  // nlohmann keeps one of two equal members silently, so they are looked for while it parses.
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      levels.push_back({.pointer = here(), .array = event == Event::array_start});
      return true;
    }
    if (event == Event::key) {
      levels.back().key = parsed.get<std::string>();
      if (!levels.back().keys.insert(levels.back().key).second)
        faults.push_back({{file, here()}, "json-duplicate", "This member occurs twice; remove one."});
      return true;
    }
    if (event != Event::value) levels.pop_back();
    if (!levels.empty()) ++levels.back().index;  // a value is complete
    return true;
  };

  try {
    return Json::parse(text, watch);
  } catch (const Json::parse_error& error) {
    faults.push_back({{file, ""}, "json-syntax", "The file is not JSON: " + std::string{error.what()}});
    return std::nullopt;
  }
}

}  // namespace loophole::schema
