// Faults of an engine in what it plays and shows, and in what it makes of graphs.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/spectrum.hpp"
#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

using Telemetry = std::function<Texts(const std::string&, const std::string&)>;

// A graph.replace or graph.patch has parameters and clips at different places; each node of it is changed.
Hook nodes(std::function<bool(Json&)> change) {
  return edit([change = std::move(change)](Json& m) {
    bool changed = false;
    if (command(m, "graph.replace"))
      for (Json& node : m["payload"]["graph"]["nodes"]) changed = change(node) || changed;
    if (command(m, "graph.patch"))
      for (Json& operation : m["payload"]["operations"])
        if (operation.contains("node")) changed = change(operation["node"]) || changed;
    return changed;
  });
}

Telemetry meters(std::function<bool(frames::MetersHeader&, std::vector<frames::MeterReading>&)> change) {
  return [change = std::move(change)](const std::string& topic, const std::string& bytes) -> Texts {
    const Buffer frame{bytes_of(bytes).begin(), bytes_of(bytes).end()};
    const auto view = frames::read_meters(frame);
    if (!topic.starts_with("meters") || !view) return {bytes};
    frames::MetersHeader header = view->header;
    std::vector<frames::MeterReading> list(view->readings.begin(), view->readings.end());
    if (!change(header, list)) return {};
    return {std::string(text_of(frames::make_meters(header, list)))};
  };
}

}  // namespace

void add_sound_faults(std::vector<Fault>& faults) {
  const auto add = [&faults](Fault fault, std::vector<std::string> scope) {
    fault.scope = std::move(scope);
    faults.push_back(std::move(fault));
  };
  const auto takes = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .to_peer = std::move(hook)}, std::move(scope));
  };
  const auto shows = [&](std::string_view id, std::string_view does, Telemetry hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .telemetry = std::move(hook)}, std::move(scope));
  };

  // --- Graphs
  takes("one-kind-less", "has no delay", nodes([](Json& node) {
          if (node["kind"] != "delay") return false;
          node["kind"] = "kaleidoscope";
          return true;
        }),
        {"signal.graph.kinds"});
  add({.id = "any-graph",
       .does = "says that it took a graph which is none",
       .from_peer = edit([](Json& m) {
         if (!has_code(m, "graph.invalid")) return false;
         m["kind"] = "reply";
         m.erase("error");
         m["payload"] = {{"revision", 1}, {"digest", std::string(64, 'a')}, {"latencyFrames", 0}};
         return true;
       })},
      {"signal.graph.invalid", "signal.graph.wrong"});
  takes("graphs-late", "takes a graph after the command that came behind it",
        [held = std::string()](const std::string& text) mutable -> Texts {
          const Json m = parsed(text);
          if (held.empty() && !m.is_null() && command(m, "graph.replace")) {
            held = text;
            return {};
          }
          return held.empty() ? Texts{text} : Texts{text, std::exchange(held, {})};
        },
        {"signal.graph.order-of-commands"});
  takes("small-graphs", "takes no graph of more than a hundred kilobytes",
        [](const std::string& text) -> Texts {
          if (text.size() < 100'000 || !command(parsed(text), "graph.replace")) return {text};
          std::string broken = text;
          return {broken.insert(broken.rfind('}'), std::string(17'000'000 - text.size(), ' '))};
        },
        {"signal.limits.large-graph"});
  takes("fresh-nodes", "begins every node anew in each graph",
        [count = 0](const std::string& text) mutable -> Texts {
          Json m = parsed(text);
          if (m.is_null() || !command(m, "graph.replace") || ++count < 2) return {text};
          const auto renamed = [](const Json& id) { return id.get<std::string>() + "-new"; };
          for (Json& node : m["payload"]["graph"]["nodes"]) node["id"] = renamed(node["id"]);
          for (Json& one : m["payload"]["graph"]["connections"]) {
            one["from"] = renamed(one["from"]);
            one["to"] = renamed(one["to"]);
          }
          return {m.dump()};
        },
        {"signal.sound.state-kept"});
  add({.id = "salted-digest",
       .does = "has a digest that each process computes otherwise",
       .from_peer = edit([](Json& m) {
         if (!is(m, "reply", "graph.replace") && !is(m, "reply", "graph.query") && !is(m, "event", "graph.applied")) return false;
         if (!m["payload"].contains("digest")) return false;
         std::string number = std::to_string(::getpid());
         m["payload"]["digest"] = number + std::string(64 - number.size(), '0');
         return true;
       })},
      {"signal.process.replay"});

  // --- Values and automation
  {
    const auto set = std::make_shared<std::map<std::int64_t, Json>>();
    takes("keeps-old-values", "keeps values that were set, whatever a graph says", edit([set](Json& m) {
            if (command(m, "engine.parameter.set"))
              for (const Json& one : m["payload"]["values"]) (*set)[one["handle"].get<std::int64_t>()] = one["value"];
            if (!command(m, "graph.replace")) return false;
            bool changed = false;
            for (Json& node : m["payload"]["graph"]["nodes"])
              for (Json& parameter : node["parameters"])
                if (const auto old = set->find(parameter["handle"].get<std::int64_t>()); old != set->end()) {
                  parameter["value"] = old->second;
                  changed = true;
                }
            return changed;
          }),
          {"signal.values.new-graph"});
  }
  takes("deaf-to-automation", "plays no automation", nodes([](Json& node) {
          bool changed = false;
          for (Json& parameter : node["parameters"]) changed = parameter.erase("automation") > 0 || changed;
          return changed;
        }),
        {"signal.values.automation", "signal.values.automation-points", "signal.streams.before-automation"});
  takes("no-smoothing", "changes values at once", nodes([](Json& node) {
          for (Json& parameter : node["parameters"]) parameter["smoothingMs"] = 0;
          return !node["parameters"].empty();
        }),
        {"signal.sound.ramps"});
  takes("drops-an-input", "plays one of the inputs of a node alone", edit([](Json& m) {
          if (!command(m, "graph.replace")) return false;
          Json& connections = m["payload"]["graph"]["connections"];
          Json kept = Json::array();
          for (const Json& one : connections)
            if (std::ranges::none_of(kept, [&](const Json& other) { return other["to"] == one["to"]; })) kept.push_back(one);
          if (kept.size() == connections.size()) return false;
          connections = kept;
          return true;
        }),
        {"signal.values.sum"});

  // --- Streams
  add({.id = "opens-anything", .does = "says that it opened a stream on a parameter that is not there", .from_peer = edit([](Json& m) {
                                                                                                          if (!is(m, "error",
                                                                                                                  "stream.open"))
                                                                                                            return false;
                                                                                                          m["kind"] = "reply";
                                                                                                          m.erase("error");
                                                                                                          m["payload"] = Json::object();
                                                                                                          return true;
                                                                                                        })},
      {"signal.streams.open-refused"});
  {
    const auto open = std::make_shared<std::string>();
    add({.id = "graph-ends-streams",
         .does = "ends the stream that is open when another graph comes",
         .from_peer = [](const std::string& text) -> Texts { return member(parsed(text), "cid") == "closer" ? Texts{} : Texts{text}; },
         .to_peer = [open](const std::string& text) -> Texts {
           const Json m = parsed(text);
           if (m.is_null()) return {text};
           if (command(m, "stream.open")) *open = member(m["payload"], "streamId");
           if (open->empty() || !command(m, "graph.replace")) return {text};
           Json close = m;
           close["id"] = "closer";
           close["name"] = "stream.close";
           close["payload"] = {{"streamId", std::exchange(*open, {})}, {"values", Json::array()}};
           return {close.dump(), text};
         }},
        {"signal.streams.new-graph", "signal.samples.during-command"});
  }
  {
    const auto handles = std::make_shared<Json>(Json::array());
    takes("zero-at-close", "sets parameters that a close leaves out to their zero", edit([handles](Json& m) {
            if (command(m, "stream.open")) *handles = m["payload"]["handles"];
            if (!command(m, "stream.close") || !m["payload"]["values"].empty()) return false;
            for (const Json& handle : *handles) m["payload"]["values"].push_back({{"handle", handle}, {"value", 0}});
            return true;
          }),
          {"signal.streams.without-values"});
  }
  add({.id = "refused-is-silence",
       .does = "does not take a frame of refused samples for a sign of life",
       .stream = [](const std::string& bytes) -> Texts {
         const Buffer frame{bytes_of(bytes).begin(), bytes_of(bytes).end()};
         const auto view = frames::read_parameter_stream(frame);
         const bool refused = view && std::ranges::all_of(view->samples, [](const auto& one) { return one.value > 900; });
         return refused ? Texts{} : Texts{bytes};
       }},
      {"signal.streams.lease-renewed"});
  add({.id = "counts-too-many",
       .does = "reports samples that were neither applied nor refused",
       .from_peer = edit([](Json& m) {
         if (!is(m, "reply", "stream.close")) return false;
         Json& report = m["payload"]["report"];
         report["samplesReceived"] = report["samplesReceived"].get<std::int64_t>() + 1;
         return true;
       })},
      {"signal.streams.waiting-samples", "signal.streams.gesture"});

  // --- Clips and telemetry
  takes("clips-from-their-begin", "plays clips from the begin of their file", nodes([](Json& node) {
          bool changed = false;
          for (Json& clip : node["clips"]) {
            changed = changed || clip.value("offsetFrames", 0) != 0;
            clip["offsetFrames"] = 0;
          }
          return changed;
        }),
        {"signal.sound.clip"});
  shows("bins-shifted", "shows spectra at the wrong place",
        [](const std::string& topic, const std::string& bytes) -> Texts {
          const Buffer frame{bytes_of(bytes).begin(), bytes_of(bytes).end()};
          const auto view = frames::read_spectrum(frame);
          if (!topic.starts_with("spectrum") || !view) return {bytes};
          std::vector<float> bins(view->magnitudes_db.begin(), view->magnitudes_db.end());
          std::ranges::rotate(bins, bins.end() - static_cast<std::ptrdiff_t>(bins.size() / 8));
          return {std::string(text_of(frames::make_spectrum(view->header, bins)))};
        },
        {"signal.telemetry.spectrum", "signal.sound.other-rate"});
  shows("some-readings-louder", "shows a level twice as high now and then", meters([count = 0](auto&, auto& list) mutable {
          if (++count % 7 == 0)
            for (auto& reading : list) reading.peak *= 2;
          return true;
        }),
        {"signal.sound.values-together"});
  shows("few-meters", "shows 400 readings and no more", meters([](auto&, auto& list) {
          if (list.size() > 400) list.resize(400);
          return true;
        }),
        {"signal.telemetry.many-meters"});
  shows("stops-for-others", "sends nobody anything any more when one does not read",
        meters([count = 0](auto&, auto&) mutable { return ++count <= 40; }), {"signal.telemetry.stalled"});
  shows("stats-once", "sends stats once",
        [count = 0](const std::string& topic, const std::string& bytes) mutable -> Texts {
          return topic.starts_with("stats") && ++count > 0 ? Texts{} : Texts{bytes};
        },
        {"signal.telemetry.topics", "signal.telemetry.statistics"});

  // --- Pulse and process
  {
    const auto first = std::make_shared<std::string>();
    takes("held-for-ever", "is held by its first Pulse for ever",
          [first](const std::string& text) -> Texts {
            const Json m = parsed(text);
            if (m.is_null() || !command(m, "session.hello")) return {text};
            const std::string instance = member(m["payload"], "instanceId");
            if (first->empty()) *first = instance;
            return *first == instance ? Texts{text} : Texts{};
          },
          {"signal.life.dead-pulse", "signal.life.silent-pulse", "signal.life.another-pulse"});
  }
  takes("deaf-to-goodbye", "hears no goodbye", swallow("event", "session.goodbye"), {"signal.life.goodbye"});
  add({.id = "same-epoch", .does = "has the same epoch each time it is started", .from_peer = edit([](Json& m) {
                                                                                   if (!is(m, "reply", "session.hello")) return false;
                                                                                   m["payload"]["engine"]["epoch"] = 7;
                                                                                   return true;
                                                                                 })},
      {"signal.process.epochs"});
  add({.id = "ordered-options", .does = "takes its options in one order alone", .ordered_options = true}, {"signal.process.options"});
  add({.id = "writes-last-words",
       .does = "writes into the file of its last words though no plugin runs",
       .engine_arguments =
           [](Texts& arguments) {
             const auto found = std::ranges::find(arguments, "--last-words");
             if (found != arguments.end() && std::next(found) != arguments.end())
               std::fstream(*std::next(found), std::ios::in | std::ios::out) << "nod-1";
           }},
      {"signal.process.last-words"});
}

}  // namespace loophole::conformance::faults
