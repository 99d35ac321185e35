#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "session_host.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::kWatchdog;
using test::RuntimeDirectory;
using test::Session;

TEST_CASE("a session that is there is found by its name") {
  const RuntimeDirectory runtime;
  const Session session("one");
  auto client = aura::Client::connect({.session = "one", .client_id = "test", .deadline = kWatchdog});
  REQUIRE(client.has_value());
  CHECK(client->hello().software.name == "test-pulse");
  CHECK(client->revision() == 3);
  REQUIRE(client->project() != nullptr);
  CHECK(client->fd() >= 0);
}

TEST_CASE("progress is told from within the call that waits, and from poll() for one that does not") {
  const RuntimeDirectory runtime;
  const Session session("progress");
  auto client = aura::Client::connect({.session = "progress", .client_id = "test", .deadline = kWatchdog}).value();
  const track::Rename rename{.track_id = TrackId("trk-1"), .name = "Voice"};
  std::vector<std::string> steps;
  const auto note = [&steps](const operation::Progress& progress) { steps.push_back(progress.step); };
  CHECK(client.call(rename, {.deadline = kWatchdog, .on_progress = note}).value().revision == 4);
  CHECK(steps == std::vector<std::string>{"one", "two"});
  client.call(rename, [&steps](const Result<track::Rename::Reply>&) { steps.push_back("answer"); },
              {.deadline = kWatchdog, .on_progress = note});
  REQUIRE(client.poll_until([&steps] { return steps.size() == 5; }, kWatchdog));
  CHECK(steps == std::vector<std::string>{"one", "two", "one", "two", "answer"});
}

TEST_CASE("a session that is not up yet is waited for") {
  const RuntimeDirectory runtime;
  std::optional<Session> session;
  std::thread later([&session] { session.emplace("late"); });
  auto client = aura::Client::connect({.session = "late", .client_id = "test", .deadline = kWatchdog});
  later.join();
  REQUIRE(client.has_value());
  CHECK(client->is_connected());
}

TEST_CASE("a session that never comes is named in the error") {
  const RuntimeDirectory runtime;
  const auto client = aura::Client::connect({.session = "moon", .client_id = "test", .deadline = 50ms});
  REQUIRE_FALSE(client.has_value());
  CHECK(is(client.error(), errors::kSessionNotFound));
  CHECK(client.error().message.find("moon") != std::string::npos);
  CHECK(client.error().message.find("loophole-pulse") != std::string::npos);
}

TEST_CASE("the end of the session is noticed") {
  const RuntimeDirectory runtime;
  std::optional<Session> session;
  session.emplace("ends");
  auto client = aura::Client::connect({.session = "ends", .client_id = "test", .deadline = kWatchdog, .reconnect = false}).value();
  bool told = false;
  client.on_connection([&](const aura::Connection& connection) { told = connection.state == aura::Connection::State::closed; });
  session.reset();
  CHECK(client.poll_until([&] { return told; }, kWatchdog));
  CHECK_FALSE(client.is_connected());
  CHECK(client.close_reason().has_value());
}

TEST_CASE("a Pulse of the same process, on a thread of its own, is a Pulse like any other") {
  const RuntimeDirectory directory;
  const Session session("inside");
  auto client =
      aura::Client::connect([&](net::Context&, net::Loop& loop) { return aura::InProcessProjectPort::connect(session.in_process(), loop); },
                            {.deadline = kWatchdog})
          .value();
  CHECK(client.hello().software.name == "test-pulse");
  CHECK(client.revision() == 3);
  REQUIRE(client.project() != nullptr);
  int steps = 0;
  const auto renamed = client.call(track::Rename{.track_id = TrackId("trk-1"), .name = "x"},
                                   {.deadline = kWatchdog, .on_progress = [&](const operation::Progress&) { ++steps; }});
  CHECK(renamed.value().revision == 4);
  CHECK(steps == 2);
  auto other = aura::Client::connect({.session = "inside", .deadline = kWatchdog}).value();  // and over its socket too
  CHECK(other.revision() == 3);
}
