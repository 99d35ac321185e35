#pragma once
// Raw ZeroMQ sockets of the three planes. The suite has lanes of its own, so that it can also send what the SDK never would: messages of
// several parts, bytes of another plane, garbage.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance {

class LaneContext {
 public:
  LaneContext();
  ~LaneContext();
  LaneContext(const LaneContext&) = delete;
  LaneContext& operator=(const LaneContext&) = delete;
  [[nodiscard]] void* handle() const noexcept { return context_; }

 private:
  void* context_;
};

using Parts = std::vector<std::string>;

// [owner-thread]. Nothing here blocks.
class Lane {
 public:
  // A `narrow` one is a dealer whose queue of what arrives holds next to nothing; the other narrow ones are as full soon.
  enum class Kind : std::uint8_t { dealer, router, push, pull, sub, xsub, xpub, narrow, narrow_push, narrow_pull };
  // nullptr with `error` when the endpoint cannot be used.
  [[nodiscard]] static std::unique_ptr<Lane> connect(LaneContext& context, Kind kind, const std::string& endpoint, std::string& error);
  [[nodiscard]] static std::unique_ptr<Lane> bind(LaneContext& context, Kind kind, const std::string& endpoint, std::string& error);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // False: there was no room, nothing was sent.
  [[nodiscard]] bool send(const Parts& parts);
  [[nodiscard]] std::optional<Parts> receive();
  void subscribe(std::string_view topic);
  void unsubscribe(std::string_view topic);
  [[nodiscard]] void* handle() const noexcept { return socket_; }
  // From here on, connections that come in are counted, or those that are cut. Once for a lane.
  enum class Change : std::uint8_t { accepted, cut };
  void count(LaneContext& context, Change change);
  [[nodiscard]] std::size_t counted();

 private:
  explicit Lane(void* socket) : socket_(socket) {}
  [[nodiscard]] static std::unique_ptr<Lane> open(LaneContext& context, Kind kind);
  void* socket_;
  void* monitor_ = nullptr;
  std::size_t counted_ = 0;
};

// Waits up to `timeout_ms` until one of the lanes has something.
void wait_for_any(const std::vector<Lane*>& lanes, long timeout_ms);

}  // namespace loophole::conformance
