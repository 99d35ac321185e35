// Client::State's connection: looking for the session, hello, the end of it, and all that again.
#include <algorithm>
#include <utility>

#include "client_state.hpp"
#include "loophole/aura/ipc_project_port.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::aura {
namespace {

using std::chrono::milliseconds;

// How often the run-time directory is looked into for a session that is not there: often at first, when it is just being started.
constexpr milliseconds kLookOften{20};
constexpr milliseconds kLookSeldom{200};
constexpr std::chrono::seconds kLookOftenFor{2};

}  // namespace

bool may_come(const Error& reason) noexcept {
  return is(reason, errors::kSessionNotFound) || is(reason, errors::kSessionLost) || is(reason, errors::kSessionTimeout) ||
         is(reason, errors::kSessionFull) || is(reason, errors::kSessionOverflow);
}

std::string_view to_string(Connection::State state) noexcept {
  switch (state) {
    case Connection::State::looking:
      return "looking";
    case Connection::State::connecting:
      return "connecting";
    case Connection::State::connected:
      return "connected";
    case Connection::State::waiting:
      return "waiting";
    case Connection::State::incompatible:
      return "incompatible";
    case Connection::State::closed:
      return "closed";
  }
  return "closed";
}

void Client::State::open() {
  can_dial_ = true;
  looking_since_ = Clock::now();
  attempt();
}

void Client::State::use(std::unique_ptr<ProjectPort> port) {
  take(std::move(port));
}

Result<void> Client::State::wait_connected(Clock::time_point deadline) {
  using enum Connection::State;
  const auto left = std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds{0});
  static_cast<void>(wait(
      [this] {
        if (connection_.state == connected || connection_.is_final()) return true;
        return connection_.state != connecting && connection_.reason && !may_come(*connection_.reason);
      },
      left));
  if (connection_.state == connected) return {};
  if (connection_.reason) return *connection_.reason;
  const bool greeted = port_ && port_->state() == session::PortState::ready;
  if (!greeted && !options_.endpoint.empty()) return nobody();
  return make_error(errors::kSessionTimeout, place() + " did not answer " + (greeted ? "with the project" : "the hello") + " in time");
}

std::string Client::State::place() const {
  return options_.endpoint.empty() ? "session '" + options_.session + "'" : "Pulse at " + options_.endpoint;
}

Error Client::State::nobody() const {
  return make_error(errors::kSessionNotFound,
                    "nobody answers at " + options_.endpoint + "; start one with loophole-pulse --listen " + options_.endpoint);
}

void Client::State::close() {
  if (closing_ || connection_.is_final()) return;
  closing_ = true;
  if (port_) return port_->close();  // open calls fail, then the port says that it is closed
  post([this] { disconnected(make_error(errors::kSessionCancelled, "this side closed the connection")); });
}

void Client::State::set_connection(Connection connection) {
  const auto code = [](const Connection& one) { return one.reason ? one.reason->code : std::string(); };
  const bool news = connection.state != connection_.state || code(connection) != code(connection_);
  connection_ = std::move(connection);
  if (!news) return;
  const auto handler = on_connection;  // copies: the handler may change both
  if (handler) handler(Connection(connection_));
}

void Client::State::attempt_later(milliseconds delay) {
  if (attempt_timer_) loop_.cancel(*attempt_timer_);
  attempt_timer_ = loop_.after(delay, [this] {
    attempt_timer_.reset();
    side_inbox_.push_back([this] { attempt(); });
  });
}

void Client::State::attempt() {
  if (port_ || closing_ || connection_.is_final()) return;
  if (!options_.endpoint.empty()) return dial(options_.endpoint);
  auto found = session::find(options_.session);
  if (!found) {
    const bool often = Clock::now() - looking_since_ < kLookOftenFor;
    attempt_later(often ? kLookOften : kLookSeldom);
    return set_connection({.state = Connection::State::looking, .reason = std::move(found).error(), .attempts = connection_.attempts});
  }
  dial(found->project_endpoint);
}

void Client::State::dial(const std::string& endpoint) {
  auto port = IpcProjectPort::connect(context_, loop_,
                                      {.endpoint = endpoint,
                                       .client_id = options_.client_id,
                                       .software_version = options_.software_version,
                                       .capabilities = options_.capabilities,
                                       .hello_deadline = std::max(options_.deadline, kLookOften),
                                       .instance_id = instance_id_,
                                       .id_prefix = ports_ == 0 ? "m" : "m" + std::to_string(ports_) + "-"});
  if (!port && !options_.endpoint.empty() && is(port.error(), errors::kSessionEndpointRefused))
    return end_for_good(Connection::State::closed, std::move(port).error());  // it will be refused for ever
  if (!port) return disconnected(std::move(port).error());
  take(std::move(*port));
}

void Client::State::take(std::unique_ptr<ProjectPort> port) {
  port_ = std::move(port);
  const std::uint64_t number = ++ports_;
  // In the order of what arrives: events that came right after the hello are newer than what it says.
  const auto say = [this, number](session::PortState state) {
    if (state == session::PortState::connecting) return;
    inbox_.push_back([this, number, state] {
      if (number != ports_ || !port_) return;
      if (state == session::PortState::ready) return greeted();
      port_closed();
    });
  };
  port_->on_event([this, number](const wire::Message& message) {
    inbox_.push_back([this, number, message] {
      if (number == ports_ && port_) deliver(message);  // else its connection is over: the next one brings the whole project
    });
  });
  port_->on_state(say);
  say(port_->state());
  set_connection({.state = Connection::State::connecting, .attempts = connection_.attempts});
}

void Client::State::greeted() {
  hello_ = *port_->hello();
  instance_id_ = port_->instance_id();
  changes->impl().forget_transport();
  follow_engine(hello_.engine);
  resync();
  repeat_calls();
}

void Client::State::connected() {
  connected_at_ = Clock::now();
  if (std::exchange(was_connected_, true)) ++counters.reconnects;
  set_connection({.state = Connection::State::connected});
}

void Client::State::port_closed() {
  disconnected(port_->close_reason().value_or(make_error(errors::kSessionLost, "the connection to Pulse has ended")));
}

void Client::State::drop_port() {
  if (!port_) return;
  port_->on_event({});
  port_->on_state({});
  port_->close();
  port_.reset();
  resyncing_ = false;
  for (const auto& [id, call] : calls_)
    if (call->stage == Call::Stage::sent) call->stage = Call::Stage::interrupted;
}

void Client::State::disconnected(Error reason) {
  const bool was = connection_.state == Connection::State::connected;
  const std::uint32_t attempts = was ? 0 : connection_.attempts + 1;
  if (!options_.endpoint.empty() && is(reason, errors::kSessionNotFound)) reason = nobody();
  drop_port();
  if (reason.category == Category::unsupported) return end_for_good(Connection::State::incompatible, std::move(reason));
  if (!will_reconnect()) return end_for_good(Connection::State::closed, std::move(reason));
  wait_for_reconnect();
  looking_since_ = Clock::now();
  // Who is thrown out again at once waits longer and longer, too.
  if (was && Clock::now() - connected_at_ > options_.retry_most) retry_in_ = milliseconds{0};
  retry_in_ = std::min(std::max(options_.retry_first, retry_in_ * 2), options_.retry_most);
  attempt_later(retry_in_);
  lose_gestures(reason);
  set_connection({.state = Connection::State::waiting, .reason = std::move(reason), .retry_in = retry_in_, .attempts = attempts});
}

void Client::State::end_for_good(Connection::State state, Error reason) {
  if (attempt_timer_) loop_.cancel(*std::exchange(attempt_timer_, std::nullopt));
  connection_.reason = reason;  // commands that handlers send from now on fail with it
  fail_interrupted(reason);
  lose_gestures(reason);
  follow_engine({});
  set_connection({.state = state, .reason = std::move(reason), .attempts = connection_.attempts});
}

}  // namespace loophole::aura
