// Edits of each domain: what everybody is told, and that it leads to what a snapshot has. protocol/model.md.
#include <algorithm>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/clip.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// What each edit is held to, whatever it does.
const std::vector<Check> kHeld{
    {"revision", {"MODEL-1", "MODEL-6"}, "each edit raises the revision by one, and its reply has the revision of its transaction"},
    {"told", {"MODEL-2", "MODEL-3"}, "each edit is one project.changed to both user interfaces"},
    {"cause", {"MODEL-8"}, "it names the instance and the command"},
    {"label", {"MODEL-34"}, "it has the label that history.list has for it"},
    {"leads-to", {"MODEL-11", "MODEL-19"}, "its changes lead to what the snapshot has, at both"},
};

std::vector<Check> held_and(std::vector<Check> more) {
  more.insert(more.begin(), kHeld.begin(), kHeld.end());
  return more;
}

// Two user interfaces, of which the first one edits.
struct Desk {
  Trial& t;
  Aura& other;

  explicit Desk(Trial& trial) : t((static_cast<void>(new_project(trial)), trial)), other(second_aura(trial)) {}

  template <class C>
  typename C::Reply edit(const C& command) {
    Aura& aura = t.aura();
    const Revision before = aura.mirror().revision();
    const std::string id = aura.send(command);
    const Answer answer = aura.answer(id);
    const auto* reply = answer.as<typename C::Reply>();
    if (reply == nullptr) throw CaseEnded(std::string(C::kName) + " is not done: " + answer.text());
    t.check("revision", reply->revision == before + 1, answer.text());
    std::string label;
    for (Aura* one : {&aura, &other}) {
      const auto* changed = one->event<project::Changed>([&](const project::Changed& c) { return c.revision == reply->revision; });
      t.require("told", changed != nullptr && changed->origin == project::TransactionOrigin::edit, std::string(C::kName) + " was not told");
      t.check("cause",
              changed->cause.instance_id == InstanceId(aura.instance()) && changed->cause.command_id == MessageId(id) &&
                  !changed->cause.gesture_id,
              std::string(C::kName) + " has another cause");
      label = changed->label;
    }
    const auto listed = steps(aura);
    t.check("label",
            !label.empty() && !listed.entries.empty() && listed.entries.back().revision == reply->revision &&
                listed.entries.back().label == label,
            std::string(C::kName) + ": '" + label + "'");
    return *reply;
  }

  // To be the last step.
  void compare() {
    for (Aura* one : {&t.aura(), &other}) {
      const auto difference = one->differs();
      t.check("leads-to", !difference, difference.value_or(""));
    }
  }
  [[nodiscard]] const project::Project& project() const { return t.aura().mirror().project().value(); }
  [[nodiscard]] const track::Track& track(std::size_t index) const { return project().tracks.at(index); }
};

std::vector<std::string> names_of(const std::vector<track::Track>& tracks) {
  std::vector<std::string> names;
  for (const track::Track& one : tracks) names.push_back(one.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

void add_edit_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.edits.tracks",
      .title = "Tracks are added, moved, renamed, coloured, duplicated and removed",
      .steps = "Do each of them with two user interfaces; compare both mirrors with snapshots.",
      .level = Level::wire,
      .checks = held_and({{"result", {"MODEL-19", "ENV-18"}, "the tracks have the names, the order and the colour that were asked for"},
                          {"ids", {"MODEL-10"}, "a duplicate has ids and handles of its own"}}),
      .run =
          [](Trial& t) {
            Desk desk(t);
            const auto drums = desk.edit(track::Add{.name = "Drums"});
            const auto bass = desk.edit(track::Add{.name = "Bass"});
            (void)desk.edit(track::Add{.name = "Keys"});
            (void)desk.edit(track::Move{.track_id = bass.track_id, .index = 0});
            (void)desk.edit(track::Rename{.track_id = drums.track_id, .name = "Kit"});
            (void)desk.edit(track::SetColour{.track_id = drums.track_id, .colour = "#a0b0c0"});
            (void)desk.edit(node::Add{.channel_id = drums.channel_id, .kind = node::NodeKind::filter});
            const auto copy = desk.edit(track::Duplicate{.track_id = drums.track_id, .name = "Copy"});
            t.check("result", names_of(desk.project().tracks) == Names{"Bass", "Kit", "Copy", "Keys"} && desk.track(1).colour == "#a0b0c0",
                    "other tracks");
            const auto& original = desk.track(1).channel;
            const auto& duplicate = desk.track(2).channel;
            t.check("ids",
                    copy.track_id != drums.track_id && duplicate.id != original.id && duplicate.gain.id != original.gain.id &&
                        duplicate.gain.handle != original.gain.handle && duplicate.meter_handle != original.meter_handle &&
                        duplicate.nodes.size() == 1 && original.nodes.size() == 1 && duplicate.nodes[0].id != original.nodes[0].id &&
                        duplicate.nodes[0].parameters[0].handle != original.nodes[0].parameters[0].handle,
                    "an id or a handle is shared");
            (void)desk.edit(track::SetColour{.track_id = drums.track_id});
            (void)desk.edit(track::Remove{.track_id = bass.track_id});
            t.check("result", names_of(desk.project().tracks) == Names{"Kit", "Copy", "Keys"} && !desk.track(0).colour, "other tracks");
            desk.compare();
          },
  });
  cases.push_back({
      .id = "pulse.edits.clips",
      .title = "Clips are added, moved, trimmed, split, levelled and removed",
      .steps = "Do each of them with a file of a second, on two tracks; compare both mirrors with snapshots.",
      .level = Level::required,
      .checks = held_and({{"result", {"MODEL-19", "ENV-18"}, "places, lengths and levels are those that were asked for"}}),
      .run =
          [](Trial& t) {
            Desk desk(t);
            const auto one = desk.edit(track::Add{.name = "One"});
            const auto two = desk.edit(track::Add{.name = "Two"});
            const auto path = wave_file(t, "second.wav", 48'000).string();
            const auto clip = desk.edit(clip::Add{.track_id = one.track_id, .path = path, .start_frames = 1'000, .name = "Voice"});
            t.check("result", clip.length_frames == 48'000, "length " + std::to_string(clip.length_frames));
            (void)desk.edit(clip::Trim{.clip_id = clip.clip_id, .start_frames = 5'000, .length_frames = 20'000});
            const auto* trimmed = &desk.track(0).clips.at(0);
            t.check("result", trimmed->start_frames == 5'000 && trimmed->length_frames == 20'000 && trimmed->offset_frames == 4'000,
                    "another part of the file");
            const auto right = desk.edit(clip::Split{.clip_id = clip.clip_id, .position_frames = 15'000});
            (void)desk.edit(clip::Move{.clip_id = right.clip_id, .start_frames = 90'000, .track_id = two.track_id});
            (void)desk.edit(clip::SetGain{.clip_id = right.clip_id, .gain_db = -4.5});
            const bool there = desk.track(0).clips.size() == 1 && desk.track(1).clips.size() == 1;
            t.require("result", there, "the clip did not move to the other track");
            const clip::Clip& moved = desk.track(1).clips[0];
            t.check("result",
                    desk.track(0).clips[0].length_frames == 10'000 && moved.id == right.clip_id && moved.start_frames == 90'000 &&
                        moved.offset_frames == 14'000 && moved.length_frames == 10'000 && moved.gain_db == -4.5,
                    "the halves are others");
            (void)desk.edit(clip::Remove{.clip_id = clip.clip_id});
            t.check("result", desk.track(0).clips.empty(), "the clip is still there");
            desk.compare();
          },
  });
  cases.push_back({
      .id = "pulse.edits.nodes",
      .title = "Nodes are added, moved, bypassed, replaced and removed",
      .steps = "Do each of them, of every kind that needs no plugin, in the chains of a track and of the master; compare both mirrors with "
               "snapshots.",
      .level = Level::required,
      .checks = held_and({{"result", {"MODEL-19", "ENV-18"}, "the chains have the nodes that were asked for, in their order"}}),
      .run =
          [](Trial& t) {
            Desk desk(t);
            const auto track = desk.edit(track::Add{.name = "One"});
            using K = node::NodeKind;
            std::vector<NodeId> made;
            for (const K kind : {K::test_tone, K::filter, K::gain, K::pan, K::delay, K::analyser})
              made.push_back(desk.edit(node::Add{.channel_id = track.channel_id, .kind = kind}).node_id);
            (void)desk.edit(node::Move{.node_id = made[0], .index = 3});
            (void)desk.edit(node::Move{.node_id = made[1], .index = 0, .channel_id = desk.project().master.id});
            (void)desk.edit(node::SetBypass{.node_id = made[2], .bypassed = true});
            const auto replaced = desk.edit(node::Replace{.node_id = made[3], .kind = K::filter, .name = "Soft"});
            (void)desk.edit(node::Remove{.node_id = made[4]});
            const auto& chain = desk.track(0).channel.nodes;
            std::vector<K> kinds;
            for (const node::Node& one : chain) kinds.push_back(one.kind);
            const auto soft = std::ranges::find(chain, replaced.node_id, &node::Node::id);
            const auto quiet = std::ranges::find(chain, made[2], &node::Node::id);
            t.check("result", kinds == std::vector<K>{K::gain, K::filter, K::test_tone, K::analyser}, "another chain");
            t.check("result", soft != chain.end() && soft->name == "Soft" && quiet != chain.end() && quiet->bypassed, "another node");
            t.check("result", desk.project().master.nodes.size() == 1 && desk.project().master.nodes[0].id == made[1], "not in the master");
            desk.compare();
          },
  });
  cases.push_back({
      .id = "pulse.edits.routing",
      .title = "Buses, outputs and sends are made and removed",
      .steps = "Add two buses, lead a track into one and send it to the other, rename, remove; compare both mirrors with snapshots.",
      .level = Level::required,
      .checks = held_and({{"result", {"MODEL-19"}, "outputs and sends lead where was asked for"},
                          {"removed", {"MODEL-11", "MODEL-19"}, "nothing leads to a bus that was removed"}}),
      .run =
          [](Trial& t) {
            Desk desk(t);
            const auto track = desk.edit(track::Add{.name = "One"});
            const auto group = desk.edit(routing::AddBus{.name = "Group"});
            const auto echo = desk.edit(routing::AddBus{.name = "Echo", .index = 0});
            (void)desk.edit(routing::SetOutput{.channel_id = track.channel_id, .bus_id = group.bus_id});
            const auto send = desk.edit(routing::AddSend{.channel_id = track.channel_id, .bus_id = echo.bus_id, .pre_fader = true});
            const auto second = desk.edit(routing::AddSend{.channel_id = track.channel_id, .bus_id = group.bus_id});
            (void)desk.edit(routing::RenameBus{.bus_id = echo.bus_id, .name = "Hall"});
            const auto& channel = desk.track(0).channel;
            t.check("result",
                    channel.output == group.bus_id && channel.sends.size() == 2 && channel.sends[0].id == send.send_id &&
                        channel.sends[0].pre_fader && channel.sends[0].bus_id == echo.bus_id && desk.project().buses.size() == 2 &&
                        desk.project().buses[0].name == "Hall",
                    "other ways");
            (void)desk.edit(routing::RemoveSend{.send_id = second.send_id});
            (void)desk.edit(routing::RemoveBus{.bus_id = echo.bus_id});
            t.check("removed", desk.track(0).channel.sends.empty() && desk.project().buses.size() == 1, "a send is left");
            (void)desk.edit(routing::RemoveBus{.bus_id = group.bus_id});
            t.check("removed", !desk.track(0).channel.output && desk.project().buses.empty(), "an output leads to it");
            (void)desk.edit(routing::SetOutput{.channel_id = track.channel_id, .bus_id = desk.edit(routing::AddBus{.name = "New"}).bus_id});
            (void)desk.edit(routing::SetOutput{.channel_id = track.channel_id});
            t.check("result", !desk.track(0).channel.output, "the output does not lead to the master");
            desk.compare();
          },
  });
  cases.push_back({
      .id = "pulse.edits.values",
      .title = "Values, automation and tempo are set",
      .steps = "Set values at both ends of a range, points, modes, parts of them, and the tempo; compare both mirrors with snapshots.",
      .level = Level::required,
      .checks = held_and({{"result", {"MODEL-19", "ENV-18"}, "value and tempo are those that were set, bit for bit"},
                          {"first-points", {"MODEL-46"}, "the first points come with the mode read"},
                          {"points", {"MODEL-19"}, "points replace those of their part, and no others"}}),
      .run =
          [](Trial& t) {
            Desk desk(t);
            const auto track = desk.edit(track::Add{.name = "One"});
            (void)desk.edit(node::Add{.channel_id = track.channel_id, .kind = node::NodeKind::filter});
            const parameter::Parameter cutoff = desk.track(0).channel.nodes.at(0).parameters.at(0);
            const auto value = [&] { return parameter_of(t, cutoff.id).value; };
            for (const double wanted : {cutoff.minimum, cutoff.maximum, cutoff.minimum + (cutoff.maximum - cutoff.minimum) / 3}) {
              const auto reply = desk.edit(parameter::Set{.parameter_id = cutoff.id, .value = wanted});
              t.check("result",
                      reply.value == wanted && value() == wanted && done(t, parameter::Get{.parameter_id = cutoff.id}).value == wanted,
                      "another value");
            }
            const double low = cutoff.minimum;
            using automation::Point;
            using automation::Shape;
            (void)desk.edit(automation::SetPoints{.parameter_id = cutoff.id,
                                                  .from_frames = 0,
                                                  .to_frames = 100,
                                                  .points = {{.position_frames = 0, .value = low, .shape = Shape::linear},
                                                             {.position_frames = 50, .value = low + 1, .shape = Shape::hold}}});
            t.check("first-points",
                    parameter_of(t, cutoff.id).automation && parameter_of(t, cutoff.id).automation->mode == automation::Mode::read,
                    "another mode");
            (void)desk.edit(automation::SetMode{.parameter_id = cutoff.id, .mode = automation::Mode::touch});
            (void)desk.edit(automation::SetPoints{.parameter_id = cutoff.id,
                                                  .from_frames = 40,
                                                  .to_frames = 60,
                                                  .points = {{.position_frames = 45, .value = low + 2, .shape = Shape::hold}}});
            const auto lane = parameter_of(t, cutoff.id).automation;
            t.check("points",
                    lane && lane->mode == automation::Mode::touch &&
                        lane->points == std::vector<Point>{{.position_frames = 0, .value = low, .shape = Shape::linear},
                                                           {.position_frames = 45, .value = low + 2, .shape = Shape::hold}},
                    "other points");
            (void)desk.edit(automation::Clear{.parameter_id = cutoff.id, .from_frames = 10, .to_frames = 50});
            t.check("points", parameter_of(t, cutoff.id).automation && parameter_of(t, cutoff.id).automation->points.size() == 1,
                    "other points are left");
            (void)desk.edit(automation::Clear{.parameter_id = cutoff.id});
            const auto cleared = parameter_of(t, cutoff.id).automation;
            t.check("points", !cleared || cleared->points.empty(), "points are left");
            const auto tempo = desk.edit(transport::SetTempo{.tempo_bpm = 93.25});
            t.check("result", tempo.tempo_bpm == 93.25 && desk.project().tempo_bpm == 93.25, "another tempo");
            desk.compare();
          },
  });
  cases.push_back({
      .id = "pulse.edits.two-at-once",
      .title = "Edits of several user interfaces have one order, the same for all",
      .steps = "Two user interfaces send forty edits each without waiting; compare what they were told, and both mirrors with snapshots.",
      .level = Level::required,
      .checks = {{"answered", {"ENV-14"}, "each of them is answered"},
                 {"same", {"MODEL-2", "MODEL-3"}, "both are told the same transactions in the same order"},
                 {"leads-to", {"MODEL-11"}, "they lead to what the snapshot has, at both"},
                 {"replies", {"MODEL-6"}, "each reply has a revision of its own"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& other = second_aura(t);
            std::vector<std::pair<Aura*, std::string>> asked;
            for (int i = 0; i < 40; ++i)
              for (Aura* one : {&t.aura(), &other}) asked.emplace_back(one, one->send(track::Add{.name = "Track " + std::to_string(i)}));
            std::vector<Revision> revisions;
            for (const auto& [who, id] : asked) {
              const Answer answer = who->answer(id);
              const auto* reply = answer.as<track::AddReply>();
              t.require("answered", reply != nullptr, answer.text());
              revisions.push_back(reply->revision);
            }
            std::ranges::sort(revisions);
            t.check("replies", std::ranges::adjacent_find(revisions) == revisions.end() && revisions.back() - revisions.front() == 79,
                    "revisions are missing or twice there");
            for (std::size_t i = 0; i < asked.size(); ++i) {
              const auto* here = t.aura().event<project::Changed>();
              const auto* there = other.event<project::Changed>();
              t.require("same", here != nullptr && there != nullptr && *here == *there,
                        "transaction " + std::to_string(i + 1) + " differs");
            }
            for (Aura* one : {&t.aura(), &other}) {
              const auto difference = one->differs();
              t.check("leads-to", !difference, difference.value_or(""));
            }
          },
  });
  cases.push_back({
      .id = "pulse.edits.nothing",
      .title = "An edit that would change nothing makes at most one transaction like any other",
      .steps = "Set a value to what it is; rename a track to its name; look at the revisions.",
      .level = Level::required,
      .checks = {{"revision", {"MODEL-6", "MODEL-1"}, "the reply has the revision of before and nothing was told, or one more and it was"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            const Revision before = snapshot(t.aura()).revision;
            const auto reply = done(t, parameter::Set{.parameter_id = v.gain, .value = parameter_of(t, v.gain).value});
            t.check("revision", reply.revision == snapshot(t.aura()).revision && reply.revision <= before + 1 && reply.revision >= before,
                    "revision " + std::to_string(reply.revision) + " after " + std::to_string(before));
            t.check("revision", t.aura().mirror().revision() == reply.revision, "another one was told");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
