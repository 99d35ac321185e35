// Undo and redo: protocol/model.md.
#include <set>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// The transaction that this step caused, as it was told.
project::Changed step(Aura& who, const Answer& answer) {
  const auto* reply = answer.as<history::StepReply>();
  if (reply == nullptr) throw CaseEnded("the step was refused: " + answer.text());
  const Revision revision = reply->revision;
  const auto* changed = who.event<project::Changed>([=](const project::Changed& one) { return one.revision == revision; });
  if (changed == nullptr) throw CaseEnded("the step was not told");
  return *changed;
}

}  // namespace

void add_history_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.history.undo-redo",
      .title = "Undo brings back the state of before, redo that of after, each as a transaction",
      .steps = "Make edits of every domain; undo all of them one by one, comparing with the states of before; redo all of them.",
      .level = Level::wire,
      .checks = {{"undo", {"MODEL-29"}, "each undo leads to the state before its step"},
                 {"undo-origin", {"MODEL-29", "MODEL-1"}, "it is one transaction with the origin undo"},
                 {"redo", {"MODEL-30"}, "each redo leads to the state after its step"},
                 {"redo-origin", {"MODEL-30", "MODEL-1"}, "it is one transaction with the origin redo"},
                 {"label", {"MODEL-34"}, "the answer has the label of the step"},
                 {"ends", {"ERR-8"}, "beyond both ends: history.nothingToUndo and history.nothingToRedo"},
                 {"follows", {"MODEL-11"}, "the changes lead to what the snapshot has"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            std::vector<std::optional<project::Project>> states{snapshot(aura).project};
            const auto taken = [&] { states.push_back(aura.mirror().project()); };
            const auto track = done(t, track::Add{.name = "One"});
            taken();
            const auto node = done(t, node::Add{.channel_id = track.channel_id, .kind = node::NodeKind::filter});
            taken();
            const ParameterId cutoff = aura.mirror().project().value().tracks.at(0).channel.nodes.at(0).parameters.at(0).id;
            (void)done(t, parameter::Set{.parameter_id = cutoff, .value = 777});
            taken();
            (void)done(t, automation::SetPoints{
                              .parameter_id = cutoff, .from_frames = 0, .to_frames = 10, .points = {{1, 500, automation::Shape::linear}}});
            taken();
            const auto bus = done(t, routing::AddBus{.name = "Bus"});
            taken();
            (void)done(t, routing::AddSend{.channel_id = track.channel_id, .bus_id = bus.bus_id});
            taken();
            (void)done(t, transport::SetTempo{.tempo_bpm = 77});
            taken();
            (void)done(t, routing::RemoveBus{.bus_id = bus.bus_id});
            taken();
            (void)done(t, node::Remove{.node_id = node.node_id});
            taken();
            (void)done(t, track::Remove{.track_id = track.track_id});
            taken();
            const auto listed = steps(aura);
            for (std::size_t at = states.size() - 1; at > 0; --at) {
              const Answer answer = aura.call(history::Undo{});
              const auto changed = step(aura, answer);
              t.check("undo-origin", changed.origin == project::TransactionOrigin::undo, "another origin");
              t.check("undo", aura.mirror().project() == states[at - 1], "step " + std::to_string(at) + " leads elsewhere");
              t.check("label", answer.need<history::StepReply>().label == listed.entries.at(at - 1).label, answer.text());
            }
            const Answer bottom = aura.call(history::Undo{});
            t.check("ends", bottom.refused(errors::kHistoryNothingToUndo), bottom.text());
            for (std::size_t at = 1; at < states.size(); ++at) {
              const auto changed = step(aura, aura.call(history::Redo{}));
              t.check("redo-origin", changed.origin == project::TransactionOrigin::redo, "another origin");
              t.check("redo", aura.mirror().project() == states[at], "step " + std::to_string(at) + " leads elsewhere");
            }
            const Answer top = aura.call(history::Redo{});
            t.check("ends", top.refused(errors::kHistoryNothingToRedo), top.text());
            const auto difference = aura.differs();
            t.check("follows", !difference, difference.value_or(""));
          },
  });
  cases.push_back({
      .id = "pulse.history.list",
      .title = "The history lists the steps with their labels, and where one is",
      .steps = "Make three edits; undo one; make another; ask history.list each time.",
      .level = Level::required,
      .checks = {{"entries", {"MODEL-34"}, "each step has revision and label of its transaction"},
                 {"position", {"MODEL-29"}, "an undo moves the position back and leaves the steps"},
                 {"cut", {"MODEL-31"}, "an edit after an undo removes what was undone"},
                 {"gone", {"MODEL-31"}, "and then there is nothing to redo"},
                 {"shared", {"MODEL-29"}, "another user interface undoes the same steps"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& other = second_aura(t);
            std::vector<history::Entry> told;
            for (const char* name : {"One", "Two", "Three"}) {
              (void)done(t, track::Add{.name = name});
              if (const auto* changed = t.aura().event<project::Changed>())
                told.push_back({.revision = changed->revision, .label = changed->label});
            }
            auto now = steps(t.aura());
            t.check("entries", now.entries == told && now.position == 3, "other entries");
            (void)done(other, history::Undo{});
            now = steps(t.aura());
            t.check("position", now.entries == told && now.position == 2, "position " + std::to_string(now.position));
            t.check("shared", project_of(t.aura()).tracks.size() == 2, "another step was undone");
            (void)done(t, track::Add{.name = "Four"});
            now = steps(t.aura());
            t.check("cut", now.entries.size() == 3 && now.position == 3 && now.entries.at(2).label != told.at(2).label,
                    std::to_string(now.entries.size()) + " entries");
            const Answer redo = t.aura().call(history::Redo{});
            t.check("gone", redo.refused(errors::kHistoryNothingToRedo), redo.text());
          },
  });
  cases.push_back({
      .id = "pulse.history.not-steps",
      .title = "Transport and engine are no steps; the tempo is one",
      .steps = "Play, seek, loop, stop, restart the engine; look at the history; set the tempo and undo it.",
      .level = Level::required,
      .checks = {{"none", {"MODEL-33"}, "the history is as it was"},
                 {"tempo", {"MODEL-33", "MODEL-29"}, "the tempo is a step, and its undo brings back the tempo"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            (void)voice(t);
            const auto before = steps(t.aura());
            (void)done(t, transport::Play{});
            (void)done(t, transport::Seek{.position_frames = 4'800});
            (void)done(t, transport::SetLoop{.loop = {.enabled = true, .start_frames = 0, .end_frames = 48'000}});
            (void)done(t, transport::Stop{});
            (void)t.aura().call(engine::Restart{});
            t.check("none", steps(t.aura()) == before, "there are other steps");
            const double tempo = project_of(t.aura()).tempo_bpm;
            (void)done(t, transport::SetTempo{.tempo_bpm = tempo + 10});
            (void)done(t, history::Undo{});
            t.check("tempo", project_of(t.aura()).tempo_bpm == tempo, "another tempo");
          },
  });
  cases.push_back({
      .id = "pulse.history.ids",
      .title = "Ids and handles are not given again, not even after an undo",
      .steps = "Add tracks and nodes; undo; add others; redo is gone; remove and undo the removal.",
      .level = Level::required,
      .checks = {{"new", {"MODEL-10"}, "what is added after an undo has ids and handles that nothing had before"},
                 {"back", {"MODEL-10", "MODEL-29"}, "an undone removal brings back the same ids and handles"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            std::set<std::string> ids;
            std::set<Handle> handles;
            const auto all_new = [&](const track::Track& track) {
              bool fresh = ids.insert(track.id.value).second;
              fresh = ids.insert(track.channel.id.value).second && fresh;
              fresh = ids.insert(track.channel.gain.id.value).second && fresh;
              fresh = handles.insert(track.channel.gain.handle).second && fresh;
              return handles.insert(track.channel.meter_handle).second && fresh;
            };
            for (int i = 0; i < 5; ++i) {
              (void)done(t, track::Add{.name = "One"});
              t.check("new", all_new(t.aura().mirror().project().value().tracks.at(0)), "an id or a handle was given again");
              (void)done(t, history::Undo{});
            }
            const Voice v = voice(t);
            const auto before = t.aura().mirror().project();
            (void)done(t, track::Remove{.track_id = v.track});
            (void)done(t, history::Undo{});
            t.check("back", t.aura().mirror().project() == before, "another track came back");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
