#pragma once
// Client: the side of a control connection that says hello first (Aura to Pulse, Pulse to Signal). Implements Port over the transport, to
// another process or within this one:
// hello and version agreement, matching answers to commands, deadlines, heartbeats and the peer's lease.
//
// Of the protocol a client shows what is in effect with its peer (hello()->protocol) and nothing newer: commands that say more fail with
// protocol.newer without being sent, and what comes in newer is ignored and counted (CountersReply::newer).

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loophole/session/port.hpp"
#include "loophole/transport/in_process.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::session {

// Who says hello to whom.
struct ClientOptions {
  std::string endpoint{};                           // empty: the server is in this process
  Role role = Role::aura;                           // own seat
  Role peer = Role::pulse;                          // seat of the other side
  std::string client_id{};                          // name of the program, for people
  std::string software_version = "0.1.0";           // of that program
  std::vector<std::string> capabilities{};          // names of abilities that the hello tells
  std::chrono::milliseconds hello_deadline{5'000};  // from connecting to state ready; then closed with session.notFound
  // A program that connects again within its run keeps its instance and begins its ids with something else, so that they stay unique.
  InstanceId instance_id{};     // empty: a new one
  std::string id_prefix = "m";  // that ids of commands begin with
  // Highest minor version to speak: a newer program behaves as an older one, which tests of versions need.
  std::uint16_t max_minor = wire::kProtocolMinor;
};

class Client final : public Port {
 public:
  // [owner-thread] Dials and says hello; state() becomes ready or closed from the Loop. `context` and `loop` must outlive the client.
  [[nodiscard]] static Result<std::unique_ptr<Client>> connect(net::Context& context, net::Loop& loop, ClientOptions options);
  // [owner-thread] The same to a Server of this process, which may run on a Loop and a thread of its own or on this one; options.endpoint
  // stays empty. `loop` must outlive the client; the server need not.
  [[nodiscard]] static Result<std::unique_ptr<Client>> connect(const net::InProcessAddress& server, net::Loop& loop, ClientOptions options);
  // Says goodbye. Handlers that were not called yet are dropped; who wants the answers of open calls closes first and runs the Loop.
  ~Client() override;

  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions options) override;
  void on_event(EventHandler handler) override;
  void on_state(StateHandler handler) override;
  [[nodiscard]] PortState state() const noexcept override;
  [[nodiscard]] const HelloReply* hello() const noexcept override;
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override;
  [[nodiscard]] const InstanceId& instance_id() const noexcept override;
  void close() override;

  // Control plane members, and what was seen of other planes.
  [[nodiscard]] CountersReply counters() const override;

 private:
  Client();
  [[nodiscard]] static Result<std::unique_ptr<Client>> start(std::unique_ptr<net::ControlLink> link, net::Loop& loop,
                                                             ClientOptions options);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loophole::session
