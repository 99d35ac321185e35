// The machine sleeps, and the client with it.
#include <doctest/doctest.h>

#include <semaphore>
#include <vector>

#include "session_host.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using State = aura::Connection::State;
using test::kWatchdog;
using test::RuntimeDirectory;
using test::Session;

namespace {

constexpr auto kLease = 1s;  // and not shorter: a test that is not run for that long is what it tests

session::ServerOptions short_lease() {
  session::ServerOptions options;
  options.heartbeat_interval = 100ms;
  options.lease = kLease;
  return options;
}

aura::Client connect(std::vector<State>& states) {
  aura::Client client =
      aura::Client::connect({.session = "sleeps", .client_id = "test", .deadline = kWatchdog, .retry_first = 5ms}).value();
  client.on_connection([&states](const aura::Connection& connection) { states.push_back(connection.state); });
  return client;
}

// Time in which this thread looks at nothing.
void sleep_through(std::chrono::milliseconds time) {
  std::binary_semaphore never(0);
  CHECK_FALSE(never.try_acquire_for(time));
}

}  // namespace

TEST_CASE("a machine that was suspended with both sides on it has lost no connection") {
  const RuntimeDirectory runtime;
  Session session("sleeps", {}, short_lease());
  std::vector<State> states;
  aura::Client client = connect(states);
  std::binary_semaphore asleep(0);
  std::binary_semaphore awake(0);
  session.on_server([&](session::Server&) {
    asleep.release();
    static_cast<void>(awake.try_acquire_for(kWatchdog));
  });
  REQUIRE(asleep.try_acquire_for(kWatchdog));
  sleep_through(2 * kLease);
  awake.release();

  int leases = 0;
  client.every(kLease, [&] { ++leases; });
  REQUIRE(client.poll_until([&] { return leases == 2 || !client.is_connected(); }, kWatchdog));
  CHECK(states.empty());
  CHECK(client.counters().reconnects == 0);
  CHECK(client.call(track::Rename{.track_id = TrackId("trk-1"), .name = "x"}).has_value());
}

TEST_CASE("a client that slept alone was given up by Pulse, is told so, and comes back by itself") {
  const RuntimeDirectory runtime;
  std::binary_semaphore left(0);
  Session session(
      "sleeps",
      [&](session::Server& server) { server.on_disconnected([&](const session::ClientInfo&, session::GoodbyeReason) { left.release(); }); },
      short_lease());
  std::vector<State> states;
  aura::Client client = connect(states);
  int resets = 0;
  client.on_reset([&] { ++resets; });
  REQUIRE(left.try_acquire_for(kWatchdog));  // it is not polled for as long as that takes

  REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(states == std::vector{State::waiting, State::connecting, State::connected});
  CHECK(client.counters().reconnects == 1);
  CHECK(client.revision() == 3);
}
