// Faults that any server may have towards its clients: an engine towards Pulse, a Pulse towards user interfaces.
#include <chrono>
#include <memory>
#include <set>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

std::string_view client_of(std::string_view role) {
  return role == "pulse" ? "aura" : "pulse";
}

bool deeply_nested(const std::string& text) {
  return text.find(std::string(20, '[')) != std::string::npos;
}

// Blanks before the last brace: the same message, and longer.
std::string stretched(std::string text, std::size_t by) {
  const auto end = text.rfind('}');
  return end == std::string::npos ? text : text.insert(end, std::string(by, ' '));
}

// Greets in the place of a client that did not.
struct Doorman {
  bool greeted = false;
  Texts in(const std::string& text, std::string_view role) {
    const Json message = parsed(text);
    if (greeted || message.is_null() || member(message, "kind") != "command") return {text};
    greeted = true;
    if (command(message, "session.hello")) return {text};
    Json hello{{"v", 1},
               {"id", "doorman"},
               {"ts", "2026-01-31T12:00:00.000Z"},
               {"origin", client_of(role)},
               {"target", role},
               {"kind", "command"},
               {"name", "session.hello"},
               {"payload",
                {{"role", client_of(role)},
                 {"clientId", "doorman"},
                 {"instanceId", "i-doorman-doorman"},
                 {"software", {{"name", "doorman"}, {"version", "1"}}},
                 {"protocol", {{"major", 1}, {"minMinor", 0}, {"maxMinor", 0}}},
                 {"capabilities", Json::array()}}}};
    return {hello.dump(), text};
  }
  static Texts out(const std::string& text) { return member(parsed(text), "cid") == "doorman" ? Texts{} : Texts{text}; }
};

}  // namespace

void add_shared_faults(std::vector<Fault>& faults, std::string_view role) {
  const std::string prefix = std::string(role) + ".";
  const auto add = [&](Fault fault, const std::vector<std::string>& cases) {
    fault.role = role;
    for (const std::string& one : cases) fault.scope.push_back(prefix + one);
    faults.push_back(std::move(fault));
  };
  const auto takes = [&](std::string_view id, std::string_view does, Hook hook, const std::vector<std::string>& cases) {
    add({.id = id, .does = does, .to_peer = std::move(hook)}, cases);
  };
  const auto says = [&](std::string_view id, std::string_view does, Hook hook, const std::vector<std::string>& cases) {
    add({.id = id, .does = does, .from_peer = std::move(hook)}, cases);
  };

  // --- Hello and life
  takes("picky-about-software", "greets only software that it knows", edit([](Json& m) {
          if (!command(m, "session.hello") || member(m["payload"]["software"], "name") == "loophole-conformance") return false;
          m["payload"]["protocol"] = {{"major", 9}, {"minMinor", 0}, {"maxMinor", 0}};
          return true;
        }),
        {"hello.software"});
  if (role == "pulse")
    takes("hello-begins-anew", "ends what a client has when it says hello again",
          [known = std::set<std::string>()](const std::string& text) mutable -> Texts {
            const Json message = parsed(text);
            if (message.is_null() || !command(message, "session.hello")) return {text};
            const std::string instance = member(message["payload"], "instanceId");
            if (known.insert(instance).second) return {text};
            return {event_text("anew", "aura", "pulse", "session.goodbye", {{"reason", "closing"}}), text};
          },
          {"hello.again"});
  else
    says("epoch-of-each-hello", "has another epoch when it is greeted again", edit([count = 0](Json& m) mutable {
           if (member(m, "kind") != "reply" || member(m, "name") != "session.hello" || ++count < 2) return false;
           m["payload"]["engine"]["epoch"] = m["payload"]["engine"]["epoch"].get<std::int64_t>() + 1;
           return true;
         }),
         {"hello.again"});
  says("counts-sleep", "takes time in which it did not run for silence of the others",
       [last = std::chrono::steady_clock::time_point{}, role](const std::string& text) mutable -> Texts {
         const auto now = std::chrono::steady_clock::now();
         const bool slept = last != std::chrono::steady_clock::time_point{} && now - last > std::chrono::milliseconds(2'500);
         last = now;
         if (!slept) return {text};
         return {event_text("slept", role, client_of(role), "session.goodbye", {{"reason", "leaseExpired"}})};
       },
       {"life.suspended"});
  {
    const auto doorman = std::make_shared<Doorman>();
    add({.id = "no-hello-needed",
         .does = "executes commands before any hello",
         .from_peer = &Doorman::out,
         .to_peer = [doorman, role](const std::string& text) { return doorman->in(text, role); }},
        {"hello.required", "faults.order"});
  }
  takes("deaf-to-garbage", "does not notice what is no JSON",
        [](const std::string& text) -> Texts { return parsed(text).is_null() ? Texts{} : Texts{text}; },
        {"life.faulty-signs", "faults.no-json"});
  says("no-lower-minor", "is greeted by its own minor alone", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["protocol"]["minor"] = 1;
         return true;
       }),
       role == "pulse" ? std::vector<std::string>{"hello.minors"} : std::vector<std::string>{"hello.lower-minor"});

  // --- Envelope
  takes("picky-about-order", "takes only messages that begin with v",
        [](const std::string& text) -> Texts { return text.starts_with(R"({"v")") || parsed(text).is_null() ? Texts{text} : Texts{}; },
        {"envelope.member-order"});
  takes("picky-about-numbers", "takes no number with an exponent",
        [](const std::string& text) -> Texts {
          for (const char* number : {"4.8e4", "9e1", "2.56e2", "12e1"})
            if (const auto at = text.find(number); at != std::string::npos) return {std::string(text).replace(at, 3, "\"\"}")};
          return {text};
        },
        {"envelope.numbers"});
  takes(
      "picky-about-time", "takes only messages of its own time",
      [](const std::string& text) -> Texts {
        const std::string time = member(parsed(text), "ts");
        return time.starts_with("1999") || time.starts_with("2099") || time.starts_with("1970") || time.starts_with("9999") ? Texts{}
                                                                                                                            : Texts{text};
      },
      role == "pulse" ? std::vector<std::string>{"envelope.numbers"} : std::vector<std::string>{"envelope.time-stamps"});
  takes("first-member-counts", "takes the first of two members of the same name",
        [](const std::string& text) -> Texts {
          for (const std::string name : {R"("name":)", R"("tempoBpm":)"}) {
            const auto payload = text.find(R"("payload")");
            const auto first = payload == std::string::npos ? payload : text.find(name, payload);
            const auto second = first == std::string::npos ? first : text.find(name, first + 1);
            if (second == std::string::npos) continue;
            const auto end = text.find_first_of(",}", second);
            return {text.substr(0, second - 1) + text.substr(end)};
          }
          return {text};
        },
        {"envelope.member-twice"});
  {
    const auto waiting = std::make_shared<int>(0);
    add({.id = "loses-answers",
         .does = "does not answer when many commands wait",
         .from_peer = [waiting](const std::string& text) -> Texts {
           const std::string kind = member(parsed(text), "kind");
           return (kind == "reply" || kind == "error") && (*waiting)-- == 20 ? Texts{} : Texts{text};
         },
         .to_peer = [waiting](const std::string& text) -> Texts {
           if (member(parsed(text), "kind") == "command") ++*waiting;
           return {text};
         }},
        {"envelope.thousand"});
  }

  // --- Faults and limits
  takes("any-route", "takes commands whoever they are of and for", edit([role](Json& m) {
          if (member(m, "kind") != "command" || (m["origin"] == client_of(role) && m["target"] == role)) return false;
          m["origin"] = client_of(role);
          m["target"] = role;
          return true;
        }),
        {"faults.routes", "faults.order"});
  says("routes-last", "looks for a wrong route after a broken payload", edit([](Json& m) {
         if (!has_code(m, "envelope.wrongRoute")) return false;
         m["error"]["code"] = "payload.invalid";
         m["error"]["category"] = "invalid";
         return true;
       }),
       {"faults.order", "faults.routes"});
  takes("repairs-headers", "takes an envelope of another version for its own", edit([](Json& m) {
          if (!m.contains("v") || m["v"] == 1) return false;
          m["v"] = 1;
          return true;
        }),
        {"faults.header"});
  add({.id = "joins-parts", .does = "takes the last part of a message of several", .joins_parts = true}, {"faults.parts"});
  takes("shallow", "takes less nesting than the protocol asks for",
        [](const std::string& text) -> Texts {
          if (!deeply_nested(text)) return {text};
          std::string deeper = text;
          const auto at = deeper.find('[');
          const auto end = deeper.rfind(']');
          if (end == std::string::npos) return {text};
          deeper.insert(end, std::string(40, ']'));
          return {deeper.insert(at, std::string(40, '['))};
        },
        {"limits.depth"});
  takes(
      "counts-wrong", "takes long messages for 64 bytes longer",
      [](const std::string& text) -> Texts { return {text.size() > 4'000 ? stretched(text, 64) : text}; },
      role == "pulse" ? std::vector<std::string>{"limits.sizes"} : std::vector<std::string>{"limits.name", "limits.message"});
}

}  // namespace loophole::conformance::faults
