#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "fake_pulse.hpp"
#include "loophole/frames/parameter_stream.hpp"

using namespace loophole;
using test::FakePulseScript;
using test::kWatchdog;
using namespace std::chrono_literals;

namespace {

// A Pulse that grants gestures, and the engine's end of the stream.
struct Rig {
  std::shared_ptr<FakePulseScript> script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  aura::Client client = connect(*this);
  std::unique_ptr<net::StreamReceiver> engine = net::StreamReceiver::bind(*context, "inproc://engine-1").value();
  session::EngineLink link{.epoch = 17, .stream_endpoint = "inproc://engine-1", .telemetry_endpoint = "inproc://none-1"};
  std::vector<parameter::GestureEnd> ends{};
  std::string granted = "g-1";

  Rig() {
    script->answer<parameter::GestureBegin>([this](const parameter::GestureBegin& begin) -> Result<parameter::GestureBeginReply> {
      parameter::GestureBeginReply grant{
          .gesture_id = GestureId{granted}, .stream_id = StreamId{"00f1a2b3c4d5e6f7"}, .link = link, .lease_ms = 60'000, .targets = {}};
      for (const ParameterId& id : begin.parameter_ids)
        grant.targets.push_back({.parameter_id = id, .handle = 3, .value = 0, .minimum = 0, .maximum = 100});
      return grant;
    });
    script->answer<parameter::GestureEnd>([this](const parameter::GestureEnd& end) -> Result<parameter::GestureEndReply> {
      ends.push_back(end);
      return parameter::GestureEndReply{.revision = 5, .values = end.values, .stream = {}};
    });
  }

  static aura::Client connect(Rig& rig) { return test::connect(rig.script, &rig.context); }

  void wait_for_sent(const aura::Gesture& gesture, std::uint64_t samples) {
    CHECK(client.poll_until([&] { return gesture.counters().samples_sent == samples; }, kWatchdog));
  }

  // Values of the samples that the engine got from a receiver, until there are as many.
  std::vector<double> receive(net::StreamReceiver& receiver, std::size_t count, std::uint64_t stream_id, std::uint64_t epoch) {
    std::vector<double> values;
    Buffer buffer;
    CHECK(client.poll_until(
        [&] {
          while (receiver.receive(buffer)) {
            const auto view = frames::read_parameter_stream(buffer);
            REQUIRE(view.has_value());
            CHECK(view->header.stream_id == stream_id);
            CHECK(view->header.epoch == epoch);
            CHECK(view->header.sequence == values.size());
            for (const auto& sample : view->samples) values.push_back(sample.value);
          }
          // A timer keeps this going: the receiver is not watched by the client.
          if (values.size() < count) client.after(1ms, [] {});
          return values.size() >= count;
        },
        kWatchdog));
    return values;
  }
};

}  // namespace

TEST_CASE("values of a gesture go to the engine, and its end carries the last one") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  CHECK(gesture.is_open());
  CHECK(gesture.targets().size() == 1);
  CHECK(gesture.set(10));
  rig.wait_for_sent(gesture, 1);
  CHECK(gesture.set_normalized(0.5));
  rig.wait_for_sent(gesture, 2);
  CHECK(gesture.set(200));  // moved to the end of the range
  CHECK_FALSE(gesture.set(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(gesture.set(ParameterId{"moon"}, 1));
  CHECK(rig.receive(*rig.engine, 3, 0x00f1a2b3c4d5e6f7, 17) == std::vector<double>{10, 50, 100});
  const auto reply = gesture.finish();
  REQUIRE(reply.has_value());
  REQUIRE(reply->values.size() == 1);
  CHECK(reply->values[0].value == 100);
  CHECK_FALSE(gesture.is_open());
  CHECK_FALSE(gesture.set(1));
  CHECK(gesture.counters().samples_sent == 3);
  CHECK(gesture.counters().clamped == 1);
  CHECK(gesture.counters().refused == 2);
}

TEST_CASE("a gesture that goes out of scope ends itself with what was set") {
  Rig rig;
  {
    auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
    gesture.set(33);
  }
  REQUIRE(rig.client.poll_until([&] { return rig.ends.size() == 1; }, kWatchdog));
  CHECK(rig.ends[0].outcome == parameter::GestureOutcome::commit);
  REQUIRE(rig.ends[0].values.size() == 1);
  CHECK(rig.ends[0].values[0].value == 33);
}

TEST_CASE("a gesture of which nothing was moved ends without values, and a cancelled one reverts") {
  Rig rig;
  { auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value(); }
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  gesture.set(5);
  bool told = false;
  gesture.cancel([&](Result<parameter::GestureEndReply> reply) { told = reply.has_value(); });
  REQUIRE(rig.client.poll_until([&] { return told; }, kWatchdog));
  REQUIRE(rig.ends.size() == 2);
  CHECK(rig.ends[0].values.empty());
  CHECK(rig.ends[1].outcome == parameter::GestureOutcome::revert);
}

TEST_CASE("a gesture goes on in the new epoch when the engine was restarted") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  gesture.set(10);
  CHECK(rig.receive(*rig.engine, 1, 0x00f1a2b3c4d5e6f7, 17).size() == 1);

  bool lost = false;
  bool found = false;
  rig.client.on_engine([&](const engine::Changed& changed) { (changed.link ? found : lost) = true; });
  rig.script->send(engine::Changed{.state = engine::EngineState::lost, .reason = "killed", .restarts = 0, .link = {}});
  REQUIRE(rig.client.poll_until([&] { return lost; }, kWatchdog));
  CHECK(gesture.set(20));  // waits
  CHECK(gesture.set(30));
  CHECK(gesture.counters().coalesced == 1);

  auto engine = net::StreamReceiver::bind(*rig.context, "inproc://engine-2").value();
  const session::EngineLink link{.epoch = 18, .stream_endpoint = "inproc://engine-2", .telemetry_endpoint = "inproc://none-2"};
  rig.script->send(engine::Changed{.state = engine::EngineState::running, .reason = "restarted", .restarts = 1, .link = link});
  rig.script->send(parameter::GestureResumed{.gesture_id = gesture.id(), .stream_id = StreamId{"0000000000000002"}, .link = link});
  REQUIRE(rig.client.poll_until([&] { return found && gesture.counters().resumed == 1; }, kWatchdog));
  gesture.set(40);
  CHECK(rig.receive(*engine, 2, 2, 18) == std::vector<double>{30, 40});
  CHECK(gesture.finish().value().values[0].value == 40);
}

TEST_CASE("a gesture that Pulse ended tells so and takes no more values") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  std::string why;
  gesture.on_lost([&](const parameter::GestureEnded& ended) { why = to_string(ended.reason); });
  rig.script->send(
      parameter::GestureEnded{.gesture_id = gesture.id(), .reason = parameter::GestureEndReason::target_removed, .committed = false});
  REQUIRE(rig.client.poll_until([&] { return !why.empty(); }, kWatchdog));
  CHECK(why == "targetRemoved");
  CHECK_FALSE(gesture.set(1));
  const auto reply = gesture.finish();
  REQUIRE_FALSE(reply.has_value());
  CHECK(is(reply.error(), errors::kGestureTargetRemoved));
  CHECK(gesture.fault()->message.find("nothing was committed") != std::string::npos);
  bool told = false;
  gesture.end([&](const Result<parameter::GestureEndReply>& ended) { told = is(ended.error(), errors::kGestureTargetRemoved); });
  CHECK_FALSE(told);  // handlers are called from poll()
  CHECK(rig.client.poll_until([&] { return told; }, kWatchdog));
  CHECK(rig.ends.empty());
}

TEST_CASE("a gesture that is refused gives the error") {
  Rig rig;
  rig.script->answer<parameter::GestureBegin>(
      [](const parameter::GestureBegin&) -> Result<parameter::GestureBeginReply> { return make_error(errors::kGestureConflict, "held"); });
  const auto gesture = rig.client.begin_gesture(ParameterId{"gain"});
  REQUIRE_FALSE(gesture.has_value());
  CHECK(is(gesture.error(), errors::kGestureConflict));
}

TEST_CASE("a gesture that outlives its client is over") {
  auto rig = std::make_unique<Rig>();
  std::optional<aura::Gesture> gesture(rig->client.begin_gesture(ParameterId{"gain"}).value());
  auto engine = std::move(rig->engine);
  engine.reset();
  rig.reset();
  CHECK_FALSE(gesture->finish().has_value());
  gesture.reset();
}

TEST_CASE("gestures are over when the connection is, and say why") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  CHECK(gesture.set(10));
  CHECK_FALSE(gesture.fault().has_value());
  std::optional<parameter::GestureEnded> lost;
  gesture.on_lost([&](const parameter::GestureEnded& ended) { lost = ended; });
  rig.script->end_connection(make_error(errors::kSessionLost, "Pulse fell silent"));
  REQUIRE(rig.client.poll_until([&] { return lost.has_value(); }, kWatchdog));
  CHECK(lost->gesture_id == gesture.id());
  CHECK(lost->reason == parameter::GestureEndReason::unknown);
  CHECK_FALSE(gesture.is_open());
  CHECK_FALSE(gesture.set(20));
  CHECK(is(gesture.fault().value(), errors::kSessionLost));
  CHECK(is(gesture.finish().error(), errors::kSessionLost));
}

// What may go out at once after a pause (docs/guides/build-a-ui.md), the first frame, and the one of the millisecond under way.
constexpr std::uint64_t kBurst = 250 + 2;

TEST_CASE("a client that is polled while the mouse moves sends no more frames than one that is not") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  const auto begin = Clock::now();
  bool is_taken = true;
  for (int i = 0; gesture.counters().frames_sent < 700; ++i) {
    is_taken = gesture.set(i % 100) && is_taken;
    rig.client.poll(0ms);
    Buffer buffer;
    while (rig.engine->receive(buffer)) continue;
  }
  CHECK(is_taken);
  const auto most =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count()) + kBurst;
  CHECK(gesture.counters().frames_sent <= most);
}

TEST_CASE("a mouse of any speed does not flood the engine, which gets the first value at once and the last one soon") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  constexpr std::uint64_t kMoves = 20'000;
  const auto begin = Clock::now();
  for (std::uint64_t i = 1; i <= kMoves; ++i) CHECK(gesture.set(static_cast<double>(i) / kMoves * 100));
  const auto most =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count()) + kBurst;
  CHECK(gesture.counters().frames_sent >= 1);
  CHECK(gesture.counters().frames_sent <= most);
  REQUIRE(rig.client.poll_until([&] { return gesture.counters().samples_sent + gesture.counters().coalesced == kMoves; }, kWatchdog));
  const std::vector<double> values = rig.receive(*rig.engine, gesture.counters().samples_sent, 0x00f1a2b3c4d5e6f7, 17);
  REQUIRE_FALSE(values.empty());
  CHECK(values.front() == doctest::Approx(100.0 / kMoves));
  CHECK(values.back() == 100);
  CHECK(std::is_sorted(values.begin(), values.end()));
}

TEST_CASE("the end of a gesture is told from poll(), once, also when it was over before anybody wanted to know") {
  Rig rig;
  auto gesture = rig.client.begin_gesture(ParameterId{"gain"}).value();
  rig.script->send(
      parameter::GestureEnded{.gesture_id = gesture.id(), .reason = parameter::GestureEndReason::taken_over, .committed = true});
  REQUIRE(rig.client.poll_until([&] { return !gesture.is_open(); }, kWatchdog));
  int told = 0;
  gesture.on_lost([&](const parameter::GestureEnded& ended) {
    told += ended.reason == parameter::GestureEndReason::taken_over ? 1 : 100;
    gesture.on_lost([&](const parameter::GestureEnded&) { told += 10; });
  });
  CHECK(told == 0);  // handlers are called from poll()
  REQUIRE(rig.client.poll_until([&] { return told != 0; }, kWatchdog));
  bool later = false;
  rig.client.after({}, [&] { later = true; });
  REQUIRE(rig.client.poll_until([&] { return later; }, kWatchdog));
  CHECK(told == 1);
}

TEST_CASE("a handler that throws does so out of poll(), and keeps nothing from the others") {
  Rig rig;
  auto first = rig.client.begin_gesture(ParameterId{"gain"}).value();
  rig.granted = "g-2";
  auto second = rig.client.begin_gesture(ParameterId{"gain"}).value();
  int lost = 0;
  for (aura::Gesture* gesture : {&first, &second})
    gesture->on_lost([&](const parameter::GestureEnded&) {
      ++lost;
      throw std::runtime_error("a handler's own");
    });
  bool closed = false;
  rig.client.on_connection([&](const aura::Connection& connection) { closed = connection.is_final(); });
  rig.script->end_connection(make_error(errors::kSessionLost, "Pulse fell silent"));
  int thrown = 0;
  for (const auto end = Clock::now() + kWatchdog; thrown < 2 && Clock::now() < end;) try {
      rig.client.poll(10ms);
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  CHECK(thrown == 2);
  CHECK(lost == 2);
  CHECK(closed);
}
