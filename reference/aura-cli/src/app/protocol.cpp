#include "app/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "app/command_words.hpp"
#include "app/protocol_text.hpp"

namespace loophole::cli {
namespace {

using Json = nlohmann::ordered_json;

const Json& model() {
  static const Json parsed = Json::parse(protocol_json());
  return parsed;
}

const Json* find_message(const std::string& name) {
  const auto& domains = model().at("domains");
  const auto domain = domains.find(name.substr(0, name.find('.')));
  if (domain == domains.end()) return nullptr;
  const auto message = domain->at("messages").find(name);
  return message == domain->at("messages").end() ? nullptr : &*message;
}

const Json& find_type(const std::string& name) {
  const std::size_t dot = name.find('.');
  return model().at("domains").at(name.substr(0, dot)).at("types").at(name.substr(dot + 1));
}

std::string text_of(const Json& object, const char* member) {
  return object.value(member, std::string());
}

std::string unit_words(const std::string& unit) {
  if (unit.empty()) return "";
  if (unit == "Parameter") return " in the parameter's unit";
  if (unit == "Ratio") return " as a ratio";
  if (unit == "Hz") return " in Hz";
  if (unit == "Db") return " in dB";
  std::string lower = unit;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return " in " + lower;
}

std::string bound_words(const Json& value) {
  constexpr std::int64_t kExact = (std::int64_t{1} << 53) - 1;  // of a double
  if (value == kExact) return "2^53-1";
  if (value == std::numeric_limits<std::uint32_t>::max()) return "2^32-1";
  return value.is_number_float() ? fmt::format("{:g}", value.get<double>()) : value.dump();
}

std::string range_words(const Json& type, const char* least, const char* most, const std::string& behind) {
  const bool low = type.contains(least) && type.at(least) != 0;
  const bool high = type.contains(most);
  if (low && high && type.at(least) == type.at(most)) return fmt::format(", exactly {}{}", bound_words(type.at(most)), behind);
  if (type.contains(least) && high && (low || behind.empty()))
    return fmt::format(", {} … {}{}", bound_words(type.at(least)), bound_words(type.at(most)), behind);
  if (high) return fmt::format(", at most {}{}", bound_words(type.at(most)), behind);
  return type.contains(least) ? fmt::format(", at least {}{}", bound_words(type.at(least)), behind) : "";
}

std::string type_words(const Json& type);

std::string reference_words(const Json& type) {
  const std::string name = type.at("type");
  const Json& target = find_type(name);
  const std::string shape = target.at("shape");
  if (shape == "object" || shape == "tagged") return name;
  if (shape == "enumeration") return type_words(target);
  return name + ", " + type_words(target);
}

std::string type_words(const Json& type) {
  const std::string shape = type.at("shape");
  if (shape == "reference") return reference_words(type);
  if (shape == "integer" || shape == "number")
    return shape + unit_words(text_of(type, "unit")) + range_words(type, "minimum", "maximum", "");
  if (shape == "string") {
    const std::string pattern = text_of(type, "pattern");
    return "text" + range_words(type, "minLength", "maxLength", " characters") +
           (pattern.size() > 3 ? " of " + pattern.substr(1, pattern.size() - 3) : "");
  }
  if (shape == "constant") return "always " + type.at("const").dump();
  if (shape == "array") return "list of " + type_words(type.at("element")) + range_words(type, "minItems", "maxItems", " of them");
  if (shape == "map") return "map of " + type_words(type.at("element"));
  if (shape == "enumeration") {
    std::string text;
    for (const Json& label : type.at("labels")) text += (text.empty() ? "" : " | ") + label.at("name").get<std::string>();
    return text;
  }
  if (shape == "tagged") return "one of";
  return shape;
}

// The objects that a type mentions, each once, in the order of reading.
void collect(const Json& type, std::vector<std::string>& order, std::set<std::string>& seen) {
  if (type.at("shape") == "reference") {
    const std::string name = type.at("type");
    const Json& target = find_type(name);
    if (target.at("shape") != "object" && target.at("shape") != "tagged") return;
    if (!seen.insert(name).second) return;
    order.push_back(name);
    return collect(target, order, seen);
  }
  if (type.contains("element")) collect(type.at("element"), order, seen);
  if (type.contains("fields"))
    for (const Json& field : type.at("fields")) collect(field, order, seen);
  if (type.contains("alternatives"))
    for (const Json& one : type.at("alternatives")) collect(Json{{"shape", "reference"}, {"type", one}}, order, seen);
}

std::string fields_text(const Json& type) {
  std::string text;
  if (type.contains("alternatives")) {
    text = fmt::format("  told apart by {}:", text_of(type, "tag"));
    for (const Json& one : type.at("alternatives")) text += " " + one.get<std::string>();
    return text + "\n";
  }
  std::size_t widest = 0;
  for (const Json& field : type.at("fields")) widest = std::max(widest, text_of(field, "name").size());
  for (const Json& field : type.at("fields")) {
    text += fmt::format("  {:<{}}  {}, {}", text_of(field, "name"), widest, field.at("required").get<bool>() ? "required" : "optional",
                        type_words(field));
    if (field.contains("default")) text += ", else " + field.at("default").dump();
    if (const std::string about = text_of(field, "description"); !about.empty()) text += fmt::format("\n  {:<{}}  {}", "", widest, about);
    text += "\n";
  }
  return text;
}

std::string part_text(const char* title, const std::string& type) {
  const Json& found = find_type(type);
  if (!found.contains("fields") || found.at("fields").empty()) return fmt::format("\n{}: no members\n", title);
  return fmt::format("\n{} {}\n{}", title, type, fields_text(found));
}

std::string routes_text(const Json& message) {
  std::string text;
  for (const Json& route : message.at("routes"))
    text += fmt::format("{}{} → {}", text.empty() ? "" : ", ", text_of(route, "from"), text_of(route, "to"));
  return text;
}

std::string errors_text(const Json& message) {
  if (!message.contains("errors") || message.at("errors").empty()) return {};
  std::string text = "\nErrors, besides those of any command\n";
  for (const Json& code : message.at("errors")) {
    const Json& error = model().at("errors").at(code.get<std::string>());
    text += fmt::format("  {} ({})\n    {}\n", code.get<std::string>(), text_of(error, "category"), text_of(error, "summary"));
  }
  return text;
}

std::string example_text(const std::string& name, const Json& message) {
  if (!message.contains("examples") || message.at("examples").value("valid", Json::array()).empty()) return {};
  const std::string payload = message.at("examples").at("valid").front().dump();
  return find_command(name) == nullptr ? fmt::format("\nExample\n  {}\n", payload)
                                       : fmt::format("\nExample\n  aura-cli call {} '{}'\n", name, payload);
}

Error unknown(const std::string& name) {
  return make_error(errors::kEnvelopeUnknownName, "there is no message '" + name + "'" + did_you_mean(name, message_names()));
}

}  // namespace

std::vector<std::string> message_names() {
  std::vector<std::string> names;
  for (const Json& domain : model().at("domains"))
    for (const auto& [name, message] : domain.at("messages").items()) names.push_back(name);
  return names;
}

std::string list_messages() {
  std::string text;
  for (const std::string& name : message_names()) {
    const Json& message = *find_message(name);
    text += fmt::format("{}{:<26} {:<8} {}", text.empty() ? "" : "\n", name, text_of(message, "kind"), text_of(message, "summary"));
  }
  return text;
}

Result<std::string> describe_message(const std::string& name) {
  const Json* message = find_message(name);
  if (message == nullptr) return unknown(name);
  std::string text =
      fmt::format("{}: {}, {}, since {}", name, text_of(*message, "kind"), routes_text(*message), text_of(*message, "since"));
  if (message->value("idempotent", false)) text += ", idempotent";
  if (message->value("undoable", false)) text += ", a step of the history";
  text += "\n" + text_of(*message, "summary") + "\n";
  if (const CommandWord* command = find_command(name)) text += fmt::format("From the command line: aura-cli {}\n", command->word);
  const std::string payload = message->at("payload");
  const std::string reply = text_of(*message, "reply");
  text += part_text("Payload", payload);
  if (!reply.empty()) text += part_text("Reply", reply);
  std::set<std::string> seen{payload, reply};
  std::vector<std::string> order;
  collect(find_type(payload), order, seen);
  if (!reply.empty()) collect(find_type(reply), order, seen);
  for (const std::string& type : order)
    text += fmt::format("\n{}: {}\n{}", type, text_of(find_type(type), "description"), fields_text(find_type(type)));
  text += errors_text(*message) + example_text(name, *message);
  text.pop_back();
  return text;
}

Result<Json> message_schema(const std::string& name) {
  static const Json schemas = Json::parse(json_schemas_json());
  if (find_message(name) == nullptr) return unknown(name);
  Json out{{"message", schemas.at(name)}};
  if (const auto reply = schemas.find(name + ".reply"); reply != schemas.end()) out["reply"] = *reply;
  return out;
}

}  // namespace loophole::cli
