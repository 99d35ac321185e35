// Values: what a parameter has, and what is heard of it. protocol/engine.md.
#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

Answer set(Trial& t, std::vector<engine::HandleValue> values) {
  return t.pulse().call(engine::ParameterSet{.values = std::move(values)});
}

automation::Lane flat(automation::Mode mode, double value) {
  return {.mode = mode, .points = {{.position_frames = 0, .value = value, .shape = automation::Shape::hold}}};
}

}  // namespace

void add_value_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.values.committed",
      .title = "A committed value is heard, and is in the digest",
      .steps = "Play a tone; set its gain to -20 dB, then to 0 dB.",
      .level = Level::required,
      .checks = {{"digest", {"ENG-35", "DIG-1"}, "the answer has the digest of the graph with the value"},
                 {"heard", {"ENG-5", "ENG-31"}, "the meter shows 20 dB less"},
                 {"reached", {"RT-11", "RT-12", "GEST-41"}, "it reaches the value and stays there"},
                 {"back", {"ENG-31"}, "and comes back with the next one"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            watch_meters(t);
            const Answer answer = set(t, {{.handle = kGain, .value = -20}});
            const auto* reply = answer.as<engine::ParameterSetReply>();
            t.check("digest", reply != nullptr && reply->digest == wire::graph_digest(voice(-20)), answer.text());
            t.check("heard", shows(t, kToneDb - 20), shown(t));
            t.check("reached", keeps(t, kToneDb - 20), shown(t));
            (void)set(t, {{.handle = kGain, .value = 0}});
            t.check("back", shows(t, kToneDb), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.values.refused-whole",
      .title = "One value that is wrong refuses them all",
      .steps = "Set a good value together with an unknown handle, and with a value out of range.",
      .level = Level::required,
      .checks = {{"handle", {"ENG-33", "ERR-6"}, "an unknown handle is answered with graph.unknownHandle and a pointer to it"},
                 {"range", {"ENG-33", "ERR-6"}, "a value out of range is answered with parameter.outOfRange and a pointer to it"},
                 {"bounds", {"ENG-33"}, "minimum and maximum themselves are in range"},
                 {"unchanged", {"ENG-33", "ENV-23"}, "the good values were not set either"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            const Answer handle = set(t, {{.handle = kGain, .value = -3}, {.handle = 4'711, .value = 0}});
            t.check("handle",
                    handle.refused(errors::kGraphUnknownHandle) && handle.error()->pointer.value_or("").starts_with("/payload/values/1"),
                    handle.text());
            const Answer range = set(t, {{.handle = kGain, .value = -3}, {.handle = kFrequency, .value = 20'000.5}});
            t.check("range",
                    range.refused(errors::kParameterOutOfRange) && range.error()->pointer.value_or("").starts_with("/payload/values/1"),
                    range.text());
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
            const Answer bounds = set(t, {{.handle = kGain, .value = -90}, {.handle = kFrequency, .value = 20'000}});
            t.check("bounds", bounds.is_reply(), bounds.text());
          },
  });
  cases.push_back({
      .id = "signal.values.silence",
      .title = "A level of -90 dB is silence, and a bypassed node passes its input on",
      .steps = "Play a tone; set its gain to -90 dB; then put the graph with the gain bypassed.",
      .level = Level::required,
      .checks = {{"silence", {"ENG-65"}, "the meter shows silence"}, {"bypass", {"ENG-68"}, "the bypassed gain changes nothing"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            watch_meters(t);
            (void)set(t, {{.handle = kGain, .value = -90}});
            t.check("silence", shows(t, -200), shown(t));
            graph::Graph bypassed = voice(-90);
            bypassed.nodes[1].bypassed = true;
            put(t, bypassed, 2);
            t.check("bypass", shows(t, kToneDb), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.values.sum",
      .title = "Inputs of a node are summed",
      .steps = "Play two tones of the same frequency into one meter.",
      .level = Level::required,
      .checks = {{"sum", {"ENG-64", "TEL-9"}, "the meter shows 6 dB more than one of them"}},
      .run =
          [](Trial& t) {
            graph::Graph two = chain({tone("tone", 1), node("mix", Kind::bus_mixer), meter("meter", kMeter), output()});
            two.nodes.push_back(tone("tone-2", 11));
            two.connections.push_back({.from = GraphNodeId("tone-2"), .to = GraphNodeId("mix")});
            play(t, two);
            watch_meters(t);
            t.check("sum", shows(t, kToneDb + 6.02), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.values.new-graph",
      .title = "A graph carries its values, whatever was set before",
      .steps = "Set a gain to -20 dB; put a graph in which it has -3 dB.",
      .level = Level::required,
      .checks = {{"heard", {"ENG-34", "ENG-18"}, "the meter shows 3 dB less than full"},
                 {"digest", {"ENG-34", "ENG-35", "RT-10"}, "the digest has the value of the graph"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            watch_meters(t);
            (void)set(t, {{.handle = kGain, .value = -20}});
            const std::string after = put(t, voice(-3), 2);
            t.check("digest", after == wire::graph_digest(voice(-3)).value, "digest " + after);
            t.check("heard", shows(t, kToneDb - 3) && keeps(t, kToneDb - 3), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.values.automation",
      .title = "Automation goes before the committed value while the transport runs, where its mode plays it",
      .steps = "Play a tone whose gain has automation of -24 dB; turn it off; set it again by engine.automation.set; stop the transport.",
      .level = Level::required,
      .checks = {{"plays", {"ENG-31", "ENG-37"}, "the meter shows the value of the automation, not the committed one"},
                 {"off", {"ENG-31"}, "in the mode off the committed value is heard"},
                 {"set", {"ENG-31", "ENG-38"}, "engine.automation.set brings it back"},
                 {"digest", {"ENG-35", "DIG-1"}, "its answer has the digest with this automation"},
                 {"refused", {"ENG-33"}, "an unknown handle is answered with graph.unknownHandle"}},
      .run =
          [](Trial& t) {
            graph::Graph graph = voice();
            auto& lane = graph.nodes[1].parameters[0].automation;
            lane = flat(automation::Mode::read, -24);
            play(t, graph);
            watch_meters(t);
            t.check("plays", shows(t, kToneDb - 24), shown(t));
            lane->mode = automation::Mode::off;
            put(t, graph, 2);
            t.check("off", shows(t, kToneDb), shown(t));
            lane = flat(automation::Mode::touch, -9);
            const Answer answer = t.pulse().call(engine::AutomationSet{.lanes = {{.handle = kGain, .automation = lane}}});
            const auto* reply = answer.as<engine::ParameterSetReply>();
            t.check("digest", reply != nullptr && reply->digest == wire::graph_digest(graph), answer.text());
            t.check("set", shows(t, kToneDb - 9), shown(t));
            const Answer unknown = t.pulse().call(engine::AutomationSet{.lanes = {{.handle = 4'711, .automation = lane}}});
            t.check("refused", unknown.refused(errors::kGraphUnknownHandle), unknown.text());
          },
  });
  cases.push_back({
      .id = "signal.values.automation-points",
      .title = "Before the first point its value holds, after the last one that one's",
      .steps = "Play from before the first point: -18 dB until frame 9600, then -30 dB.",
      .level = Level::required,
      .checks = {{"before", {"ENG-37"}, "with the transport before the first point its value is heard"},
                 {"after", {"ENG-37", "ENG-36"}, "behind the last point that one's is heard"}},
      .run =
          [](Trial& t) {
            graph::Graph graph = voice();
            graph.nodes[1].parameters[0].automation =
                automation::Lane{.mode = automation::Mode::read,
                                 .points = {{.position_frames = 1'000'000, .value = -18, .shape = automation::Shape::hold},
                                            {.position_frames = 2'000'000, .value = -30, .shape = automation::Shape::hold}}};
            play(t, graph);
            watch_meters(t);
            t.check("before", shows(t, kToneDb - 18), shown(t));
            (void)t.pulse().call(engine::TransportSet{.position_frames = 3'000'000});
            t.check("after", shows(t, kToneDb - 30), shown(t));
          },
  });
}

}  // namespace loophole::conformance::signal_cases
