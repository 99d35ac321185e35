// Signs of life, goodbyes, and coming back: protocol/hello.md.
#include <algorithm>

#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {
namespace {

// Whether another hello comes.
bool comes_back(Trial& t, std::size_t hellos) {
  Host& host = t.host();
  // A lease, and the time between two attempts, are not of the patience for one answer.
  return t.wait([&] { return host.hellos().size() > hellos && host.greeted(); }, 2 * t.patience() + Milliseconds(3'000));
}

std::string instances(const Host& host) {
  std::string text;
  for (const session::Hello& one : host.hellos()) text += (text.empty() ? "'" : ", '") + one.instance_id.value + "'";
  return "hellos of " + text;
}

bool one_instance(const Host& host) {
  return std::ranges::all_of(host.hellos(),
                             [&](const session::Hello& one) { return one.instance_id == host.hellos().front().instance_id; });
}

}  // namespace

void add_life_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.life.heartbeats",
      .title = "Heartbeats come while nothing else is said",
      .steps = "Greet the peer with an interval of 200 ms; count heartbeats for ten intervals.",
      .level = Level::wire,
      .checks = {{"pace", {"HELLO-28"}, "the peer is never silent for longer than an interval, give or take what the machine does"}},
      .run =
          [](Trial& t) {
            Host& host = t.guest();
            t.pass(Milliseconds(300));
            const std::size_t before = host.received();
            t.pass(Milliseconds(2'000));
            // Ten are due; half of them will do, so that load is not blamed on the peer.
            t.check("pace", host.received() - before >= 5, std::to_string(host.received() - before) + " messages in ten intervals");
          },
  });
  cases.push_back({
      .id = "aura.life.any-message",
      .title = "Any message is a sign of life, also a faulty one",
      .steps = "Send no heartbeats for two leases, and an event with an unknown name ten times a lease.",
      .level = Level::required,
      .checks = {{"kept", {"HELLO-29", "ENV-30", "ENV-44"}, "the peer stays"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 1'000;
            Host& host = follower(t);
            const std::size_t hellos = host.hellos().size();
            host.stop_beating();
            for (int n = 0; n < 20; ++n) {
              host.tell_text(
                  R"({"v":1,"id":")" + host.next_id() +
                      R"(","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"event","name":"weather.changed","payload":{}})",
                  true);
              t.pass(Milliseconds(100));
            }
            t.check("kept", host.greeted() && !host.goodbye() && host.hellos().size() == hellos, host.text());
          },
  });
  cases.push_back({
      .id = "aura.life.silent-pulse",
      .title = "A Pulse that falls silent is given up, and found again when it speaks",
      .steps = "Say nothing any more; wait for a goodbye; answer the next hello.",
      .level = Level::required,
      .checks = {{"given-up", {"HELLO-30"}, "the peer gives Pulse up after the lease"},
                 {"told", {"HELLO-31"}, "it says goodbye, because of the lease"},
                 {"again", {"HELLO-6"}, "it says hello again, with the same instanceId"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 1'000;
            Host& host = follower(t);
            const std::size_t hellos = host.hellos().size();
            host.fall_silent();
            std::optional<session::Goodbye> said;
            const bool left = t.wait(
                [&] {
                  if (host.goodbye()) said = host.goodbye();
                  return said || host.hellos().size() > hellos;
                },
                t.patience() + Milliseconds(host.lease_ms));
            t.require("given-up", left, host.text());
            t.check("told", said && said->reason == session::GoodbyeReason::lease_expired, host.text());
            host.speak_again();
            t.check("again", comes_back(t, hellos) && one_instance(host), instances(host));
          },
  });
  cases.push_back({
      .id = "aura.life.suspended",
      .title = "Time in which the peer did not run is no silence of Pulse",
      .steps = "Stop the process of the peer for two leases, in which nothing is sent to it; let it go on; send heartbeats.",
      .level = Level::required,
      .checks = {{"kept", {"HELLO-32"}, "the peer stays"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 1'000;
            Host& host = follower(t);
            host.fall_silent();
            t.process()->suspend();
            t.pass(Milliseconds(2'000));
            host.speak_again();
            t.process()->resume();
            t.check("kept", stays(t), host.text());
          },
  });
  cases.push_back({
      .id = "aura.life.restarting",
      .title = "After a goodbye of Pulse nothing more is said, until a new hello with the same instance",
      .steps = "Say goodbye with the reason restarting; wait for the next hello.",
      .level = Level::required,
      .checks = {{"quiet", {"HELLO-34"}, "nothing comes before the new hello"},
                 {"again", {"HELLO-6"}, "a hello comes, with the same instanceId"},
                 {"asks", {"MODEL-18"}, "the peer asks for the project again"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const std::size_t hellos = host.hellos().size();
            const std::size_t asked = state_asked(host);
            (void)stays(t);  // so that nothing but a heartbeat is under way
            const std::size_t names = host.order().size();
            const std::size_t beats = host.heartbeats();
            host.say_goodbye(session::GoodbyeReason::restarting);
            const bool back = comes_back(t, hellos);
            const std::string next = host.order().size() > names ? host.order()[names] : "nothing";
            t.check("quiet", (next == "session.hello" || next == "session.goodbye") && (!back || host.heartbeats() - beats <= 1),
                    "after the goodbye came: " + next);
            t.require("again", back && one_instance(host), instances(host));
            t.check("asks", t.wait([&] { return state_asked(host) > asked; }), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.life.pulse-dies",
      .title = "A Pulse that was started again is found, with its engine, and asked for the project",
      .steps =
          "Pulse dies without a word; another one comes, at other endpoints where the peer finds it by its session, and its engine has "
          "another epoch.",
      .level = Level::required,
      .checks = {{"again", {"HELLO-6"}, "the peer says hello to it, with the same instanceId"},
                 {"first", {"FRM-7"}, "the hello is the first message there"},
                 {"asks", {"MODEL-18"}, "it asks for the project"},
                 {"follows", {"MODEL-17"}, "and takes the next transaction for the next one"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 1'000;
            Host& host = follower(t);
            const std::size_t hellos = host.hellos().size();
            host.die();
            t.pass(Milliseconds(300));
            host.commit({project::TempoChanged{.tempo_bpm = 99}}, "Set Tempo");
            host.rise();
            t.require("again", comes_back(t, hellos) && one_instance(host), instances(host));
            t.check("first", host.order().front() == "session.hello", host.text());
            t.require("asks", t.wait([&] { return state_asked(host) > 0; }), host.text());
            t.check("follows", stays(t) && follows(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.life.terminate",
      .title = "A peer that is asked to end says goodbye, and ends",
      .steps = "Greet the peer; send SIGTERM.",
      .level = Level::wire,
      .checks = {{"goodbye", {"HELLO-36"}, "it says goodbye, with the reason closing"}, {"ends", {"HELLO-36"}, "its process ends"}},
      .run =
          [](Trial& t) {
            Host& host = t.guest();
            t.require("goodbye", stays(t), host.text());
            t.expect_end();
            t.process()->ask_to_end();
            const bool ended = t.wait_for_end(t.patience());
            t.pass(Milliseconds(100));  // its last words
            t.check("goodbye", host.goodbye() && host.goodbye()->reason == session::GoodbyeReason::closing, host.text());
            t.check("ends", ended, "it still runs");
          },
  });
}

}  // namespace loophole::conformance::aura_cases
