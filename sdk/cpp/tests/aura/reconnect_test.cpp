// A connection that is lost, and what comes after it.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loophole/session/client.hpp"
#include "loophole/wire/codec.hpp"
#include "session_host.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using aura::Connection;
using State = aura::Connection::State;
using test::kWatchdog;
using test::RuntimeDirectory;
using test::Session;

namespace {

aura::ClientOptions options_for(std::string session) {
  return {.session = std::move(session), .client_id = "test", .deadline = kWatchdog, .retry_first = 5ms};
}

// Commands that arrived at a server, and those that it keeps without an answer. Used by its thread, and by the test once it has ended.
struct Desk {
  std::atomic<int> arrived = 0;
  std::mutex mutex;
  std::vector<std::string> ids;
  std::vector<InstanceId> instances;
  std::vector<session::Server::Pending> kept;
  bool keep = false;

  void serve(session::Server& server) {
    server.handle(wire::MessageOf<parameter::Get>::desc(), [this](session::Server::Pending pending) {
      take(std::move(pending),
           [](const wire::Message&) { return wire::Payload::of(parameter::GetReply{.value = 7, .engine_value = {}, .revision = 9}); });
    });
    server.handle(wire::MessageOf<track::Add>::desc(), [this](session::Server::Pending pending) {
      take(std::move(pending), [](const wire::Message&) {
        return wire::Payload::of(track::AddReply{.track_id = TrackId{"trk-1"}, .channel_id = ChannelId{"chn-1"}, .revision = 9});
      });
    });
  }

 private:
  void take(session::Server::Pending pending, const std::function<wire::Payload(const wire::Message&)>& reply) {
    const std::lock_guard lock(mutex);
    ids.push_back(pending.command_id().str());
    instances.push_back(pending.instance_id());
    if (keep)
      kept.push_back(std::move(pending));
    else
      pending.reply(reply(pending.command()));
    ++arrived;
  }
};

}  // namespace

TEST_CASE("a Pulse that was started again is found, its project replaces the one before, and each step is told") {
  const RuntimeDirectory runtime;
  std::optional<Session> session;
  session.emplace("again");
  aura::Client client = aura::Client::connect(options_for("again")).value();
  const InstanceId instance = client.instance_id();
  const InstanceId first = client.hello().instance_id;
  std::vector<State> states;
  std::vector<std::string> reasons;
  client.on_connection([&](const Connection& connection) {
    CHECK(connection.state == client.connection().state);
    if (states.empty() || states.back() != connection.state) states.push_back(connection.state);
    if (connection.reason) reasons.push_back(connection.reason->code);
  });
  int resets = 0;
  client.on_reset([&] {
    ++resets;
    CHECK(client.is_connected());
  });
  client.telemetry().subscribe(aura::Telemetry::Topic::meters, 30);

  session.reset();
  REQUIRE(client.poll_until([&] { return client.connection().state == State::looking; }, kWatchdog));
  CHECK(client.project() != nullptr);  // as it was
  CHECK_FALSE(client.is_connected());
  CHECK_FALSE(client.close_reason().has_value());
  const auto refused = client.call(track::Remove{.track_id = TrackId("trk-1")});
  REQUIRE_FALSE(refused.has_value());
  CHECK(is(refused.error(), errors::kSessionLost));
  CHECK(refused.error().message.find("track.remove was not sent") != std::string::npos);

  session.emplace("again");
  REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(states == std::vector{State::waiting, State::looking, State::connecting, State::connected});
  CHECK(reasons == std::vector<std::string>{std::string(errors::kSessionLost.text), std::string(errors::kSessionNotFound.text)});
  CHECK(client.instance_id() == instance);
  CHECK(client.hello().instance_id != first);
  CHECK(client.counters().reconnects == 1);
  CHECK_FALSE(client.connection().reason.has_value());
  CHECK(client.revision() == 3);
}

TEST_CASE("a client that is opened before there is a session tells what it waits for, and gets it") {
  const RuntimeDirectory runtime;
  aura::Client client = aura::Client::open(options_for("later"));
  CHECK(client.connection().state == State::looking);
  REQUIRE(client.connection().reason.has_value());
  CHECK(client.connection().reason->message.find("loophole-pulse --session later") != std::string::npos);
  CHECK(client.project() == nullptr);
  CHECK(client.poll(0ms));
  const Session session("later");
  REQUIRE(client.poll_until([&] { return client.is_connected(); }, kWatchdog));
  CHECK(client.project() != nullptr);
  CHECK(client.counters().reconnects == 0);
}

TEST_CASE("attempts that fail are repeated less and less often, and each tells why") {
  const RuntimeDirectory runtime;
  const Session session("full", {}, {.max_clients = 0});
  aura::ClientOptions options = options_for("full");
  options.retry_first = 2ms;
  options.retry_most = 8ms;
  aura::Client client = aura::Client::open(options);
  std::vector<std::chrono::milliseconds> waited;
  client.on_connection([&](const Connection& connection) {
    if (connection.state != State::waiting) return;
    waited.push_back(connection.retry_in);
    CHECK(connection.attempts == waited.size());
    CHECK(is(connection.reason.value(), errors::kSessionFull));
  });
  REQUIRE(client.poll_until([&] { return waited.size() == 4; }, kWatchdog));
  CHECK(waited == std::vector<std::chrono::milliseconds>{2ms, 4ms, 8ms, 8ms});
}

TEST_CASE("to a Pulse that was started again only idempotent commands are repeated, with the same id") {
  const RuntimeDirectory runtime;
  Desk before;
  before.keep = true;
  Desk after;
  std::optional<Session> session;
  session.emplace("redo", [&](session::Server& server) { before.serve(server); });
  aura::Client client = aura::Client::connect(options_for("redo")).value();
  auto got = client.start(parameter::Get{.parameter_id = ParameterId("prm-1")}, {.deadline = kWatchdog});
  auto added = client.start(track::Add{.name = "Drums", .index = {}}, {.deadline = kWatchdog});
  REQUIRE(client.poll_until([&] { return before.arrived == 2; }, kWatchdog));
  session.reset();
  before.kept.clear();
  session.emplace("redo", [&](session::Server& server) { after.serve(server); });

  const auto answer = got.get();
  REQUIRE(answer.has_value());
  CHECK(answer->value == 7);
  const auto failed = added.get();
  REQUIRE_FALSE(failed.has_value());
  CHECK(is(failed.error(), errors::kSessionLost));
  CHECK(failed.error().message.find("started again before track.add was answered") != std::string::npos);
  CHECK(client.counters().repeated == 1);
  const auto next = client.call(track::Add{.name = "Bass", .index = {}}, session::CallOptions{.deadline = kWatchdog});
  CHECK(next.has_value());
  session.reset();
  CHECK(after.ids.front() == got.id().str());
  CHECK(after.instances.front() == client.instance_id());
  CHECK(std::ranges::count(after.ids, added.id().str()) == 0);
  REQUIRE(after.ids.size() == 2);
  CHECK(std::ranges::count(before.ids, after.ids.back()) == 0);  // ids stay unique over connections
}

TEST_CASE("to the same Pulse every command is repeated, and executed once") {
  const RuntimeDirectory runtime;
  Desk desk;
  desk.keep = true;
  Session session("same", [&](session::Server& server) { desk.serve(server); });
  aura::Client client = aura::Client::connect(options_for("same")).value();
  auto added = client.start(track::Add{.name = "Drums", .index = {}}, {.deadline = kWatchdog});
  REQUIRE(client.poll_until([&] { return desk.arrived == 1; }, kWatchdog));
  // Its instance greets on another connection, for which the server gives up the first.
  net::Context context;
  net::Loop loop;
  const auto rival = session::Client::connect(
      context, loop,
      {.endpoint = session::find("same").value().project_endpoint, .client_id = "rival", .instance_id = client.instance_id()});
  REQUIRE(rival.has_value());
  while ((*rival)->state() == session::PortState::connecting) loop.run_once(10ms);
  REQUIRE(client.poll_until([&] { return client.counters().repeated == 1; }, kWatchdog));
  session.on_server([&](session::Server&) {
    const std::lock_guard lock(desk.mutex);
    desk.kept.front().reply(
        wire::Payload::of(track::AddReply{.track_id = TrackId{"trk-1"}, .channel_id = ChannelId{"chn-1"}, .revision = 9}));
  });
  CHECK(added.get().has_value());
  CHECK(desk.arrived == 1);
  CHECK(client.is_connected());
  std::atomic<bool> emptied = false;
  session.on_server([&](session::Server&) {
    desk.kept.clear();
    emptied = true;
  });
  CHECK(client.poll_until([&] { return emptied.load(); }, kWatchdog));
}

TEST_CASE("a command whose connection does not come back ends at its deadline") {
  const RuntimeDirectory runtime;
  Desk desk;
  desk.keep = true;
  std::optional<Session> session;
  session.emplace("gone", [&](session::Server& server) { desk.serve(server); });
  aura::Client client = aura::Client::connect(options_for("gone")).value();
  std::optional<Error> failed;
  client.call(parameter::Get{.parameter_id = ParameterId("prm-1")},
              [&](const Result<parameter::GetReply>& reply) { failed = reply.error(); }, {.deadline = 1s});
  REQUIRE(client.poll_until([&] { return desk.arrived == 1; }, kWatchdog));
  session.reset();
  REQUIRE(client.poll_until([&] { return failed.has_value(); }, kWatchdog));
  CHECK(is(*failed, errors::kSessionTimeout));
  CHECK(failed->message.find("parameter.get") != std::string::npos);
  desk.kept.clear();
}

TEST_CASE("a Pulse of another version is final, and says both versions") {
  const RuntimeDirectory runtime;
  const auto endpoint = net::ipc_endpoint(net::session_dir("other").value() / "project.sock");
  net::Context context;
  net::Loop loop;
  const auto gate = net::ControlListener::bind(context, endpoint).value();
  gate->watch(loop, [&] {
    const auto incoming = gate->receive();
    if (!incoming) return;
    const auto hello = wire::decode_message(incoming->bytes);
    if (!hello || hello->header.kind != Kind::command) return;
    const auto refusal =
        wire::make_error_reply(MessageId("r"), *hello, make_error(errors::kProtocolVersionUnsupported, "1.0 and 2.0 do not meet"));
    CHECK(gate->send(incoming->peer, wire::encode_message(refusal).value()) == net::ControlGate::SendOutcome::sent);
  });
  std::thread server([&] { loop.run(); });
  session::SessionFile file;
  file.name = "other";
  file.process_id = getpid();
  file.project_endpoint = endpoint;
  file.software = {.name = "test-pulse", .version = "1"};
  file.protocol = {.major = 2, .min_minor = 0, .max_minor = 0};
  CHECK(session::publish(file).has_value());

  aura::Client client = aura::Client::open(options_for("other"));
  CHECK_FALSE(client.poll_until([] { return false; }, kWatchdog));
  CHECK(client.connection().state == State::incompatible);
  REQUIRE(client.close_reason().has_value());
  CHECK(is(*client.close_reason(), errors::kProtocolVersionUnsupported));
  const auto connected = aura::Client::connect(options_for("other"));
  REQUIRE_FALSE(connected.has_value());
  CHECK(is(connected.error(), errors::kProtocolVersionUnsupported));
  loop.stop();
  server.join();
  gate->unwatch(loop);
}

TEST_CASE("a client that closes is closed for good, and its open calls are cancelled") {
  const RuntimeDirectory runtime;
  Desk desk;
  desk.keep = true;
  std::optional<Session> session;
  session.emplace("bye", [&](session::Server& server) { desk.serve(server); });
  aura::Client client = aura::Client::connect(options_for("bye")).value();
  auto got = client.start(parameter::Get{.parameter_id = ParameterId("prm-1")}, {.deadline = kWatchdog});
  REQUIRE(client.poll_until([&] { return desk.arrived == 1; }, kWatchdog));
  client.close();
  CHECK_FALSE(client.poll_until([] { return false; }, kWatchdog));
  CHECK(client.connection().state == State::closed);
  CHECK(is(got.get().error(), errors::kSessionCancelled));
  session.reset();
  desk.kept.clear();
}

TEST_CASE("a client that looks for its session can be closed too") {
  const RuntimeDirectory runtime;
  aura::Client client = aura::Client::open(options_for("never"));
  client.close();
  CHECK_FALSE(client.poll_until([] { return false; }, kWatchdog));
  CHECK(client.connection().state == State::closed);
}
