#pragma once
// Attachment: keeps Pulse connected to a Signal that somebody else runs, at a known endpoint. It may come late, go and come again, or never
// come: Pulse dials for ever, and projects can be edited meanwhile.
//
//   absent ──start()──> starting ──hello, graph live──> running ──gone──> lost ──no answer──> absent, and dials on
//
// All functions are [owner-thread].

#include <chrono>
#include <string>

#include "engine/keeper.hpp"

namespace loophole::pulse {

struct AttachmentOptions {
  std::string endpoint;                             // Signal's control endpoint
  std::chrono::milliseconds hello_deadline{2'000};  // of one attempt
  std::chrono::milliseconds first_delay{100};       // between attempts; doubles
  std::chrono::milliseconds longest_delay{2'000};
};

class Attachment final : public EngineKeeper {
 public:
  Attachment(net::Context& context, net::Loop& loop, AttachmentOptions options);
  ~Attachment() override;

  void start() override;
  // Always engine.unavailable: it is not ours to start.
  [[nodiscard]] Result<void> restart() override;
  void give_up_connection(const std::string& reason) override;
  // Says goodbye; the engine plays on.
  void stop(std::function<void()> done) override;

 private:
  void connection_ended(const std::string& why) override;
  void dial();
  void dial_again(const std::string& why);

  AttachmentOptions options_;
  std::chrono::milliseconds delay_;
  std::optional<net::TimerId> timer_;
  bool dialled_in_vain_ = false;
  bool stopping_ = false;
};

}  // namespace loophole::pulse
