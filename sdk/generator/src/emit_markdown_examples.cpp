#include <algorithm>
#include <map>

#include "emit_markdown.hpp"
#include "json_schema.hpp"
#include "naming.hpp"
#include "sample_value.hpp"
#include "validate.hpp"

namespace loophole::schema::markdown {
namespace {

// What members are set to in the valid examples of the schemas, by name and type, those of one domain first.
class Exemplars {
 public:
  Exemplars(const Model& model, std::string_view domain) : model_(model) {
    for (const bool own : {true, false})
      for (const Domain& each : model.domains)
        if ((each.name == domain) == own)
          for (const Message& message : each.messages)
            if (const Type* payload = model.find(message.payload))
              for (const ValidExample& example : message.valid) collect(*payload, "", example.payload);
  }

  // The first that is a valid value; null: none.
  [[nodiscard]] Json find(const Type& written, const std::string& name) const {
    const auto found = values_.find(key(written, name));
    if (found == values_.end()) return nullptr;
    for (const Json& value : found->second)
      if (!validate(model_, written, value, Side::sender)) return value;
    return nullptr;
  }

 private:
  // A type that has a name tells values apart by itself: the state of an engine from that of a plugin.
  static std::string key(const Type& written, const std::string& name) {
    return written.shape == Shape::reference ? name + " " + written.reference.domain + "." + written.reference.name : name;
  }

  void collect(const Type& written, const std::string& name, const Json& value) {
    const Type* const type = model_.resolve(written);
    if (type == nullptr) return;
    if (value.is_primitive()) values_[key(written, name)].push_back(value);
    if (type->shape == Shape::object && value.is_object()) {
      for (const Field& field : type->fields)
        if (const auto member = value.find(field.name); member != value.end()) collect(field.type, field.name, *member);
    } else if (type->element && value.is_structured()) {
      for (const Json& each : value) collect(*type->element, name, each);
    } else if (type->shape == Shape::tagged && value.is_object()) {
      for (const TypeRef& alternative : type->alternatives)
        if (const Type* const found = model_.find(alternative); value.value(type->tag, "") == tag_of(model_, *type, alternative))
          if (found != nullptr) collect(*found, name, value);
    }
  }

  const Model& model_;
  std::map<std::string, std::vector<Json>> values_;
};

// A value that reads well: members have values of the schemas' own examples where they are there; else identifiers say of what they are,
// texts what they are for. Lists have one element.
class Readable {
 public:
  Readable(const Model& model, std::string_view domain) : model_(model), exemplars_(model, domain) {}

  // `name` of the member or the type that the value is of.
  [[nodiscard]] Json of(const Type& written, const std::string& name) const {
    const Type* found = model_.resolve(written);
    if (found == nullptr) return nullptr;
    const Type& type = *found;
    if (Json exemplar = exemplars_.find(written, name); !exemplar.is_null()) return exemplar;
    switch (type.shape) {
      case Shape::string:
        return text(type, written.shape == Shape::reference ? snake(lower_first(written.reference.name)) : name);
      case Shape::object: {
        Json out = Json::object();
        for (const Field& field : type.fields)
          if (field.required) out[field.name] = of(field.type, field.name);
        return out;
      }
      case Shape::array:
        return Json::array({of(*type.element, name)});
      case Shape::tagged:
        return of(*model_.find(type.alternatives.front()), name);
      case Shape::map:
        return Json{{"key", of(*type.element, name)}};
      default:
        return minimal_value(model_, type);
    }
  }

 private:
  static std::string lower_first(std::string text) {
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
  }

  [[nodiscard]] Json text(const Type& type, std::string name) const {
    if (type.id && name.ends_with("_id")) name = name.substr(0, name.size() - 3) + "-1";
    std::ranges::replace(name, '_', '-');
    if (!validate(model_, type, name, Side::sender)) return name;
    return text_of_length(type, type.min_length);
  }

  const Model& model_;
  Exemplars exemplars_;
};

std::string envelope(const std::string& id, const std::string& cid, const Route& route, const std::string& kind, const std::string& name,
                     const Json& payload) {
  return "{\n  \"v\": 1, \"id\": \"" + id + "\", " + (cid.empty() ? "" : "\"cid\": \"" + cid + "\", ") +
         "\"ts\": \"2026-01-31T12:00:00.000Z\", \"origin\": \"" + route.from + "\", \"target\": \"" + route.to + "\",\n  \"kind\": \"" +
         kind + "\", \"name\": \"" + name + "\",\n  \"payload\": " + neat_value(payload, kColumns, 2, 11) + "\n}";
}

}  // namespace

std::string message_example(const Message& message, const Json& payload) {
  const std::string kind = message.kind == MessageKind::command ? "command" : "event";
  return envelope("12", "", message.routes.front(), kind, message.name, payload);
}

std::string reply_example(const Model& model, const Message& message) {
  constexpr std::ptrdiff_t kMostLines = 16;  // the least that is valid says enough where more would be a wall
  const Type* type = message.reply ? model.find(*message.reply) : nullptr;
  if (type == nullptr) return {};
  const Route back{message.routes.front().to, message.routes.front().from};
  const auto written = [&](const Json& payload) { return envelope("47", "12", back, "reply", message.name, payload); };
  const Json payload = Readable{model, domain_of(message.name)}.of(*type, "");
  if (!validate(model, *type, payload, Side::sender))
    if (std::string text = written(payload); std::ranges::count(text, '\n') < kMostLines) return text;
  return written(minimal_value(model, *type));
}

}  // namespace loophole::schema::markdown
