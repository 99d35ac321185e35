#include "instances.hpp"

#include <algorithm>
#include <cmath>

#include "canonical.hpp"
#include "naming.hpp"

namespace evolution {
namespace {

using schema::Shape;
using schema::Type;
using schema::TypeRef;
using Sorted = nlohmann::json;

// Larger texts and lists than these take long and show nothing: mutations move bounds below them.
constexpr std::size_t kLongest = 70'000;
constexpr std::size_t kMostItems = 80;

// ---- focus ----

std::map<TypeRef, const Sorted*> types_of(const Sorted& model) {
  std::map<TypeRef, const Sorted*> out;
  for (const auto& [domain, content] : model.at("domains").items())
    for (const auto& [name, type] : content.at("types").items()) out[{domain, name}] = &type;
  return out;
}

TypeRef to_ref(const std::string& written) {
  const std::size_t dot = written.find('.');
  return {written.substr(0, dot), written.substr(dot + 1)};
}

// Types that a definition, or a message, refers to, and the numbers in it.
void collect(const Sorted& json, std::multiset<TypeRef>& refs, std::set<double>& numbers) {
  if (json.is_object() && json.value("shape", "") == "reference") refs.insert(to_ref(json.at("type").get<std::string>()));
  if (json.is_object() && json.contains("alternatives"))
    for (const auto& name : json.at("alternatives")) refs.insert(to_ref(name.get<std::string>()));
  if (json.is_object() && json.contains("routes"))
    for (const char* body : {"payload", "reply"})
      if (json.contains(body)) refs.insert(to_ref(json.at(body).get<std::string>()));
  if (json.is_number()) numbers.insert(json.get<double>());
  if (json.is_structured())
    for (const Sorted& part : json) collect(part, refs, numbers);
}

class FocusFinder {
 public:
  FocusFinder(const schema::Model& then, const schema::Model& now) : then_(canonical(then)), now_(canonical(now)) {}

  Focus run() {
    const auto then_types = types_of(then_);
    const auto now_types = types_of(now_);
    for (const auto& [ref, type] : then_types) {
      const auto other = now_types.find(ref);
      if (other == now_types.end() || *other->second != *type) differ(ref, type, other == now_types.end() ? nullptr : other->second);
    }
    for (const auto& [ref, type] : now_types)
      if (!then_types.contains(ref)) differ(ref, nullptr, type);
    for (const auto& [name, domain] : then_.at("domains").items())
      for (const auto& [message, content] : domain.at("messages").items()) {
        const Sorted::json_pointer place = Sorted::json_pointer{} / "domains" / name / "messages" / message;
        if (now_.contains(place) && now_.at(place) != content) differ_in_use(&content, &now_.at(place));
      }
    return std::move(focus_);
  }

 private:
  void differ(const TypeRef& ref, const Sorted* then, const Sorted* now) {
    focus_.types.insert(ref);
    differ_in_use(then, now);
  }

  // Types that only one of the two uses, or not as often, with all that is below them.
  void differ_in_use(const Sorted* then, const Sorted* now) {
    std::multiset<TypeRef> then_refs;
    std::multiset<TypeRef> now_refs;
    if (then != nullptr) collect(*then, then_refs, focus_.numbers);
    if (now != nullptr) collect(*now, now_refs, focus_.numbers);
    std::vector<TypeRef> moved;
    std::ranges::set_symmetric_difference(then_refs, now_refs, std::back_inserter(moved));
    for (const TypeRef& ref : moved) add_closure(ref);
  }

  void add_closure(const TypeRef& ref) {
    if (!closed_.insert(ref).second) return;
    focus_.types.insert(ref);
    for (const Sorted* model : {&then_, &now_}) {
      const Sorted::json_pointer place = Sorted::json_pointer{} / "domains" / ref.domain / "types" / ref.name;
      if (!model->contains(place)) continue;
      std::multiset<TypeRef> refs;
      collect(model->at(place), refs, focus_.numbers);
      for (const TypeRef& next : refs) add_closure(next);
    }
  }

  const Sorted then_;
  const Sorted now_;
  Focus focus_;
  std::set<TypeRef> closed_;
};

// ---- values ----

std::string utf8(const std::vector<std::string>& characters, std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += characters[i % characters.size()];
  return out;
}

std::vector<std::string> characters_of(const Type& type) {
  if (type.pattern.empty()) return {"a", "Z", "0", " ", "\u00e4", "\u20ac", "\U0001F39B", "/", "~", "\"", "\\", "\x01", ".", "-", "_"};
  std::vector<std::string> out;
  const std::string letters = schema::alphabet(type.pattern).value_or("");
  for (const char c : letters) out.emplace_back(1, c);
  return out;
}

}  // namespace

Focus focus_on(const schema::Model& then, const schema::Model& now) {
  return FocusFinder{then, now}.run();
}

bool Instances::touches(const TypeRef& ref) {
  if (focus_.types.contains(ref)) return true;
  const auto known = touches_.find(ref);
  if (known != touches_.end()) return known->second;
  const std::function<bool(const Type&)> below = [&](const Type& type) {
    if (type.shape == Shape::reference) return touches(type.reference);
    if (type.element && below(*type.element)) return true;
    if (std::ranges::any_of(type.alternatives, [&](const TypeRef& one) { return touches(one); })) return true;
    return std::ranges::any_of(type.fields, [&](const schema::Field& field) { return below(field.type); });
  };
  return touches_[ref] = below(*model_.find(ref));
}

bool Instances::each(const TypeRef& ref, const std::function<bool(const Json&)>& stop) {
  return std::ranges::any_of(variants(ref), stop);
}

Json Instances::smallest(const TypeRef& ref) {
  return base(ref, Size::smallest);
}

Json Instances::base(const TypeRef& ref, Size size) {
  const auto known = bases_.find({ref, size});
  if (known != bases_.end()) return known->second;
  return bases_[{ref, size}] = base(*model_.find(ref), size);
}

// full: every member, and one element in every list.
Json Instances::base(const Type& type, Size size) {
  switch (type.shape) {
    case Shape::reference:
      return base(type.reference, size);
    case Shape::boolean:
      return false;
    case Shape::integer:
      return std::clamp<std::int64_t>(1, *type.min_integer, *type.max_integer);
    case Shape::number:
      return std::min(std::max(1.0, type.min_number.value_or(1.0)), type.max_number.value_or(1.0));
    case Shape::constant:
      return type.constant;
    case Shape::enumeration:
      return type.labels.front().name;
    case Shape::string:
      return utf8({characters_of(type).front()}, std::max<std::size_t>(type.min_length, std::min<std::size_t>(1, *type.max_length)));
    case Shape::tagged:
      return base(type.alternatives.front(), size);
    case Shape::array: {
      Json out = Json::array();
      const std::size_t count = std::max<std::size_t>(type.min_items, size == Size::full ? std::min(1U, *type.max_items) : 0);
      for (std::size_t i = 0; i < count; ++i) out.push_back(base(*type.element, size));
      return out;
    }
    case Shape::map: {
      Json out = Json::object();
      if (size == Size::full && *type.max_items > 0) out[std::string(std::min(1U, *type.max_length), 'k')] = base(*type.element, size);
      return out;
    }
    case Shape::object:
      break;
  }
  Json out = Json::object();
  for (const schema::Field& field : type.fields)
    if (field.required || size == Size::full) out[field.name] = base(field.type, size);
  return out;
}

Instances::Values Instances::variants(const TypeRef& ref) {
  if (!touches(ref)) return {base(ref, Size::full)};
  return variants(*model_.find(ref), focus_.types.contains(ref));
}

Instances::Values Instances::variants(const Type& type, bool in_focus) {
  switch (type.shape) {
    case Shape::reference:
      return variants(type.reference);
    case Shape::object:
      return object(type, in_focus);
    case Shape::array:
      return array(type, in_focus);
    case Shape::map:
      return map(type, in_focus);
    case Shape::tagged: {
      Values out;
      for (const TypeRef& alternative : type.alternatives) std::ranges::move(variants(alternative), std::back_inserter(out));
      return out;
    }
    default:
      return in_focus ? leaf(type) : Values{base(type, Size::full)};
  }
}

Instances::Values Instances::leaf(const Type& type) const {
  Values out;
  switch (type.shape) {
    case Shape::boolean:
      return {false, true};
    case Shape::constant:
      return {type.constant};
    case Shape::string:
      return text(type);
    case Shape::enumeration:
      for (const schema::Label& label : type.labels) out.emplace_back(label.name);
      // Reserved in every open enumeration for what a sender has no word for.
      if (type.open) out.emplace_back("unknown");
      return out;
    case Shape::integer:
      for (const std::int64_t bound : {*type.min_integer, *type.max_integer}) out.emplace_back(bound);
      for (const double number : focus_.numbers)
        for (const double near : {number - 1, number, number + 1})
          if (near >= static_cast<double>(*type.min_integer) && near <= static_cast<double>(*type.max_integer))
            out.emplace_back(static_cast<std::int64_t>(near));
      return out;
    case Shape::number: {
      const double least = type.min_number.value_or(-1e300);
      const double most = type.max_number.value_or(1e300);
      for (const double number : {least, most, least + 0.5, 0.0, 0.5}) out.emplace_back(number);
      for (const double number : focus_.numbers)
        for (const double near : {number - 0.25, number, number + 0.25}) out.emplace_back(near);
      std::erase_if(out, [&](const Json& value) { return value.get<double>() < least || value.get<double>() > most; });
      return out;
    }
    default:
      return {};
  }
}

// Sizes between two bounds: the bounds, and those about the numbers in the focus; none beyond what is practical.
std::set<std::size_t> Instances::sizes(std::size_t least, std::size_t most, std::size_t practical) const {
  std::set<std::size_t> out{least, most};
  for (const double number : focus_.numbers)
    for (const double near : {number - 1, number, number + 1})
      if (near >= static_cast<double>(least) && near <= static_cast<double>(most)) out.insert(static_cast<std::size_t>(near));
  std::erase_if(out, [&](std::size_t size) { return size > std::max(least, practical); });
  return out;
}

Instances::Values Instances::text(const Type& type) const {
  Values out;
  const std::vector<std::string> characters = characters_of(type);
  for (const std::size_t length : sizes(type.min_length, *type.max_length, kLongest)) {
    out.emplace_back(utf8({characters.front()}, length));
    out.emplace_back(utf8(characters, length));
  }
  const std::size_t one = std::max<std::size_t>(1, type.min_length);
  if (one <= *type.max_length)
    for (const std::string& character : characters) out.emplace_back(utf8({character}, one));
  return out;
}

Instances::Values Instances::object(const Type& type, bool in_focus) {
  Values out{base(type, Size::full)};
  const Json full = out.front();
  if (in_focus) out.push_back(base(type, Size::smallest));
  for (const schema::Field& field : type.fields) {
    for (Json& value : variants(field.type, in_focus)) {
      if (value == full.at(field.name)) continue;
      Json& one = out.emplace_back(full);
      one[field.name] = std::move(value);
    }
    if (in_focus && !field.required) out.emplace_back(full).erase(field.name);
  }
  return out;
}

Instances::Values Instances::array(const Type& type, bool in_focus) {
  if (*type.max_items == 0) return {Json::array()};
  Values out;
  const Json element = base(*type.element, Size::smallest);
  for (Json& value : variants(*type.element, in_focus)) {
    Json& one = out.emplace_back(Json::array());
    one.push_back(std::move(value));
    while (one.size() < type.min_items) one.push_back(element);
  }
  if (!in_focus) return out;
  for (const std::size_t size : sizes(type.min_items, *type.max_items, kMostItems)) {
    Json& one = out.emplace_back(Json::array());
    while (one.size() < size) one.push_back(element);
  }
  return out;
}

Instances::Values Instances::map(const Type& type, bool in_focus) {
  const auto key_of = [&](std::size_t length) { return std::string(std::min<std::size_t>(length, *type.max_length), 'k'); };
  Values out;
  for (Json& value : variants(*type.element, in_focus)) {
    Json& one = out.emplace_back(Json::object());
    if (*type.max_items > 0) one[key_of(1)] = std::move(value);
  }
  if (!in_focus) return out;
  const Json element = base(*type.element, Size::smallest);
  for (const std::size_t size : sizes(0, *type.max_items, kMostItems)) {
    Json& one = out.emplace_back(Json::object());
    // Keys of up to three characters; fewer entries where keys are shorter than that.
    for (std::size_t i = 0; i < size && *type.max_length >= 3; ++i) one["k" + std::to_string(i)] = element;
  }
  if (*type.max_items > 0)
    for (const std::size_t length : sizes(0, *type.max_length, kLongest)) out.push_back({{key_of(length), element}});
  return out;
}

}  // namespace evolution
