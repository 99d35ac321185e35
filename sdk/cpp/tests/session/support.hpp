#pragma once
// For tests of the session: a server and clients on one Loop, and a peer that speaks the envelope by itself, to break rules with. The rules
// are the same in each topology, and so the whole program runs once in each: LOOPHOLE_TEST_TOPOLOGY says which.

#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../transport/support.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/session/client.hpp"
#include "loophole/session/server.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::test {

using session::PortState;

enum class Topology { ipc, in_process };
inline Topology topology() {
  const char* name = std::getenv("LOOPHOLE_TEST_TOPOLOGY");
  const std::string_view text = name == nullptr ? "ipc" : name;
  REQUIRE_MESSAGE((text == "ipc" || text == "in-process"), "LOOPHOLE_TEST_TOPOLOGY is ipc or in-process, not " << text);
  return text == "ipc" ? Topology::ipc : Topology::in_process;
}

// Client with the typed call made public.
class Caller {
 public:
  Caller(net::Context& context, net::Loop& loop, session::ClientOptions options) {
    client = session::Client::connect(context, loop, std::move(options)).value();
  }
  Caller(const net::InProcessAddress& server, net::Loop& loop, session::ClientOptions options) {
    client = session::Client::connect(server, loop, std::move(options)).value();
  }
  template <class C>
  MessageId call(C command, std::function<void(Result<typename C::Reply>)> on_answer,
                 session::CallOptions options = {.deadline = kWatchdog}) {
    return client->call_payload(
        wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
        [handler = std::move(on_answer)](Result<wire::Payload> answer) {
          if (!answer) return handler(std::move(answer).error());
          handler(*answer->template as<typename C::Reply>());
        },
        options);
  }
  std::unique_ptr<session::Client> client;
};

// The other side of a Server, message by message.
class RawPeer {
 public:
  RawPeer(net::Loop& loop, std::unique_ptr<net::ControlLink> link) : connection(std::move(link)), loop_(loop) {
    connection->watch(loop_, [this] {
      while (auto bytes = connection->receive()) {
        texts.push_back(*bytes);
        received.push_back(wire::decode_message(*bytes).value());
      }
    });
  }
  ~RawPeer() { connection->unwatch(loop_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(const wire::Message& message) { REQUIRE(connection->send(wire::encode_message(message).value())); }
  template <class C>
  void command(const std::string& id, C payload, Role origin = Role::aura, Role target = Role::pulse) {
    send(wire::make_command(MessageId(id), origin, target, std::move(payload)));
  }
  // What answers the command with this id; waits for the n-th such answer.
  const wire::Message& answer(const std::string& id, std::size_t number = 1) {
    const wire::Message* found = nullptr;
    REQUIRE_SOON(loop_, (found = find_answer(id, number)) != nullptr);
    return *found;
  }
  void hello(const std::string& instance, const std::string& id = "hello") {
    command(id, session::Hello{.role = Role::aura,
                               .client_id = "raw",
                               .instance_id = InstanceId(instance),
                               .software = {.name = "raw", .version = "1"},
                               .protocol = {.major = wire::kProtocolMajor, .min_minor = 0, .max_minor = wire::kProtocolMinor}});
    REQUIRE(answer(id).header.kind == Kind::reply);
  }
  template <class E>
  [[nodiscard]] std::size_t count() const {
    std::size_t number = 0;
    for (const wire::Message& message : received)
      if (message.header.kind == Kind::event && message.as<E>() != nullptr) ++number;
    return number;
  }

  std::unique_ptr<net::ControlLink> connection;
  std::deque<std::string> texts;
  std::deque<wire::Message> received;

 private:
  const wire::Message* find_answer(const std::string& id, std::size_t number) const {
    for (const wire::Message& message : received)
      if (message.header.kind != Kind::event && message.header.cid == MessageId(id) && --number == 0) return &message;
    return nullptr;
  }
  net::Loop& loop_;
};

// A listening end without a server, for servers that break rules.
struct Gate {
  Gate() {
    if (topology() == Topology::in_process) {
      auto made = std::make_unique<net::InProcessGate>();
      address = made->address();
      gate = std::move(made);
    } else {
      gate = net::ControlListener::bind(context, runtime.ipc("s")).value();
    }
  }
  [[nodiscard]] Caller connect(session::ClientOptions options = {.client_id = "test", .hello_deadline = kWatchdog}) {
    if (address) return {*address, loop, std::move(options)};
    options.endpoint = runtime.ipc("s");
    return {context, loop, std::move(options)};
  }
  void send(const net::PeerKey& peer, const std::string& bytes) const {
    CHECK(gate->send(peer, bytes) == net::ControlGate::SendOutcome::sent);
  }

  TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  std::optional<net::InProcessAddress> address;
  std::unique_ptr<net::ControlGate> gate;
};

// A Pulse that answers track.rename, on one Loop with its clients.
struct Studio {
  explicit Studio(const session::ServerOptions& changes = {}) {
    session::ServerOptions options = changes;
    if (topology() == Topology::ipc) options.endpoint = runtime.ipc("project.sock");
    options.software_name = "studio";
    // Raw peers send no heartbeats, and a loaded machine is no reason to lose them; tests of the lease set their own.
    if (options.lease == session::ServerOptions{}.lease) options.lease = 1h;
    server = session::Server::bind(context, loop, options).value();
    server->on<track::Rename>([this](session::Server::Request<track::Rename> request) {
      ++renames;
      request.reply({.revision = renames});
    });
    server->on_connected([this](const session::ClientInfo& client) { connected.push_back(client); });
    server->on_disconnected([this](const session::ClientInfo& client, session::GoodbyeReason reason) {
      disconnected.push_back(client);
      reasons.push_back(reason);
    });
  }
  [[nodiscard]] session::ClientOptions client_options() const {
    return {.endpoint = server->endpoint(), .client_id = "test", .hello_deadline = kWatchdog};
  }
  [[nodiscard]] Caller connect() { return connect(client_options()); }
  [[nodiscard]] Caller connect(session::ClientOptions options) {
    if (topology() == Topology::in_process) return {server->in_process(), loop, std::move(options)};
    return {context, loop, std::move(options)};
  }
  [[nodiscard]] Caller ready() {
    Caller caller = connect();
    REQUIRE_SOON(loop, caller.client->state() == PortState::ready);
    return caller;
  }
  [[nodiscard]] std::unique_ptr<net::ControlLink> link(const net::SocketOptions& options = {}) {
    if (topology() == Topology::in_process) return server->in_process().connect(options);
    return net::ControlConnection::connect(context, server->endpoint(), options).value();
  }
  [[nodiscard]] std::unique_ptr<RawPeer> raw() { return std::make_unique<RawPeer>(loop, link()); }

  TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  std::unique_ptr<session::Server> server;
  std::int64_t renames = 0;
  std::vector<session::ClientInfo> connected;
  std::vector<session::ClientInfo> disconnected;
  std::vector<session::GoodbyeReason> reasons;
};

// An event that Pulse can send to everybody.
inline transport::Changed transport_at(std::int64_t position_frames, bool playing = false) {
  return {.playing = playing, .position_frames = position_frames, .position_beats = 0, .tempo_bpm = 120, .loop = {}};
}

inline track::Rename rename_to(std::string name) {
  return {.track_id = TrackId("trk-1"), .name = std::move(name)};
}

}  // namespace loophole::test
