// One server, clients in other processes and in its own: the same events, the same order, one set of rules.
#include <algorithm>
#include <thread>

#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::PortState;
using test::Studio;

namespace {

session::ServerOptions with_endpoint(const std::string& endpoint) {
  session::ServerOptions options;
  options.endpoint = endpoint;
  options.software_name = "both";
  return options;
}

}  // namespace

TEST_CASE("clients of both kinds are served at once, and each hears of what the other does") {
  test::TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  auto server = session::Server::bind(context, loop, with_endpoint(runtime.ipc("s"))).value();
  server->on<track::Rename>([&](session::Server::Request<track::Rename> request) {
    server->broadcast(test::transport_at(7), request.command_id());
    request.reply({.revision = 1});
  });
  const session::ClientOptions options{.client_id = "test", .hello_deadline = test::kWatchdog};
  test::Caller inside(server->in_process(), loop, options);
  auto outside_options = options;
  outside_options.endpoint = server->endpoint();
  test::Caller outside(context, loop, outside_options);
  std::vector<std::string> heard;
  inside.client->on_event([&](const wire::Message& event) { heard.push_back("inside " + event.header.name); });
  outside.client->on_event([&](const wire::Message& event) { heard.push_back("outside " + event.header.name); });
  REQUIRE_SOON(loop, (inside.client->state() == PortState::ready && outside.client->state() == PortState::ready));
  CHECK(server->clients().size() == 2);

  for (test::Caller* caller : {&inside, &outside}) {
    heard.clear();
    const std::string who = caller == &inside ? "inside" : "outside";
    caller->call(test::rename_to("x"), [&](const Result<Edited>& answer) {
      CHECK(answer.has_value());
      CHECK(std::count(heard.begin(), heard.end(), who + " transport.changed") == 1);  // the event comes before the answer
      heard.push_back("answered");
    });
    REQUIRE_SOON(loop, heard.size() == 3);
  }
}

TEST_CASE("the same instance on the other kind of connection takes the place of the first") {
  test::TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  auto options = with_endpoint(runtime.ipc("s"));
  options.lease = 1h;
  auto server = session::Server::bind(context, loop, options).value();
  std::int64_t renames = 0;
  server->on<track::Rename>([&](session::Server::Request<track::Rename> request) { request.reply({.revision = ++renames}); });
  test::RawPeer outside(loop, net::ControlConnection::connect(context, server->endpoint()).value());
  outside.hello("i-1");
  outside.command("c1", test::rename_to("x"));
  CHECK(outside.answer("c1").as<Edited>()->revision == 1);
  test::RawPeer inside(loop, server->in_process().connect());
  inside.hello("i-1");
  CHECK(server->clients().size() == 1);
  inside.command("c1", test::rename_to("x"));  // repeated on the new connection: executed once
  CHECK(inside.answer("c1").as<Edited>()->revision == 1);
  CHECK(renames == 1);
  CHECK(server->counters().duplicates == 1);
}

TEST_CASE("a server without an endpoint serves its own process") {
  net::Context context;
  net::Loop loop;
  auto server = session::Server::bind(context, loop, with_endpoint("")).value();
  CHECK(server->endpoint().empty());
  test::Caller caller(server->in_process(), loop, {.client_id = "test", .hello_deadline = test::kWatchdog});
  std::optional<Error> error;
  caller.call(test::rename_to("x"), [&](const Result<Edited>& answer) { error = answer.error(); });
  REQUIRE_SOON(loop, error.has_value());
  CHECK(is(*error, errors::kEnvelopeUnknownName));
  CHECK(error->message.find("Pulse in this process") != std::string::npos);
}

TEST_CASE("server and client may each have a thread of their own, and each may end first") {
  net::Context context;
  net::Loop pulse_loop;
  auto server = session::Server::bind(context, pulse_loop, with_endpoint("")).value();
  std::int64_t renames = 0;
  server->on<track::Rename>([&](session::Server::Request<track::Rename> request) {
    server->broadcast(test::transport_at(++renames));
    request.reply({.revision = renames});
  });
  const net::InProcessAddress address = server->in_process();
  std::thread pulse([&] {
    pulse_loop.run();
    server.reset();
  });
  net::Loop loop;
  {
    test::Caller first(address, loop, {.client_id = "first", .hello_deadline = test::kWatchdog});
    REQUIRE_SOON(loop, first.client->state() == PortState::ready);
  }  // the client ends before the server
  test::Caller caller(address, loop, {.client_id = "test", .hello_deadline = test::kWatchdog});
  constexpr std::int64_t kCalls = 2000;
  std::int64_t events = 0;
  std::int64_t answers = 0;
  bool ordered = true;
  caller.client->on_event([&](const wire::Message& event) { ordered &= event.as<transport::Changed>()->position_frames == ++events; });
  for (std::int64_t i = 0; i < kCalls; ++i)
    caller.call(test::rename_to("x"),
                [&](const Result<Edited>& answer) { ordered &= answer.value().revision == ++answers && events >= answers; });
  REQUIRE_SOON(loop, answers == kCalls);
  CHECK(events == kCalls);
  CHECK(ordered);
  pulse_loop.stop();  // the server ends before the client
  pulse.join();
  REQUIRE_SOON(loop, caller.client->state() == PortState::closed);
  CHECK(is(*caller.client->close_reason(), errors::kSessionLost));

  test::Caller late(address, loop, {.client_id = "late", .hello_deadline = 20ms});
  REQUIRE_SOON(loop, late.client->state() == PortState::closed);
  CHECK(is(*late.client->close_reason(), errors::kSessionNotFound));
  CHECK(late.client->close_reason()->message.find("in this process") != std::string::npos);
}
