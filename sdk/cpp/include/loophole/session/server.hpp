#pragma once
// Server: the side of a control connection that is greeted (Pulse by Auras, Signal by one Pulse). Serves clients at its endpoint and
// clients of its own process alike. Keeps the rules that all handlers rely on:
//
//   - nothing but session.hello before hello; routes and origins as the topology says
//   - each client is spoken to in the version in effect with it (ClientInfo::protocol): newer events are not sent, newer members and labels
//     are left out, and what comes in newer is unknown here; all of that is counted (CountersReply::newer, ::withheld)
//   - a command has exactly one answer: a Request that is destroyed unanswered answers internal.fault
//   - the same (instanceId, id) twice is executed once; the second gets the remembered answer (or waits for it)
//   - messages to one client keep their order, so that events sent before an answer arrive before it
//   - heartbeats and leases; a client whose queue is full, or that is silent, is disconnected with a reason
//   - malformed, oversized and unknown messages are always counted, and commands among them answered where their id could be read
//
// session.hello, session.heartbeat, session.goodbye, session.describe and session.counters are answered by the Server itself.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/transport/in_process.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::session {

// A greeted client. Numbers are never used again in a process.
using ClientKey = std::uint64_t;

// Who is connected.
struct ClientInfo {
  ClientKey key = 0;           // of this connection, while it lives
  SessionId session_id{};      // that it was given in the hello's answer
  Hello hello{};               // what it said
  ProtocolVersion protocol{};  // in effect with this client
};

// Where a server listens, what it says of itself, and what it grants.
struct ServerOptions {
  std::string endpoint{};                             // empty: clients of this process only
  Role role = Role::pulse;                            // own seat
  Role peers = Role::aura;                            // seat of the clients
  std::string software_name{};                        // of the program, for people
  std::string software_version = "0.1.0";             // of that program
  std::vector<std::string> capabilities{};            // names of abilities that the hello's answer tells
  std::chrono::milliseconds heartbeat_interval{500};  // in which each side says something
  std::chrono::milliseconds lease{5'000};             // a client that is silent for longer is given up
  std::size_t max_clients = 64;                       // one more is refused; 1 for an engine (engine.held)
  std::size_t remembered_answers = 1024;              // per client instance; the newest 64 that are not idempotent stay, however large
  net::SocketOptions socket{};                        // of the endpoint
  // Highest minor version to speak: a newer program behaves as an older one, which tests of versions need.
  std::uint16_t max_minor = wire::kProtocolMinor;
};

class Server {
 public:
  // An answer that is owed. Move-only; may be kept and answered later, from the owner thread.
  class Pending {
   public:
    Pending(Pending&&) noexcept;             // the one that is moved from owes nothing
    Pending& operator=(Pending&&) noexcept;  // the same
    ~Pending();
    [[nodiscard]] ClientKey client() const noexcept;               // who asked
    [[nodiscard]] const MessageId& command_id() const noexcept;    // of the command
    [[nodiscard]] const InstanceId& instance_id() const noexcept;  // of the program that asked
    [[nodiscard]] const wire::Message& command() const noexcept;   // what was asked
    // Tells who asked how far the command is; ignored after the answer. The caller's deadline begins anew with each.
    void progress(operation::Progress progress);
    void reply(wire::Payload payload);  // answers; once
    void fail(Error error);             // answers with an error; once

   private:
    friend class Server;
    struct State;
    explicit Pending(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  // A typed answer that is owed: reply() takes what the command C is answered with.
  template <class C>
  class Request {
   public:
    explicit Request(Pending pending) : pending_(std::move(pending)) {}                               // of a command C
    [[nodiscard]] const C& command() const noexcept { return *pending_.command().template as<C>(); }  // what was asked
    [[nodiscard]] ClientKey client() const noexcept { return pending_.client(); }                     // who asked
    [[nodiscard]] const MessageId& command_id() const noexcept { return pending_.command_id(); }      // of the command
    [[nodiscard]] const InstanceId& instance_id() const noexcept { return pending_.instance_id(); }   // of the program that asked
    void progress(operation::Progress progress) { pending_.progress(std::move(progress)); }           // as Pending has it
    void reply(typename C::Reply reply) { pending_.reply(wire::Payload::of(std::move(reply))); }      // answers; once
    // A pointer in the error is into the payload ("/trackId"); the client gets it from the message on ("/payload/trackId").
    void fail(Error error) { pending_.fail(std::move(error)); }
    // Answers with either; once.
    void answer(Result<typename C::Reply> result) {
      if (result)
        reply(*std::move(result));
      else
        fail(std::move(result).error());
    }

   private:
    Pending pending_;
  };

  // [owner-thread] Binds, where there is an endpoint, and watches. `context` and `loop` must outlive the server. Errors: session.inUse,
  // session.runtimeDir.
  [[nodiscard]] static Result<std::unique_ptr<Server>> bind(net::Context& context, net::Loop& loop, ServerOptions options);
  ~Server();

  // [owner-thread] The handler of a command. Commands without one are answered envelope.unknownName.
  template <class C>
  void on(std::function<void(Request<C>)> handler) {
    handle(wire::MessageOf<C>::desc(), [handler = std::move(handler)](Pending pending) { handler(Request<C>(std::move(pending))); });
  }
  // [owner-thread] Members of the hello's answer that the application knows (the engine link).
  void on_hello(std::function<void(const ClientInfo&, HelloReply&)> complete);
  void on_connected(std::function<void(const ClientInfo&)> handler);
  void on_disconnected(std::function<void(const ClientInfo&, GoodbyeReason)> handler);
  // [owner-thread] Called once after each batch of commands that was waiting; where an application commits what it collected.
  void on_batch_end(std::function<void()> handler);
  // [owner-thread] Adds the application's counts (engine, other sockets) to those of this server when somebody asks.
  void on_counters(std::function<void(CountersReply&)> complete);

  // [owner-thread] Events. `cause` is the command that led to it.
  template <class E>
  void send(ClientKey client, E event, std::optional<MessageId> cause = {}) {
    send_payload(client, wire::MessageOf<E>::desc(), wire::Payload::of(std::move(event)), std::move(cause));
  }
  template <class E>
  void broadcast(E event, std::optional<MessageId> cause = {}) {
    broadcast_payload(wire::MessageOf<E>::desc(), wire::Payload::of(std::move(event)), std::move(cause));
  }

  // [owner-thread] The same by table, for programs that know messages by name alone: tools and tests. The payload has the type that the
  // registry says.
  void handle(const wire::MessageDesc& command, std::function<void(Pending)> handler);
  void send_payload(ClientKey client, const wire::MessageDesc& event, wire::Payload payload, std::optional<MessageId> cause);
  void broadcast_payload(const wire::MessageDesc& event, wire::Payload payload, std::optional<MessageId> cause);

  // [owner-thread] Says goodbye to everybody and forgets them.
  void close(GoodbyeReason reason);

  [[nodiscard]] std::vector<ClientInfo> clients() const;       // of now
  [[nodiscard]] const std::string& endpoint() const noexcept;  // as bound; empty where there is none
  // Where clients of the same process reach this server, beside those at its endpoint. The address may be used from any thread and after
  // the server; see transport/in_process.hpp.
  [[nodiscard]] net::InProcessAddress in_process() const;
  [[nodiscard]] const InstanceId& instance_id() const noexcept;
  [[nodiscard]] CountersReply counters() const;

 private:
  Server();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loophole::session
