#include "message_hooks.hpp"

namespace loophole::conformance::faults {

Hook edit(std::function<bool(Json&)> change) {
  return [change = std::move(change)](const std::string& text) -> Texts {
    Json message = Json::parse(text, nullptr, false);
    if (message.is_discarded() || !message.is_object()) return {text};
    try {
      if (!change(message)) return {text};
      return {message.dump()};
    } catch (const Json::exception&) {  // a message that is wrong on purpose, and not the one to change
      return {text};
    }
  };
}

std::string member(const Json& message, const char* name) {
  const auto found = message.find(name);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is(const Json& message, std::string_view kind, std::string_view name) {
  return member(message, "kind") == kind && member(message, "name") == name;
}

bool has_code(const Json& message, std::string_view code) {
  return message.contains("error") && message["error"].is_object() && member(message["error"], "code") == code;
}

bool command(const Json& message, std::string_view name) {
  return is(message, "command", name);
}

Json parsed(const std::string& text) {
  Json message = Json::parse(text, nullptr, false);
  return message.is_object() ? message : Json();
}

Hook watch(std::function<void(const Json&)> see) {
  return edit([see = std::move(see)](const Json& message) {
    see(message);
    return false;
  });
}

namespace {

Json envelope(std::string_view id, std::string_view from, std::string_view to, std::string_view kind, std::string_view name) {
  return {{"v", 1}, {"id", id}, {"ts", "2026-01-31T12:00:00.000Z"}, {"origin", from}, {"target", to}, {"kind", kind}, {"name", name}};
}

}  // namespace

std::string event_text(std::string_view id, std::string_view from, std::string_view to, std::string_view name, const Json& payload) {
  Json message = envelope(id, from, to, "event", name);
  message["payload"] = payload;
  return message.dump();
}

std::string refusal_text(const Json& command, std::string_view code, std::string_view category) {
  Json message =
      envelope("refusal-" + member(command, "id"), member(command, "target"), member(command, "origin"), "error", member(command, "name"));
  message["cid"] = member(command, "id");
  message["error"] = {{"category", category}, {"code", code}, {"message", "no"}};
  return message.dump();
}

Hook swallow(std::string kind, std::string name) {
  return [kind = std::move(kind), name = std::move(name)](const std::string& text) -> Texts {
    const Json message = Json::parse(text, nullptr, false);
    return !message.is_discarded() && is(message, kind, name) ? Texts{} : Texts{text};
  };
}

}  // namespace loophole::conformance::faults
