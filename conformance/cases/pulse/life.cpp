// Signs of life, goodbye and death, on both edges: protocol/hello.md.
#include <algorithm>
#include <deque>

#include "client_steps.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {

void add_life_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.life.heartbeats",
      .title = "A Pulse that has nothing to say sends heartbeats, to both sides",
      .steps = "Say hello and ask nothing until four signs of life came, heartbeats or others; wait until the engine got four.",
      .level = Level::wire,
      .checks = {{"aura", {"HELLO-28"}, "four signs of life come to the user interface within eight intervals"},
                 {"signal", {"HELLO-28"}, "four come to the engine within eight of its intervals"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            const Milliseconds interval(aura.reply().heartbeat_interval_ms);
            const std::size_t here = aura.received();
            t.check("aura", t.wait([&] { return aura.received() >= here + 4; }, interval * 8 + t.patience() / 5),
                    std::to_string(aura.received() - here) + " came");
            running_engine(t);
            const std::size_t there = t.signal().ids().size();
            t.check("signal", t.wait([&] { return t.signal().ids().size() >= there + 4; }, Signal::kHeartbeat * 8 + t.patience() / 5),
                    std::to_string(t.signal().ids().size() - there) + " came");
          },
  });
  cases.push_back({
      .id = "pulse.life.slow-command",
      .title = "Heartbeats go on while a slow command is executed",
      .steps =
          "Hold the engine's answer to stream.open; begin a gesture; wait for three signs of life on both sides; let the engine answer.",
      .level = Level::required,
      .checks = {{"aura", {"HELLO-33"}, "signs of life come to the user interface"},
                 {"signal", {"HELLO-33"}, "and to the engine"},
                 {"answer", {"ENV-14"}, "the command is answered in the end"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            t.signal().hold<stream::Open>();
            const std::string id = t.aura().send(parameter::GestureBegin{.parameter_ids = {v.gain}});
            if (t.signal().got<stream::Open>() == nullptr) throw CaseEnded("the engine was not asked to open a stream");
            const std::size_t here = t.aura().received();
            const std::size_t there = t.signal().ids().size();
            const Milliseconds ours(t.aura().reply().heartbeat_interval_ms);
            t.check("aura", t.wait([&] { return t.aura().received() >= here + 3; }, t.patience_after(ours * 4)), "they do not come");
            t.check("signal", t.wait([&] { return t.signal().ids().size() >= there + 3; }, t.patience_after(Signal::kHeartbeat * 4)),
                    "they do not come");
            t.signal().release();
            const Answer answer = t.aura().answer(id);
            t.check("answer", answer.is_reply(), answer.text());
          },
  });
  cases.push_back({
      .id = "pulse.life.silent-aura",
      .title = "A user interface that falls silent for a lease is given up, and no other",
      .steps = "Say hello twice; let one fall silent; wait; let the other one edit.",
      .level = Level::required,
      .checks = {{"goodbye", {"HELLO-30", "HELLO-31"}, "the silent one gets a goodbye of the reason leaseExpired"},
                 {"not-early", {"HELLO-30"}, "it does not come before the lease is over"},
                 {"nothing-more", {"HELLO-34", "HELLO-35"}, "it is told nothing more"},
                 {"other", {"HELLO-30"}, "the other one is served on"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& silent = second_aura(t);
            silent.fall_silent();
            const auto begin = std::chrono::steady_clock::now();
            (void)t.wait([&] { return silent.goodbye().has_value(); }, lease_of(silent) * 2 + t.patience());
            const auto took = std::chrono::steady_clock::now() - begin;
            t.require("goodbye", silent.goodbye() && silent.goodbye()->reason == session::GoodbyeReason::lease_expired, "no such goodbye");
            t.check("not-early", took > lease_of(silent) * 8 / 10,
                    "it came after " + std::to_string(std::chrono::duration_cast<Milliseconds>(took).count()) + " ms");
            const std::size_t heard = silent.order().size();
            const Answer edit = t.aura().call(track::Add{.name = "Drums"});
            t.check("other", edit.is_reply() && !t.aura().goodbye(), edit.text());
            t.pass(Milliseconds(silent.reply().heartbeat_interval_ms * 2));
            t.check("nothing-more", silent.order().size() == heard, silent.order().back() + " came after the goodbye");
          },
  });
  cases.push_back({
      .id = "pulse.life.faulty-signs",
      .title = "A faulty message is a sign of life too",
      .steps = "Say hello; send no heartbeats, but a text that is no JSON in each interval, for longer than a lease.",
      .level = Level::required,
      .checks = {{"stays", {"HELLO-29", "ENV-36"}, "the connection is not given up, and serves"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            speak_garbage(t, aura, [&] { return aura.call(project::Snapshot{}); });
          },
  });
  cases.push_back({
      .id = "pulse.life.suspended",
      .title = "Time in which the Pulse did not run is no silence of anybody",
      .steps =
          "Be silent for half a lease; stop the process for most of a lease, silent; let it go on; speak again after a heartbeat interval.",
      .level = Level::required,
      .checks = {{"stays", {"HELLO-32"}, "the connection is not given up"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            suspend_peer(t, aura, [&] { return aura.call(project::Snapshot{}); });
          },
  });
  cases.push_back({
      .id = "pulse.life.goodbye",
      .title = "After a goodbye the connection is over, until the next hello",
      .steps = "Say hello; say goodbye; ask something; let another one edit; say hello again.",
      .level = Level::required,
      .checks = {{"over", {"HELLO-34"}, "a command after the goodbye is answered with session.helloRequired"},
                 {"untold", {"HELLO-34", "HELLO-35"}, "an edit of another one is not told to it"},
                 {"again", {"HELLO-34"}, "a hello on the same connection is answered"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& leaver = second_aura(t);
            leaver.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            const Answer late = leaver.call(project::Snapshot{});
            t.check("over", late.refused(errors::kSessionHelloRequired), late.text());
            (void)done(t, track::Add{.name = "Drums"});
            const Answer later = leaver.call(project::Snapshot{});
            t.check("untold", std::ranges::count(leaver.order(), "project.changed event") == 0 && !later.is_reply(),
                    "project.changed came after the goodbye");
            const Answer again = leaver.hello();
            t.check("again", again.as<session::HelloReply>() != nullptr, again.text());
          },
  });
  cases.push_back({
      .id = "pulse.life.counters",
      .title = "Counters do not go down, and those of the other planes are zero",
      .steps = "Ask session.counters; send commands, refused ones and faulty texts; ask again, also as another instance.",
      .level = Level::required,
      .checks = {{"rise", {"HELLO-41"}, "no counter is lower than before"},
                 {"count", {"ENV-44", "GEN-4"}, "faulty messages are counted"},
                 {"planes", {"HELLO-42"}, "those of the stream and telemetry planes are zero"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            const auto before = counters(aura);
            for (int i = 0; i < 3; ++i) aura.send_text("no JSON", Meant::wrong);
            (void)aura.call(track::Add{.name = "Drums"});
            const auto between = counters(aura);
            Aura& other = t.join();
            other.greet();
            const auto after = counters(other);
            t.check("rise", !lower(before, between) && !lower(between, after), "a counter went down");
            t.check("count", between.malformed >= before.malformed + 3,
                    "malformed went from " + std::to_string(before.malformed) + " to " + std::to_string(between.malformed));
            t.check("planes",
                    after.stream_frames_seen == 0 && after.stream_samples_applied == 0 && after.stream_samples_lost == 0 &&
                        after.stream_samples_refused == 0 && after.telemetry_frames_seen == 0 && after.telemetry_frames_sent == 0 &&
                        after.telemetry_frames_dropped == 0,
                    "a counter of a plane that Pulse has no socket of is above zero");
          },
  });
  cases.push_back({
      .id = "pulse.life.lease-length",
      .title = "The lease is at least four heartbeat intervals",
      .steps = "Say hello and look at the answer.",
      .level = Level::strict,
      .checks = {{"length", {"HELLO-26"}, "leaseMs is at least four times heartbeatIntervalMs"}},
      .run = [](Trial& t) { look_at_lease(t, t.aura()); },
  });
  cases.push_back({
      .id = "pulse.life.stalled-aura",
      .title = "A user interface that does not read holds nobody up, and ends alone",
      .steps = "One connection stops to read, while another makes 8,000 edits; read at last, and ask for a snapshot.",
      .level = Level::required,
      .checks = {{"served", {"FRM-8", "FRM-9"}, "each edit of the other one is answered"},
                 {"ended-or-whole",
                  {"FRM-9", "FRM-10", "HELLO-31"},
                  "the stalled one got every transaction in order, or its connection was ended: the next command is answered with "
                  "session.helloRequired"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& stalled = t.join(Lane::Kind::narrow);
            stalled.greet();
            stalled.follow();
            stalled.stop_reading();
            std::deque<std::string> waiting;
            for (int i = 0; i < 8'000 || !waiting.empty(); ++i) {
              if (i < 8'000) waiting.push_back(t.aura().send(transport::SetTempo{.tempo_bpm = 60.0 + (i % 100)}));
              if (i < 200) continue;
              const Answer edit = t.aura().answer(waiting.front());
              waiting.pop_front();
              t.require("served", edit.is_reply(), edit.text());
            }
            stalled.read_again();
            (void)t.wait([&] { return stalled.goodbye() || stalled.mirror().revision() == t.aura().mirror().revision(); });
            const Answer late = stalled.call(project::Snapshot{});
            const auto* whole = late.as<project::SnapshotReply>();
            const bool followed = whole != nullptr && stalled.mirror().follows() && stalled.mirror().revision() == whole->revision;
            t.check("ended-or-whole", followed || late.refused(errors::kSessionHelloRequired),
                    "transactions are missing, and the connection goes on: " + late.text() + "; a goodbye " +
                        (stalled.goodbye() ? "came" : "did not come") + "; the last revision was " +
                        std::to_string(stalled.mirror().revision()));
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
