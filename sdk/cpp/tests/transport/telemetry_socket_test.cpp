// The telemetry plane's sockets: what nobody wants is not sent, nobody waits for the slow, and the newest frames win.
#include <cstdint>
#include <map>

#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "loophole/wire/topic.hpp"
#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;

namespace {
Buffer position(std::uint64_t sequence) {
  return frames::make_transport_position({.epoch = 1, .sequence = sequence});
}

// Whether the publisher wants a topic by now.
bool wanted(net::TelemetryPublisher& publisher, std::string_view topic) {
  publisher.read_subscriptions();
  return publisher.subscriptions().contains(topic);
}
}  // namespace

TEST_CASE("a topic is wanted while somebody subscribes to exactly it") {
  net::Context context;
  const test::TempFolder folder;
  auto publisher = net::TelemetryPublisher::bind(context, folder.ipc("s")).value();
  auto one = net::TelemetrySubscriber::connect(context, folder.ipc("s")).value();
  auto two = net::TelemetrySubscriber::connect(context, folder.ipc("s")).value();
  CHECK_FALSE(wanted(*publisher, "meters"));
  REQUIRE(one->subscribe("meters"));
  REQUIRE_POLL(wanted(*publisher, "meters"));
  CHECK_FALSE(wanted(*publisher, "meters@030"));  // ZeroMQ would bring it, but nobody asked
  CHECK_FALSE(wanted(*publisher, "meter"));
  CHECK_FALSE(wanted(*publisher, "transport"));

  REQUIRE(two->subscribe("meters"));
  REQUIRE(two->subscribe("transport"));
  REQUIRE_POLL(wanted(*publisher, "transport"));
  REQUIRE(one->unsubscribe("meters"));
  REQUIRE(one->subscribe("spectrum"));
  REQUIRE_POLL(wanted(*publisher, "spectrum"));
  CHECK(wanted(*publisher, "meters"));  // the other one still wants it

  two.reset();  // gone without a word
  REQUIRE_POLL(!wanted(*publisher, "meters"));
  CHECK_FALSE(wanted(*publisher, "transport"));
  CHECK(wanted(*publisher, "spectrum"));
}

TEST_CASE("frames reach those who subscribed, with their topic") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto publisher = net::TelemetryPublisher::bind(context, endpoint).value();
  auto meters = net::TelemetrySubscriber::connect(context, endpoint).value();
  auto both = net::TelemetrySubscriber::connect(context, endpoint).value();
  REQUIRE(meters->subscribe(wire::topic::kMeters));
  REQUIRE(both->subscribe(wire::topic::kMeters));
  REQUIRE(both->subscribe(wire::topic::kTransport));
  REQUIRE_POLL((wanted(*publisher, wire::topic::kMeters) && wanted(*publisher, wire::topic::kTransport)));

  publisher->send(wire::topic::kTransport, position(1));
  const frames::MeterReading reading{.handle = 1, .peak = 0.5F, .rms = 0.25F};
  publisher->send(wire::topic::kMeters, frames::make_meters({.epoch = 1, .sequence = 2}, {&reading, 1}));

  std::string topic;
  Buffer frame;
  REQUIRE_POLL(meters->receive(topic, frame));
  CHECK(topic == wire::topic::kMeters);
  CHECK(reinterpret_cast<std::uintptr_t>(frame.data()) % 8 == 0);
  CHECK(frames::read_meters(frame).value().readings[0].peak == 0.5F);
  REQUIRE_POLL(both->receive(topic, frame));
  CHECK(topic == wire::topic::kTransport);
  CHECK(frames::read_transport_position(frame).value().sequence == 1);
  REQUIRE_POLL(both->receive(topic, frame));
  CHECK(topic == wire::topic::kMeters);
  CHECK_FALSE(meters->receive(topic, frame));
  CHECK(meters->counters().telemetry_frames == 1);
  CHECK(both->counters().telemetry_frames == 2);
}

TEST_CASE("a subscriber that does not read holds up neither publisher nor others, and finds recent frames when it reads again") {
  net::Context context;
  const test::TempFolder folder;
  auto publisher = net::TelemetryPublisher::bind(context, folder.ipc("s")).value();
  auto slow = net::TelemetrySubscriber::connect(context, folder.ipc("s")).value();
  auto quick = net::TelemetrySubscriber::connect(context, folder.ipc("s")).value();
  REQUIRE(slow->subscribe("transport/slow"));
  REQUIRE(quick->subscribe("transport/quick"));
  REQUIRE_POLL((wanted(*publisher, "transport/slow") && wanted(*publisher, "transport/quick")));

  const Buffer heavy(64 * 1024);  // fills what the kernel buffers, too
  constexpr std::uint64_t kFrames = 2000;
  std::string topic;
  Buffer frame;
  for (std::uint64_t i = 1; i <= kFrames; ++i) {
    publisher->send("transport/slow", heavy);
    publisher->send("transport/quick", position(i));
    REQUIRE_POLL(quick->receive(topic, frame));
    CHECK(frames::read_transport_position(frame).value().sequence == i);
  }
  CHECK(quick->counters().replaced == 0);

  std::uint64_t handed_out = 0;
  while (slow->receive(topic, frame)) ++handed_out;
  CHECK(handed_out > 0);
  CHECK(handed_out < kFrames);
  // The room that was made is told to the publisher a little later; until then it may drop, as this plane is allowed to.
  REQUIRE_POLL((publisher->send("transport/slow", position(4711)), slow->receive(topic, frame) && frame.size() < 1000));
  CHECK(frames::read_transport_position(frame).value().sequence == 4711);
}

TEST_CASE("of what waits in a subscriber the oldest makes room, and is counted") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto publisher = net::TelemetryPublisher::bind(context, endpoint).value();
  auto subscriber = net::TelemetrySubscriber::connect(context, endpoint, {.queue_messages = 4}).value();
  REQUIRE(subscriber->subscribe("t"));
  REQUIRE_POLL(wanted(*publisher, "t"));
  for (std::uint64_t i = 1; i <= 40; ++i) publisher->send("t", position(i));
  std::string topic;
  Buffer frame;
  REQUIRE_POLL(subscriber->receive(topic, frame));
  const auto first = frames::read_transport_position(frame).value().sequence;
  CHECK(first > 1);
  std::uint64_t received = 1;
  while (subscriber->receive(topic, frame)) {
    ++received;
    CHECK(frames::read_transport_position(frame).value().sequence == first + received - 1);
  }
  CHECK(received == 4);
  CHECK(subscriber->counters().replaced == first - 1);
}

TEST_CASE("in a loop, a handler that takes one frame a call gets all of them") {
  net::Context context;
  net::Loop loop;
  const std::string endpoint = test::inproc();
  auto publisher = net::TelemetryPublisher::bind(context, endpoint).value();
  auto subscriber = net::TelemetrySubscriber::connect(context, endpoint).value();
  loop.watch(*publisher, [&] { publisher->read_subscriptions(); });
  REQUIRE(subscriber->subscribe("t"));
  REQUIRE_SOON(loop, publisher->subscriptions().contains("t"));
  int received = 0;
  std::string topic;
  Buffer frame;
  loop.watch(*subscriber, [&] {
    if (subscriber->receive(topic, frame)) ++received;
  });
  for (std::uint64_t i = 0; i < 40; ++i) publisher->send("t", position(i));
  REQUIRE_SOON(loop, received == 40);
  loop.unwatch(*subscriber);
  loop.unwatch(*publisher);
}
