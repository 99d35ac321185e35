#include "emit_markdown.hpp"

namespace loophole::schema::markdown {
namespace {

std::string count(std::uint32_t least, const std::optional<std::uint32_t>& most) {
  if (most == least) return "exactly " + std::to_string(least);
  if (least == 0) return most ? "at most " + std::to_string(*most) : "";
  return range_words(std::to_string(least), most ? std::to_string(*most) : "");
}

std::string quantity(std::string_view kind, const std::string& bounds, const std::string& unit) {
  std::string out{kind};
  if (!unit.empty()) out += " " + unit_words(unit);
  return bounds.empty() ? out : out + ", " + bounds;
}

std::string text_words(const Type& type) {
  const std::string counted = count(type.min_length, type.max_length);
  // lint sees to it that a pattern is ^[CLASS]+$; what is between says which characters.
  const std::string characters = type.pattern.size() > 3 ? code(type.pattern.substr(1, type.pattern.size() - 3)) : "";
  if (characters.empty()) return "text, " + counted + (type.max_length == 1 ? " character" : " characters");
  return "text, " + counted + " of " + characters;
}

// After the link to a type: what its values are in JSON, so that nobody has to follow the link for that.
std::string short_words(const Type& type) {
  constexpr std::size_t kFew = 4;
  switch (type.shape) {
    case Shape::string:
      return " (text)";
    case Shape::integer:
    case Shape::number:
      return type.shape == Shape::integer ? " (integer)" : " (number)";
    case Shape::enumeration: {
      if (type.labels.size() > kFew) return " (a label)";
      std::string out;
      for (const Label& label : type.labels) out += (out.empty() ? ": " : ", ") + code(label.name);
      return out;
    }
    default:
      return "";
  }
}

}  // namespace

std::string cell(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '|') out += '\\';
    out += text[i] == '\n' ? ' ' : text[i];
  }
  return out;
}

std::string code(std::string_view text) {
  return "`" + std::string{text} + "`";
}

std::string bytes(std::uint64_t count) {
  if (count % (1024 * 1024) == 0) return std::to_string(count / (1024 * 1024)) + " MiB";
  if (count % 1024 == 0) return std::to_string(count / 1024) + " KiB";
  return std::to_string(count) + " bytes";
}

std::string unit_words(std::string_view unit) {
  if (unit == "Ratio") return "as a ratio";
  if (unit == "Frames") return "in frames";
  if (unit == "Ns") return "in ns";
  if (unit == "Ms") return "in ms";
  if (unit == "Db") return "in dB";
  if (unit == "Bpm") return "in bpm";
  if (unit == "Beats") return "in beats";
  if (unit == "Parameter") return "in the parameter's unit";
  return "in " + std::string{unit};
}

std::string arrow(std::string_view from, std::string_view to) {
  // Spaces that do not break, so that narrow columns of tables keep both ends together.
  return std::string{from} + "\u00a0→\u00a0" + std::string{to};
}

std::string routes(const std::vector<Route>& routes) {
  std::string out;
  for (const Route& route : routes) out += (out.empty() ? "" : ", ") + arrow(route.from, route.to);
  return out;
}

std::string number_words(const Json& value) {
  // The ends that everybody meets are known by their power.
  constexpr std::int64_t kExact = (std::int64_t{1} << 53) - 1;
  if (value == kExact) return "2^53-1";
  if (value == -kExact) return "-(2^53-1)";
  if (value == 4294967295) return "2^32-1";
  const std::string text = value.dump();
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string range_words(const std::string& least, const std::string& most) {
  if (!least.empty() && !most.empty()) return least == most ? "always " + least : least + " … " + most;
  if (!least.empty()) return "at least " + least;
  return most.empty() ? "" : "at most " + most;
}

std::string type_words(const Model& model, const Sites& sites, const Type& type, std::string_view from) {
  const auto bound = [](const auto& value) { return value ? number_words(Json(*value)) : std::string{}; };
  switch (type.shape) {
    case Shape::boolean:
      return "boolean";
    case Shape::integer:
      return quantity("integer", range_words(bound(type.min_integer), bound(type.max_integer)), type.unit);
    case Shape::number:
      return quantity("number", range_words(bound(type.min_number), bound(type.max_number)), type.unit);
    case Shape::string:
      return text_words(type);
    case Shape::constant:
      return "always " + code(Json(type.constant).dump());
    case Shape::array: {
      const std::string counted = count(type.min_items, type.max_items);
      return "array of " + type_words(model, sites, *type.element, from) + (counted.empty() ? "" : "; " + counted);
    }
    case Shape::map:
      return "map of " + type_words(model, sites, *type.element, from) + "; at most " + std::to_string(type.max_items.value_or(0)) +
             " keys of at most " + std::to_string(type.max_length.value_or(0)) + " characters";
    case Shape::reference: {
      const Type* target = model.resolve(type);
      return sites.type(type.reference, from) + (target == nullptr ? "" : short_words(*target));
    }
    case Shape::enumeration:
      return type.open ? "a label, open" : "a label";
    case Shape::object:
      return "object";
    case Shape::tagged:
      return "object, told apart by " + code(type.tag);
  }
  return {};
}

}  // namespace loophole::schema::markdown
