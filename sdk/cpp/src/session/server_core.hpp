#pragma once
// Private to the session: what a Server is. Shared with the Requests that are still to be answered, which may outlive it.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "loophole/session/server.hpp"
#include "loophole/wire/codec.hpp"
#include "remembered_answers.hpp"

namespace loophole::session {

struct Server::State {
  class Core;
  std::shared_ptr<Core> core;
};

struct Server::Pending::State {
  std::weak_ptr<Server::State::Core> core;
  ClientKey client = 0;
  InstanceId instance;
  wire::Version effective;  // with this client, also after it is gone: its answer is remembered
  wire::Message command;
};

class Server::State::Core : public std::enable_shared_from_this<Core> {
 public:
  using Duration = std::chrono::nanoseconds;
  using CommandHandler = std::function<void(Pending)>;

  // There may be no listener.
  Core(net::Loop& loop, ServerOptions options, std::unique_ptr<net::InProcessGate> gate, std::unique_ptr<net::ControlListener> listener);

  void start();
  // Says goodbye and lets go of gates and Loop; handlers are not called any more.
  void end();

  void disconnect_all(GoodbyeReason reason);
  void send_event(ClientKey client, const wire::MessageDesc& event, wire::Payload payload, std::optional<MessageId> cause);
  void broadcast_event(const wire::MessageDesc& event, const wire::Payload& payload, const std::optional<MessageId>& cause);
  void tell_progress(const Pending::State& pending, operation::Progress progress);
  // The answer of a Request; `answer` is empty when it was dropped.
  void finish(Pending::State& pending, std::optional<Result<wire::Payload>> answer);

  [[nodiscard]] std::vector<ClientInfo> clients() const;
  [[nodiscard]] CountersReply counters() const;

  const ServerOptions options;
  const InstanceId instance_id;
  const std::string endpoint;  // empty: clients of this process only
  const net::InProcessAddress in_process;
  std::unordered_map<std::string_view, CommandHandler> handlers;  // keys are names of the registry
  std::function<void(const ClientInfo&, HelloReply&)> on_hello;
  std::function<void(const ClientInfo&)> on_connected;
  std::function<void(const ClientInfo&, GoodbyeReason)> on_disconnected;
  std::function<void()> on_batch_end;
  std::function<void(CountersReply&)> on_counters;

 private:
  // Where a peer is: at one of our gates, under the name that it has there.
  struct Address {
    std::size_t gate = 0;
    net::PeerKey key{};
    auto operator<=>(const Address&) const = default;
  };
  using SendOutcome = net::ControlGate::SendOutcome;
  // A greeted client. Silence is counted by the ticks of our own timer: time in which we could not listen does not count against anybody.
  struct Peer {
    ClientInfo info;
    Address address;
    wire::Version effective;
    Duration silent{0};    // nothing was heard
    Duration unspoken{0};  // nothing was sent
    std::int64_t heartbeats = 0;
    bool unreachable = false;  // its connection has ended; given up when everything that it said is read
  };
  // A client instance, connected or not.
  struct Instance {
    RememberedAnswers answers;
    ClientKey client = 0;  // 0: not connected
  };
  // Somebody whose queue was full when we gave him up, and who shall still learn why.
  struct Farewell {
    Address address;
    std::string bytes;
    Duration left;
  };
  struct InBatch {
    Duration work{0};
    bool waits = false;  // a command was given to its handler
  };
  enum class Notify { now, later };

  void on_readable(std::size_t gate);
  void take(const Address& from, const net::ControlGate::Incoming& incoming);
  void take_message(const Address& from, const wire::Message& message);
  void take_command(Peer& peer, const wire::Message& message);
  void take_hello(const Address& from, const wire::Message& message);
  void take_undecodable(const Address& from, const Error& error, const wire::Salvage& salvage);
  [[nodiscard]] Result<ClientKey> admit(const Address& from, const wire::Message& message);
  [[nodiscard]] HelloReply greeting(const Peer& peer) const;
  [[nodiscard]] DescribeReply description(const Peer& peer) const;
  [[nodiscard]] Error full() const;
  [[nodiscard]] std::string place() const;  // "Pulse at ipc://…"

  [[nodiscard]] Peer* find(const Address& address);
  [[nodiscard]] Instance& instance_of(const InstanceId& id);
  void forget_instances();

  void tick();
  void say_farewells(Duration elapsed);
  [[nodiscard]] bool ended() const noexcept { return gates_.empty(); }
  [[nodiscard]] SendOutcome send_to(const Address& address, std::string_view bytes) {
    return gates_[address.gate]->send(address.key, bytes);
  }
  // `peer` may be gone afterwards.
  bool transmit(Peer& peer, std::string_view bytes);
  // To a greeted or an unknown peer.
  void answer_at(const Address& address, wire::Message answer);
  void refuse(const Address& address, const wire::Message& message, Error error);
  void give_up(ClientKey client, GoodbyeReason reason, Notify notify);
  // Reads on soon, though the gate may have nothing any more.
  void hear_out(std::size_t gate);
  [[nodiscard]] std::vector<ClientKey> unreachable_at(std::size_t gate) const;
  [[nodiscard]] std::string goodbye(GoodbyeReason reason, wire::Version effective);
  // For a peer, in the version in effect with it; before a hello that is the oldest one.
  [[nodiscard]] Result<std::string> encode(const wire::Message& message, wire::Version effective);
  [[nodiscard]] std::string encode_answer(wire::Message message, wire::Version effective);
  [[nodiscard]] MessageId next_id();

  net::Loop& loop_;
  const ProtocolRange own_;
  std::vector<std::unique_ptr<net::ControlGate>> gates_;  // empty after end()
  net::TimerId tick_timer_ = 0;
  Duration tick_interval_;
  std::chrono::steady_clock::time_point last_tick_;

  std::map<ClientKey, Peer> peers_;
  std::map<Address, ClientKey> addresses_;
  std::unordered_map<InstanceId, Instance> instances_;
  std::deque<InstanceId> absent_;  // instances that are not connected, longest absent first
  std::deque<Farewell> farewells_;
  bool ending_ = false;
  std::map<Address, InBatch> batch_;  // who has been heard in it
  std::uint64_t last_id_ = 0;
  CountersReply counts_;
};

}  // namespace loophole::session
