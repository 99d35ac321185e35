// Faults of an Aura, on all planes.
#include <chrono>
#include <cstring>
#include <memory>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

using Clock = std::chrono::steady_clock;

std::string message(std::string_view kind, std::string_view name, const std::string& payload) {
  static int number = 0;
  return R"({"v":1,"id":"planted-)" + std::to_string(++number) +
         R"(","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":")" + std::string(kind) + R"(","name":")" +
         std::string(name) + R"(","payload":)" + payload + "}";
}
std::string goodbye(std::string_view reason) {
  return message("event", "session.goodbye", R"({"reason":")" + std::string(reason) + "\"}");
}

// A hook that sees messages and passes them on.
Hook see(std::function<void(const Json&)> look) {
  return edit([look = std::move(look)](Json& m) {
    look(m);
    return false;
  });
}

// Messages of this kind and name pass once, and never after, wherever Pulse is found.
Hook pass_once(std::string kind, std::string name) {
  return [kind = std::move(kind), name = std::move(name), passed = std::make_shared<bool>(false)](const std::string& text) -> Texts {
    const Json m = parsed(text);
    if (m.is_null() || !is(m, kind, name)) return {text};
    return std::exchange(*passed, true) ? Texts{} : Texts{text};
  };
}

// Says goodbye when it gets such a message, and nothing ever after.
Fault leaves(std::string_view id, std::string_view does, std::string_view reason, std::function<bool(const std::string&)> when) {
  auto gone = std::make_shared<bool>(false);
  Fault fault{.id = id, .does = does};
  fault.from_peer = [gone](const std::string& text) -> Texts { return *gone ? Texts{} : Texts{text}; };
  fault.answers = [gone, reason, when = std::move(when)](const std::string& text) -> Texts {
    return !*gone && when(text) ? (*gone = true, Texts{goodbye(reason)}) : Texts{};
  };
  return fault;
}

Hook without(std::string part) {
  return [part = std::move(part)](const std::string& text) -> Texts {
    return text.size() < 100'000 && text.find(part) != std::string::npos ? Texts{} : Texts{text};
  };
}

// Frames of the stream plane, changed.
Hook frames_with(std::function<bool(frames::ParameterStreamHeader&, std::vector<frames::ParameterSample>&)> change) {
  return [change = std::move(change)](const std::string& raw) -> Texts {
    const Buffer bytes(bytes_of(raw).begin(), bytes_of(raw).end());
    const auto view = frames::read_parameter_stream(bytes);
    if (!view) return {raw};
    frames::ParameterStreamHeader header = view->header;
    std::vector<frames::ParameterSample> samples(view->samples.begin(), view->samples.end());
    if (!change(header, samples)) return {};
    return {std::string(text_of(frames::make_parameter_stream(header, samples)))};
  };
}

std::string frame_of(std::uint64_t stream, std::uint64_t epoch, std::uint64_t sequence, std::uint32_t handle, double value) {
  const std::vector<frames::ParameterSample> samples{{.value = value, .time_ns = 0, .handle = handle, .reserved = 0}};
  return std::string(text_of(frames::make_parameter_stream({.stream_id = stream, .epoch = epoch, .sequence = sequence}, samples)));
}

// The hand of a gesture that is over and goes on: the last frame of its stream again and again, from when something happened.
struct Ghost {
  frames::ParameterStreamHeader header{};
  frames::ParameterSample sample{};
  std::uint64_t next = 0;
  bool known = false;
  std::optional<Clock::time_point> due{};  // nothing: the gesture is not over
};

Fault ghost_after(std::string_view id, std::string_view does, bool from_peer, std::function<bool(const Json&)> when) {
  constexpr std::chrono::milliseconds kEvery{40};
  auto ghost = std::make_shared<Ghost>();
  Fault fault{.id = id, .does = does};
  (from_peer ? fault.from_peer : fault.to_peer) = see([ghost, when = std::move(when)](const Json& m) {
    if (when(m) && !ghost->due && ghost->known) ghost->due = Clock::now();
  });
  fault.stream = frames_with([ghost](frames::ParameterStreamHeader& header, std::vector<frames::ParameterSample>& samples) {
    if (!samples.empty() && !ghost->due)
      *ghost = {.header = header, .sample = samples.back(), .next = header.sequence + samples.size(), .known = true, .due = {}};
    return true;
  });
  fault.streams = [ghost, kEvery]() -> Texts {
    if (!ghost->due || Clock::now() < *ghost->due) return {};
    ghost->due = Clock::now() + kEvery;
    return {frame_of(ghost->header.stream_id, ghost->header.epoch, ghost->next++, ghost->sample.handle, ghost->sample.value)};
  };
  return fault;
}

}  // namespace

void add_aura_faults(std::vector<Fault>& all) {
  const auto add = [&all](Fault fault, std::vector<std::string> scope) {
    fault.role = "aura";
    fault.scope = std::move(scope);
    all.push_back(std::move(fault));
  };
  const auto says = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .from_peer = std::move(hook)}, std::move(scope));
  };
  const auto hears = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .to_peer = std::move(hook)}, std::move(scope));
  };
  const auto answers = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .answers = std::move(hook)}, std::move(scope));
  };
  const auto streams = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .stream = std::move(hook)}, std::move(scope));
  };
  add({.id = "none", .does = "passes everything on"}, {"aura.*"});

  // --- Hello
  says("engine-command", "asks Pulse for the graph of the engine, as only Pulse may ask an engine",
       [](const std::string& text) -> Texts {
         const Json m = Json::parse(text, nullptr, false);
         if (!is(m, "command", "project.snapshot")) return {text};
         return {text, message("command", "graph.query", "{}")};
       },
       {"aura.hello.required"});
  says("chatters-before-hello", "sends a heartbeat before its hello",
       [](const std::string& text) -> Texts {
         const Json m = Json::parse(text, nullptr, false);
         if (!is(m, "command", "session.hello")) return {text};
         return {message("event", "session.heartbeat", R"({"sequence":0})"), text};
       },
       {"aura.hello.greeting", "aura.life.pulse-dies"});
  says("impatient", "asks for the project before its hello is answered",
       [](const std::string& text) -> Texts {
         const Json m = Json::parse(text, nullptr, false);
         if (!is(m, "command", "session.hello")) return {text};
         return {text, message("command", "project.snapshot", "{}")};
       },
       {"aura.hello.greeting"});
  says("wrong-role", "says hello as a Pulse", edit([](Json& m) {
         if (!is(m, "command", "session.hello")) return false;
         m["payload"]["role"] = "pulse";
         return true;
       }),
       {"aura.hello.greeting"});
  says("same-instance", "has the same instance in each run", edit([](Json& m) {
         if (!is(m, "command", "session.hello")) return false;
         m["payload"]["instanceId"] = "same";
         return true;
       }),
       {"aura.hello.instance"});
  says("another-instance", "has another instance with each hello", edit([count = std::make_shared<int>(0)](Json& m) {
         if (!is(m, "command", "session.hello")) return false;
         m["payload"]["instanceId"] = "i-instance-" + std::to_string(++*count);
         return true;
       }),
       {"aura.hello.required", "aura.life.*"});
  says("one-hello", "says hello once and never again", pass_once("command", "session.hello"),
       {"aura.hello.required", "aura.life.*", "aura.telemetry.another-pulse", "aura.endings.pulse-dies"});
  says("no-goodbyes", "leaves without a goodbye", swallow("event", "session.goodbye"),
       {"aura.hello.version-outside", "aura.life.silent-pulse", "aura.life.terminate"});
  says("goodbye-restarting", "says goodbye with another reason", edit([](Json& m) {
         if (!is(m, "event", "session.goodbye")) return false;
         m["payload"]["reason"] = "restarting";
         return true;
       }),
       {"aura.life.terminate", "aura.life.silent-pulse"});
  says("talks-after-goodbye", "sends a heartbeat after its goodbye",
       [](const std::string& text) -> Texts {
         const Json m = Json::parse(text, nullptr, false);
         if (!is(m, "event", "session.goodbye")) return {text};
         return {text, message("event", "session.heartbeat", R"({"sequence":1000})")};
       },
       {"aura.life.terminate"});
  answers("talks-to-the-dead", "asks for the project when Pulse has said goodbye",
          [](const std::string& text) -> Texts {
            return is(parsed(text), "event", "session.goodbye") ? Texts{message("command", "project.snapshot", "{}")} : Texts{};
          },
          {"aura.life.restarting"});
  answers("talks-after-refusal", "asks for the project though its hello was refused",
          [](const std::string& text) -> Texts {
            const Json m = Json::parse(text, nullptr, false);
            return has_code(m, "protocol.versionUnsupported") ? Texts{message("command", "project.snapshot", "{}")} : Texts{};
          },
          {"aura.hello.refused"});
  add(leaves("picky", "leaves a Pulse of other software", "closing",
             [](const std::string& text) { return text.find("com.example.other") != std::string::npos; }),
      {"aura.hello.software"});

  // --- Envelope
  says("wrong-origin", "sends heartbeats with the origin pulse", edit([](Json& m) {
         if (!is(m, "event", "session.heartbeat")) return false;
         m["origin"] = "pulse";
         return true;
       }),
       {"aura.hello.greeting"});
  says("repeats-ids", "gives heartbeats the same id", edit([](Json& m) {
         if (!is(m, "event", "session.heartbeat")) return false;
         m["id"] = "beat";
         return true;
       }),
       {"aura.hello.greeting"});
  says("heartbeat-stuck", "sends heartbeats with the same sequence", edit([](Json& m) {
         if (!is(m, "event", "session.heartbeat")) return false;
         m["payload"]["sequence"] = 7;
         return true;
       }),
       {"aura.hello.greeting"});
  says("no-heartbeats", "sends no heartbeats", swallow("event", "session.heartbeat"), {"aura.hello.greeting", "aura.life.heartbeats"});
  says("extra-member", "adds a member that the schema does not have to its hello", edit([](Json& m) {
         if (!is(m, "command", "session.hello")) return false;
         m["payload"]["motto"] = "louder";
         return true;
       }),
       {"aura.hello.greeting"});
  says("null-member", "sends a member as null that it does not have", edit([](Json& m) {
         if (!is(m, "event", "session.goodbye")) return false;
         m["payload"]["message"] = nullptr;
         return true;
       }),
       {"aura.life.terminate"});
  answers("answers-events", "answers what it cannot read",
          [](const std::string& text) -> Texts {
            if (Json::accept(text)) return {};
            return {R"({"v":1,"id":"why-)" + std::to_string(text.size()) +
                    R"(","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":"error","name":"unknown",)"
                    R"("error":{"category":"invalid","code":"envelope.malformed","message":"no JSON"}})"};
          },
          {"aura.envelope.faulty"});
  add({.id = "dies-of-garbage", .does = "ends when a message is no JSON", .ends_on_garbage = true}, {"aura.envelope.faulty"});
  hears("deaf-to-odd-members", "drops messages with members that it does not know", without(R"("mood")"), {"aura.envelope.odd-but-good"});
  hears("wants-order", "drops messages whose members are in another order", without(R"({"payload":)"), {"aura.envelope.odd-but-good"});
  hears("wants-clocks", "drops messages of another decade", without(R"("ts":"1970)"), {"aura.envelope.odd-but-good"});
  hears("deaf-to-open-labels", "drops messages with a label that it does not know", without(R"("dream")"), {"aura.envelope.open-labels"});
  hears("shallow", "drops messages that are nested more than 16 deep", without("[[[[[[[[[[[[[[[["), {"aura.envelope.limits"});

  hears("small-ears", "drops messages of more than 1 MiB",
        [](const std::string& text) -> Texts { return text.size() > 1'048'576 ? Texts{} : Texts{text}; }, {"aura.envelope.limits"});

  hears("first-of-two", "takes the first of a member that comes twice",
        [](const std::string& text) -> Texts {
          const auto at = text.size() > 100'000 ? std::string::npos : text.find(R"("value":-5,"value":-9)");
          if (at == std::string::npos) return {text};
          return {text.substr(0, at) + R"("value":-5)" + text.substr(text.find('}', at))};
        },
        {"aura.envelope.twice"});
  hears("short-queue", "loses messages when many come at once",
        [count = 0](const std::string& text) mutable -> Texts { return ++count > 512 ? Texts{} : Texts{text}; }, {"aura.envelope.queue"});

  // --- Life
  add(leaves("wants-heartbeats", "gives Pulse up when no heartbeats come, whatever else does", "leaseExpired",
             [](const std::string& text) {
               return text.find("weather.changed") != std::string::npos && text.find("wind") == std::string::npos;
             }),
      {"aura.life.any-message"});
  {
    auto last = std::make_shared<Clock::time_point>(Clock::now());
    auto gone = std::make_shared<bool>(false);
    add({.id = "counts-sleep",
         .does = "takes the time in which it was stopped for silence of Pulse",
         .from_peer = [gone](const std::string& text) -> Texts { return *gone ? Texts{} : Texts{text}; },
         .says = [last, gone]() -> Texts {
           const auto slept = Clock::now() - *last;
           *last = Clock::now();
           if (*gone || slept < std::chrono::milliseconds(1'500)) return {};
           *gone = true;
           return {goodbye("leaseExpired")};
         }},
        {"aura.life.suspended"});
  }
  add({.id = "hangs-at-exit", .does = "does not end when it is asked to", .ignores_term = true}, {"aura.life.terminate"});

  // --- Finding Pulse
  add({.id = "any-session", .does = "takes any session file for good", .takes_any_session = true},
      {"aura.process.stale-session", "aura.process.foreign-session"});
  add({.id = "any-folder", .does = "takes a run-time directory that others can use", .takes_any_folder = true},
      {"aura.process.open-folder"});
  add({.id = "link-from-file", .does = "takes endpoints of the engine from session.json", .link_from_file = true},
      {"aura.process.odd-session-file"});

  // --- Model
  says("never-asks-again", "asks for the project once and never again",
       [once = pass_once("command", "project.snapshot")](const std::string& text) -> Texts {
         return is(parsed(text), "command", "project.changes") ? Texts{} : once(text);
       },
       {"aura.model.gap", "aura.model.misfits", "aura.model.another-project", "aura.life.restarting", "aura.life.pulse-dies"});
  {
    auto opened = std::make_shared<std::string>();
    auto asked = std::make_shared<bool>(false);
    add({.id = "asks-from-the-beginning",
         .does = "asks for all changes there ever were when it misses one",
         .from_peer = [opened, asked](const std::string& text) -> Texts {
           const Json m = parsed(text);
           if (m.is_null() || !is(m, "command", "project.snapshot") || !std::exchange(*asked, true)) return {text};
           return {message("command", "project.changes", R"({"projectId":")" + *opened + R"(","sinceRevision":0})"), text};
         },
         .to_peer = see([opened](const Json& m) {
           if (is(m, "reply", "project.snapshot")) *opened = member(m["payload"]["project"], "id");
         })},
        {"aura.model.gap"});
  }
  answers("always-asks", "asks for a snapshot after each transaction",
          [](const std::string& text) -> Texts {
            const Json m = Json::parse(text, nullptr, false);
            return is(m, "event", "project.changed") ? Texts{message("command", "project.snapshot", "{}")} : Texts{};
          },
          {"aura.model.known", "aura.envelope.open-labels"});
  {
    auto refused = std::make_shared<std::optional<double>>();
    auto asked = std::make_shared<double>(0);
    add({.id = "keeps-what-was-refused",
         .does = "goes on from a value that was refused",
         .from_peer = edit([refused, asked](Json& m) {
           if (!is(m, "command", "parameter.set")) return false;
           const bool keeps = refused->has_value();
           if (keeps) m["payload"]["value"] = **refused + 0.5;
           *asked = m["payload"]["value"].get<double>();
           return keeps;
         }),
         .to_peer = see([refused, asked](const Json& m) {
           if (is(m, "error", "parameter.set")) *refused = *asked;
         })},
        {"aura.model.refused"});
  }
  {
    auto told = std::make_shared<std::optional<double>>();
    add({.id = "applies-after-a-gap",
         .does = "applies a transaction whatever its revision",
         .from_peer = edit([told](Json& m) {
           if (!is(m, "command", "parameter.set") || !*told) return false;
           m["payload"]["value"] = **told + 0.5;
           return true;
         }),
         .to_peer = see([told](const Json& m) {
           if (!is(m, "event", "project.changed")) return;
           for (const Json& change : m["payload"]["changes"])
             if (change["type"] == "parameter.changed" && change["parameterId"] == "prm-2") *told = change["value"].get<double>();
         })},
        {"aura.model.gap-not-applied"});
  }
  {
    auto told = std::make_shared<std::optional<double>>();
    add({.id = "deaf-to-undo",
         .does = "does not follow undo",
         .from_peer = edit([told](Json& m) {
           if (!is(m, "command", "parameter.set") || !*told) return false;
           m["payload"]["value"] = **told + 0.5;
           return true;
         }),
         .to_peer = see([told](const Json& m) {
           if (!is(m, "event", "project.changed") || m["payload"]["origin"] == "undo") return;
           for (const Json& change : m["payload"]["changes"])
             if (change["type"] == "parameter.changed" && change["parameterId"] == "prm-2") *told = change["value"].get<double>();
         })},
        {"aura.model.undo"});
  }
  says("another-value", "has another cutoff than Pulse", edit([](Json& m) {
         if (!is(m, "command", "parameter.set") || m["payload"]["parameterId"] != "prm-3") return false;
         m["payload"]["value"] = m["payload"]["value"].get<double>() * 2;
         return true;
       }),
       {"aura.model.shuffled"});
  {
    says("one-at-a-time", "sends no command until the one before is answered",
         [waiting = false](const std::string& text) mutable -> Texts {
           const Json m = Json::parse(text, nullptr, false);
           if (waiting && is(m, "command", "track.rename")) return {};
           waiting = waiting || is(m, "command", "track.add");
           return {text};
         },
         {"aura.model.answered-last"});
  }

  // --- Telemetry
  add({.id = "never-subscribes", .does = "subscribes to nothing", .subscription = [](const std::string&) -> Texts { return {}; }},
      {"aura.telemetry.subscribes"});
  add({.id = "odd-topic",
       .does = "subscribes to what is no topic",
       .subscription = [](const std::string& said) -> Texts {
         return {said, said + "@30"};
       }},
      {"aura.telemetry.subscribes"});
  add({.id = "unknown-frame-ends-it", .does = "ends when a frame is none that it knows", .ends_on_bad_frame = true},
      {"aura.telemetry.bad-frames"});
  add({.id = "old-endpoints", .does = "goes on at the endpoints of the first engine", .keeps_first_link = true},
      {"aura.telemetry.engine-restarts", "aura.telemetry.another-pulse", "aura.endings.engine-dies"});
  {
    auto newest = std::make_shared<std::uint64_t>(0);
    add({.id = "stops-at-a-gap",
         .does = "takes no more frames after a gap",
         .telemetry = [newest, stopped = std::make_shared<bool>(false)](const std::string& topic, const std::string& frame) -> Texts {
           if (topic != "meters" || frame.size() < 48) return {frame};
           std::uint64_t sequence = 0;
           std::memcpy(&sequence, frame.data() + 40, sizeof sequence);
           if (*newest != 0 && sequence > *newest + 500) *stopped = true;
           if (!*stopped) *newest = sequence;
           return *stopped ? Texts{} : Texts{frame};
         }},
        {"aura.telemetry.odd-frames"});
  }

  add({.id = "deaf-to-later-frames",
       .does = "drops frames with a field that it does not know",
       .telemetry = [](const std::string&, const std::string& frame) -> Texts {
         constexpr std::uint16_t kMost = 4 + 2 * 22;  // bytes of the vtable of EngineStats
         const auto at = [&frame](std::size_t place, auto value) {
           if (place + sizeof value <= frame.size()) std::memcpy(&value, frame.data() + place, sizeof value);
           return value;
         };
         const std::size_t table = at(0, std::uint32_t{0});
         const auto vtable = static_cast<std::size_t>(static_cast<std::int64_t>(table) - at(table, std::int32_t{0}));
         return at(vtable, std::uint16_t{0}) > kMost ? Texts{} : Texts{frame};
       }},
      {"aura.telemetry.later-frames"});

  // --- Gestures
  add({.id = "loses-when-full", .does = "loses samples for which there is no room", .loses_when_full = true}, {"aura.gestures.full-queue"});
  add({.id = "waits-when-full", .does = "waits for room in the stream", .waits_when_full = true}, {"aura.gestures.full-queue"});
  says("end-without-values", "ends gestures without a final value", edit([](Json& m) {
         if (!is(m, "command", "parameter.gesture.end")) return false;
         m["payload"]["values"] = Json::array();
         return true;
       }),
       {"aura.gestures.end", "aura.gestures.several", "aura.endings.engine-dies"});
  says("forgets-the-second", "ends gestures with the first value alone", edit([](Json& m) {
         if (!is(m, "command", "parameter.gesture.end") || m["payload"]["values"].size() < 2) return false;
         m["payload"]["values"].erase(1);
         return true;
       }),
       {"aura.gestures.several", "aura.endings.engine-dies"});
  says("commits-what-was-cancelled", "ends a gesture that was cancelled as any other", edit([](Json& m) {
         if (!is(m, "command", "parameter.gesture.end")) return false;
         m["payload"].erase("outcome");
         return true;
       }),
       {"aura.gestures.cancel"});
  {
    auto begun = std::make_shared<bool>(false);
    add({.id = "sample-before-the-grant",
         .does = "sends a frame when it asks for a gesture",
         .from_peer = see([begun](const Json& m) { *begun = *begun || is(m, "command", "parameter.gesture.begin"); }),
         .streams = [begun]() -> Texts {
           if (!*begun) return {};
           *begun = false;
           return {frame_of(1, 1, 0, 3, 0)};
         }},
        {"aura.gestures.grant-awaited"});
    auto refused = std::make_shared<bool>(false);
    add({.id = "moves-without-a-grant",
         .does = "sends a frame though its begin was refused",
         .to_peer = see([refused](const Json& m) { *refused = *refused || is(m, "error", "parameter.gesture.begin"); }),
         .streams = [refused]() -> Texts {
           if (!*refused) return {};
           *refused = false;
           return {frame_of(1, 1, 0, 3, 0)};
         }},
        {"aura.gestures.refused"});
  }
  add(ghost_after("sample-after-end", "sends a frame after the end of its gesture", true,
                  [](const Json& m) { return is(m, "command", "parameter.gesture.end"); }),
      {"aura.gestures.end"});
  add(ghost_after("sample-after-ended", "sends a frame of a gesture that Pulse has ended", false,
                  [](const Json& m) { return is(m, "event", "parameter.gesture.ended"); }),
      {"aura.endings.*"});
  add(ghost_after("sample-to-the-dead", "sends a frame while there is no engine", false,
                  [](const Json& m) { return is(m, "event", "engine.changed") && m["payload"]["state"] == "lost"; }),
      {"aura.endings.engine-dies"});
  {
    // What a user interface does that keeps its gestures while it looks for another Pulse.
    auto hellos = std::make_shared<int>(0);
    auto gesture = std::make_shared<std::string>();
    Fault keeps = ghost_after("keeps-gestures", "goes on with its gesture at another Pulse, and ends it there", true,
                              [hellos](const Json& m) { return is(m, "command", "session.hello") && ++*hellos > 1; });
    keeps.to_peer = see([gesture](const Json& m) {
      if (is(m, "reply", "parameter.gesture.begin") && gesture->empty()) *gesture = member(m["payload"], "gestureId");
    });
    keeps.from_peer = [see_hello = std::move(keeps.from_peer), gesture, hellos](const std::string& text) -> Texts {
      Texts said = see_hello(text);
      const Json m = parsed(text);
      if (gesture->empty() || *hellos < 2 || m.is_null() || !is(m, "command", "project.snapshot")) return said;
      said.push_back(message("command", "parameter.gesture.end", R"({"gestureId":")" + *gesture + R"(","values":[]})"));
      return said;
    };
    add(std::move(keeps), {"aura.endings.pulse-dies"});
  }
  streams("invented-stream", "sends frames of a stream that was not granted", frames_with([](auto& header, auto&) {
            header.stream_id += 1;
            return true;
          }),
          {"aura.gestures.end"});
  streams("wrong-epoch", "sends frames of another epoch", frames_with([](auto& header, auto&) {
            header.epoch += 1;
            return true;
          }),
          {"aura.gestures.end"});
  streams("sequence-stuck", "numbers each frame from 0", frames_with([](auto& header, auto&) {
            header.sequence = 0;
            return true;
          }),
          {"aura.gestures.end", "aura.gestures.several"});
  streams("counts-on", "numbers samples of all streams in one row",
          [count = std::make_shared<std::uint64_t>(0)](const std::string& raw) -> Texts {
            return frames_with([count](auto& header, auto& samples) {
              header.sequence = *count;
              *count += samples.size();
              return true;
            })(raw);
          },
          {"aura.endings.lease", "aura.endings.engine-dies"});
  streams("normalised", "sends values between 0 and 1", frames_with([](auto&, auto& samples) {
            for (auto& sample : samples) sample.value = (sample.value + 60) / 72;
            return true;
          }),
          {"aura.gestures.end"});
  streams("reserved-used", "writes something into reserved fields", frames_with([](auto&, auto& samples) {
            for (auto& sample : samples) sample.reserved = 1;
            return true;
          }),
          {"aura.gestures.end"});
  streams("no-identifier", "sends frames without an identifier",
          [](const std::string& raw) -> Texts {
            std::string changed = raw;
            changed.replace(4, 4, 4, '\0');
            return {changed};
          },
          {"aura.gestures.end"});
  streams("no-renewals", "does not send again what the hand that rests has",
          [last = std::make_shared<std::vector<double>>(), next = std::make_shared<std::uint64_t>(0)](const std::string& raw) -> Texts {
            return frames_with([last, next](auto& header, auto& samples) {
              std::vector<double> values;
              for (const auto& sample : samples) values.push_back(sample.value);
              if (values == *last) return false;
              *last = values;
              header.sequence = *next;
              *next += samples.size();
              return true;
            })(raw);
          },
          {"aura.gestures.rest"});
  add(leaves("leaves-when-refused", "leaves Pulse when an end is refused", "closing",
             [](const std::string& text) { return is(parsed(text), "error", "parameter.gesture.end"); }),
      {"aura.gestures.end-refused"});
}

}  // namespace loophole::conformance::faults
