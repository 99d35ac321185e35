// Death and return of the engine: protocol/engine.md, protocol/framing.md.
#include <algorithm>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/clip.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

bool told(Aura& aura, engine::EngineState state) {
  return aura.event<engine::Changed>([=](const engine::Changed& one) { return one.state == state; }) != nullptr;
}

// A project with a voice, automation and a value, at a running engine whose transport plays.
Voice playing(Trial& t) {
  (void)new_project(t);
  running_engine(t);
  const Voice v = voice(t);
  (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 1'500});
  (void)done(t, automation::SetPoints{
                    .parameter_id = v.resonance, .from_frames = 0, .to_frames = 100, .points = {{7, 0.5, automation::Shape::linear}}});
  (void)done(t, transport::SetLoop{.loop = {.enabled = true, .start_frames = 480, .end_frames = 96'000}});
  (void)done(t, transport::Seek{.position_frames = 4'800});
  (void)done(t, transport::Play{});
  if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
  return v;
}

}  // namespace

void add_restart_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.restart.replay",
      .title = "An engine that died is started again, and has everything as it was",
      .steps = "With a voice, automation, a loop and a running transport, let the engine die; look at the next one.",
      .level = Level::required,
      .checks = {{"started", {"ENG-57"}, "another process is started, without being asked"},
                 {"endpoints", {"ENG-57", "FRM-38"}, "with other endpoints"},
                 {"digest", {"ENG-58", "ENG-59"}, "it comes to run the graph with the digest of before"},
                 {"transport", {"ENG-58"}, "loop, tempo and playing are as they were"},
                 {"lost", {"ENG-61"}, "engine.changed said that it was lost"},
                 {"running", {"ENG-61", "ENG-73"}, "and that it runs, with the new link"},
                 {"link", {"HELLO-25"}, "a hello has the new link"},
                 {"instance", {"HELLO-6"}, "the next engine is greeted by the same instance"}},
      .run =
          [](Trial& t) {
            (void)playing(t);
            Signal& signal = t.signal();
            const Digest before = signal.live.digest();
            const engine::TransportState transport = signal.transport;
            const session::EngineLink link = signal.link();
            const std::string control = signal.start().option("--control");
            signal.crash();
            t.require("started", t.wait([&] { return signal.starts() == 2; }), "no other process");
            t.check("endpoints",
                    signal.start().option("--control") != control && signal.link().stream_endpoint != link.stream_endpoint &&
                        signal.link().telemetry_endpoint != link.telemetry_endpoint,
                    "an endpoint is the same");
            t.check("lost", told(t.aura(), engine::EngineState::lost), "not told");
            const auto* running = t.aura().event<engine::Changed>(
                [&](const engine::Changed& one) { return one.state == engine::EngineState::running && one.link == signal.link(); });
            t.require("running", running != nullptr && running->effective && running->latency_frames, "not told");
            t.check("digest", t.wait([&] { return signal.live.there() && signal.live.digest() == before; }) && digests_agree(t),
                    digests(t));
            t.check("transport", t.wait([&] {
              return signal.transport.playing && signal.transport.loop == transport.loop &&
                     signal.transport.tempo_bpm == transport.tempo_bpm;
            }),
                    "another transport");
            t.check("instance", signal.hellos().back().instance_id == signal.hellos().front().instance_id, "another instance");
            Aura& other = t.join();
            other.greet();
            t.check("link", other.reply().engine == signal.link(), "another link");
          },
  });
  cases.push_back({
      .id = "pulse.restart.edits",
      .title = "While there is no engine, edits are done, and the next engine has them",
      .steps = "Let the engine die, and hold the hello of the next one; edit; let it answer.",
      .level = Level::required,
      .checks = {{"done", {"ENG-60", "MODEL-9"}, "edits are answered as ever"},
                 {"no-link", {"HELLO-25"}, "a hello has no engine link meanwhile"},
                 {"unavailable", {"ERR-8"}, "engine.status does not say that it runs"},
                 {"replayed", {"ENG-58"}, "the next engine comes to have the value that was set meanwhile"}},
      .run =
          [](Trial& t) {
            const Voice v = playing(t);
            Signal& signal = t.signal();
            signal.hold<session::Hello>();
            signal.crash();
            if (!told(t.aura(), engine::EngineState::lost)) throw CaseEnded("the death of the engine was not told");
            const Answer edit = t.aura().call(parameter::Set{.parameter_id = v.cutoff, .value = 2'345});
            t.check("done", edit.is_reply(), edit.text());
            const Answer added = t.aura().call(track::Add{.name = "Meanwhile"});
            t.check("done", added.is_reply(), added.text());
            Aura& other = t.join();
            other.greet();
            t.check("no-link", !other.reply().engine, "there is a link");
            t.check("unavailable", done(t, engine::Status{}).state != engine::EngineState::running, "it says that it runs");
            if (!t.wait([&] { return signal.starts() == 2; })) throw CaseEnded("no other process was started");
            (void)signal.got<session::Hello>();
            signal.release();
            t.check("replayed", engine_has(t, v.cutoff, 2'345) && digests_agree(t), engine_value(t, v.cutoff) + ", " + digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.restart.silent-engine",
      .title = "An engine that is silent for a lease is taken for lost",
      .steps = "Answer the hello with a lease of a second, then nothing any more, while the process lives.",
      .level = Level::required,
      .checks = {{"lost", {"HELLO-30", "ENG-61"}, "engine.changed says that it was lost"},
                 {"goodbye", {"HELLO-31"}, "the engine gets a goodbye"},
                 {"again", {"ENG-57", "ENG-58"}, "another one is started and brought up"}},
      .run =
          [](Trial& t) {
            t.signal().lease_ms = 1'000;
            const Voice v = playing(t);
            Signal& signal = t.signal();
            t.aura().forget_events();
            signal.mute();
            const bool lost =
                t.aura().event<engine::Changed>([](const engine::Changed& one) { return one.state != engine::EngineState::running; },
                                                Milliseconds(4'000) + t.patience()) != nullptr;
            t.require("lost", lost, "not told");
            t.check("goodbye", t.wait([&] { return signal.heard_goodbye(); }), "no goodbye");
            t.require("again", t.wait([&] { return signal.starts() == 2; }, Milliseconds(5'000) + t.patience()), "no other process");
            t.check("again", engine_has(t, v.cutoff, 1'500), engine_value(t, v.cutoff));
          },
  });
  cases.push_back({
      .id = "pulse.restart.cut-connection",
      .title = "On a connection to the engine that was made again, a hello comes first",
      .steps = "Let the engine cut its control connection and bind again, while the process lives; look at what it hears then.",
      .level = Level::required,
      .checks = {{"hello", {"FRM-7"}, "the first word on the new connection, or to another process, is a hello"},
                 {"serves", {"FRM-7", "ENG-58"}, "and the engine comes to have what it had"}},
      .run =
          [](Trial& t) {
            const Voice v = playing(t);
            Signal& signal = t.signal();
            signal.cut_connection();
            // It may as well take the engine for lost and start another one, which also hears a hello first.
            const bool spoke = t.wait([&] { return !signal.first_word().empty(); }, Milliseconds(signal.lease_ms) + t.patience());
            t.require("hello", spoke && signal.first_word() == "session.hello", spoke ? signal.first_word() : "no word for a lease");
            t.check("serves", engine_has(t, v.cutoff, 1'500) && digests_agree(t), engine_value(t, v.cutoff) + ", " + digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.restart.on-request",
      .title = "engine.restart ends the engine in order and starts another",
      .steps = "Ask engine.restart; look at both processes.",
      .level = Level::required,
      .checks = {{"term", {"FRM-43"}, "the first one is asked to end by SIGTERM"},
                 {"started", {"ENG-58"}, "another one is brought up with the digest of before"},
                 {"running", {"ENG-61"}, "engine.changed says that it runs"}},
      .run =
          [](Trial& t) {
            (void)playing(t);
            Signal& signal = t.signal();
            const Digest before = signal.live.digest();
            const EngineStart& first = signal.start();
            t.aura().forget_events();
            const std::string id = t.aura().send(engine::Restart{});
            t.require("started", t.wait([&] { return signal.starts() == 2; }, Milliseconds(5'000) + t.patience()), "no other process");
            t.check("term", first.asked_to_end(), "no SIGTERM");
            const Answer answer = t.aura().answer(id);
            t.check("started", answer.is_reply() && t.wait([&] { return signal.live.there() && signal.live.digest() == before; }),
                    answer.text());
            t.check("running", told(t.aura(), engine::EngineState::running), "not told");
          },
  });
  cases.push_back({
      .id = "pulse.restart.stubborn-engine",
      .title = "An engine that does not end as it is asked to gets a second before it is killed",
      .steps = "Ignore SIGTERM; ask engine.restart; take the time until the process is gone.",
      .level = Level::required,
      .checks = {{"asked", {"FRM-43"}, "SIGTERM comes first"},
                 {"second", {"FRM-43"}, "it is not killed within a second"},
                 {"killed", {"FRM-43", "ENG-57"}, "it is killed at last, and another one is started"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            Signal& signal = t.signal();
            signal.keep_running();
            const EngineStart& first = signal.start();
            const auto before = std::chrono::steady_clock::now();  // when it got the signal, is seen too late to count from there
            (void)t.aura().send(engine::Restart{});
            t.require("asked", t.wait([&] { return first.asked_to_end(); }), "no SIGTERM");
            const bool gone = t.wait([&] { return first.gone() || signal.starts() == 2; }, Milliseconds(20'000));
            const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - before);
            t.require("killed", gone && t.wait([&] { return signal.starts() == 2; }, Milliseconds(5'000) + t.patience()), "it still runs");
            t.check("second", took >= Milliseconds(1'000), "it was killed after " + std::to_string(took.count()) + " ms");
          },
  });
  cases.push_back({
      .id = "pulse.restart.no-repeat",
      .title = "A patch that the engine died over is not repeated to the next one",
      .steps = "Hold the answer to graph.patch; add a node; let the engine die; look at what the next one gets.",
      .level = Level::required,
      .checks = {{"whole", {"ENV-46", "ENG-58"}, "the next one gets the whole graph, and no patch before it"},
                 {"agree", {"ENG-59"}, "and both digests are equal"}},
      .run =
          [](Trial& t) {
            const Voice v = playing(t);
            Signal& signal = t.signal();
            signal.hold<graph::Patch>();
            (void)done(t, node::Add{.channel_id = v.channel, .kind = node::NodeKind::pan});
            (void)signal.got<graph::Patch>({}, Milliseconds(1'000));  // it may send the whole graph instead
            signal.crash();
            if (!t.wait([&] { return signal.starts() == 2; })) throw CaseEnded("no other process was started");
            signal.release();
            if (!t.wait([&] { return signal.live.there(); })) throw CaseEnded("the next engine gets no graph");
            const auto& order = signal.order();
            t.check("whole", std::ranges::find(order, "graph.replace") < std::ranges::find(order, "graph.patch"), "a patch came first");
            t.check("agree", digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.restart.aura-stays",
      .title = "The death of an engine ends no connection of a user interface",
      .steps = "Let the engine die three times in a row as soon as it runs; ask in between.",
      .level = Level::required,
      .checks = {{"stays", {"ENG-60", "ENG-61"}, "both user interfaces are served on, and told each change"}},
      .run =
          [](Trial& t) {
            const Voice v = playing(t);
            Aura& other = second_aura(t);
            for (int i = 1; i <= 3; ++i) {
              t.signal().crash();
              for (Aura* one : {&t.aura(), &other}) {
                t.check("stays", told(*one, engine::EngineState::lost), "the death was not told");
                const Answer answer = one->call(parameter::Get{.parameter_id = v.cutoff});
                t.check("stays", answer.is_reply() && !one->goodbye(), answer.text());
              }
              const bool back =
                  t.wait([&] { return t.signal().starts() == static_cast<std::size_t>(i) + 1; }, Milliseconds(10'000) + t.patience());
              if (!back) return;  // it may give up on an engine that dies again and again (ENG-62)
              (void)t.wait([&] { return done(t, engine::Status{}).state == engine::EngineState::running; });
            }
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
