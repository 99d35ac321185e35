// Signs of life, goodbye and death: protocol/hello.md.
#include "client_steps.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {

void add_life_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.life.heartbeats",
      .title = "An engine that has nothing else to say sends heartbeats",
      .steps = "Say hello and ask nothing until four signs of life came: heartbeats, or whatever else it has to say.",
      .level = Level::wire,
      .checks = {{"come", {"HELLO-28"}, "signs of life come when nothing is asked"},
                 {"pace", {"HELLO-28"}, "four of them come within eight intervals"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const Milliseconds interval(pulse.reply().heartbeat_interval_ms);
            const std::size_t before = pulse.received();
            const bool all = t.wait([&] { return pulse.received() >= before + 4; }, interval * 8 + t.patience() / 5);
            t.check("come", pulse.received() > before, "nothing came");
            t.check("pace", all,
                    std::to_string(pulse.received() - before) + " signs of life in eight intervals of " + std::to_string(interval.count()) +
                        " ms");
          },
  });
  cases.push_back({
      .id = "signal.life.silent-pulse",
      .title = "A Pulse that falls silent for a lease is given up",
      .steps = "Say hello and fall silent without closing the connection; wait; another instance says hello.",
      .level = Level::required,
      .checks = {{"goodbye", {"HELLO-30", "HELLO-31"}, "a goodbye of the reason leaseExpired comes"},
                 {"not-early", {"HELLO-30"}, "it does not come before the lease is over"},
                 {"free", {"HELLO-39"}, "another instance is greeted afterwards"},
                 {"graph", {"HELLO-39"}, "the graph is still live"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            Pulse& pulse = t.pulse();
            pulse.fall_silent();
            const auto begin = std::chrono::steady_clock::now();
            (void)t.wait([&] { return pulse.goodbye().has_value(); }, lease_of(pulse) * 2 + t.patience());
            const auto silent = std::chrono::steady_clock::now() - begin;
            t.require("goodbye", pulse.goodbye() && pulse.goodbye()->reason == session::GoodbyeReason::lease_expired, "no such goodbye");
            t.check("not-early", silent > lease_of(pulse) * 8 / 10,
                    "it came after " + std::to_string(std::chrono::duration_cast<Milliseconds>(silent).count()) + " ms");
            Pulse& other = t.connect();
            const Answer greeted = other.hello();
            t.require("free", greeted.as<session::HelloReply>() != nullptr, greeted.text());
            const Answer asked = other.call(graph::Query{});
            const auto* reply = asked.as<graph::QueryReply>();
            t.check("graph", reply != nullptr && reply->digest && reply->digest->value == before, asked.text());
          },
  });
  cases.push_back({
      .id = "signal.life.dead-pulse",
      .title = "A Pulse that vanishes leaves an engine that goes on and can be greeted again",
      .steps = "Play a tone; cut the connection without a word; another instance says hello again and again.",
      .level = Level::required,
      .checks = {{"free", {"HELLO-30", "HELLO-39"}, "another instance is greeted within two leases"},
                 {"renders", {"HELLO-39"}, "the meter goes on showing the tone"},
                 {"graph", {"HELLO-39"}, "the graph is still live"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            const std::string before = digest(t);
            watch_meters(t);
            Pulse& pulse = t.pulse();
            const Milliseconds lease = lease_of(pulse);
            pulse.disconnect();
            t.check("renders", keeps(t, kToneDb), shown(t));
            Pulse& other = t.connect();
            Answer greeted;
            const auto deadline = std::chrono::steady_clock::now() + lease * 2 + t.patience();
            while ((greeted = other.hello()).as<session::HelloReply>() == nullptr && std::chrono::steady_clock::now() < deadline)
              t.pass(Milliseconds(100));
            t.require("free", greeted.as<session::HelloReply>() != nullptr, greeted.text());
            t.check("renders", keeps(t, kToneDb), shown(t));
            const Answer asked = other.call(graph::Query{});
            const auto* reply = asked.as<graph::QueryReply>();
            t.check("graph", reply != nullptr && reply->digest && reply->digest->value == before, asked.text());
          },
  });
  cases.push_back({
      .id = "signal.life.faulty-signs",
      .title = "A faulty message is a sign of life too",
      .steps = "Say hello; send no heartbeats, but a text that is no JSON in each interval, for longer than a lease.",
      .level = Level::required,
      .checks = {{"stays", {"HELLO-29", "ENV-36"}, "the connection is not given up, and serves"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            speak_garbage(t, pulse, [&] { return pulse.call(graph::Query{}); });
          },
  });
  cases.push_back({
      .id = "signal.life.goodbye",
      .title = "After a goodbye the connection is over, until the next hello",
      .steps = "Say hello; say goodbye; ask something; say hello again.",
      .level = Level::required,
      .checks = {{"over", {"HELLO-34", "HELLO-35"}, "a command after the goodbye is answered with session.helloRequired and nothing else"},
                 {"again", {"HELLO-34"}, "a hello on the same connection is answered"},
                 {"graph", {"HELLO-39"}, "the graph is still live"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            Pulse& pulse = t.pulse();
            pulse.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            const Answer late = pulse.call(graph::Query{});
            t.check("over", late.refused(errors::kSessionHelloRequired), late.text());
            const Answer again = pulse.hello();
            t.require("again", again.as<session::HelloReply>() != nullptr, again.text());
            const std::string after = digest(t);
            t.check("graph", after == before, "digest " + after);
          },
  });
  cases.push_back({
      .id = "signal.life.another-pulse",
      .title = "Another instance of Pulse finds the graph, and no streams of the one before",
      .steps = "Open a stream and move a gain; say goodbye; greet as another instance; send samples on the old stream; put a graph.",
      .level = Level::required,
      .checks = {{"streams-ended", {"GEST-53"}, "stream.close of the old stream is answered with stream.unknown"},
                 {"refused", {"GEST-53", "SEC-15"}, "samples of the old stream change nothing"},
                 {"model-wins", {"GEST-54"}, "a graph of the new Pulse sets the values that it carries"}},
      .run =
          [](Trial& t) {
            Hand& hand = moved_hand(t);
            Pulse& pulse = t.pulse();
            pulse.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            pulse.be("i-another-instance");
            pulse.greet();
            const Answer closed = close(t, kStream, {});
            t.check("streams-ended", closed.refused(errors::kStreamUnknown), closed.text());
            put(t, voice(-6), 2);
            t.check("model-wins", shows(t, kToneDb - 6), shown(t));
            const auto before = counters(t);
            hand.move(kGain, -30);
            t.check("refused", counted(t, before, 1) && keeps(t, kToneDb - 6), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.life.counters",
      .title = "Counters do not go down",
      .steps = "Ask session.counters; send commands, refused ones and faulty texts; ask again, also as another instance.",
      .level = Level::required,
      .checks = {{"rise", {"HELLO-41"}, "no counter is lower than before"}, {"count", {"ENV-44"}, "faulty messages are counted"}},
      .run =
          [](Trial& t) {
            const auto before = counters(t);
            Pulse& pulse = t.pulse();
            for (int i = 0; i < 3; ++i) pulse.send_text("no JSON", Meant::wrong);
            (void)pulse.call(graph::Query{});
            const auto between = counters(t);
            pulse.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            pulse.be("i-another-instance");
            pulse.greet();
            const auto after = counters(t);
            t.check("rise", !lower(before, between) && !lower(between, after), "a counter went down");
            t.check("count", between.malformed >= before.malformed + 3,
                    "malformed went from " + std::to_string(before.malformed) + " to " + std::to_string(between.malformed));
          },
  });
  cases.push_back({
      .id = "signal.life.lease-length",
      .title = "The lease is at least four heartbeat intervals",
      .steps = "Say hello and look at the answer.",
      .level = Level::strict,
      .checks = {{"length", {"HELLO-26"}, "leaseMs is at least four times heartbeatIntervalMs"}},
      .run = [](Trial& t) { look_at_lease(t, t.pulse()); },
  });
  cases.push_back({
      .id = "signal.life.suspended",
      .title = "Time in which the engine did not run is no silence of its Pulse",
      .steps =
          "Be silent for half a lease; stop the process for most of a lease, silent; let it go on; speak again after a heartbeat interval.",
      .level = Level::required,
      .checks = {{"stays", {"HELLO-32"}, "the connection is not given up"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            suspend_peer(t, pulse, [&] { return pulse.call(graph::Query{}); });
          },
      .starts_peer = true,
  });
}

}  // namespace loophole::conformance::signal_cases
