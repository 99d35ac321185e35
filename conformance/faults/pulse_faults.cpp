// Faults of a Pulse, on both of its edges.
#include <algorithm>
#include <deque>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

// The first `count` messages of this kind and name are swallowed, and what comes after passes.
Hook swallow_first(std::string kind, std::string name, int count) {
  return [kind = std::move(kind), name = std::move(name), count](const std::string& text) mutable -> Texts {
    const Json message = Json::parse(text, nullptr, false);
    return !message.is_discarded() && is(message, kind, name) && count-- > 0 ? Texts{} : Texts{text};
  };
}

}  // namespace

void add_pulse_faults(std::vector<Fault>& faults) {
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
  const auto tells_engine = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .to_signal = std::move(hook)}, std::move(scope));
  };
  const auto hears_engine = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .from_signal = std::move(hook)}, std::move(scope));
  };
  add({.id = "none", .does = "passes everything on"}, {"pulse.*"});

  // --- What it says to user interfaces
  says("answers-twice", "answers track.rename twice",
       [](const std::string& text) -> Texts {
         Json message = Json::parse(text);
         if (!is(message, "reply", "track.rename")) return {text};
         message["id"] = message["id"].get<std::string>() + "-again";
         return {text, message.dump()};
       },
       {"pulse.edits.tracks"});
  says("wrong-cid", "answers session.describe under another cid", edit([](Json& m) {
         if (!is(m, "reply", "session.describe")) return false;
         m["cid"] = "nobody";
         return true;
       }),
       {"pulse.hello.describe"});
  says("answer-before-event", "answers track.add before it tells the transaction",
       [held = std::deque<std::string>()](const std::string& text) mutable -> Texts {
         const Json message = Json::parse(text);
         if (is(message, "event", "project.changed") && member(message, "cid").starts_with("c") &&
             message["payload"]["label"].get<std::string>().starts_with("Add Track")) {
           held.push_back(text);
           return {};
         }
         if (!is(message, "reply", "track.add") || held.empty()) return {text};
         const std::string event = held.front();
         held.pop_front();
         return {text, event};
       },
       {"pulse.envelope.events-first"});
  says("revision-skips", "raises the revision by two at a change of the tempo", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || m["payload"]["changes"][0]["type"] != "tempo.changed") return false;
         m["payload"]["revision"] = m["payload"]["revision"].get<int>() + 1;
         return true;
       }),
       {"pulse.edits.values"});
  says("swallows-event", "does not tell transactions that rename", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || m["payload"]["changes"][0]["type"] != "track.changed") return false;
         m["name"] = "device.changed";
         m["payload"] = {{"devices", Json::array()}};
         return true;
       }),
       {"pulse.edits.tracks"});
  says("no-cause", "does not say which command caused a transaction", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || !m["payload"]["cause"].contains("commandId")) return false;
         m["payload"]["cause"].erase("commandId");
         return true;
       }),
       {"pulse.edits.routing", "pulse.gestures.end"});
  says("wrong-index", "tells a track at the end of the list wherever it moved", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || m["payload"]["changes"][0]["type"] != "track.moved") return false;
         m["payload"]["changes"][0]["index"] = 2;
         return true;
       }),
       {"pulse.edits.tracks"});
  says("half-a-transaction", "leaves out the last change of a transaction of several", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || m["payload"]["changes"].size() < 2) return false;
         m["payload"]["changes"].erase(m["payload"]["changes"].size() - 1);
         return true;
       }),
       {"pulse.edits.routing", "pulse.plugins.state"});
  says("undo-as-edit", "gives transactions of undo the origin edit", edit([](Json& m) {
         if (!is(m, "event", "project.changed") || m["payload"]["origin"] != "undo") return false;
         m["payload"]["origin"] = "edit";
         return true;
       }),
       {"pulse.history.undo-redo"});
  says("other-label", "lists steps under another label", edit([](Json& m) {
         if (!is(m, "reply", "history.list")) return false;
         for (Json& entry : m["payload"]["entries"]) entry["label"] = "Step";
         return true;
       }),
       {"pulse.edits.tracks", "pulse.history.list"});
  says("late-events", "tells transport.changed after the answer",
       [held = std::deque<std::string>()](const std::string& text) mutable -> Texts {
         const Json message = Json::parse(text);
         if (is(message, "event", "transport.changed")) {
           held.push_back(text);
           return {};
         }
         if (member(message, "kind") != "reply" || held.empty()) return {text};
         Texts all{text};
         all.insert(all.end(), held.begin(), held.end());
         held.clear();
         return all;
       },
       {"pulse.engine.transport"});
  says("gap-in-changes", "leaves out a transaction of project.changes", edit([](Json& m) {
         if (!is(m, "reply", "project.changes") || m["payload"]["transactions"].size() < 2) return false;
         m["payload"]["transactions"].erase(1);
         return true;
       }),
       {"pulse.project.changes"});
  says("link-while-starting", "tells an engine link while the engine is being started", edit([](Json& m) {
         if (!is(m, "reply", "session.hello") || m["payload"].contains("engine")) return false;
         m["payload"]["engine"] = {{"epoch", 1}, {"streamEndpoint", "ipc:///nowhere/s"}, {"telemetryEndpoint", "ipc:///nowhere/t"}};
         return true;
       }),
       {"pulse.engine.starting", "pulse.restart.edits"});
  says("silent-death", "does not tell that the engine is lost", edit([](Json& m) {
         if (!is(m, "event", "engine.changed") || m["payload"]["state"] != "lost") return false;
         m["payload"]["state"] = "starting";
         return true;
       }),
       {"pulse.restart.replay"});
  says("old-link", "tells the first engine link for ever",
       [first = Json()](const std::string& text) mutable -> Texts {
         Json message = Json::parse(text);
         if (!is(message, "event", "engine.changed") || !message["payload"].contains("link")) return {text};
         if (first.is_null()) first = message["payload"]["link"];
         message["payload"]["link"] = first;
         return {message.dump()};
       },
       {"pulse.restart.replay"});
  says("ended-untold", "does not tell how gestures end", swallow("event", "parameter.gesture.ended"), {"pulse.endings.*"});
  says("ended-committed", "says that nothing of an abandoned gesture was committed", edit([](Json& m) {
         if (!is(m, "event", "parameter.gesture.ended")) return false;
         m["payload"]["committed"] = false;
         return true;
       }),
       {"pulse.endings.goodbye-commit", "pulse.endings.goodbye-revert"});
  says("invented-report", "answers the end of a gesture with counts of its own", edit([](Json& m) {
         if (!is(m, "reply", "parameter.gesture.end")) return false;
         m["payload"]["stream"]["samplesApplied"] = 77;
         return true;
       }),
       {"pulse.gestures.end", "pulse.gestures.commit-first", "pulse.endings.end-without-engine"});
  says("targets-sorted", "lists targets of a gesture in another order", edit([](Json& m) {
         if (!is(m, "reply", "parameter.gesture.begin") || m["payload"]["targets"].size() < 2) return false;
         std::swap(m["payload"]["targets"][0], m["payload"]["targets"][1]);
         return true;
       }),
       {"pulse.gestures.end"});
  says("wrong-code", "answers an end after an expiry with gesture.notFound", edit([](Json& m) {
         if (!has_code(m, "gesture.expired")) return false;
         m["error"]["code"] = "gesture.notFound";
         m["error"]["category"] = "notFound";
         return true;
       }),
       {"pulse.endings.stream-expired"});
  says("no-pointer", "leaves out the pointer of parameter.outOfRange", edit([](Json& m) {
         if (!has_code(m, "parameter.outOfRange")) return false;
         m["error"].erase("pointer");
         return true;
       }),
       {"pulse.refusals.ranges"});
  says("extra-member", "adds a member that the schema does not have to snapshots", edit([](Json& m) {
         if (!is(m, "reply", "project.snapshot")) return false;
         m["payload"]["motto"] = "louder";
         return true;
       }),
       {"pulse.hello.answer"});
  says("swallows-devices", "keeps it to itself that a device is lost", swallow("event", "device.lost"), {"pulse.engine.events"});
  says("crash-untold", "does not name the plugin that took the engine down", swallow("event", "plugin.crashed"), {"pulse.plugins.crashed"});

  // --- What it makes of what user interfaces say
  takes("any-major", "takes a hello of any version", edit([](Json& m) {
          if (!command(m, "session.hello")) return false;
          m["payload"]["protocol"] = {{"major", 1}, {"minMinor", 0}, {"maxMinor", 0}};
          return true;
        }),
        {"pulse.hello.other-major", "pulse.hello.minors"});
  takes("clamps-values", "clamps values instead of refusing them", edit([](Json& m) {
          if (!command(m, "parameter.set")) return false;
          const double value = m["payload"]["value"];
          if (value >= 20 && value <= 20'000) return false;
          m["payload"]["value"] = value < 20 ? 20 : 20'000;
          return true;
        }),
        {"pulse.refusals.ranges"});
  takes("clamps-indexes", "clamps indexes instead of refusing them", edit([](Json& m) {
          if (!command(m, "track.move")) return false;
          m["payload"]["index"] = 0;
          return true;
        }),
        {"pulse.refusals.ranges"});
  takes("executes-again", "executes a command that comes again",
        [seen = std::vector<std::string>()](const std::string& text) mutable -> Texts {
          Json message = Json::parse(text, nullptr, false);
          if (message.is_discarded() || !message.is_object() || !command(message, "track.add")) return {text};
          const std::string id = member(message, "id");
          const bool again = std::ranges::find(seen, id) != seen.end();
          seen.push_back(id);
          if (!again) return {text};
          message["id"] = id + "-again";
          return {message.dump()};
        },
        {"pulse.envelope.retry", "pulse.envelope.retry-memory"});
  takes("rounds-values", "rounds final values of gestures", edit([](Json& m) {
          if (!command(m, "parameter.gesture.end") || !m["payload"].contains("values")) return false;
          for (Json& value : m["payload"]["values"]) value["value"] = static_cast<int>(value["value"].get<double>());
          return true;
        }),
        {"pulse.gestures.end"});
  takes("commits-reverts", "commits gestures that ask to revert", edit([](Json& m) {
          if (!command(m, "parameter.gesture.end") || !m["payload"].contains("outcome")) return false;
          m["payload"]["outcome"] = "commit";
          return true;
        }),
        {"pulse.gestures.revert"});
  takes("takes-over", "lets every begin take over", edit([](Json& m) {
          if (!command(m, "parameter.gesture.begin")) return false;
          m["payload"]["takeOver"] = true;
          return true;
        }),
        {"pulse.gestures.held"});
  takes("always-commits", "commits whatever a client that is gone asked for", edit([](Json& m) {
          if (!command(m, "parameter.gesture.begin")) return false;
          m["payload"]["onAbandon"] = "commit";
          return true;
        }),
        {"pulse.endings.goodbye-revert"});
  takes("any-project", "answers project.changes of any project",
        [id = std::string()](const std::string& text) mutable -> Texts {
          Json message = Json::parse(text, nullptr, false);
          if (message.is_discarded() || !message.is_object() || !command(message, "project.changes")) return {text};
          if (id.empty()) id = message["payload"]["projectId"].get<std::string>();
          message["payload"]["projectId"] = id;
          return {message.dump()};
        },
        {"pulse.project.changes"});
  takes("deaf-to-goodbye", "hears no goodbye", swallow("event", "session.goodbye"), {"pulse.life.goodbye", "pulse.endings.goodbye-revert"});

  // --- What it says to the engine
  tells_engine("old-values", "replays the graph with another value after a restart", edit([](Json& m) {
                 if (!command(m, "graph.replace")) return false;
                 for (Json& node : m["payload"]["graph"]["nodes"])
                   for (Json& parameter : node["parameters"])
                     if (parameter["key"] == "cutoff") parameter["value"] = 99;
                 return true;
               }),
               {"pulse.restart.replay", "pulse.stress.engine-deaths"});
  tells_engine("transport-forgotten", "does not bring back the transport", edit([](Json& m) {
                 if (!command(m, "engine.transport.set")) return false;
                 m["payload"].erase("playing");
                 return true;
               }),
               {"pulse.restart.replay", "pulse.engine.transport"});
  tells_engine("close-without-values", "closes streams without final values", edit([](Json& m) {
                 if (!command(m, "stream.close")) return false;
                 m["payload"]["values"] = Json::array();
                 return true;
               }),
               {"pulse.gestures.end", "pulse.gestures.revert"});
  tells_engine("chatters-before-hello", "sends heartbeats before the hello is answered",
               [](const std::string& text) -> Texts {
                 const Json message = Json::parse(text);
                 if (!command(message, "session.hello")) return {text};
                 return {text, R"({"v":1,"id":"early","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"signal","kind":"event",)"
                               R"("name":"session.heartbeat","payload":{"sequence":0}})"};
               },
               {"pulse.engine.hello-held"});
  tells_engine("no-goodbye", "leaves the engine without a goodbye", swallow("event", "session.goodbye"),
               {"pulse.process.terminate", "pulse.restart.silent-engine", "pulse.engine.newer"});
  tells_engine("touches-state", "changes the state of a plugin on the way", edit([](Json& m) {
                 if (!command(m, "engine.plugin.state.set")) return false;
                 m["payload"]["state"] = "AAAA";
                 return true;
               }),
               {"pulse.plugins.state"});
  tells_engine("positions-unconverted", "sends seeks in frames of the project", edit([](Json& m) {
                 if (!command(m, "engine.transport.set") || !m["payload"].contains("positionFrames")) return false;
                 m["payload"]["positionFrames"] = m["payload"]["positionFrames"].get<std::int64_t>() / 2;
                 return true;
               }),
               {"pulse.engine.rate"});
  tells_engine("same-stream-id", "opens all streams under the same id", edit([](Json& m) {
                 if (!command(m, "stream.open") && !command(m, "stream.close")) return false;
                 m["payload"]["streamId"] = "00000000000000aa";
                 return true;
               }),
               {"pulse.gestures.end", "pulse.gestures.stream-ids", "pulse.endings.engine-dies"});
  tells_engine("values-not-set", "does not set values at the engine after an abandoned gesture",
               [](const std::string& text) -> Texts {
                 Json message = Json::parse(text);
                 if (!command(message, "engine.parameter.set")) return {text};
                 message["name"] = "graph.query";
                 message["payload"] = Json::object();
                 return {message.dump()};
               },
               {"pulse.endings.stream-expired"});

  // --- What it makes of what the engine says
  hears_engine(
      "deaf-to-digests", "does not hear of digests that are not its own",
      [last = std::string()](const std::string& text) mutable -> Texts {
        Json message = Json::parse(text, nullptr, false);
        if (message.is_discarded() || !message.is_object() || !message.contains("payload") || !message["payload"].contains("digest"))
          return {text};
        const std::string digest = message["payload"]["digest"];
        if (digest != std::string(64, 'a')) {
          last = digest;
          return {text};
        }
        return {};
      },
      {"pulse.engine.other-digest"});
  hears_engine("deaf-to-latency", "does not hear of latency", swallow("event", "engine.latency.changed"), {"pulse.engine.events"});
  hears_engine("deaf-to-failure", "does not hear that plugins fail", swallow("event", "engine.plugin.failed"), {"pulse.plugins.failed"});
  hears_engine("deaf-to-expiry", "does not hear that streams expire", swallow_first("event", "stream.expired", 1),
               {"pulse.endings.stream-expired"});
  add({.id = "hangs-at-exit", .does = "does not end when it is asked to", .ignores_term = true}, {"pulse.process.terminate"});
  add({.id = "dies-of-garbage", .does = "ends when a message is no JSON", .ends_on_garbage = true},
      {"pulse.faults.no-json", "pulse.limits.garbage"});
  add({.id = "binds-anywhere", .does = "binds beyond this machine without keys", .no_bind_check = true},
      {"pulse.process.beyond-this-machine"});
}

}  // namespace loophole::conformance::faults
