#pragma once
// The sockets of the three planes. The only layer that knows ZeroMQ, and only in its .cpp files.
//
//   control     ControlListener (ROUTER)   <->  ControlConnection (DEALER)    bounded queues; overflow is told, never silent
//   stream      StreamReceiver (PULL)      <-   StreamSender (PUSH)           never blocks the sender; full queue: would-block
//   telemetry   TelemetryPublisher (XPUB)   ->  TelemetrySubscriber (SUB)     drop oldest; gaps show in sequence numbers
//
// Stream and telemetry are also abstract lanes (FrameSink, FrameSource), so that shared memory can carry the same frames one day.
// All functions are [owner-thread] where nothing else is said; none of them blocks.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "loophole/core/bytes.hpp"
#include "loophole/core/result.hpp"
#include "loophole/transport/control.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::net {

// Owns ZeroMQ's I/O thread. One per process is enough; must outlive its sockets.
class Context {
 public:
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  struct Native;
  [[nodiscard]] Native& native() const noexcept { return *native_; }  // of the transport alone

 private:
  std::unique_ptr<Native> native_;
};

// What the Loop needs of a socket.
class Socket {
 public:
  virtual ~Socket();
  struct Native;
  [[nodiscard]] virtual Native& native() noexcept = 0;  // of the transport alone
};

// The end of the control plane that is greeted.
class ControlListener final : public Socket, public ControlGate {
 public:
  // Error session.inUse: another process answers at this endpoint (a socket file that a dead process left is replaced).
  [[nodiscard]] static Result<std::unique_ptr<ControlListener>> bind(Context& context, const std::string& endpoint,
                                                                     const SocketOptions& options = {});
  ~ControlListener() override;

  void watch(Loop& loop, std::function<void()> on_readable) override;
  void unwatch(Loop& loop) override;
  [[nodiscard]] std::optional<Incoming> receive() override;                              // as ControlGate has it
  [[nodiscard]] SendOutcome send(const PeerKey& peer, std::string_view bytes) override;  // as ControlGate has it

  [[nodiscard]] const std::string& endpoint() const noexcept;               // as bound; tcp port 0 is resolved
  [[nodiscard]] const ReceiveCounters& counters() const noexcept override;  // of what arrived
  [[nodiscard]] Native& native() noexcept override;                         // of the transport alone

 private:
  ControlListener();
  struct State;
  std::unique_ptr<State> state_;
};

// The end of the control plane that says hello.
class ControlConnection final : public Socket, public ControlLink {
 public:
  // Succeeds before anybody listens: messages wait in the queue until somebody does.
  [[nodiscard]] static Result<std::unique_ptr<ControlConnection>> connect(Context& context, const std::string& endpoint,
                                                                          const SocketOptions& options = {});
  ~ControlConnection() override;

  void watch(Loop& loop, std::function<void()> on_readable) override;
  void unwatch(Loop& loop) override;
  [[nodiscard]] std::optional<std::string> receive() override;  // as ControlLink has it
  [[nodiscard]] bool send(std::string_view bytes) override;
  [[nodiscard]] Continuity continuity() override;  // as ZeroMQ's monitor tells it

  [[nodiscard]] const ReceiveCounters& counters() const noexcept override;  // of what arrived
  [[nodiscard]] Native& native() noexcept override;                         // of the transport alone

 private:
  ControlConnection();
  struct State;
  std::unique_ptr<State> state_;
};

// Lane: where frames go in.
class FrameSink {
 public:
  virtual ~FrameSink();
  // False: would block; the frame was not taken.
  [[nodiscard]] virtual bool send(Bytes frame) = 0;
};

// Lane: where frames come out.
class FrameSource {
 public:
  virtual ~FrameSource();
  // The next frame, in `buffer`; false: there is none now.
  [[nodiscard]] virtual bool receive(Buffer& buffer) = 0;
};

// The end of a stream lane where frames go in.
class StreamSender final : public Socket, public FrameSink {
 public:
  // Succeeds before anybody listens. Error session.endpointRefused.
  [[nodiscard]] static Result<std::unique_ptr<StreamSender>> connect(Context& context, const std::string& endpoint,
                                                                     const SocketOptions& options = {});
  ~StreamSender() override;
  [[nodiscard]] bool send(Bytes frame) override;
  [[nodiscard]] Native& native() noexcept override;  // of the transport alone

 private:
  StreamSender();
  struct State;
  std::unique_ptr<State> state_;
};

// The end of the stream plane where frames of all lanes come out.
class StreamReceiver final : public Socket, public FrameSource {
 public:
  // Errors: session.inUse, session.endpointRefused.
  [[nodiscard]] static Result<std::unique_ptr<StreamReceiver>> bind(Context& context, const std::string& endpoint,
                                                                    const SocketOptions& options = {});
  ~StreamReceiver() override;
  [[nodiscard]] bool receive(Buffer& buffer) override;
  [[nodiscard]] const std::string& endpoint() const noexcept;      // as bound
  [[nodiscard]] const ReceiveCounters& counters() const noexcept;  // of what arrived
  [[nodiscard]] Native& native() noexcept override;                // of the transport alone

 private:
  StreamReceiver();
  struct State;
  std::unique_ptr<State> state_;
};

// The end of the telemetry plane that sends.
class TelemetryPublisher final : public Socket {
 public:
  // Errors: session.inUse, session.endpointRefused.
  [[nodiscard]] static Result<std::unique_ptr<TelemetryPublisher>> bind(Context& context, const std::string& endpoint,
                                                                        const SocketOptions& options = {});
  ~TelemetryPublisher() override;
  // Takes in new subscriptions; to be called when the Loop says that the socket is readable.
  void read_subscriptions();
  // What anybody subscribed to, as it was asked for; what nobody subscribes to is not computed.
  [[nodiscard]] const std::set<std::string, std::less<>>& subscriptions() const noexcept;
  void send(std::string_view topic, Bytes frame);                  // to those who subscribed to the topic; never waits
  [[nodiscard]] const std::string& endpoint() const noexcept;      // as bound
  [[nodiscard]] const ReceiveCounters& counters() const noexcept;  // what subscribers sent that is no subscription
  [[nodiscard]] Native& native() noexcept override;                // of the transport alone

 private:
  TelemetryPublisher();
  struct State;
  std::unique_ptr<State> state_;
};

// The end of the telemetry plane that subscribes.
class TelemetrySubscriber final : public Socket {
 public:
  // Succeeds before anybody listens. Error session.endpointRefused.
  [[nodiscard]] static Result<std::unique_ptr<TelemetrySubscriber>> connect(Context& context, const std::string& endpoint,
                                                                            const SocketOptions& options = {});
  ~TelemetrySubscriber() override;
  [[nodiscard]] Result<void> subscribe(std::string_view topic);    // frames of it come from now on
  [[nodiscard]] Result<void> unsubscribe(std::string_view topic);  // and end
  // The next frame (the topic is taken off); false: there is none now.
  [[nodiscard]] bool receive(std::string& topic, Buffer& frame);
  [[nodiscard]] const ReceiveCounters& counters() const noexcept;  // of what arrived
  [[nodiscard]] Native& native() noexcept override;                // of the transport alone

 private:
  TelemetrySubscriber();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loophole::net
