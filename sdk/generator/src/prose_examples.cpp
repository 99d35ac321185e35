// Examples: every JSON block is what it says it is, and could be sent as it stands.
#include <algorithm>
#include <map>
#include <set>

#include "naming.hpp"
#include "prose.hpp"
#include "validate.hpp"

namespace loophole::schema {
namespace {

const Message* find_message(const Model& model, const std::string& name) {
  const Domain* domain = model.domain(domain_of(name));
  if (domain == nullptr) return nullptr;
  const auto found = std::ranges::find(domain->messages, name, &Message::name);
  return found == domain->messages.end() ? nullptr : &*found;
}

std::string text_of(const Json& json, const char* member) {
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string told(const Breach& breach) {
  return (breach.pointer.empty() ? "the value" : breach.pointer) + " " + breach.message + " (" + breach.rule + ")";
}

// Codes that answer whatever was asked; all others are listed by the message.
bool is_general(const std::string& code) {
  const std::string domain = domain_of(code);
  return domain == "envelope" || domain == "payload" || domain == "protocol" || domain == "session" || domain == "internal";
}

class Envelope {
 public:
  Envelope(const Model& model, const Json& json) : model_(model), json_(json), kind_(text_of(json, "kind")), name_(text_of(json, "name")) {}

  std::optional<std::string> breach() const {
    for (const auto& part : {&Envelope::header, &Envelope::route, &Envelope::body, &Envelope::size})
      if (auto found = (this->*part)()) return found;
    return std::nullopt;
  }

 private:
  std::optional<std::string> header() const {
    const Type* type = model_.find({"envelope", "Header"});
    if (type == nullptr) return "the schemas have no type envelope.Header";
    Json head = json_;
    head.erase("payload");
    head.erase("error");
    if (const auto found = validate(model_, *type, head, Side::sender)) return told(*found);
    const bool answer = kind_ == "reply" || kind_ == "error";
    if (kind_ == "reply" && !json_.contains("cid")) return "a reply has a cid";
    if (kind_ == "command" && json_.contains("cid")) return "a command has no cid";
    message_ = find_message(model_, name_);
    if (message_ == nullptr) return "there is no message " + name_;
    if (message_->kind == MessageKind::event && kind_ != "event") return name_ + " is an event, not a " + kind_;
    if (message_->kind == MessageKind::command && kind_ != "command" && !answer) return name_ + " is a command, not an event";
    return std::nullopt;
  }

  std::optional<std::string> route() const {
    Route route{.from = text_of(json_, "origin"), .to = text_of(json_, "target")};
    if (kind_ == "reply" || kind_ == "error") std::swap(route.from, route.to);
    if (std::ranges::find(message_->routes, route) != message_->routes.end()) return std::nullopt;
    return name_ + " has no route from " + route.from + " to " + route.to;
  }

  std::optional<std::string> body() const {
    const std::string member = kind_ == "error" ? "error" : "payload";
    if (!json_.contains(member)) return "it has no '" + member + "'";
    if (json_.contains(kind_ == "error" ? "payload" : "error")) return "it has both payload and error";
    const TypeRef ref = kind_ == "error"   ? TypeRef{"envelope", "Error"}
                        : kind_ == "reply" ? message_->reply.value_or(TypeRef{})
                                           : message_->payload;
    const Type* type = model_.find(ref);
    if (type == nullptr) return "there is no type for its " + member;
    if (auto found = validate(model_, *type, json_[member], Side::sender)) {
      found->pointer.insert(0, "/" + member);
      return told(*found);
    }
    return kind_ == "error" ? error() : std::nullopt;
  }

  std::optional<std::string> error() const {
    const std::string code = text_of(json_["error"], "code");
    const auto known = std::ranges::find(model_.errors, code, &ErrorCode::code);
    if (known == model_.errors.end()) return "there is no error code " + code;
    if (known->category != text_of(json_["error"], "category")) return code + " is of the category " + known->category;
    if (!is_general(code) && std::ranges::find(message_->errors, code) == message_->errors.end())
      return code + " is no error of " + name_ + "; its schema lists them";
    return std::nullopt;
  }

  std::optional<std::string> size() const {
    const bool answer = kind_ == "reply" || kind_ == "error";
    const std::uint64_t limit = answer ? model_.topology.max_message_bytes : message_->max_bytes;
    if (json_.dump().size() <= limit) return std::nullopt;
    return "it is larger than the " + std::to_string(limit) + " bytes that " + name_ + " may have";
  }

  const Model& model_;
  const Json& json_;
  std::string kind_;
  std::string name_;
  mutable const Message* message_ = nullptr;
};

class ExampleChecker {
 public:
  ExampleChecker(const Model& model, const Page& page, ProseFaults& faults) : model_(model), page_(page), faults_(faults) {}

  void check(const Fence& fence) {
    const std::size_t blank = fence.info.find(' ');
    if (fence.info.substr(0, blank) != "json") return;
    const std::string what = blank == std::string::npos ? "" : fence.info.substr(blank + 1);
    if (!fence.closed) return fault(fence.line, "example-json", "This block is not closed.");
    if (what == "lines") return lines(fence);
    const auto json = parse(fence.text, fence.line);
    if (!json || what == "free") return;
    if (what.empty()) return envelope(*json, fence.line);
    const std::size_t sign = what.find('=');
    const std::string key = what.substr(0, sign);
    const std::string name = sign == std::string::npos ? "" : what.substr(sign + 1);
    const auto ref = type_of(key, name, fence.line);
    if (!ref) return;
    const Type* type = model_.find(*ref);
    if (type == nullptr) return fault(fence.line, "example-info", "There is no type " + name + ".");
    if (const auto found = validate(model_, *type, *json, Side::sender))
      fault(fence.line, "example-value", "As " + what + ", " + told(*found) + ".");
  }

 private:
  void fault(std::size_t line, std::string rule, std::string message) {
    faults_.push_back({page_.path, line, std::move(rule), std::move(message)});
  }

  std::optional<Json> parse(const std::string& text, std::size_t line) {
    Faults faults;
    auto json = read_json(text, page_.path, faults);
    for (const Fault& found : faults)
      fault(line, "example-json", (found.where.pointer.empty() ? "" : found.where.pointer + ": ") + found.message);
    if (!faults.empty()) return std::nullopt;
    return json;
  }

  std::optional<TypeRef> type_of(const std::string& key, const std::string& name, std::size_t line) {
    if (key == "type") return TypeRef{domain_of(name), name.substr(std::min(name.size(), name.find('.') + 1))};
    if (key != "payload" && key != "reply") {
      fault(line, "example-info", "'" + key + "' is not known; write payload=NAME, reply=NAME, type=domain.Type, lines or free.");
      return std::nullopt;
    }
    const Message* message = find_message(model_, name);
    if (message == nullptr) {
      fault(line, "example-info", "There is no message " + name + ".");
      return std::nullopt;
    }
    if (key == "payload") return message->payload;
    if (!message->reply) fault(line, "example-info", name + " is an event and has no reply.");
    return message->reply;
  }

  void envelope(const Json& json, std::size_t line) {
    if (!json.is_object() || !json.contains("kind") || !json.contains("name") || !json.contains("v"))
      return fault(line, "example-info", "This is no envelope; say what it is: payload=NAME, reply=NAME, type=domain.Type, lines or free.");
    if (const auto found = envelope_breach(model_, json)) fault(line, "example-message", *found + ".");
  }

  // A recording: one envelope a line.
  void lines(const Fence& fence) {
    std::map<std::pair<std::string, std::string>, std::string> commands;  // sender and id: name
    std::set<std::pair<std::string, std::string>> seen;
    std::size_t number = fence.line;
    std::string_view rest{fence.text};
    while (!rest.empty()) {
      ++number;
      const std::size_t end = rest.find('\n');
      const std::string line{rest.substr(0, end)};
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.find_first_not_of(' ') == std::string::npos) continue;
      const auto json = parse(line, number);
      if (!json) continue;
      envelope(*json, number);
      if (json->is_object()) order(*json, number, commands, seen);
    }
  }

  void order(const Json& json, std::size_t line, std::map<std::pair<std::string, std::string>, std::string>& commands,
             std::set<std::pair<std::string, std::string>>& seen) {
    const std::string id = text_of(json, "id");
    const std::string kind = text_of(json, "kind");
    const std::string name = text_of(json, "name");
    if (!seen.emplace(text_of(json, "origin"), id).second) fault(line, "example-order", "Id " + id + " was used before by this sender.");
    if (kind == "command") commands.emplace(std::pair{text_of(json, "origin"), id}, name);
    if (!json.contains("cid")) return;
    const std::string cid = text_of(json, "cid");
    const auto command = commands.find({text_of(json, "target"), cid});
    if (command == commands.end())
      fault(line, "example-order", "No command " + cid + " came before this.");
    else if (kind != "event" && command->second != name)
      fault(line, "example-order", "Command " + cid + " was " + command->second + ", not " + name + ".");
  }

  const Model& model_;
  const Page& page_;
  ProseFaults& faults_;
};

}  // namespace

std::optional<std::string> envelope_breach(const Model& model, const Json& envelope) {
  return Envelope{model, envelope}.breach();
}

void check_examples(const Model& model, const Page& page, ProseFaults& faults) {
  ExampleChecker checker{model, page, faults};
  for (const Fence& fence : page.fences) checker.check(fence);
}

}  // namespace loophole::schema
