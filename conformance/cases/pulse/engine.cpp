// The engine under a Pulse: set-up, graph, values, transport, events. protocol/engine.md.
#include <algorithm>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/clip.hpp"
#include "loophole/messages/device.hpp"
#include "loophole/messages/transport.hpp"
#include "loophole/wire/graph_digest.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// A running engine with a project and a voice, both digests equal.
Voice playing_voice(Trial& t) {
  (void)new_project(t);
  running_engine(t);
  const Voice v = voice(t);
  if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
  return v;
}

std::size_t place(const std::vector<std::string>& order, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(order, name) - order.begin());
}

const graph::GraphNode* player_with_clips(const graph::Graph& graph) {
  for (const graph::GraphNode& node : graph.nodes)
    if (!node.clips.empty()) return &node;
  return nullptr;
}

}  // namespace

void add_engine_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.engine.start",
      .title = "An engine is greeted and brought up in order, and everybody is told",
      .steps = "Make a project with a voice; look at what the engine was told, and at what user interfaces hear.",
      .level = Level::wire,
      .checks = {{"hello", {"HELLO-1", "HELLO-5"}, "the engine is greeted first, as a Pulse, with an instanceId"},
                 {"order", {"ENG-58"}, "then configured, then given the graph, then the transport"},
                 {"digest", {"DIG-1", "ENG-27"}, "engine.status has the digest that the suite computed of the graph, as its own"},
                 {"link", {"HELLO-25", "ENG-61"}, "a hello has the engine link while the engine runs"},
                 {"status", {"ENG-61", "ENG-73"}, "engine.status has state, driver, format and latency"}},
      .run =
          [](Trial& t) {
            (void)playing_voice(t);
            Signal& signal = t.signal();
            t.check("hello",
                    !signal.order().empty() && signal.order().front() == "session.hello" && !signal.hellos().empty() &&
                        signal.hellos().front().role == Role::pulse && signal.hellos().front().instance_id.value.size() >= 8,
                    "another beginning");
            const auto& order = signal.order();
            (void)t.wait([&] { return place(order, "engine.transport.set") < order.size(); });
            t.check("order",
                    place(order, "session.hello") < place(order, "engine.configure") &&
                        place(order, "engine.configure") < std::min(place(order, "graph.replace"), place(order, "graph.patch")) &&
                        place(order, "engine.transport.set") < order.size(),
                    "another order");
            const auto status = done(t, engine::Status{});
            t.check("digest", status.model_digest == signal.live.digest(), digests(t));
            t.check("status",
                    status.state == engine::EngineState::running && status.effective && status.effective->driver == engine::Driver::paced &&
                        status.latency_frames == 0 && status.link == signal.link(),
                    "another status");
            Aura& other = t.join();
            const Answer greeted = other.hello();
            const auto* reply = greeted.as<session::HelloReply>();
            t.check("link", reply != nullptr && reply->engine == signal.link(), greeted.text());
          },
  });
  cases.push_back({
      .id = "pulse.engine.starting",
      .title = "While the engine is being started it is told as such, without a link",
      .steps = "Hold the engine's answer to engine.configure; say hello; let it answer.",
      .level = Level::required,
      .checks = {{"no-link", {"HELLO-25"}, "until it runs, the answer to a hello has no engine link"},
                 {"edits", {"ENG-60", "MODEL-9"}, "edits are done meanwhile"},
                 {"told", {"ENG-61"}, "when it runs, engine.changed says so to everybody, with the link"},
                 {"complete", {"ENG-73"}, "it has effective and latencyFrames"}},
      .run =
          [](Trial& t) {
            t.signal().hold<engine::Configure>();
            if (t.signal().got<engine::Configure>() == nullptr) throw CaseEnded("the engine was not configured");
            Aura& aura = t.aura();
            t.check("no-link", !aura.reply().engine, "there is a link");
            (void)new_project(t);
            (void)voice(t);
            t.check("edits", t.aura().mirror().revision() > 0, "no revision");
            Aura& other = second_aura(t);
            t.signal().release();
            for (Aura* one : {&aura, &other}) {
              const auto* told =
                  one->event<engine::Changed>([](const engine::Changed& e) { return e.state == engine::EngineState::running; });
              t.require("told", told != nullptr && told->link == t.signal().link(), "no engine.changed with the link");
              t.check("complete", told->effective && told->latency_frames, "a member is missing");
            }
          },
  });
  cases.push_back({
      .id = "pulse.engine.graph",
      .title = "The engine comes to run the graph of the project, after each edit of any domain",
      .steps = "Make edits of every domain; after each wait until both digests are equal, and are the one that the suite computed.",
      .level = Level::required,
      .checks = {{"digest", {"DIG-1", "ENG-27"}, "Pulse's digest is that of the graph, by the canonical form"},
                 {"value", {"ENG-27"}, "a value that was set is at the engine"},
                 {"automation", {"ENG-27"}, "so are mode and points of automation"},
                 {"bypassed", {"ENG-27"}, "and what is bypassed"},
                 {"gone", {"ENG-27"}, "what was removed is no longer there"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            LiveGraph& live = t.signal().live;
            const auto agree = [&](const char* what) { t.require("digest", digests_agree(t), std::string(what) + ": " + digests(t)); };
            (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 1234.5});
            t.check("value", engine_has(t, v.cutoff, 1234.5), engine_value(t, v.cutoff));
            agree("a value");
            (void)done(t,
                       automation::SetPoints{
                           .parameter_id = v.cutoff, .from_frames = 0, .to_frames = 100, .points = {{7, 300, automation::Shape::linear}}});
            agree("points");
            const Handle handle = parameter_of(t, v.cutoff).handle;
            const auto* automated = live.parameter(handle);
            t.check("automation",
                    automated != nullptr && automated->automation && automated->automation->mode == automation::Mode::read &&
                        automated->automation->points.size() == 1 && automated->automation->points[0].value == 300,
                    "another automation");
            (void)done(t, node::SetBypass{.node_id = v.filter, .bypassed = true});
            agree("a bypass");
            t.check("bypassed", std::ranges::any_of(live.graph().nodes, [](const graph::GraphNode& one) { return one.bypassed; }),
                    "nothing is");
            const auto bus = done(t, routing::AddBus{.name = "Bus"});
            (void)done(t, routing::AddSend{.channel_id = v.channel, .bus_id = bus.bus_id});
            (void)done(t, routing::SetOutput{.channel_id = v.channel, .bus_id = bus.bus_id});
            agree("buses");
            (void)done(t, clip::Add{.track_id = v.track, .path = wave_file(t, "clip.wav", 4'800).string(), .start_frames = 480});
            agree("a clip");
            (void)done(t, history::Undo{});
            agree("an undo");
            (void)done(t, node::Remove{.node_id = v.filter});
            agree("a removal");
            t.check("gone", live.parameter(handle) == nullptr, "the parameter is still at the engine");
          },
  });
  cases.push_back({
      .id = "pulse.engine.other-digest",
      .title = "An engine that says another digest gets the whole graph",
      .steps = "Answer a graph with another digest than that of what was sent.",
      .level = Level::required,
      .checks = {{"whole", {"ENG-27"}, "graph.replace comes, with the graph of the project"},
                 {"agree", {"ENG-27"}, "and then both digests are equal"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            t.signal().forget_commands();
            const auto wrong = std::make_shared<int>(1);  // the engine answers until the case is over
            const auto lie = [wrong](const graph::Patch&, graph::AppliedReply& reply) {
              if ((*wrong)-- > 0) reply.digest = Digest(std::string(64, 'a'));
            };
            t.signal().change<graph::Patch>(lie);
            t.signal().change<graph::Replace>([wrong](const graph::Replace&, graph::AppliedReply& reply) {
              if ((*wrong)-- > 0) reply.digest = Digest(std::string(64, 'a'));
            });
            t.signal().silence_applied();
            (void)done(t, node::Add{.channel_id = v.channel, .kind = node::NodeKind::pan});
            (void)t.wait([&] { return *wrong <= 0; });
            const auto* whole = t.signal().got<graph::Replace>([&](const graph::Replace&) { return *wrong < 0; });
            t.require("whole", whole != nullptr, "no graph.replace came after it");
            t.check("agree", digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.engine.wrong-base",
      .title = "After graph.wrongBase the whole graph comes",
      .steps = "Refuse the next graph with graph.wrongBase.",
      .level = Level::required,
      .checks = {{"whole", {"ENG-29"}, "graph.replace comes next"}, {"agree", {"ENG-27"}, "and then both digests are equal"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            t.signal().forget_commands();
            t.signal().refuse<graph::Patch>(make_error(errors::kGraphWrongBase, "the live graph is another one"));
            (void)done(t, node::Add{.channel_id = v.channel, .kind = node::NodeKind::pan});
            t.require("whole", t.signal().got<graph::Replace>() != nullptr, "no graph.replace came");
            t.check("agree", digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.engine.no-wait",
      .title = "Edits do not wait for the engine",
      .steps = "Let the engine hold its answers; make edits; let it answer.",
      .level = Level::required,
      .checks = {{"answered", {"MODEL-9"}, "each edit is answered while the engine answers nothing"},
                 {"then", {"ENG-27"}, "afterwards the engine comes to have all of them"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            t.signal().hold<graph::Patch>();
            t.signal().hold<graph::Replace>();
            t.signal().hold<engine::ParameterSet>();
            for (int i = 0; i < 10; ++i) {
              const Answer added = t.aura().call(track::Add{.name = "More"});
              t.check("answered", added.is_reply(), added.text());
              const Answer set = t.aura().call(parameter::Set{.parameter_id = v.gain, .value = -1.0 * i});
              t.check("answered", set.is_reply(), set.text());
            }
            t.signal().release();
            t.check("then", engine_has(t, v.gain, -9) && digests_agree(t), digests(t));
          },
  });
  cases.push_back({
      .id = "pulse.engine.rate",
      .title = "The graph is derived for the rate in effect, and positions are converted",
      .steps = "Answer engine.configure with 96000 Hz for a project of 48000 Hz; add a clip; seek; ask for the position.",
      .level = Level::required,
      .checks = {{"clip", {"ENG-11"}, "start and length of the clip are in frames of the engine"},
                 {"offset", {"ENG-11"}, "so is a point of automation"},
                 {"seek", {"ENG-11"}, "a seek reaches the engine in its frames"},
                 {"aura", {"ENG-11"}, "the user interface hears the position in frames of the project"},
                 {"digest", {"DIG-1"}, "the digest is of this graph"}},
      .run =
          [](Trial& t) {
            t.signal().effective.sample_rate_hz = 96'000;
            const Voice v = playing_voice(t);
            (void)done(t, clip::Add{.track_id = v.track, .path = wave_file(t, "clip.wav", 4'800).string(), .start_frames = 1'000});
            (void)done(
                t, automation::SetPoints{
                       .parameter_id = v.cutoff, .from_frames = 0, .to_frames = 10'000, .points = {{5'000, 300, automation::Shape::hold}}});
            t.check("digest", digests_agree(t), digests(t));
            const auto* player = player_with_clips(t.signal().live.graph());
            t.check("clip", player != nullptr && player->clips[0].start_frames == 2'000 && player->clips[0].length_frames == 9'600,
                    player == nullptr ? "no clip" : "start " + std::to_string(player->clips[0].start_frames));
            const auto* automated = t.signal().live.parameter(parameter_of(t, v.cutoff).handle);
            t.check("offset",
                    automated != nullptr && automated->automation && automated->automation->points.size() == 1 &&
                        automated->automation->points[0].position_frames == 10'000,
                    "another position");
            t.signal().forget_commands();
            const auto state = done(t, transport::Seek{.position_frames = 24'000});
            const auto* seek =
                t.signal().got<engine::TransportSet>([](const engine::TransportSet& one) { return one.position_frames.has_value(); });
            t.check("seek", seek != nullptr && *seek->position_frames == 48'000, "another position");
            t.check("aura", state.position_frames == 24'000, "position " + std::to_string(state.position_frames));
          },
  });
  cases.push_back({
      .id = "pulse.engine.unreadable-file",
      .title = "When a file cannot be read, the graph is sent without its clips rather than none",
      .steps =
          "Add clips of two files; refuse graphs that have the first of them with clip.fileUnreadable, as an engine that cannot read it.",
      .level = Level::required,
      .checks = {{"without", {"ENG-71"}, "the engine comes to run the graph of the newest revision without clips of this file"},
                 {"edits", {"ENG-71"}, "later edits reach the engine"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            const std::string bad = wave_file(t, "bad.wav", 4'800).string();
            const std::string good = wave_file(t, "good.wav", 4'800).string();
            t.signal().cannot_read(bad);
            (void)done(t, clip::Add{.track_id = v.track, .path = bad, .start_frames = 0});
            (void)done(t, clip::Add{.track_id = v.track, .path = good, .start_frames = 9'600});
            const auto without = [&] {
              const auto& nodes = t.signal().live.graph().nodes;
              return t.signal().live.revision() == t.aura().mirror().revision() &&
                     std::ranges::none_of(nodes, [&](const graph::GraphNode& node) {
                       return std::ranges::find(node.clips, bad, &graph::GraphClip::path) != node.clips.end();
                     });
            };
            t.check("without", t.wait(without), "no graph without it");
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -5});
            t.check("edits", engine_has(t, v.gain, -5), engine_value(t, v.gain));
          },
  });
  cases.push_back({
      .id = "pulse.engine.transport",
      .title = "The transport is the engine's, and everybody is told each change before the answer",
      .steps = "With two user interfaces, play, seek, loop and stop.",
      .level = Level::required,
      .checks = {{"engine", {"ENG-44", "ENV-18"}, "each reaches the engine"},
                 {"told", {"ENG-44"}, "transport.changed comes to both after each change"},
                 {"before", {"ENG-44", "ENV-16"}, "to the one who asked, before the answer"},
                 {"state", {"ENG-44"}, "answer and event say what is"},
                 {"loop", {"ERR-8"}, "a loop that ends before it begins is answered with transport.invalidLoop"}},
      .run =
          [](Trial& t) {
            (void)playing_voice(t);
            Aura& other = second_aura(t);
            Signal& signal = t.signal();
            const auto change = [&](const auto& command, const std::function<bool(const transport::Changed&)>& like) {
              const Answer answer = t.aura().call(command);
              t.check("state", answer.is_reply(), answer.text());
              t.check("before", t.aura().template event<transport::Changed>(like, Milliseconds(0)) != nullptr,
                      "transport.changed was not there");
              t.check("told", other.template event<transport::Changed>(like) != nullptr, "no transport.changed");
            };
            change(transport::Play{}, [](const transport::Changed& one) { return one.playing; });
            t.check("engine", signal.transport.playing, "it does not play");
            change(transport::Seek{.position_frames = 4'800}, [](const transport::Changed& one) { return one.position_frames == 4'800; });
            t.check("engine", signal.transport.position_frames == 4'800, "another position");
            const transport::Loop loop{.enabled = true, .start_frames = 100, .end_frames = 200};
            change(transport::SetLoop{.loop = loop}, [&](const transport::Changed& one) { return one.loop == loop; });
            t.check("engine", signal.transport.loop == loop, "another loop");
            change(transport::Stop{}, [](const transport::Changed& one) { return !one.playing; });
            t.check("engine", !signal.transport.playing, "it plays");
            const Answer odd = t.aura().call(transport::SetLoop{.loop = {.enabled = true, .start_frames = 200, .end_frames = 100}});
            t.check("loop", odd.refused(errors::kTransportInvalidLoop) && signal.transport.loop == loop, odd.text());
            (void)done(t, transport::SetTempo{.tempo_bpm = 88});
            t.check("engine", t.wait([&] { return signal.transport.tempo_bpm == 88; }), "another tempo");
          },
  });
  cases.push_back({
      .id = "pulse.engine.events",
      .title = "What happens at the engine is passed on",
      .steps = "As the engine, say that devices changed and one is lost, that driver, rate and latency are others.",
      .level = Level::required,
      .checks = {{"devices", {"ENG-54"}, "device.changed and device.lost come to both user interfaces, as they were said"},
                 {"latency", {"ENG-72", "ENG-73"}, "engine.changed comes with the new latency"},
                 {"driver", {"ENG-72", "ENG-73"}, "engine.changed comes with the new driver and format"},
                 {"rate", {"ENG-11"}, "the graph is derived again for the new rate"},
                 {"list", {"ENG-54"}, "device.list has the answer of the engine"}},
      .run =
          [](Trial& t) {
            const Voice v = playing_voice(t);
            (void)done(t, clip::Add{.track_id = v.track, .path = wave_file(t, "clip.wav", 4'800).string(), .start_frames = 1'000});
            Aura& other = second_aura(t);
            Signal& signal = t.signal();
            const device::Device card{.id = DeviceId("dev-1"),
                                      .name = "Card",
                                      .host_api = "Test",
                                      .output_channels = 2,
                                      .sample_rates_hz = {48'000},
                                      .is_default = true};
            signal.change<device::List>([card](const device::List&, device::ListReply& reply) { reply.devices = {card}; });
            signal.tell(device::Changed{.devices = {card}});
            signal.tell(device::Lost{.device_id = DeviceId("dev-1"), .name = "Card", .reason = "gone"});
            for (Aura* one : {&t.aura(), &other}) {
              const auto* changed = one->event<device::Changed>();
              const auto* lost = one->event<device::Lost>();
              t.check("devices", changed != nullptr && changed->devices == std::vector{card} && lost != nullptr && lost->reason == "gone",
                      "an event did not come, or says something else");
            }
            const auto listed = done(t, device::List{});
            t.check("list", listed.devices == std::vector{card}, "other devices");
            signal.tell(engine::LatencyChanged{.latency_frames = 321, .nodes = {}});
            for (Aura* one : {&t.aura(), &other}) {
              const auto* told = one->event<engine::Changed>([](const engine::Changed& e) { return e.latency_frames == 321; });
              t.check("latency", told != nullptr && told->state == engine::EngineState::running && told->effective && told->link,
                      "not told");
            }
            signal.effective.sample_rate_hz = 96'000;
            signal.effective.device = "Other";
            signal.tell(engine::DriverChanged{.effective = signal.effective, .reason = "the device changed its rate"});
            for (Aura* one : {&t.aura(), &other}) {
              const auto* told = one->event<engine::Changed>(
                  [](const engine::Changed& e) { return e.effective && e.effective->sample_rate_hz == 96'000; });
              t.check("driver", told != nullptr && told->effective->device == "Other" && told->link && told->latency_frames, "not told");
            }
            t.check("rate", t.wait([&] {
              const auto* player = player_with_clips(signal.live.graph());
              return player != nullptr && player->clips[0].start_frames == 2'000;
            }),
                    "the graph has the old rate");
          },
  });
  cases.push_back({
      .id = "pulse.engine.newer",
      .title = "A Pulse that is answered with a version outside of its range says goodbye",
      .steps = "Answer its hello with 1.900.",
      .level = Level::required,
      .checks = {{"goodbye", {"HELLO-15"}, "the engine gets a goodbye"}, {"serves", {"ENG-60"}, "user interfaces are served on"}},
      .run =
          [](Trial& t) {
            t.signal().version = {.major = 1, .minor = 900};
            (void)new_project(t);
            t.check("goodbye", t.wait([&] { return t.signal().heard_goodbye(); }), "no goodbye");
            const Answer edit = t.aura().call(track::Add{.name = "Drums"});
            t.check("serves", edit.is_reply(), edit.text());
          },
  });
  cases.push_back({
      .id = "pulse.engine.hello-held",
      .title = "Nothing is said between the hello to the engine and its answer, and hello is said again when it is asked for",
      .steps = "Hold the answer to the hello while edits are made; let it answer; then answer a command with session.helloRequired.",
      .level = Level::required,
      .checks = {{"silent", {"HELLO-4"}, "the engine gets nothing before it answered the hello"},
                 {"up", {"ENG-58"}, "then it is brought up"},
                 {"again", {"HELLO-3"}, "after session.helloRequired it is greeted again, with the same instanceId"},
                 {"same", {"HELLO-6"}, "the instanceId is the same"},
                 {"graph", {"HELLO-3", "ENG-27"}, "and has the graph again"}},
      .run =
          [](Trial& t) {
            t.signal().hold<session::Hello>();
            (void)new_project(t);
            const Voice v = voice(t);
            if (t.signal().got<session::Hello>() == nullptr) throw CaseEnded("the engine is not greeted");
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -1});
            t.pass(Milliseconds(1'200));  // longer than two intervals of heartbeats
            t.check("silent", t.signal().order() == std::vector<std::string>{"session.hello"} && t.signal().heartbeats() == 0,
                    t.signal().order().back() + " came");
            t.signal().release();
            t.check("up", digests_agree(t), digests(t));
            const std::size_t before = t.signal().hellos().size();
            t.signal().refuse<engine::ParameterSet>(make_error(errors::kSessionHelloRequired, "say hello first"));
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -2});
            t.require("again", t.wait([&] { return t.signal().hellos().size() > before; }), "no hello");
            t.check("same", t.signal().hellos().back().instance_id == t.signal().hellos().front().instance_id, "another instance");
            t.check("graph", engine_has(t, v.gain, -2) && digests_agree(t), digests(t));
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
