// Load, floods and deaths, on both edges; what is random has a seed: the same seed asks the same.
#include <algorithm>
#include <deque>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/stream.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// The same numbers on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return static_cast<std::size_t>((state_ >> 33U) % limit);
  }

 private:
  std::uint64_t state_;
};

// One edit of any kind of what `who` knows of the project; it may well be refused.
std::string any_edit(Aura& who, Dice& dice) {
  const auto& tracks = who.mirror().project()->tracks;
  if (tracks.empty()) return who.send(track::Add{.name = "First"});
  const track::Track& track = tracks[dice.below(tracks.size())];
  const auto& nodes = track.channel.nodes;
  const std::string name = "Track " + std::to_string(dice.below(1'000));
  switch (dice.below(12)) {
    case 0:
      return who.send(track::Add{.name = name});
    case 1:
      return who.send(track::Remove{.track_id = track.id});
    case 2:
      return who.send(track::Rename{.track_id = track.id, .name = name});
    case 3:
      return who.send(track::Move{.track_id = track.id, .index = static_cast<std::int64_t>(dice.below(tracks.size()))});
    case 4:
      return who.send(node::Add{.channel_id = track.channel.id, .kind = dice.below(2) == 0 ? node::NodeKind::filter : node::NodeKind::pan});
    case 5:
      if (!nodes.empty()) return who.send(node::Remove{.node_id = nodes[dice.below(nodes.size())].id});
      break;
    case 6:
      if (!nodes.empty()) return who.send(node::SetBypass{.node_id = nodes[dice.below(nodes.size())].id, .bypassed = dice.below(2) == 0});
      break;
    case 7:
      return who.send(transport::SetTempo{.tempo_bpm = 60.0 + static_cast<double>(dice.below(120))});
    case 8:
      return who.send(history::Undo{});
    case 9:
      return who.send(history::Redo{});
    case 10:
      return who.send(automation::SetPoints{.parameter_id = track.channel.gain.id,
                                            .from_frames = 0,
                                            .to_frames = 1'000,
                                            .points = {{static_cast<std::int64_t>(dice.below(1'000)),
                                                        -3.0 - static_cast<double>(dice.below(9)), automation::Shape::linear}}});
    default:
      break;
  }
  return who.send(parameter::Set{.parameter_id = track.channel.gain.id, .value = -1.0 * static_cast<double>(dice.below(40))});
}

// Waits until the engine runs, and starts it again where Pulse gave it up (ENG-62).
bool runs_again(Trial& t) {
  return soon(
      t,
      [&] {
        const auto status = done(t, engine::Status{});
        if (status.state == engine::EngineState::failed) (void)t.aura().call(engine::Restart{});
        return status.state == engine::EngineState::running;
      },
      Milliseconds(10'000) + t.patience());
}

// The engine dies when it has got a command of type C, which `edit` makes Pulse send.
template <class C>
void die_at(Trial& t, const std::function<void()>& edit) {
  Signal& signal = t.signal();
  const std::string step(C::kName);
  signal.forget_commands();
  signal.hold<C>();
  edit();
  const bool got = t.wait([&] { return signal.count(C::kName) > 0 && signal.got<C>({}, Milliseconds(0)) != nullptr; });
  signal.crash();
  signal.release();
  t.check("reached", got, "the engine does not get " + step);
  t.require("back", runs_again(t), "after a death at " + step + " the engine does not come back");
  t.check("agree", digests_agree(t), "after a death at " + step + ": " + digests(t));
  t.check("project", !t.aura().differs(), "after a death at " + step + " the snapshot is not what the transactions led to");
}

}  // namespace

void add_stress_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.stress.flood",
      .title = "A user interface that floods holds nobody up",
      .steps = "One connection sends 6,000 commands as fast as it can, while another one makes 200 edits, one after the other.",
      .level = Level::stress,
      .checks = {{"served", {"FRM-8", "ENV-14"}, "each edit of the other one is answered"},
                 {"flood", {"ENV-14", "FRM-10"}, "each command of the flood is answered, or its connection was ended"},
                 {"same", {"MODEL-2", "MODEL-11"}, "the other one was told every transaction"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& flooding = second_aura(t);
            std::deque<std::string> waiting;
            std::size_t edits = 0;
            for (int i = 0; i < 6'000; ++i) {
              waiting.push_back(flooding.send(transport::SetTempo{.tempo_bpm = 60.0 + (i % 100)}));
              if (i % 30 != 29) continue;
              const Answer edit = t.aura().call(track::Rename{.track_id = TrackId("trk-none"), .name = "No"});
              t.require("served", edit.refused(errors::kTrackNotFound), edit.text());
              ++edits;
            }
            t.check("served", edits == 200, std::to_string(edits));
            bool all = true;
            for (const std::string& id : waiting) all = all && flooding.answer(id).came();
            t.check("flood", all || flooding.goodbye(), "a command was not answered");
            t.check("same", !t.aura().differs(), "the snapshot is not what the transactions led to");
          },
  });
  cases.push_back({
      .id = "pulse.stress.random-edits",
      .title = "Whatever is edited, all user interfaces and the engine have the same in the end",
      .steps = "Three user interfaces make 900 edits of any kind, chosen by a generator of a fixed seed, without waiting for each other; "
               "compare "
               "after each hundred.",
      .level = Level::stress,
      .checks = {{"answered", {"ENV-14"}, "each edit is answered"},
                 {"same", {"MODEL-2", "MODEL-11", "MODEL-19"}, "each one's project is the snapshot"},
                 {"engine", {"ENG-27", "DIG-1"}, "the engine has the digest that the suite computed"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            std::vector<Aura*> all{&t.aura(), &second_aura(t), &second_aura(t)};
            Dice dice(20'260'131);
            for (int hundred = 0; hundred < 9; ++hundred) {
              std::vector<std::pair<Aura*, std::string>> asked;
              for (int i = 0; i < 100; ++i) {
                Aura* one = all[dice.below(all.size())];
                asked.emplace_back(one, any_edit(*one, dice));
                if (i % 10 == 9) t.pass(Milliseconds(1));
              }
              for (const auto& [who, id] : asked) {
                const Answer answer = who->answer(id);
                t.require("answered", answer.came(), answer.text());
              }
              for (Aura* one : all) {
                const auto difference = one->differs();
                t.require("same", !difference, difference.value_or(""));
              }
            }
            t.check("engine", digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.stress.many-clients",
      .title = "Thirty user interfaces that edit at once are told the same",
      .steps = "Greet thirty; let each make twenty edits without waiting; compare.",
      .level = Level::stress,
      .checks = {{"answered", {"HELLO-11", "ENV-14"}, "each edit is answered"},
                 {"same", {"MODEL-2", "MODEL-3", "MODEL-11"}, "each one was led to the same project"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            std::vector<Aura*> all{&t.aura()};
            while (all.size() < 30) all.push_back(&second_aura(t));
            std::vector<std::pair<Aura*, std::string>> asked;
            for (int i = 0; i < 20; ++i)
              for (Aura* one : all) asked.emplace_back(one, one->send(track::Add{.name = "Track " + std::to_string(i)}));
            for (const auto& [who, id] : asked) {
              const Answer answer = who->answer(id);
              t.require("answered", answer.is_reply(), answer.text());
            }
            for (Aura* one : all) {
              const auto difference = one->differs();
              t.check("same", !difference, difference.value_or(""));
            }
          },
  });
  cases.push_back({
      .id = "pulse.stress.oversized",
      .title = "One oversized envelope after the other hurts nobody",
      .steps = "One connection sends twelve envelopes a byte beyond maxMessageBytes; another one edits after each.",
      .level = Level::stress,
      .checks = {{"refused", {"ENV-33", "SEC-16"}, "each is answered with envelope.tooLarge"},
                 {"served", {"FRM-8", "SEC-16"}, "the other one is served on"},
                 {"unchanged", {"ENV-23"}, "nothing of them was executed"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& large = second_aura(t);
            const auto limit = static_cast<std::size_t>(large.reply().limits.max_message_bytes);
            for (int i = 0; i < 12; ++i) {
              const std::string id = large.next_id();
              large.send_text(padded(large.text_of(track::Add{.name = "Large"}, id), limit + 1), Meant::wrong);
              const Answer served = t.aura().call(transport::SetTempo{.tempo_bpm = 100.0 + i});
              t.require("served", served.is_reply(), served.text());
              const Answer answer = large.answer_beyond_limit(id);
              t.require("refused", answer.refused(errors::kEnvelopeTooLarge), answer.text());
            }
            t.check("unchanged", snapshot(t.aura()).project->tracks.empty(), "a track was added");
          },
  });
  cases.push_back({
      .id = "pulse.stress.engine-floods",
      .title = "An engine that floods holds up no user interface",
      .steps = "As the engine, send 20,000 faulty events and answers that nobody asked for; edit meanwhile.",
      .level = Level::stress,
      .checks = {{"served", {"FRM-8", "SEC-16"}, "each edit is answered"},
                 {"told", {"ENV-30", "ENV-44"}, "nothing of the flood reaches a user interface"},
                 {"engine", {"ENV-36", "ENG-27"}, "the engine comes to have the last value, over this connection or the next"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
            t.aura().keep_texts();
            const std::string head = R"({"v":1,"ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse",)";
            for (int i = 0; i < 20'000; ++i) {
              const std::string id = R"("id":"flood-)" + std::to_string(i) + R"(",)";
              t.signal().tell_raw(i % 2 == 0 ? head + id + R"("kind":"event","name":"engine.murmurs","payload":{}})"
                                             : head + id + R"("cid":"none","kind":"reply","name":"graph.query","payload":{"revision":1}})");
              if (i % 200 != 199) continue;
              const Answer edit = t.aura().call(parameter::Set{.parameter_id = v.gain, .value = -1.0 * (i % 50)});
              t.require("served", edit.is_reply(), edit.text());
            }
            const Answer last = t.aura().call(parameter::Set{.parameter_id = v.gain, .value = -7.5});
            t.check("served", last.is_reply(), last.text());
            t.check("told", !t.aura().heard_text("flood-"), "a user interface heard of it");
            t.check("engine", engine_has(t, v.gain, -7.5) && digests_agree(t), engine_value(t, v.gain) + ", " + digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.stress.engine-deaths",
      .title = "An engine that dies at any step of an edit is brought up as if it had not",
      .steps =
          "Let the engine die as it gets a patch, a value, points, a stream, the end of it, the transport; each time look at the next one.",
      .level = Level::stress,
      .checks = {{"reached", {"ENG-27"}, "the engine got the command"},
                 {"back", {"ENG-57"}, "another engine comes to run"},
                 {"agree", {"ENG-58", "ENG-59"}, "with the graph of the project"},
                 {"project", {"ENG-60", "MODEL-11"}, "user interfaces have the project as it is"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
            Aura& aura = t.aura();
            die_at<graph::Patch>(t, [&] { (void)done(t, node::Add{.channel_id = v.channel, .kind = node::NodeKind::pan}); });
            die_at<engine::ParameterSet>(t, [&] { (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 321}); });
            die_at<engine::TransportSet>(t, [&] { (void)aura.send(transport::Seek{.position_frames = 480}); });
            die_at<stream::Open>(t, [&] { (void)aura.send(parameter::GestureBegin{.parameter_ids = {v.gain}}); });
            die_at<session::Hello>(t, [&] { (void)aura.send(engine::Restart{}); });
            die_at<engine::Configure>(t, [&] { (void)aura.send(engine::Restart{}); });
            die_at<graph::Replace>(t, [&] { (void)aura.send(engine::Restart{}); });
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
