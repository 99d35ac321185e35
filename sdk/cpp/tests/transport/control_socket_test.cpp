// The control plane's sockets: there and back, limits, full queues, peers that are gone.
#include <string>

#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using SendOutcome = net::ControlListener::SendOutcome;

namespace {
net::ControlListener::Incoming next(net::ControlListener& listener) {
  std::optional<net::ControlListener::Incoming> incoming;
  REQUIRE_POLL((incoming = listener.receive()).has_value());
  return *std::move(incoming);
}
std::string next(net::ControlConnection& connection) {
  std::optional<std::string> bytes;
  REQUIRE_POLL((bytes = connection.receive()).has_value());
  return *std::move(bytes);
}
}  // namespace

TEST_CASE("messages go there and back over every transport") {
  net::Context context;
  const test::TempFolder folder;
  for (const std::string& endpoint : {test::inproc(), folder.ipc("s"), std::string("tcp://127.0.0.1:0"), std::string("tcp://localhost:*"),
                                      std::string("tcp://[::1]:0")}) {
    CAPTURE(endpoint);
    auto bound = net::ControlListener::bind(context, endpoint);
    if (!bound && endpoint.find("::1") != std::string::npos) {
      MESSAGE("left out: this machine has no IPv6");
      continue;
    }
    auto listener = std::move(bound).value();
    CHECK(listener->endpoint().find(":0") == std::string::npos);
    CHECK(listener->endpoint().find('*') == std::string::npos);
    auto one = net::ControlConnection::connect(context, listener->endpoint()).value();
    auto two = net::ControlConnection::connect(context, listener->endpoint()).value();
    REQUIRE(one->send("{\"from\":1}"));
    const auto first = next(*listener);
    CHECK(first.bytes == "{\"from\":1}");
    CHECK_FALSE(first.oversized);
    REQUIRE(two->send("{\"from\":2}"));
    const auto second = next(*listener);
    CHECK(first.peer != second.peer);
    CHECK(listener->send(first.peer, "{\"to\":1}") == SendOutcome::sent);
    CHECK(listener->send(second.peer, "{\"to\":2}") == SendOutcome::sent);
    CHECK(next(*one) == "{\"to\":1}");
    CHECK(next(*two) == "{\"to\":2}");
    CHECK(listener->counters().control == 2);
    CHECK(one->counters().control == 1);
  }
}

TEST_CASE("what is sent before anybody listens arrives when somebody does") {
  net::Context context;
  const test::TempFolder folder;
  auto connection = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(connection->send("{\"early\":true}"));
  auto listener = net::ControlListener::bind(context, folder.ipc("s")).value();
  CHECK(next(*listener).bytes == "{\"early\":true}");
}

TEST_CASE("a connection that ZeroMQ made again by itself is told as another one") {
  using Continuity = net::ControlLink::Continuity;
  net::Context context;
  const test::TempFolder folder;
  auto connection = net::ControlConnection::connect(context, folder.ipc("s")).value();
  CHECK(connection->continuity() == Continuity::whole);  // nobody listens yet: the first one is still to come
  auto listener = net::ControlListener::bind(context, folder.ipc("s")).value();
  REQUIRE(connection->send("{}"));
  static_cast<void>(next(*listener));
  CHECK(connection->continuity() == Continuity::whole);
  listener.reset();
  REQUIRE_POLL(connection->continuity() == Continuity::cut);
  listener = net::ControlListener::bind(context, folder.ipc("s")).value();
  REQUIRE_POLL(connection->continuity() == Continuity::another);
}

TEST_CASE("a message to a peer that is gone is told") {
  net::Context context;
  const test::TempFolder folder;
  auto listener = net::ControlListener::bind(context, folder.ipc("s")).value();
  auto connection = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(connection->send("{}"));
  const auto peer = next(*listener).peer;
  connection.reset();
  REQUIRE_POLL(listener->send(peer, "{}") == SendOutcome::peer_gone);
  CHECK(listener->send("stranger", "{}") == SendOutcome::peer_gone);
}

TEST_CASE("a full queue is told and hurts nobody else") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto listener = net::ControlListener::bind(context, endpoint, {.queue_messages = 4}).value();
  auto slow = net::ControlConnection::connect(context, endpoint, {.queue_messages = 4}).value();
  auto quick = net::ControlConnection::connect(context, endpoint, {.queue_messages = 4}).value();
  REQUIRE(slow->send("{}"));
  const auto slow_peer = next(*listener).peer;
  REQUIRE(quick->send("{}"));
  const auto quick_peer = next(*listener).peer;
  int sent = 0;
  while (listener->send(slow_peer, "{}") == SendOutcome::sent) REQUIRE(++sent < 1000);
  CHECK(listener->send(slow_peer, "{}") == SendOutcome::queue_full);
  CHECK(listener->send(quick_peer, "{\"ok\":1}") == SendOutcome::sent);
  CHECK(next(*quick) == "{\"ok\":1}");
  for (int i = 0; i < sent; ++i) CHECK(next(*slow) == "{}");
  REQUIRE_POLL(listener->send(slow_peer, "{}") == SendOutcome::sent);  // who reads again is served again
}

TEST_CASE("a connection whose queue is full says so and never blocks") {
  net::Context context;
  const test::TempFolder folder;
  auto connection = net::ControlConnection::connect(context, folder.ipc("nobody"), {.queue_messages = 8}).value();
  int sent = 0;
  while (connection->send("{}")) REQUIRE(++sent < 1000);
  CHECK(sent == 8);
}

TEST_CASE("a message above the limit is marked, with its beginning, and the connection lives on") {
  net::Context context;
  const test::TempFolder folder;
  auto listener = net::ControlListener::bind(context, folder.ipc("s"), {.max_bytes = 10'000}).value();
  auto connection = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(connection->send("{\"id\":\"m1\",\"fill\":\"" + std::string(20'000, 'x') + "\"}"));
  const auto large = next(*listener);
  CHECK(large.oversized);
  CHECK(large.bytes.starts_with("{\"id\":\"m1\""));
  CHECK(large.bytes.size() < 10'000);
  CHECK(listener->counters().oversized == 1);
  CHECK(listener->counters().control == 1);
  CHECK(listener->send(large.peer, "{\"ok\":1}") == SendOutcome::sent);
  CHECK(next(*connection) == "{\"ok\":1}");

  auto small = net::ControlConnection::connect(context, folder.ipc("s"), {.max_bytes = 1000}).value();
  REQUIRE(small->send("{}"));
  const auto peer = next(*listener).peer;
  CHECK(listener->send(peer, "{" + std::string(2000, ' ') + "}") == SendOutcome::sent);
  CHECK(listener->send(peer, "{}") == SendOutcome::sent);
  CHECK(next(*small) == "{}");  // what is too large is counted and skipped
  CHECK(small->counters().oversized == 1);
}

TEST_CASE("frames of other planes are counted as what they are") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto listener = net::ControlListener::bind(context, endpoint).value();
  auto connection = net::ControlConnection::connect(context, endpoint).value();
  const frames::ParameterSample sample{.value = 1.0, .time_ns = 2, .handle = 3};
  REQUIRE(connection->send(text_of(frames::make_parameter_stream({.stream_id = 1, .epoch = 2, .sequence = 3}, {&sample, 1}))));
  REQUIRE(connection->send(text_of(frames::make_transport_position({.epoch = 1}))));
  REQUIRE(connection->send("garbage"));
  REQUIRE(connection->send("{}"));
  for (int i = 0; i < 4; ++i) static_cast<void>(next(*listener));
  CHECK(listener->counters().stream_frames == 1);
  CHECK(listener->counters().telemetry_frames == 1);
  CHECK(listener->counters().unknown == 1);
  CHECK(listener->counters().control == 1);
}

TEST_CASE("endpoints that are not allowed are refused by every socket") {
  net::Context context;
  const char* endpoint = nullptr;
  SUBCASE("all interfaces") {
    endpoint = "tcp://0.0.0.0:0";
  }
  SUBCASE("all interfaces, as ZeroMQ writes them") {
    endpoint = "tcp://*:0";
  }
  SUBCASE("all interfaces of IPv6") {
    endpoint = "tcp://[::]:0";
  }
  SUBCASE("another machine") {
    endpoint = "tcp://192.0.2.1:5000";
  }
  SUBCASE("a name, which is never looked up") {
    endpoint = "tcp://localhost.localdomain:5000";
  }
  CHECK(is(net::ControlListener::bind(context, endpoint).error(), errors::kSessionEndpointRefused));
  CHECK(is(net::ControlConnection::connect(context, endpoint).error(), errors::kSessionEndpointRefused));
  CHECK(is(net::StreamReceiver::bind(context, endpoint).error(), errors::kSessionEndpointRefused));
  CHECK(is(net::StreamSender::connect(context, endpoint).error(), errors::kSessionEndpointRefused));
  CHECK(is(net::TelemetryPublisher::bind(context, endpoint).error(), errors::kSessionEndpointRefused));
  CHECK(is(net::TelemetrySubscriber::connect(context, endpoint).error(), errors::kSessionEndpointRefused));
}
