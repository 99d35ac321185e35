#include "value_cases.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "naming.hpp"
#include "sample_value.hpp"

namespace loophole::schema {
namespace {

constexpr double kExact = 9007199254740991.0;

class Walk {
 public:
  Walk(const Model& model, const CaseOptions& options) : model_(model), options_(options) {}

  void visit(const Type& written, const std::string& at, const Place& place) {
    const Type* type = model_.resolve(written);
    if (type == nullptr) return;
    wrong_types(*type, at, place);
    if (written.shape == Shape::reference && !begun_.insert(written.reference).second) return;
    within(*type, at, place);
  }

  [[nodiscard]] ValueCases take() { return std::move(out_); }

 private:
  void within(const Type& type, const std::string& at, const Place& place) {
    switch (type.shape) {
      case Shape::boolean:
        valid("true", at, place, true);
        valid("false", at, place, false);
        break;
      case Shape::integer:
        integer(type, at, place);
        break;
      case Shape::number:
        number(type, at, place);
        break;
      case Shape::string:
        string(type, at, place);
        break;
      case Shape::constant:
        invalid("another text", at, "const", place, type.constant + "x");
        break;
      case Shape::enumeration:
        enumeration(type, at, place);
        break;
      case Shape::object:
        object(type, "", at, place);
        break;
      case Shape::array:
        array(type, at, place);
        break;
      case Shape::map:
        map(type, at, place);
        break;
      case Shape::tagged:
        tagged(type, at, place);
        break;
      case Shape::reference:
        break;
    }
  }

  void add(ValueCase one) {
    const std::size_t bytes = one.value.dump().size();
    if (bytes <= options_.most_bytes) return out_.cases.push_back(std::move(one));
    leave_out(one.about, one.pointer, one.rule, bytes);
  }
  void leave_out(const std::string& about, const std::string& at, const std::string& rule, std::size_t bytes) {
    out_.left_out.push_back({about, at, rule, "has about " + std::to_string(bytes) + " bytes"});
  }
  void valid(const std::string& about, const std::string& at, const Place& place, Json value) {
    add({.about = about, .pointer = at, .rule = {}, .sendable = true, .value = place(std::move(value))});
  }
  void unsendable(const std::string& about, const std::string& at, const Place& place, Json value) {
    add({.about = about, .pointer = at, .rule = {}, .sendable = false, .value = place(std::move(value))});
  }
  void invalid(const std::string& about, const std::string& at, const std::string& rule, const Place& place, Json value) {
    add({.about = about, .pointer = at, .rule = rule, .sendable = true, .value = place(std::move(value))});
  }

  void wrong_types(const Type& type, const std::string& at, const Place& place) {
    invalid("null", at, "type", place, nullptr);
    switch (type.shape) {
      case Shape::boolean:
        return invalid("number for a boolean", at, "type", place, 1);
      case Shape::integer:
      case Shape::number:
        return invalid("text for a number", at, "type", place, "1");
      case Shape::object:
      case Shape::map:
      case Shape::tagged:
        return invalid("list for an object", at, "type", place, Json::array());
      case Shape::array:
        return invalid("object for a list", at, "type", place, Json::object());
      default:
        return invalid("number for a text", at, "type", place, 1);
    }
  }

  void integer(const Type& type, const std::string& at, const Place& place) {
    const std::int64_t least = type.min_integer.value_or(0);
    const std::int64_t most = type.max_integer.value_or(0);
    valid("least", at, place, least);
    valid("most", at, place, most);
    valid("whole number with a fraction of zero", at, place, static_cast<double>(most));
    invalid("one too few", at, "minimum", place, least - 1);
    invalid("one too many", at, "maximum", place, most + 1);
    invalid("far too many", at, "maximum", place, 1e300);
    invalid("fraction", at, "type", place, 0.5);
  }

  void number(const Type& type, const std::string& at, const Place& place) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    valid("least", at, place, type.min_number.value_or(-1e300));
    valid("most", at, place, type.max_number.value_or(1e300));
    const double whole = std::ceil(nearest_number(type, 0));
    if (std::fabs(whole) <= kExact && whole <= type.max_number.value_or(whole))
      valid("without a fraction", at, place, static_cast<std::int64_t>(whole));
    if (type.min_number) invalid("a little too few", at, "minimum", place, std::nextafter(*type.min_number, -kInfinity));
    if (type.max_number) invalid("a little too many", at, "maximum", place, std::nextafter(*type.max_number, kInfinity));
  }

  void string(const Type& type, const std::string& at, const Place& place) {
    const std::size_t least = type.min_length;
    const std::size_t most = type.max_length.value_or(type.min_length);
    valid("shortest", at, place, text_of_length(type, least));
    long_text("longest", at, "", place, text_of_length(type, most));
    if (least > 0) invalid("too short", at, "minLength", place, text_of_length(type, least - 1));
    long_text("too long", at, "maxLength", place, text_of_length(type, most + 1));
    if (!type.pattern.empty()) return outside_pattern(type, at, place);
    if (most == 0) return;
    std::string wide;  // counted in characters, not in bytes or UTF-16 units
    for (std::size_t i = 0; i < most; ++i) wide += "🎚";
    long_text("longest, of wide characters", at, "", place, wide);
    const std::string special = "\"\\/\n\t\x01\x7f é";
    if (constexpr std::size_t kLength = 9; least <= kLength && kLength <= most) valid("characters to be escaped", at, place, special);
  }

  void long_text(const std::string& about, const std::string& at, const std::string& rule, const Place& place, std::string text) {
    if (text.size() > options_.most_bytes) return leave_out(about, at, rule, text.size());
    rule.empty() ? valid(about, at, place, std::move(text)) : invalid(about, at, rule, place, std::move(text));
  }

  void outside_pattern(const Type& type, const std::string& at, const Place& place) {
    const std::size_t length = std::max<std::size_t>(type.min_length, 1);
    for (const auto& [about, strange] :
         {std::pair{"strange character", " "}, {"letter beyond ASCII", "é"}, {"line feed at the end", "\n"}}) {
      if (alphabet(type.pattern).value_or("").find(strange) != std::string::npos) continue;
      invalid(about, at, "pattern", place, text_of_length(type, length - 1) + strange);
    }
  }

  void enumeration(const Type& type, const std::string& at, const Place& place) {
    for (const Label& label : type.labels) valid("label", at, place, label.name);
    std::string strange = "notALabel";
    while (std::ranges::any_of(type.labels, [&](const Label& label) { return label.name == strange; })) strange += "X";
    if (type.open) {
      unsendable("unknown label", at, place, strange);
      add({.about = "reserved label", .pointer = at, .rule = {}, .sendable = options_.unknown_labels, .value = place("unknown")});
    } else {
      invalid("unknown label", at, "enum", place, strange);
    }
  }

  // `tag` of an alternative was looked at with its union.
  void object(const Type& type, const std::string& tag, const std::string& at, const Place& place) {
    const Json least = minimal_value(model_, type);
    valid("only what is required", at, place, least);
    Json more = least;
    more["aFutureMember"] = Json{{"list", Json::array({nullptr, 1e9, "x"})}};
    unsendable("unknown member", at, place, std::move(more));
    for (const Field& field : type.fields) {
      if (field.required && field.name != tag) {
        Json less = least;
        less.erase(field.name);
        invalid("without " + field.name, at, "required", place, std::move(less));
      }
      if (field.name == tag) continue;
      visit(field.type, pointer_to(at, field.name), [&](Json value) {
        Json whole = Json::object();
        for (const Field& other : type.fields) {
          if (other.name == field.name) {
            whole[other.name] = std::move(value);
          } else if (least.contains(other.name)) {
            whole[other.name] = least[other.name];
          }
        }
        return place(std::move(whole));
      });
    }
  }

  static Json copies(const Json& value, std::size_t count) {
    Json out = Json::array();
    for (std::size_t i = 0; i < count; ++i) out.push_back(value);
    return out;
  }

  void array(const Type& type, const std::string& at, const Place& place) {
    const Json element = minimal_value(model_, *type.element);
    const std::size_t most = type.max_items.value_or(type.min_items);
    const std::size_t bytes = element.dump().size() + 1;
    valid("fewest elements", at, place, copies(element, type.min_items));
    if (type.min_items > 0) invalid("too few elements", at, "minItems", place, copies(element, type.min_items - 1));
    const auto full = [&](const std::string& about, const std::string& rule, std::size_t count) {
      if (count * bytes > options_.most_bytes) return leave_out(about, at, rule, count * bytes);
      rule.empty() ? valid(about, at, place, copies(element, count)) : invalid(about, at, rule, place, copies(element, count));
    };
    full("most elements", "", most);
    full("too many elements", "maxItems", most + 1);
    if (most == 0) return;
    visit(*type.element, pointer_to(at, "0"), [&](Json value) {
      Json whole = copies(element, std::max<std::size_t>(type.min_items, 1));
      whole[0] = std::move(value);
      return place(std::move(whole));
    });
  }

  void map(const Type& type, const std::string& at, const Place& place) {
    const Json element = minimal_value(model_, *type.element);
    const std::size_t most = type.max_items.value_or(0);
    const std::size_t longest = type.max_length.value_or(0);
    const auto full = [&](const std::string& about, const std::string& rule, std::size_t count) {
      const std::size_t bytes = count * (element.dump().size() + 8);
      if (bytes > options_.most_bytes) return leave_out(about, at, rule, bytes);
      Json whole = Json::object();
      for (std::size_t i = 0; i < count; ++i) whole[std::to_string(i)] = element;
      rule.empty() ? valid(about, at, place, std::move(whole)) : invalid(about, at, rule, place, std::move(whole));
    };
    valid("no members", at, place, Json::object());
    full("most members", "", most);
    full("too many members", "maxProperties", most + 1);
    if (most == 0) return;
    valid("longest name", at, place, Json{{std::string(longest, 'k'), element}});
    invalid("name too long", at, "propertyNames", place, Json{{std::string(longest + 1, 'k'), element}});
    const std::string key = sample_key(type);
    visit(*type.element, pointer_to(at, key), [&](Json value) { return place(Json{{key, std::move(value)}}); });
  }

  void tagged(const Type& type, const std::string& at, const Place& place) {
    const std::string at_tag = pointer_to(at, type.tag);
    const Json first = minimal_value(model_, type);
    const auto with_tag = [&](Json tag) {
      Json whole = first;
      whole[type.tag] = std::move(tag);
      return whole;
    };
    invalid("unknown tag", at_tag, "enum", place, with_tag("not.a.tag"));
    invalid("number for a tag", at_tag, "type", place, with_tag(1));
    Json without = first;
    without.erase(type.tag);
    invalid("without tag", at, "required", place, without);
    without[type.tag] = tag_of(model_, type, type.alternatives.front());
    valid("tag last", at, place, std::move(without));
    for (const TypeRef& ref : type.alternatives) {
      const Type* alternative = model_.find(ref);
      if (alternative == nullptr) continue;
      if (begun_.insert(ref).second) {
        object(*alternative, type.tag, at, place);
      } else {
        valid("alternative", at, place, minimal_value(model_, *alternative));
      }
    }
  }

  const Model& model_;
  const CaseOptions& options_;
  std::set<TypeRef> begun_;
  ValueCases out_;
};

}  // namespace

ValueCases value_cases(const Model& model, const Type& type, const std::string& pointer, const Place& place, const CaseOptions& options) {
  Walk walk{model, options};
  walk.visit(type, pointer, place);
  return walk.take();
}

}  // namespace loophole::schema
