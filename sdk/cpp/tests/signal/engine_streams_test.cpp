// EngineServer: the stream plane over real sockets, from an Aura's samples to what the audio thread holds.

#include <doctest/doctest.h>

#include <cmath>

#include "engine_seat.hpp"

namespace loophole::test {
namespace {

constexpr std::uint64_t kBits = 0x00f1'a2b3'c4d5'e6f7;
const StreamId kStream("00f1a2b3c4d5e6f7");

TEST_CASE("samples reach the audio thread, and the end sets the final value exactly") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(seat.context, seat.pulse->link(), kBits);
  for (int i = 0; i < 100; ++i) hand.move(3, 1'000 + i);
  REQUIRE(seat.pulse->run([&] { return seat.server->stream_counters().applied == 100; }));
  REQUIRE(seat.pulse->run([&] { return seat.engine.held.at(3) == 1'099; }));
  const auto closed = seat.pulse->call(stream::Close{.stream_id = kStream, .values = {{.handle = 3, .value = 777.25}}}).value();
  CHECK(closed.report.frames_received == 100);
  CHECK(closed.report.samples_applied == 100);
  CHECK(closed.last_values == std::vector<engine::HandleValue>{{.handle = 3, .value = 1'099}});
  CHECK(seat.engine.held.at(3) == 777.25);
  CHECK(seat.pulse->call(graph::Query{}).value().digest == closed.digest);
}

TEST_CASE("samples that were sent before the end count, although they come on another socket") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(seat.context, seat.pulse->link(), kBits);
  hand.move(3, 500);
  REQUIRE_SOON(seat.loop, seat.server->stream_counters().samples == 1);  // the connection stands
  constexpr int kMore = 500;
  for (int i = 0; i < kMore; ++i) hand.move(3, 600 + i);
  // Nobody turned the Loop since: all wait in sockets when the end is handled.
  const auto closed = seat.pulse->call(stream::Close{.stream_id = kStream, .values = {}}).value();
  const auto& counters = seat.server->stream_counters();
  REQUIRE(seat.pulse->run([&] { return counters.samples == kMore + 1; }));
  CHECK(closed.report.samples_applied + static_cast<std::int64_t>(counters.closed_stream) == kMore + 1);
  CHECK(closed.report.samples_lost == 0);
}

TEST_CASE("everything that is wrong is dropped and counted, and nothing of it is heard") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  const auto& counters = seat.server->stream_counters();

  Hand stranger(seat.context, seat.pulse->link(), 0x1234);
  stranger.move(3, 500);
  REQUIRE_SOON(seat.loop, counters.unknown_stream == 1);

  Hand hand(seat.context, seat.pulse->link(), kBits);
  --hand.header.epoch;
  hand.move(3, 500);
  REQUIRE_SOON(seat.loop, counters.old_epoch == 1);
  ++hand.header.epoch;
  hand.header.sequence = 0;
  hand.move(3, std::nan(""));
  hand.move(3, HUGE_VAL);
  hand.move(3, 1e9);
  hand.move(4, 0.5);
  hand.move(12'345, 0.5);
  REQUIRE_SOON(seat.loop, counters.samples == 7);
  CHECK(counters.not_finite == 2);
  CHECK(counters.out_of_range == 1);
  CHECK(counters.foreign_handle == 2);
  hand.header.sequence = 2;
  hand.move(3, 500);
  REQUIRE_SOON(seat.loop, counters.old_sequence == 1);
  hand.header.sequence = 25;
  hand.move(3, 600);
  REQUIRE_SOON(seat.loop, counters.applied == 1);
  CHECK(counters.lost == 20);

  const std::string junk = "this is no frame";
  REQUIRE_POLL(hand.sender->send(bytes_of(junk)));
  REQUIRE_SOON(seat.loop, counters.malformed_frames == 1);

  REQUIRE(seat.pulse->call(stream::Close{.stream_id = kStream, .values = {}}));
  hand.move(3, 700);
  REQUIRE_SOON(seat.loop, counters.closed_stream == 1);
  seat.engine.block();
  CHECK(seat.engine.held.at(3) == 600);

  const auto told = seat.pulse->call(session::Counters{}).value();
  CHECK(told.stream_samples_applied == 1);
  CHECK(told.stream_samples_lost == 20);
  CHECK(told.stream_samples_refused == 9);
  CHECK(told.malformed == 1);
  CHECK(told.stream_frames_seen == 10);
}

TEST_CASE("a lease that runs out is told to Pulse with its report and the last value") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 300}));
  Hand hand(seat.context, seat.pulse->link(), kBits);
  hand.move(3, 432);
  REQUIRE_SOON(seat.loop, seat.pulse->event<stream::Expired>() != nullptr);
  const auto& expired = *seat.pulse->event<stream::Expired>();
  CHECK(expired.stream_id == kStream);
  CHECK(is(seat.pulse->call(stream::Close{.stream_id = kStream, .values = {}}).error(), errors::kStreamUnknown));
  // A loaded machine may deliver the sample late; it is then counted as late.
  CHECK(expired.report.samples_applied + static_cast<std::int64_t>(seat.server->stream_counters().closed_stream) <= 1);
}

TEST_CASE("a parameter under a hand stays there when the graph is replaced") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(seat.context, seat.pulse->link(), kBits);
  hand.move(3, 4'321);
  REQUIRE(seat.pulse->run([&] { return seat.engine.held.at(3) == 4'321; }));
  seat.load(synth_graph(), 2);
  CHECK(seat.engine.held.at(3) == 4'321);
  REQUIRE(seat.pulse->call(stream::Close{.stream_id = kStream, .values = {{.handle = 3, .value = 4'000}}}));
  CHECK(seat.engine.held.at(3) == 4'000);
}

TEST_CASE("a stand-still of the audio thread loses no final value") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  seat.audio_runs = false;
  Hand hand(seat.context, seat.pulse->link(), kBits);
  std::vector<frames::ParameterSample> many(2'000, frames::ParameterSample{.value = 500, .handle = 3});
  constexpr std::uint64_t kFrames = 20;  // far more samples than the queue holds
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    many.back() = {.value = 600.0 + static_cast<double>(i), .handle = 3};
    hand.send(many);
  }
  REQUIRE_SOON(seat.loop, seat.server->stream_counters().applied == kFrames * many.size());
  CHECK(seat.port.parameters.counters().superseded > 0);
  seat.audio_runs = true;
  REQUIRE(seat.pulse->call(stream::Close{.stream_id = kStream, .values = {}}));
  CHECK(seat.engine.held.at(3) == 600.0 + static_cast<double>(kFrames - 1));
}

TEST_CASE("streams of a Pulse outlive its connection, and end when another instance is greeted") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = kStream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(seat.context, seat.pulse->link(), kBits);
  hand.move(3, 500);
  REQUIRE(seat.pulse->run([&] { return seat.server->stream_counters().applied == 1; }));
  seat.pulse.reset();
  hand.move(3, 600);
  REQUIRE_SOON(seat.loop, seat.server->stream_counters().applied == 2);  // no Pulse is no reason to stop
  PulseSeat next(seat.context, seat.loop, seat.server->control_endpoint());
  next.while_waiting = [&] { seat.engine.block(); };
  next.wait_ready();
  hand.move(3, 700);
  REQUIRE_SOON(seat.loop, seat.server->stream_counters().closed_stream == 1);
  seat.engine.block();
  CHECK(seat.engine.held.at(3) == 600);
  CHECK(is(next.call(stream::Close{.stream_id = kStream, .values = {}}).error(), errors::kStreamUnknown));
  // The model of the new one wins.
  REQUIRE(next.call(graph::Replace{.revision = 9, .graph = synth_graph()}));
  CHECK(seat.engine.held.at(3) == 1'000);
}

}  // namespace
}  // namespace loophole::test
