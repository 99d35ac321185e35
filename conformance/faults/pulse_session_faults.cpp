// Faults of a Pulse towards user interfaces: hello, life, envelope.
#include <map>
#include <memory>
#include <set>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {

void add_pulse_session_faults(std::vector<Fault>& faults) {
  const auto add = [&faults](Fault fault, std::vector<std::string> scope) {
    fault.role = "pulse";
    fault.scope = std::move(scope);
    faults.push_back(std::move(fault));
  };
  const auto says = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .from_peer = std::move(hook)}, std::move(scope));
  };
  const auto takes = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .to_peer = std::move(hook)}, std::move(scope));
  };

  // --- Hello
  says("invents-capability", "says that an invented capability is in effect", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["capabilities"] = {"com.example.teleport"};
         return true;
       }),
       {"pulse.hello.capabilities"});
  says("small-limits", "takes less than the protocol asks for", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["limits"]["maxMessageBytes"] = 65'536;
         return true;
       }),
       {"pulse.hello.answer"});
  takes("any-role", "is greeted by anybody", edit([](Json& m) {
          if (!command(m, "session.hello")) return false;
          m["origin"] = "aura";
          m["payload"]["role"] = "aura";
          return true;
        }),
        {"pulse.hello.other-role"});
  {
    const auto seats = std::make_shared<std::set<std::string>>();
    const auto too_many = [seats](const Json& m) {
      if (m.is_null() || !command(m, "session.hello")) return false;
      const std::string instance = member(m["payload"], "instanceId");
      if (seats->size() < 20) seats->insert(instance);
      return !seats->contains(instance);
    };
    add({.id = "few-seats",
         .does = "serves twenty user interfaces and no more",
         .to_peer = [too_many](const std::string& text) -> Texts { return too_many(parsed(text)) ? Texts{} : Texts{text}; },
         .answers = [too_many](const std::string& text) -> Texts {
           const Json m = parsed(text);
           return too_many(m) ? Texts{refusal_text(m, "session.full", "overloaded")} : Texts{};
         }},
        {"pulse.hello.many"});
  }

  // --- Life
  says("no-heartbeats", "sends no heartbeats to user interfaces", swallow("event", "session.heartbeat"),
       {"pulse.life.heartbeats", "pulse.life.slow-command"});
  says("no-goodbyes", "leaves user interfaces without a word", swallow("event", "session.goodbye"),
       {"pulse.hello.second-connection", "pulse.life.silent-aura", "pulse.process.terminate"});
  says("counters-down", "tells counters that fall",
       [asked = 1'000'000](const std::string& text) mutable -> Texts {
         Json message = parsed(text);
         if (message.is_null() || !is(message, "reply", "session.counters")) return {text};
         message["payload"]["controlReceived"] = --asked;
         return {message.dump()};
       },
       {"pulse.life.counters"});
  says("short-lease", "has a lease of two heartbeats", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["leaseMs"] = 2 * m["payload"]["heartbeatIntervalMs"].get<int>();
         return true;
       }),
       {"pulse.life.lease-length"});
  says("drops-events", "drops a transaction now and then, and goes on",
       [told = 0](const std::string& text) mutable -> Texts {
         const Json message = parsed(text);
         return !message.is_null() && is(message, "event", "project.changed") && ++told % 50 == 0 ? Texts{} : Texts{text};
       },
       {"pulse.life.stalled-aura", "pulse.edits.two-at-once", "pulse.stress.flood", "pulse.stress.random-edits",
        "pulse.stress.many-clients"});

  // --- Envelope
  takes("picky-about-members", "fails on members that it does not know", edit([](Json& m) {
          if (!m.contains("x") && !(m.contains("payload") && m["payload"].is_object() && m["payload"].contains("x"))) return false;
          m["payload"] = 17;
          return true;
        }),
        {"pulse.envelope.unknown-members"});
  takes("swaps-commands", "does a track.add after the command that came behind it",
        [held = std::string()](const std::string& text) mutable -> Texts {
          const Json message = parsed(text);
          if (held.empty() && !message.is_null() && command(message, "track.add")) {
            held = text;
            return {};
          }
          if (held.empty()) return {text};
          return {text, std::exchange(held, {})};
        },
        {"pulse.envelope.answers"});
  takes("begins-again", "begins another gesture for a begin that comes again",
        [seen = std::set<std::string>()](const std::string& text) mutable -> Texts {
          Json message = parsed(text);
          if (message.is_null() || !command(message, "parameter.gesture.begin")) return {text};
          const std::string id = member(message, "id");
          if (seen.insert(id).second) return {text};
          message["id"] = id + "-again";
          return {message.dump()};
        },
        {"pulse.envelope.joined"});
  {
    struct Renamed {
      int number = 0;
      std::map<std::string, std::string> old;
    };
    const auto names = std::make_shared<Renamed>();
    add({.id = "numbers-anew",
         .does = "numbers its messages to each engine from m1 on, as it does those to user interfaces",
         .to_signal = edit([names](Json& m) {
           const std::string id = "m" + std::to_string(++names->number);
           names->old[id] = m["id"];
           m["id"] = id;
           return true;
         }),
         .from_signal = edit([names](Json& m) {
           if (!m.contains("cid") || !names->old.contains(m["cid"])) return false;
           m["cid"] = names->old[m["cid"]];
           return true;
         })},
        {"pulse.envelope.ids"});
  }

  // --- Faults and limits
  says("no-rule", "leaves out the rule of a broken schema", edit([](Json& m) {
         if (!has_code(m, "payload.invalid") || !m["error"].contains("rule")) return false;
         m["error"].erase("rule");
         return true;
       }),
       {"pulse.faults.payload"});
  add({.id = "answers-events",
       .does = "answers events",
       .answers = [](const std::string& text) -> Texts {
         const Json m = parsed(text);
         if (m.is_null() || member(m, "kind") != "event" || member(m, "id").starts_with("c")) return {};
         return {R"({"v":1,"id":"back","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"error","name":"unknown",)"
                 R"("error":{"category":"invalid","code":"envelope.malformed","message":"no"}})"};
       }},
      {"pulse.faults.events"});
  takes("drops-what-is-large", "drops what is too large, and does not say so",
        [](const std::string& text) -> Texts { return text.size() > 16'777'216 ? Texts{} : Texts{text}; },
        {"pulse.limits.sizes", "pulse.stress.oversized"});
  says("large-and-silent", "does not answer with large snapshots",
       [](const std::string& text) -> Texts {
         return text.size() > 4'000'000 && is(parsed(text), "reply", "project.snapshot") ? Texts{} : Texts{text};
       },
       {"pulse.limits.answer"});
}

}  // namespace loophole::conformance::faults
