// A client that is told where Pulse listens, and does not look for a session.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "session_host.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using State = aura::Connection::State;
using test::kWatchdog;
using test::RuntimeDirectory;
using test::Session;

namespace {

aura::ClientOptions options_for(std::string endpoint) {
  return {.session = "nobody", .endpoint = std::move(endpoint), .client_id = "test", .deadline = kWatchdog, .retry_first = 5ms};
}

}  // namespace

TEST_CASE("a Pulse at an endpoint is connected with, and again when it was started again") {
  const RuntimeDirectory runtime;
  session::ServerOptions server;
  SUBCASE("ipc") {
    server.endpoint = net::ipc_endpoint(runtime.path / "elsewhere.sock");
  }
  SUBCASE("tcp") {
    server.endpoint = "tcp://127.0.0.1:0";
  }
  std::optional<Session> session;
  session.emplace("other-name", nullptr, server);
  server.endpoint = session->endpoint();
  aura::Client client = aura::Client::connect(options_for(server.endpoint)).value();
  CHECK(client.revision() == 3);
  std::vector<State> states;
  client.on_connection([&](const aura::Connection& connection) { states.push_back(connection.state); });
  int resets = 0;
  client.on_reset([&] { ++resets; });

  session.reset();
  REQUIRE(client.poll_until([&] { return client.connection().state == State::connecting; }, kWatchdog));
  const auto refused = client.call(track::Remove{.track_id = TrackId("trk-1")});
  REQUIRE_FALSE(refused.has_value());
  CHECK(is(refused.error(), errors::kSessionLost));
  CHECK(refused.error().message.find(server.endpoint) != std::string::npos);

  session.emplace("other-name", nullptr, server);
  REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(states == std::vector{State::waiting, State::connecting, State::connected});
  CHECK(client.counters().reconnects == 1);
}

TEST_CASE("an endpoint at which nobody answers is named, with what to start") {
  const RuntimeDirectory runtime;
  aura::ClientOptions options = options_for(net::ipc_endpoint(runtime.path / "nobody.sock"));
  options.deadline = 50ms;
  const auto client = aura::Client::connect(options);
  REQUIRE_FALSE(client.has_value());
  CHECK(is(client.error(), errors::kSessionNotFound));
  CHECK(client.error().message.find(options.endpoint) != std::string::npos);
  CHECK(client.error().message.find("loophole-pulse --listen") != std::string::npos);
}

TEST_CASE("an endpoint that is refused is final: it would be refused for ever") {
  aura::Client client = aura::Client::open(options_for("tcp://203.0.113.7:4000"));
  CHECK(client.connection().state == State::closed);
  CHECK_FALSE(client.poll(0ms));
  REQUIRE(client.close_reason().has_value());
  CHECK(is(*client.close_reason(), errors::kSessionEndpointRefused));
  const auto connected = aura::Client::connect(options_for("moon"));
  REQUIRE_FALSE(connected.has_value());
  CHECK(is(connected.error(), errors::kSessionEndpointRefused));
}
