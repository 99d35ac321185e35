// Faults in what the engine says on the control plane.
#include <deque>
#include <nlohmann/json.hpp>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {

void add_control_faults(std::vector<Fault>& faults) {
  const auto says = [&faults](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope = {}) {
    faults.push_back({.id = id, .does = does, .from_peer = std::move(hook), .scope = std::move(scope)});
  };
  says("wrong-cid", "answers session.describe under another cid", edit([](Json& m) {
         if (!is(m, "reply", "session.describe")) return false;
         m["cid"] = "nobody";
         return true;
       }));
  says("answers-twice", "answers engine.parameter.set twice", [](const std::string& text) -> Texts {
    Json message = Json::parse(text);
    if (!is(message, "reply", "engine.parameter.set")) return {text};
    message["id"] = message["id"].get<std::string>() + "-again";
    return {text, message.dump()};
  });
  says("swallows-answer", "does not answer session.describe", swallow("reply", "session.describe"));
  says("wrong-name", "answers a refused engine.parameter.set under another name", edit([](Json& m) {
         if (!is(m, "error", "engine.parameter.set")) return false;
         m["name"] = "engine.configure";
         return true;
       }));
  says("extra-member", "adds a member that the schema does not have to session.describe", edit([](Json& m) {
         if (!is(m, "reply", "session.describe")) return false;
         m["payload"]["motto"] = "louder";
         return true;
       }));
  says("null-member", "writes null for an optional member", edit([](Json& m) {
         if (!is(m, "reply", "engine.state") || m["payload"].contains("effective")) return false;
         m["payload"]["effective"] = nullptr;
         return true;
       }));
  says("member-twice", "writes a member twice", [](const std::string& text) -> Texts {
    const auto at = text.find("\"name\":\"engine.state\"");
    if (at == std::string::npos) return {text};
    std::string twice = text;
    return {twice.insert(at, "\"name\":\"engine.state\",")};
  });
  says("repeats-ids", "gives late heartbeats the same id", edit([count = 0](Json& m) mutable {
         if (!is(m, "event", "session.heartbeat") || ++count < 3) return false;
         m["id"] = "beat";
         return true;
       }),
       {"signal.life.heartbeats"});
  says("wrong-category", "says that graph.wrongBase is an internal fault", edit([](Json& m) {
         if (!has_code(m, "graph.wrongBase")) return false;
         m["error"]["category"] = "internal";
         return true;
       }));
  says("unlisted-code", "answers stream.unknown with graph.unknownNode", edit([](Json& m) {
         if (!has_code(m, "stream.unknown")) return false;
         m["error"]["code"] = "graph.unknownNode";
         m["error"]["category"] = "invalid";
         return true;
       }));
  says("invented-code", "answers transport.invalidLoop with transport.loopOdd", edit([](Json& m) {
         if (!has_code(m, "transport.invalidLoop")) return false;
         m["error"]["code"] = "transport.loopOdd";
         return true;
       }));
  says("no-pointer", "leaves out the pointer of parameter.outOfRange", edit([](Json& m) {
         if (!has_code(m, "parameter.outOfRange")) return false;
         m["error"].erase("pointer");
         return true;
       }));
  says("no-rule", "leaves out the rule of a broken schema", edit([](Json& m) {
         if (!has_code(m, "payload.invalid")) return false;
         m["error"].erase("rule");
         return true;
       }));
  says("unnamed-file", "does not name the file that cannot be read", edit([](Json& m) {
         if (!has_code(m, "clip.fileUnreadable")) return false;
         m["error"]["message"] = "a file cannot be read";
         return true;
       }));
  says("points-at-the-patch", "points at the list of operations, not at the one at fault", edit([](Json& m) {
         if (!is(m, "error", "graph.patch") || !m["error"].contains("pointer")) return false;
         m["error"]["pointer"] = "/payload/operations";
         return true;
       }));
  says("ranges-unnamed", "refuses a version without naming the ranges", edit([](Json& m) {
         if (!has_code(m, "protocol.versionUnsupported")) return false;
         m["error"]["message"] = "cannot speak this";
         return true;
       }));
  says("wrong-digest", "answers graph.patch with a digest of its own taste", edit([](Json& m) {
         if (!is(m, "reply", "graph.patch")) return false;
         m["payload"]["digest"] = std::string(64, 'a');
         return true;
       }));
  says("stale-digest", "answers engine.parameter.set with the digest of before",
       [last = std::string()](const std::string& text) mutable -> Texts {
         Json message = Json::parse(text);
         if (is(message, "reply", "graph.replace")) last = message["payload"]["digest"];
         if (!is(message, "reply", "engine.parameter.set") || last.empty()) return {text};
         message["payload"]["digest"] = last;
         return {message.dump()};
       });
  says("applied-late", "sends graph.applied after the answer",
       [held = std::string()](const std::string& text) mutable -> Texts {
         const Json message = Json::parse(text);
         if (is(message, "event", "graph.applied")) {
           held = text;
           return {};
         }
         if (!is(message, "reply", "graph.replace") || held.empty()) return {text};
         return {text, std::exchange(held, {})};
       },
       {"signal.envelope.events-first"});
  says("applied-without-cid", "sends graph.applied without its cause", edit([](Json& m) {
         if (!is(m, "event", "graph.applied")) return false;
         m.erase("cid");
         return true;
       }));
  says("applied-never", "does not send graph.applied", swallow("event", "graph.applied"));
  says("heartbeat-stuck", "stops counting its heartbeats", edit([count = 0](Json& m) mutable {
         if (!is(m, "event", "session.heartbeat") || ++count < 3) return false;
         m["payload"]["sequence"] = 3;
         return true;
       }),
       {"signal.life.heartbeats"});
  says("no-heartbeats", "sends no heartbeats", swallow("event", "session.heartbeat"), {"signal.life.heartbeats"});
  says("no-goodbyes", "leaves without a word", swallow("event", "session.goodbye"));
  says("goodbye-restarting", "always says that it will be back", edit([](Json& m) {
         if (!is(m, "event", "session.goodbye")) return false;
         m["payload"]["reason"] = "restarting";
         return true;
       }));
  says("talks-after-goodbye", "says something after its goodbye", [](const std::string& text) -> Texts {
    if (!is(Json::parse(text), "event", "session.goodbye")) return {text};
    return {
        text,
        R"({"v":1,"id":"late","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"event","name":"session.heartbeat","payload":{"sequence":900}})"};
  });
  says("invents-capability", "says that an invented capability is in effect", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["capabilities"] = {"com.example.teleport"};
         return true;
       }));
  says("small-limits", "takes less than the protocol asks for", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["limits"]["maxMessageBytes"] = 65'536;
         return true;
       }));
  says("short-lease", "has a lease of two heartbeats", edit([](Json& m) {
         if (!is(m, "reply", "session.hello")) return false;
         m["payload"]["leaseMs"] = 2 * m["payload"]["heartbeatIntervalMs"].get<int>();
         return true;
       }));
  says("modest-describe", "does not name stream.close in session.describe", edit([](Json& m) {
         if (!is(m, "reply", "session.describe")) return false;
         Json kept = Json::array();
         for (const Json& name : m["payload"]["handles"])
           if (name != "stream.close") kept.push_back(name);
         m["payload"]["handles"] = kept;
         return true;
       }));
  says("counters-down", "tells counters that fall", [asked = 1'000'000](const std::string& text) mutable -> Texts {
    Json message = Json::parse(text);
    if (!is(message, "reply", "session.counters")) return {text};
    message["payload"]["controlReceived"] = --asked;
    return {message.dump()};
  });
  says("plugin-failure-swallowed", "does not tell of a missing plugin", swallow("event", "engine.plugin.failed"));
  says("expires-silently", "does not tell of an expired stream", swallow("event", "stream.expired"));
  says("state-untold", "does not tell that audio was stopped", swallow("event", "engine.state.changed"));
  says("report-short", "forgets refused samples in its reports", edit([](Json& m) {
         if (!is(m, "reply", "stream.close")) return false;
         m["payload"]["report"]["samplesRefused"] = 0;
         return true;
       }));
  says("last-is-final", "has no last values", edit([](Json& m) {
         if (!is(m, "reply", "stream.close")) return false;
         m["payload"]["lastValues"] = Json::array();
         return true;
       }));
}

void add_command_faults(std::vector<Fault>& faults) {
  const auto takes = [&faults](std::string_view id, std::string_view does, Hook hook) {
    faults.push_back({.id = id, .does = does, .to_peer = std::move(hook)});
  };
  takes("any-major", "takes a hello of any version", edit([](Json& m) {
          if (!is(m, "command", "session.hello")) return false;
          m["payload"]["protocol"] = {{"major", 1}, {"minMinor", 0}, {"maxMinor", 0}};
          return true;
        }));
  takes("any-role", "is greeted by anybody", edit([](Json& m) {
          if (!is(m, "command", "session.hello")) return false;
          m["origin"] = "pulse";
          m["payload"]["role"] = "pulse";
          return true;
        }));
  takes("any-pulse", "takes every Pulse for the same", edit([](Json& m) {
          if (!is(m, "command", "session.hello")) return false;
          m["payload"]["instanceId"] = "i-one-and-all";
          return true;
        }));
  takes("picky-about-members", "fails on members that it does not know", edit([](Json& m) {
          if (!m.contains("x")) return false;
          m["payload"] = 17;
          return true;
        }));
  takes("any-base", "takes a patch of any graph", edit([](Json& m) {
          if (!is(m, "command", "graph.patch") || m["payload"]["baseRevision"] != 7) return false;
          m["payload"]["baseRevision"] = 1;
          return true;
        }));
  takes("half-a-patch", "leaves out the last operation of a patch", edit([](Json& m) {
          if (!is(m, "command", "graph.patch") || m["payload"]["operations"].size() < 4) return false;
          m["payload"]["operations"].erase(m["payload"]["operations"].size() - 1);
          return true;
        }));
  takes("any-kind", "takes a kind of node that it does not have for another", edit([](Json& m) {
          if (!is(m, "command", "graph.replace")) return false;
          for (Json& node : m["payload"]["graph"]["nodes"])
            if (node["kind"] == "kaleidoscope") node["kind"] = "busMixer";
          return true;
        }));
  takes("clamps-values", "clamps committed values", edit([](Json& m) {
          if (!is(m, "command", "engine.parameter.set")) return false;
          for (Json& value : m["payload"]["values"])
            if (value["value"] > 20'000) value["value"] = 20'000;
          return true;
        }));
  takes("ignores-bypass", "plays bypassed nodes", edit([](Json& m) {
          if (!is(m, "command", "graph.replace")) return false;
          for (Json& node : m["payload"]["graph"]["nodes"]) node["bypassed"] = false;
          return true;
        }));
  takes("no-final-value", "ends a stream without its final values", edit([](Json& m) {
          if (!is(m, "command", "stream.close")) return false;
          m["payload"]["values"] = Json::array();
          return true;
        }));
  takes("eternal-lease", "lets no lease run out", edit([](Json& m) {
          if (!is(m, "command", "stream.open")) return false;
          m["payload"]["leaseMs"] = 3'600'000;
          return true;
        }));
  takes("any-loop", "takes a loop of no length", edit([](Json& m) {
          if (!is(m, "command", "engine.transport.set") || !m["payload"].contains("loop")) return false;
          m["payload"]["loop"]["enabled"] = false;
          return true;
        }));
  takes("deaf-to-position", "does not move to the position that comes with a start", edit([](Json& m) {
          if (!is(m, "command", "engine.transport.set") || !m["payload"].contains("playing")) return false;
          m["payload"].erase("positionFrames");
          return true;
        }));
  takes("repairs-json", "takes a message after a byte order mark",
        [](const std::string& text) -> Texts { return {text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text}; });
  takes("executes-again", "executes a command that comes again",
        [seen = std::vector<std::string>()](const std::string& text) mutable -> Texts {
          Json message = Json::parse(text, nullptr, false);
          if (message.is_discarded() || !message.is_object() || !is(message, "command", "graph.patch")) return {text};
          const std::string id = message["id"];
          const bool again = std::ranges::find(seen, id) != seen.end();
          seen.push_back(id);
          if (!again) return {text};
          message["id"] = id + "-again";
          return {message.dump()};
        });
  faults.push_back(
      {.id = "answers-events", .does = "answers events", .answers = [](const std::string& text) -> Texts {
         const Json message = Json::parse(text, nullptr, false);
         if (message.is_discarded() || !message.is_object() || member(message, "kind") != "event" || member(message, "id").starts_with("c"))
           return {};
         return {R"({"v":1,"id":"back","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"error","name":"unknown",)"
                 R"("error":{"category":"invalid","code":"envelope.malformed","message":"no"}})"};
       }});
  faults.push_back(
      {.id = "answers-answers", .does = "answers replies and errors", .answers = [](const std::string& text) -> Texts {
         const Json message = Json::parse(text, nullptr, false);
         const std::string kind = message.is_object() ? member(message, "kind") : std::string();
         if (kind != "reply" && kind != "error") return {};
         return {R"({"v":1,"id":"back","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"error","name":"unknown",)"
                 R"("error":{"category":"invalid","code":"envelope.malformed","message":"no"}})"};
       }});
}

void add_process_faults(std::vector<Fault>& faults) {
  faults.push_back({.id = "exit-code", .does = "ends with exit code 1 when it is asked to end", .exit_code = 1});
  faults.push_back({.id = "hangs-at-exit", .does = "does not end when it is asked to", .ignores_term = true});
  faults.push_back({.id = "usage-code", .does = "ends with exit code 1 for wrong arguments", .usage_code = 1});
  faults.push_back({.id = "in-use-code", .does = "ends with exit code 1 where an endpoint is in use", .in_use_code = 1});
  faults.push_back({.id = "open-files", .does = "makes socket files that anybody may use", .open_files = true});
  faults.push_back({.id = "dies-of-garbage", .does = "ends when a message is no JSON", .ends_on_garbage = true});
  faults.push_back({.id = "binds-anywhere", .does = "binds beyond this machine without keys", .no_bind_check = true});
}

}  // namespace loophole::conformance::faults
