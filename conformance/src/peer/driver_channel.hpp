#pragma once
// The driver channel: how the suite tells a user interface what to do. A stream socket whose other end the peer inherits under the number
// that takes the place of {driver}. Each message is its length in 4 bytes, the least significant one first, then a JSON object in UTF-8.

#include <optional>
#include <string>

namespace loophole::conformance {

// [owner-thread]. Nothing here blocks.
class DriverChannel {
 public:
  DriverChannel();
  ~DriverChannel();
  DriverChannel(const DriverChannel&) = delete;
  DriverChannel& operator=(const DriverChannel&) = delete;

  // The end of the peer.
  [[nodiscard]] int peer_end() const noexcept { return peer_; }
  // The peer has been started, so this process lets go of its end.
  void handed_over();

  // False: the peer does not read, or has closed its end.
  [[nodiscard]] bool send(const std::string& text);
  // The next message. What is longer than kMaxBytes breaks the channel: broken() says so, and nothing more comes.
  [[nodiscard]] std::optional<std::string> receive();
  [[nodiscard]] bool broken() const noexcept { return broken_; }

  static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;

 private:
  int own_ = -1;
  int peer_ = -1;
  bool broken_ = false;
  std::string received_;
};

}  // namespace loophole::conformance
