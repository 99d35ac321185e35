// Every row of the table of endings (protocol/gestures.md), with real processes: user interface, Pulse or Signal is killed at each step of
// the exchange, and what is left is defined: model and engine agree, at most one step was made, and the parameter is free.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <set>

#include "hand.hpp"
#include "loophole/core/clock.hpp"
#include "rig.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::Hand;
using test::kWatchdog;
using test::Rig;
using test::Step;

namespace {

constexpr double kBefore = 0;
constexpr double kMoved = -7;

template <class C>
typename C::Reply ask_until(aura::Client& client, const C& command, const std::function<bool(const typename C::Reply&)>& wanted) {
  const auto end = Clock::now() + kWatchdog;
  for (;;) {
    typename C::Reply reply = client.call(command).value();
    if (wanted(reply)) return reply;
    REQUIRE(Clock::now() < end);
    bool again = false;
    client.after(10ms, [&again] { again = true; });
    REQUIRE(client.poll_until([&again] { return again; }, kWatchdog));
  }
}

// A Pulse with a Signal, and a project with one track.
struct Stage : Rig {
  explicit Stage(const std::string& session) : Rig(session), file(folder() / "song.loophole") {
    start();
    aura::Client client = connect();
    const auto added = client.call(track::Add{.name = "Synth", .index = {}}).value();
    track_id = added.track_id;
    gain = client.mirror().state()->track(track_id)->channel.gain.id;
    steps = client.call(history::List{}).value().entries.size();
    wait_running(client);
  }
  void start() { start_pulse({"--driver", "paced", "--project", file.string(), "--log-level", "warn"}); }

  static engine::StatusReply wait_running(aura::Client& client) {
    return ask_until(client, engine::Status{}, [](const engine::StatusReply& status) {
      return status.state == engine::EngineState::running && status.engine_digest && status.engine_digest == status.model_digest;
    });
  }
  void kill_signal() {
    aura::Client client = connect();
    const auto status = client.call(engine::Status{}).value();
    REQUIRE(status.process_id > 0);
    REQUIRE(::kill(static_cast<pid_t>(status.process_id), SIGKILL) == 0);
  }
  void kill_pulse_and_start() {
    REQUIRE(::kill(pulse().pid(), SIGKILL) == 0);
    while (!pulse().wait_status()) ::poll(nullptr, 0, 5);
    start();
  }

  // What must hold after every ending: the value is one of these, the engine has it, at most one step was made, and the parameter is free.
  // Returns the value.
  double check_settled(const std::set<double>& allowed) {
    aura::Client client = connect();
    wait_running(client);
    // Whoever went away without a word is given up when the lease is over; until then the parameter is held.
    std::optional<aura::Gesture> next;
    const auto end = Clock::now() + kWatchdog;
    while (!next) {
      auto begun = client.begin_gesture(gain);
      if (begun) {
        next.emplace(*std::move(begun));
        break;
      }
      REQUIRE(is(begun.error(), errors::kGestureConflict));
      REQUIRE(Clock::now() < end);
      bool again = false;
      client.after(50ms, [&again] { again = true; });
      REQUIRE(client.poll_until([&again] { return again; }, kWatchdog));
    }
    const double value = client.mirror().state()->parameter(gain)->value;
    CHECK(allowed.contains(value));
    const auto now = static_cast<std::size_t>(client.call(history::List{}).value().position);  // undone steps are no steps any more
    CHECK(now == steps + (value == kBefore ? 0 : 1));
    CHECK(*client.project() == *client.call(project::Snapshot{}).value().project);
    // Free, and it works.
    next->set(3);
    const auto finished = next->finish();
    REQUIRE(finished);
    CHECK(finished->values[0].value == 3);
    ask_until(client, parameter::Get{.parameter_id = gain}, [](const parameter::GetReply& reply) { return reply.engine_value == 3.0; });
    wait_running(client);
    REQUIRE(client.call(history::Undo{}));
    CHECK(client.mirror().state()->parameter(gain)->value == value);
    wait_running(client);
    return value;
  }

  std::filesystem::path file;
  TrackId track_id;
  ParameterId gain;
  std::size_t steps = 0;
};

constexpr Step kSteps[] = {Step::begin_sent, Step::begun, Step::moved, Step::end_sent};

}  // namespace

TEST_CASE("the user interface is killed at each step: its lease ends, and what the engine had is committed") {
  for (const Step step : kSteps) {
    CAPTURE(static_cast<int>(step));
    Stage stage("ui-dies");
    Hand hand(step, stage.gain, kMoved);
    hand.wait_for_step();
    if (step == Step::moved) {
      aura::Client client = stage.connect();
      ask_until(client, parameter::Get{.parameter_id = stage.gain},
                [](const parameter::GetReply& reply) { return reply.engine_value == kMoved; });
    }
    hand.kill();
    const double left = stage.check_settled(step < Step::moved ? std::set{kBefore} : std::set{kBefore, kMoved});
    if (step == Step::moved) CHECK(left == kMoved);
  }
}

TEST_CASE("the engine is killed at each step: the gesture goes on, and its end is committed") {
  for (const Step step : kSteps) {
    CAPTURE(static_cast<int>(step));
    Stage stage("engine-dies");
    Hand hand(step, stage.gain, kMoved);
    hand.wait_for_step();
    stage.kill_signal();
    const Hand::End end = hand.go_on();
    // A begin that the dying engine had to answer may be refused; everything later is carried over.
    if (step != Step::begin_sent) CHECK(end == Hand::End::committed);
    const double left = stage.check_settled({kBefore, kMoved});
    CHECK(left == (end == Hand::End::committed ? kMoved : kBefore));
  }
}

TEST_CASE("Pulse is killed at each step: what was not acknowledged may be lost, and the model wins") {
  for (const Step step : kSteps) {
    CAPTURE(static_cast<int>(step));
    Stage stage("pulse-dies");
    Hand hand(step, stage.gain, kMoved);
    hand.wait_for_step();
    stage.kill_pulse_and_start();
    const Hand::End end = hand.go_on();
    const double left = stage.check_settled(step == Step::end_sent ? std::set{kBefore, kMoved} : std::set{kBefore});
    if (end == Hand::End::committed) CHECK(left == kMoved);
  }
}

TEST_CASE("a client that is alive but sends nothing loses its lease, and is told") {
  Stage stage("silent");
  aura::Client client = stage.connect();
  aura::Client other = stage.connect();
  std::vector<project::Changed> changes;
  other.on_change([&](const project::Changed& changed) { changes.push_back(changed); });
  // Without a Gesture object nobody renews the lease.
  const auto granted =
      client.call(parameter::GestureBegin{.parameter_ids = {stage.gain}, .on_abandon = parameter::OnAbandon::commit}).value();
  CHECK(is(other.begin_gesture(stage.gain).error(), errors::kGestureConflict));
  // Both clients live on; only the stream is silent.
  const auto end = Clock::now() + kWatchdog;
  std::optional<Error> refused;
  while (!refused && Clock::now() < end) {
    client.poll(10ms);
    other.poll(10ms);
    if (auto begun = other.begin_gesture(stage.gain); begun) {
      begun->cancel();
      refused = client.call(parameter::GestureEnd{.gesture_id = granted.gesture_id, .values = {}}).error();
    }
  }
  REQUIRE(refused.has_value());
  CHECK(is(*refused, errors::kGestureExpired));
  CHECK(changes.empty());  // no sample came, so there is nothing to commit
  client = stage.connect();
  (void)stage.check_settled({kBefore});
}

TEST_CASE("a target is removed under the hand: the gesture ends, nothing is committed, and the end is told why") {
  Stage stage("removed");
  aura::Client client = stage.connect();
  aura::Client other = stage.connect();
  auto gesture = client.begin_gesture(stage.gain).value();
  std::optional<parameter::GestureEnded> lost;
  gesture.on_lost([&](const parameter::GestureEnded& ended) { lost = ended; });
  gesture.set(kMoved);
  REQUIRE(other.call(track::Remove{.track_id = stage.track_id}));
  REQUIRE(client.poll_until([&] { return lost.has_value(); }, kWatchdog));
  CHECK(lost->reason == parameter::GestureEndReason::target_removed);
  CHECK_FALSE(lost->committed);
  CHECK(is(client.call(parameter::GestureEnd{.gesture_id = gesture.id(), .values = {}}).error(), errors::kGestureTargetRemoved));
  // The track that comes back has the value that it had.
  REQUIRE(other.call(history::Undo{}));
  (void)stage.check_settled({kBefore});
}

TEST_CASE("another client takes over: what the first had is committed, and the second begins there") {
  Stage stage("taken");
  aura::Client client = stage.connect();
  aura::Client other = stage.connect();
  auto gesture = client.begin_gesture(stage.gain).value();
  std::optional<parameter::GestureEnded> lost;
  gesture.on_lost([&](const parameter::GestureEnded& ended) { lost = ended; });
  gesture.set(kMoved);
  ask_until(client, parameter::Get{.parameter_id = stage.gain},
            [](const parameter::GetReply& reply) { return reply.engine_value == kMoved; });
  CHECK(is(other.begin_gesture(stage.gain).error(), errors::kGestureConflict));
  auto taken = other.begin_gesture({.parameters = {stage.gain}, .on_abandon = parameter::OnAbandon::commit, .take_over = true}).value();
  CHECK(taken.targets()[0].value == kMoved);
  REQUIRE(client.poll_until([&] { return lost.has_value(); }, kWatchdog));
  CHECK(lost->reason == parameter::GestureEndReason::taken_over);
  CHECK(lost->committed);
  CHECK_FALSE(gesture.set(1));
  taken.cancel();
  CHECK(stage.check_settled({kMoved}) == kMoved);
}

TEST_CASE("reverted, undone under the hand, and closed: nothing is committed") {
  Stage stage("reverted");
  aura::Client client = stage.connect();
  REQUIRE(client.call(parameter::Set{.parameter_id = stage.gain, .value = 1}));
  {
    auto gesture = client.begin_gesture(stage.gain).value();
    gesture.set(kMoved);
    CHECK(is(client.call(history::Undo{}).error(), errors::kHistoryGestureOpen));
    std::optional<Result<parameter::GestureEndReply>> ended;
    gesture.cancel([&](Result<parameter::GestureEndReply> reply) { ended.emplace(std::move(reply)); });
    REQUIRE(client.poll_until([&] { return ended.has_value(); }, kWatchdog));
    REQUIRE(*ended);
    CHECK((*ended)->values[0].value == 1);
  }
  ask_until(client, parameter::Get{.parameter_id = stage.gain}, [](const parameter::GetReply& reply) { return reply.engine_value == 1.0; });
  REQUIRE(client.call(history::Undo{}));

  auto gesture = client.begin_gesture(stage.gain).value();
  std::optional<parameter::GestureEnded> lost;
  gesture.on_lost([&](const parameter::GestureEnded& ended) { lost = ended; });
  gesture.set(kMoved);
  REQUIRE(client.call(project::Close{}));
  REQUIRE(client.poll_until([&] { return lost.has_value(); }, kWatchdog));
  CHECK(lost->reason == parameter::GestureEndReason::project_closed);
  CHECK_FALSE(lost->committed);
  REQUIRE(client.call(project::Open{.path = stage.file.string()}));
  CHECK(client.mirror().state()->parameter(stage.gain)->value == kBefore);
}

TEST_CASE("the disk is full at the end: refused, the gesture is still open and can be reverted") {
  Stage stage("full");
  aura::Client client = stage.connect();
  auto gesture = client.begin_gesture(stage.gain).value();
  gesture.set(kMoved);
  // No file of Pulse may grow any more.
  const rlimit none{.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
  rlimit before{};
  REQUIRE(::prlimit(stage.pulse().pid(), RLIMIT_FSIZE, &none, &before) == 0);
  const auto end = [&](parameter::GestureOutcome outcome) {
    return client.call(parameter::GestureEnd{
        .gesture_id = gesture.id(), .values = {{.parameter_id = stage.gain, .value = kMoved}}, .automation = {}, .outcome = outcome});
  };
  CHECK(is(end(parameter::GestureOutcome::commit).error(), errors::kProjectFileUnwritable));
  CHECK(client.mirror().state()->parameter(stage.gain)->value == kBefore);
  REQUIRE(end(parameter::GestureOutcome::revert));
  REQUIRE(::prlimit(stage.pulse().pid(), RLIMIT_FSIZE, &before, nullptr) == 0);
  (void)stage.check_settled({kBefore});
}
