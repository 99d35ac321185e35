// The mirror: protocol/model.md.
#include <cmath>

#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {
namespace {

std::string shown(std::optional<double> value) {
  return value ? "the peer begins a step from " + std::to_string(*value) : "the peer was told to step, and sends no parameter.set";
}

}  // namespace

void add_model_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.model.gap",
      .title = "A client that misses a revision asks",
      .steps = "Make two transactions, and tell the second one only; answer what is asked; tell a third one.",
      .level = Level::wire,
      .checks = {{"asks", {"MODEL-17"}, "project.changes or project.snapshot comes"},
                 {"since", {"MODEL-17"}, "project.changes asks from the revision that the client had, of its project"},
                 {"follows", {"MODEL-17"}, "then the next transaction is the next one"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const Revision had = host.revision();
            host.swallow_changes(true);
            host.commit({project::TempoChanged{.tempo_bpm = 90}}, "Set Tempo");
            host.swallow_changes(false);
            const std::size_t before = state_asked(host);
            host.commit({project::TempoChanged{.tempo_bpm = 91}}, "Set Tempo");
            t.require("asks", t.wait([&] { return state_asked(host) > before; }), host.text());
            const auto* asked = host.got<project::Changes>({}, Milliseconds(100));
            t.check("since", asked == nullptr || (asked->since_revision == had && asked->project_id == host.project().id),
                    asked == nullptr ? "" : "since " + std::to_string(asked->since_revision) + " of '" + asked->project_id.value + "'");
            t.check("follows", stays(t) && follows(t), host.text());
            (void)beats(t);  // what the peer says of itself is looked at too
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.model.known",
      .title = "A transaction that the state contains already is dropped",
      .steps = "Tell a transaction; tell it again; tell the next one.",
      .level = Level::required,
      .checks = {{"dropped", {"MODEL-16"}, "the next transaction is taken for the next one"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const auto made = host.commit({project::TempoChanged{.tempo_bpm = 90}}, "Set Tempo");
            host.tell(made);
            host.tell(made);
            t.check("dropped", stays(t) && follows(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.model.misfits",
      .title = "A change that does not fit makes the client ask for a snapshot",
      .steps = "Tell a transaction that names a track that there is not; one with unknown.changed; one with an index far beyond the end.",
      .level = Level::required,
      .checks = {{"unknown-thing", {"MODEL-13"}, "a thing that the client does not have: it asks for a snapshot"},
                 {"unknown-type", {"MODEL-13"}, "unknown.changed: it asks for a snapshot"},
                 {"beyond", {"MODEL-13"}, "an index that does not fit: it asks for a snapshot"},
                 {"follows", {"MODEL-17"}, "then the next transaction is the next one"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const auto asks = [&](project::Change change) {
              project::Changed told = next_change(host);
              told.changes = {std::move(change)};
              host.swallow_changes(true);
              host.commit({project::TempoChanged{.tempo_bpm = host.project().tempo_bpm + 1}}, "Set Tempo");
              host.swallow_changes(false);
              const std::size_t before = host.count("project.snapshot");
              host.tell_text(host.text_of(told), true);
              return t.wait([&] { return host.count("project.snapshot") > before; }) && stays(t);
            };
            t.check("unknown-thing", asks(project::TrackChanged{.track_id = TrackId("trk-none"), .name = "Nobody", .colour = {}}),
                    host.text());
            t.check("unknown-type", asks(project::UnknownChanged{}), host.text());
            t.check("beyond", asks(project::TrackMoved{.track_id = song::kTrack, .index = 4'000}), host.text());
            t.check("follows", follows(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.model.another-project",
      .title = "After project.closed and project.opened the client asks for the new project",
      .steps = "Close the project; open another one; answer; tell a transaction of it.",
      .level = Level::required,
      .checks = {{"asks", {"MODEL-17"}, "project.snapshot comes"}, {"follows", {"MODEL-17"}, "transactions of the new project are taken"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            host.close_project();
            t.pass(Milliseconds(200));
            const std::size_t before = host.count("project.snapshot");
            host.open_another_project();
            t.require("asks", t.wait([&] { return host.count("project.snapshot") > before; }), host.text());
            t.check("follows", stays(t) && follows(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.model.refused",
      .title = "What was refused does not stay",
      .steps = "Tell the peer to step a parameter, and refuse it; tell it to step again: what it sends says what it began from.",
      .level = Level::required,
      .checks = {{"sent", {"MODEL-47"}, "the first step begins from the committed value"},
                 {"reverted", {"MODEL-47"}, "after the refusal the next step begins from the committed value again"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const double committed = host.value(song::kGain);
            (void)stays(t);  // has the snapshot, which comes by another socket than what it is told
            host.refuse<parameter::Set>(make_error(errors::kProjectFileUnwritable, "the disk is full"), 1);
            const auto first = value_shown(t, song::kGain);
            t.require("sent", first == committed, shown(first));
            (void)stays(t);
            const auto second = value_shown(t, song::kGain);
            t.check("reverted", second == committed, shown(second));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.model.gap-not-applied",
      .title = "A transaction after a gap is not applied to what the client has",
      .steps = "Tell a transaction two revisions ahead and answer nothing; tell the peer to step the parameter of it.",
      .level = Level::required,
      .checks = {{"asks", {"MODEL-17"}, "the peer asks"},
                 {"not-applied", {"MODEL-16"}, "until it is answered, a step begins from the value before, or does not begin"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const double before = host.value(song::kGain);
            host.hold<project::Changes>();
            host.hold<project::Snapshot>();
            host.swallow_changes(true);
            host.commit({project::TempoChanged{.tempo_bpm = 90}}, "Set Tempo");
            host.swallow_changes(false);
            const std::size_t asked = state_asked(host);
            host.commit({project::ParameterChanged{.parameter_id = song::kGain, .value = -33}}, "Set Gain");
            t.require("asks", t.wait([&] { return state_asked(host) > asked; }), host.text());
            t.driver().step(song::kGain, 0.5);
            const auto* sent =
                host.got<parameter::Set>([](const parameter::Set& one) { return one.parameter_id == song::kGain; }, Milliseconds(500));
            t.check("not-applied", sent == nullptr || sent->value == before + 0.5,
                    sent == nullptr ? "" : "the peer sent " + std::to_string(sent->value));
            host.release();
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.model.shuffled",
      .title = "Two hundred transactions of every kind, with gaps, lead to the project that Pulse has",
      .steps =
          "Tell transactions made at random from a fixed seed, and leave out every seventeenth; then tell the peer to step parameters, and "
          "ask what it believes.",
      .level = Level::required,
      .checks = {{"asks", {"MODEL-17"}, "the peer asked where something was missing"},
                 {"values",
                  {"MODEL-16", "MODEL-17"},
                  "each step begins from the value that the project has, and the peer does not say otherwise"},
                 {"calm", {"MODEL-13"}, "it never asked for more than was missing"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            song::Shuffle shuffle(20'260'131);
            std::size_t gaps = 0;
            const std::size_t before = state_asked(host);
            for (int n = 1; n <= 200; ++n) {
              const bool missing = n % 17 == 0;
              gaps += missing ? 1 : 0;
              host.swallow_changes(missing);
              host.commit(shuffle.next(host.project()), "Step " + std::to_string(n));
              host.swallow_changes(false);
              if (!missing && n % 17 == 1 && n > 1) {
                const std::size_t asked = state_asked(host);
                (void)t.wait([&] { return state_asked(host) > asked; }, Milliseconds(500));
              }
            }
            (void)stays(t);
            t.require("asks", state_asked(host) > before, host.text());
            t.check("calm", state_asked(host) - before <= 2 * gaps + 1,
                    std::to_string(state_asked(host) - before) + " questions for " + std::to_string(gaps) + " gaps");
            for (const ParameterId& id : {song::kGain, song::kCutoff, song::kResonance, ParameterId("prm-1")}) {
              const double value = host.value(id);
              const auto seen = value_shown(t, id);
              t.check("values", seen && std::abs(*seen - value) < 1e-9, id.value + " is " + std::to_string(value) + "; " + shown(seen));
            }
            (void)stays(t);
            const auto other = contradicts(t);
            t.check("values", !other, other.value_or(""));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.model.undo",
      .title = "Undo and redo are transactions as any other",
      .steps = "Tell the peer to step a parameter, to undo and to redo; after each, tell it to step again.",
      .level = Level::required,
      .checks = {{"undone", {"MODEL-16"}, "after undo a step begins from the value before"},
                 {"redone", {"MODEL-16"}, "after redo a step begins from the value after"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const double before = host.value(song::kGain);
            t.driver().call(parameter::Set{.parameter_id = song::kGain, .value = -7});
            if (!t.wait([&] { return host.value(song::kGain) == -7; }))
              throw CaseEnded("the peer was told to call parameter.set, and does not");
            t.driver().call(history::Undo{});
            if (!t.wait([&] { return host.value(song::kGain) == before; }))
              throw CaseEnded("the peer was told to call history.undo, and does not");
            (void)stays(t);
            host.refuse<parameter::Set>(make_error(errors::kProjectFileUnwritable, "the disk is full"), 1);
            const auto undone = value_shown(t, song::kGain);
            t.check("undone", undone == before, shown(undone));
            t.driver().call(history::Redo{});
            if (!t.wait([&] { return host.value(song::kGain) == -7; }))
              throw CaseEnded("the peer was told to call history.redo, and does not");
            (void)stays(t);
            const auto redone = value_shown(t, song::kGain);
            t.check("redone", redone == -7.0, shown(redone));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.model.answered-last",
      .title = "Answers in another order than their commands are taken for what they answer",
      .steps = "Tell the peer to add two tracks; answer the second first.",
      .level = Level::required,
      .checks = {{"both", {"ENV-18"}, "both commands come, without waiting for the first answer"},
                 {"goes-on", {"ENV-36"}, "the peer goes on, and follows"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            host.hold<track::Add>();
            t.driver().call(track::Add{.name = "First", .index = {}});
            t.driver().call(track::Rename{.track_id = song::kTrack, .name = "Second"});
            t.check("both", t.wait([&] { return host.count("track.add") == 1 && host.count("track.rename") == 1; }), host.text());
            (void)stays(t);
            host.release();
            t.check("goes-on", stays(t) && follows(t), host.text());
          },
      .capability = "driver",
  });
}

}  // namespace loophole::conformance::aura_cases
