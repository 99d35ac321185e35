// Plugins, as far as a Pulse has to do with them: protocol/engine.md, protocol/framing.md.
#include <fstream>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/plugin.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

const PluginId kPlugin("urn:loophole-conformance:tin");

struct Hosted {
  Voice voice;
  NodeId node;
  ParameterId shine;   // 0 … 1
  ParameterId steps;   // whole numbers, 0 … 10
  ParameterId secret;  // not automatable
};

// A voice with the plugin in its chain, at a running engine.
Hosted hosted(Trial& t) {
  (void)new_project(t);
  running_engine(t);
  Hosted made{.voice = voice(t)};
  const Answer answer = t.aura().call(node::Add{.channel_id = made.voice.channel, .kind = node::NodeKind::plugin, .plugin = kPlugin});
  const auto* reply = answer.as<node::AddReply>();
  if (reply == nullptr) throw CaseEnded("a node with a plugin is not added: " + answer.text());
  made.node = reply->node_id;
  for (const node::Node& node : t.aura().mirror().project().value().tracks.at(0).channel.nodes)
    for (const parameter::Parameter& parameter : node.parameters) {
      if (parameter.key == "shine") made.shine = parameter.id;
      if (parameter.key == "steps") made.steps = parameter.id;
      if (parameter.key == "secret") made.secret = parameter.id;
    }
  if (made.shine.empty() || made.steps.empty() || made.secret.empty())
    throw CaseEnded("the node does not have the parameters of plugin.info");
  if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
  return made;
}

const node::Node* node_of(Trial& t, const NodeId& id) {
  for (const track::Track& track : t.aura().mirror().project().value().tracks)
    for (const node::Node& node : track.channel.nodes)
      if (node.id == id) return &node;
  return nullptr;
}

// The engine writes its last words and dies.
void crash_in(Trial& t, const std::string& words) {
  const std::string file = t.signal().start().option("--last-words");
  if (file.empty()) throw CaseEnded("the engine was not started with --last-words");
  {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out << words << '\0';
  }
  t.signal().crash();
}

}  // namespace

void add_plugin_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.plugins.parameters",
      .title = "The parameters of a plugin are what the engine says of it, with their kinds",
      .steps = "Add a node with a plugin; set whole and broken numbers of an int; automate what is not automatable.",
      .level = Level::required,
      .checks = {{"whole", {"MODEL-36"}, "a broken number of a parameter of kind int is answered with parameter.outOfRange"},
                 {"taken", {"ENG-27"}, "a whole one is set, and reaches the engine"},
                 {"points", {"MODEL-40"}, "points of a parameter that is not automatable are answered with automation.unsupported"},
                 {"gesture", {"MODEL-40", "GEST-34"}, "so are those of a gesture's end, and the gesture is still open"}},
      .run =
          [](Trial& t) {
            const Hosted h = hosted(t);
            const Answer broken = t.aura().call(parameter::Set{.parameter_id = h.steps, .value = 2.5});
            t.check("whole", broken.refused(errors::kParameterOutOfRange), broken.text());
            const Answer whole = t.aura().call(parameter::Set{.parameter_id = h.steps, .value = 3});
            t.check("taken", whole.is_reply() && engine_has(t, h.steps, 3), whole.text());
            const std::vector<automation::Point> points{{1, 0.5, automation::Shape::hold}};
            const Answer refused =
                t.aura().call(automation::SetPoints{.parameter_id = h.secret, .from_frames = 0, .to_frames = 10, .points = points});
            t.check("points", refused.refused(errors::kAutomationUnsupported), refused.text());
            const auto begun = done(t, parameter::GestureBegin{.parameter_ids = {h.secret}});
            const Answer end =
                t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id,
                                                    .values = {},
                                                    .automation = std::vector<parameter::GestureAutomation>{
                                                        {.parameter_id = h.secret, .from_frames = 0, .to_frames = 10, .points = points}}});
            t.check("gesture", end.refused(errors::kAutomationUnsupported), end.text());
            const Answer again = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{h.secret, 0.5}}});
            t.check("gesture", again.is_reply(), again.text());
          },
  });
  cases.push_back({
      .id = "pulse.plugins.state",
      .title = "The state of a plugin is passed on byte for byte, and set in one transaction",
      .steps = "Set a state; look at the engine and at the transaction; ask for the state; undo.",
      .level = Level::required,
      .checks = {{"passed", {"ENG-51"}, "the engine gets the state as it was sent"},
                 {"asked", {"ENG-51"}, "plugin.state.get is answered with the bytes of the engine"},
                 {"one", {"ENG-52", "MODEL-1"}, "state and changed values are one transaction"},
                 {"values", {"ENG-52"}, "the values that the state changed are in it"},
                 {"undo", {"MODEL-29", "ENG-27"}, "an undo brings back the values, here and at the engine"}},
      .run =
          [](Trial& t) {
            const Hosted h = hosted(t);
            const PluginState state("AAECAwQFBgcICQ==");
            const Revision before = t.aura().mirror().revision();
            while (t.aura().event<project::Changed>({}, Milliseconds(0)) != nullptr) {
            }
            const Answer answer = t.aura().call(plugin::StateSet{.node_id = h.node, .state = state});
            if (!answer.is_reply()) throw CaseEnded("the state is not set: " + answer.text());
            t.check("passed", t.signal().plugin_state == state.value, "the engine got '" + t.signal().plugin_state + "'");
            const auto* changed = t.aura().event<project::Changed>();
            t.check("one", changed != nullptr && t.aura().mirror().revision() == before + 1,
                    "revision " + std::to_string(t.aura().mirror().revision()));
            t.check("values", parameter_of(t, h.shine).value == 0.75 && node_of(t, h.node)->state == state, "another value or state");
            t.signal().plugin_state = "Zm9vYmFy";
            const Answer asked = t.aura().call(plugin::StateGet{.node_id = h.node});
            const auto* reply = asked.as<plugin::StateReply>();
            t.check("asked", reply != nullptr && reply->state.value == "Zm9vYmFy", asked.text());
            (void)done(t, history::Undo{});
            t.check("undo", parameter_of(t, h.shine).value == 0 && engine_has(t, h.shine, 0) && digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.plugins.failed",
      .title = "A plugin that cannot be used is marked, everybody is told, and it is no step of the history",
      .steps = "Say engine.plugin.failed for the next graph; look at the project; then let a graph go live without it.",
      .level = Level::required,
      .checks = {{"marked", {"ENG-48"}, "node.changed marks the node with the status"},
                 {"told", {"ENG-48"}, "plugin.failed comes to both user interfaces"},
                 {"origin", {"MODEL-43"}, "the transaction has the origin engine"},
                 {"no-step", {"MODEL-43"}, "the history has no step of it, and undo takes back the edit before it"},
                 {"ready", {"ENG-48"}, "when it works again it is marked ready"}},
      .run =
          [](Trial& t) {
            const Hosted h = hosted(t);
            Aura& other = second_aura(t);
            t.signal().plugins_are = NodeStatus::missing;
            (void)done(t, track::Add{.name = "Marker"});
            for (Aura* one : {&t.aura(), &other}) {
              const auto* failed = one->event<plugin::Failed>();
              t.check("told",
                      failed != nullptr && failed->node_id == h.node && failed->plugin == kPlugin && failed->status == NodeStatus::missing,
                      "not told");
            }
            const auto* marked = t.aura().event<project::Changed>(
                [](const project::Changed& one) { return one.origin == project::TransactionOrigin::engine; });
            t.check("origin", marked != nullptr, "no transaction of this origin");
            t.check("marked", node_of(t, h.node)->status == NodeStatus::missing, "another status");
            const auto listed = steps(t.aura());
            t.check("no-step", !listed.entries.empty() && listed.entries.back().revision < t.aura().mirror().revision(), "it is a step");
            (void)done(t, history::Undo{});
            t.check("no-step", t.aura().mirror().project().value().tracks.size() == 1 && node_of(t, h.node)->status == NodeStatus::missing,
                    "another step was undone");
            t.signal().plugins_are.reset();
            (void)done(t, track::Add{.name = "Other"});
            t.check("ready", t.wait([&] { return node_of(t, h.node)->status == NodeStatus::ready; }), "another status");
          },
  });
  cases.push_back({
      .id = "pulse.plugins.crashed",
      .title = "A plugin that takes the engine down is named, and bypassed after the third time",
      .steps = "Let the engine die with the node in its last words, three times.",
      .level = Level::required,
      .checks = {{"told", {"ENG-50"}, "plugin.crashed names the node, each time, and counts"},
                 {"not-yet", {"ENG-49"}, "after the first two it is not bypassed"},
                 {"bypassed", {"ENG-49"}, "after the third it is bypassed, with status crashed, in the project"},
                 {"engine", {"ENG-49", "ENG-58"}, "and at the engine, which comes back"}},
      .run =
          [](Trial& t) {
            const Hosted h = hosted(t);
            Aura& other = second_aura(t);
            for (std::int64_t i = 1; i <= 3; ++i) {
              const graph::GraphNode* node = t.signal().live.node_of_plugin();
              if (node == nullptr) throw CaseEnded("the engine has no node of kind plugin");
              crash_in(t, node->id.value);
              for (Aura* one : {&t.aura(), &other}) {
                const auto* crashed = one->event<plugin::Crashed>();
                t.require("told", crashed != nullptr && crashed->node_id == h.node && crashed->crashes == i,
                          "not told, or of another node");
                t.check(i < 3 ? "not-yet" : "bypassed", crashed->bypassed == (i == 3), "bypassed after " + std::to_string(i));
              }
              const bool back = t.wait([&] { return t.signal().starts() == static_cast<std::size_t>(i) + 1 && t.signal().live.there(); },
                                       Milliseconds(10'000) + t.patience());
              t.require("engine", back, "the engine does not come back");
            }
            const auto* node = node_of(t, h.node);
            t.check("bypassed", node->bypassed && node->status == NodeStatus::crashed, "another status");
            const auto* at_engine = t.signal().live.node_of_plugin();
            t.check("engine", at_engine != nullptr && at_engine->bypassed, "it is not bypassed at the engine");
          },
  });
  cases.push_back({
      .id = "pulse.plugins.ended-as-asked",
      .title = "Last words of an engine that was asked to end count for nothing",
      .steps = "Write last words; ask engine.restart, to which the engine ends in order.",
      .level = Level::required,
      .checks = {{"nobody", {"FRM-47"}, "no plugin.crashed comes"}, {"file", {"FRM-44"}, "the file of the next engine is NUL"}},
      .run =
          [](Trial& t) {
            (void)hosted(t);
            const std::string file = t.signal().start().option("--last-words");
            if (file.empty()) throw CaseEnded("the engine was not started with --last-words");
            {
              std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
              out << t.signal().live.node_of_plugin()->id.value;
            }
            (void)t.aura().send(engine::Restart{});
            const bool back =
                t.wait([&] { return t.signal().starts() == 2 && t.signal().live.there(); }, Milliseconds(5'000) + t.patience());
            if (!back) throw CaseEnded("the engine is not started again");
            (void)snapshot(t.aura());
            t.check("nobody", t.aura().event<plugin::Crashed>({}, Milliseconds(0)) == nullptr, "plugin.crashed came");
            t.check("file", bytes_of_file(t.signal().start().option("--last-words")) == std::string(256, '\0'), "other bytes");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
