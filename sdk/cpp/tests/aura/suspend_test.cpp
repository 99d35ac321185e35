// The machine sleeps, and the client with it.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "session_host.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using State = aura::Connection::State;
using test::kWatchdog;
using test::RuntimeDirectory;
using test::Session;

namespace {

constexpr auto kLease = 200ms;

session::ServerOptions short_lease() {
  session::ServerOptions options;
  options.heartbeat_interval = 20ms;
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
  for (const auto end = Clock::now() + time; Clock::now() < end;) std::this_thread::yield();
}

}  // namespace

TEST_CASE("a machine that was suspended with both sides on it has lost no connection") {
  const RuntimeDirectory runtime;
  Session session("sleeps", {}, short_lease());
  std::vector<State> states;
  aura::Client client = connect(states);
  std::atomic<bool> asleep = false;
  std::atomic<bool> awake = false;
  session.on_server([&](session::Server&) {
    asleep = true;
    while (!awake) std::this_thread::yield();
  });
  while (!asleep) std::this_thread::yield();
  sleep_through(5 * kLease);
  awake = true;

  int leases = 0;
  client.every(kLease, [&] { ++leases; });
  REQUIRE(client.poll_until([&] { return leases == 3 || !client.is_connected(); }, kWatchdog));
  CHECK(states.empty());
  CHECK(client.counters().reconnects == 0);
  CHECK(client.call(track::Rename{.track_id = TrackId("trk-1"), .name = "x"}).has_value());
}

TEST_CASE("a client that slept alone was given up by Pulse, is told so, and comes back by itself") {
  const RuntimeDirectory runtime;
  std::atomic<int> left = 0;
  Session session(
      "sleeps",
      [&](session::Server& server) { server.on_disconnected([&](const session::ClientInfo&, session::GoodbyeReason) { ++left; }); },
      short_lease());
  std::vector<State> states;
  aura::Client client = connect(states);
  int resets = 0;
  client.on_reset([&] { ++resets; });
  while (left == 0) std::this_thread::yield();  // it is not polled for as long as that takes

  REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(states == std::vector{State::waiting, State::connecting, State::connected});
  CHECK(client.counters().reconnects == 1);
  CHECK(client.revision() == 3);
}
