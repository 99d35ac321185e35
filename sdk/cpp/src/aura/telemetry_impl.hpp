#pragma once
// Telemetry::Impl: the subscription that follows the engine.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "loophole/aura/telemetry.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "telemetry_reader.hpp"

namespace loophole::aura {

class Telemetry::Impl {
 public:
  // Handlers of the user are given to `defer`, which calls them outside of the Loop.
  using Defer = std::function<void(std::function<void()>)>;

  Impl(net::Context& context, net::Loop& loop, Defer defer) : context_(context), loop_(loop), defer_(std::move(defer)) {}
  ~Impl() { disconnect(); }

  // The engine as it is now; nothing: there is none. Not from within a handler of the Loop.
  void follow(const std::optional<session::EngineLink>& link);

  void subscribe(Topic topic);
  void unsubscribe(Topic topic);

  std::function<void(const MetersView&)> on_meters;
  std::function<void(const TransportView&)> on_transport;
  TelemetryReader reader;
  std::optional<Error> fault;

 private:
  void connect();
  void disconnect();
  void receive();
  void deliver_meters();
  void deliver_transport();

  net::Context& context_;
  net::Loop& loop_;
  Defer defer_;
  std::optional<session::EngineLink> link_;
  std::set<Topic> topics_;
  std::unique_ptr<net::TelemetrySubscriber> subscriber_;
  std::string topic_;
  Buffer frame_;
};

}  // namespace loophole::aura
