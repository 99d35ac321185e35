#pragma once
// DriverChannel: the way in by which a test tells this user interface what to do (docs/guides/validate-your-ui.md). A message is its length
// in 4 bytes, the least significant one first, and then one JSON object. Nothing here is of Loophole: take both files for your own driver.

#include <optional>
#include <string>
#include <string_view>

#include "loophole/core/result.hpp"

namespace loophole::cli {

// [owner-thread] Nothing here blocks.
class DriverChannel {
 public:
  // Takes a stream socket over, which was inherited. Errors: payload.invalid, it is none.
  [[nodiscard]] static Result<DriverChannel> take(int descriptor);
  DriverChannel(DriverChannel&& other) noexcept;
  DriverChannel& operator=(DriverChannel&&) = delete;
  ~DriverChannel();

  // The next message that has arrived whole.
  [[nodiscard]] std::optional<std::string> receive();
  // What the other side does not take yet waits here, in order.
  void send(std::string_view text);

  // False: the other side has closed it, or what it sent is no message.
  [[nodiscard]] bool is_open() const noexcept { return socket_ >= 0; }
  // For poll(2): a descriptor, and what to wait for there.
  [[nodiscard]] int fd() const noexcept { return socket_; }
  [[nodiscard]] short wanted() const noexcept;
  // Sends what waits.
  void flush();

  static constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;  // of a message

 private:
  explicit DriverChannel(int socket) noexcept : socket_(socket) {}
  void close() noexcept;
  int socket_;
  std::string received_;
  std::string unsent_;
};

}  // namespace loophole::cli
