#pragma once
// Supervisor: keeps one Signal running and connected.
//
//   absent ──start()──> starting ──hello, graph live──> running
//                          ^  |                            |
//             back-off     |  +---- died, hung ----> lost <+
//                          +--------------------------+   `──too often, or no program──> failed
//
// A Signal that lives but no longer answers is ended, so that there is one way to come back: a new process with new endpoints and a new
// epoch. All functions are [owner-thread].

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backoff.hpp"
#include "engine/keeper.hpp"
#include "engine/process.hpp"

namespace loophole::pulse {

struct SupervisorOptions {
  std::filesystem::path program;            // loophole-signal
  std::vector<std::string> arguments = {};  // besides the endpoints
  std::filesystem::path folder;             // of the session, for sockets and last words
  BackoffOptions backoff = {};
  std::chrono::milliseconds hello_deadline{5'000};
  std::chrono::milliseconds end_deadline{3'000};   // from SIGTERM to SIGKILL, at the end
  std::chrono::milliseconds lost_deadline{1'000};  // and for one that no longer answers, which the specification gives a second too
};

class Supervisor final : public EngineKeeper {
 public:
  Supervisor(net::Context& context, net::Loop& loop, SupervisorOptions options);
  ~Supervisor() override;

  void start() override;
  // Error engine.programMissing.
  [[nodiscard]] Result<void> restart() override;
  void give_up_connection(const std::string& reason) override;
  // Ends the process in order, by force after a while.
  void stop(std::function<void()> done) override;
  [[nodiscard]] std::int64_t process_id() const noexcept override;

 private:
  void connection_ended(const std::string& why) override;
  void launch();
  // It ended, or could not be started just now: again after a pause, or not at all when that was too often.
  void launch_later(const std::string& why);
  void process_ended(const std::string& how);
  // SIGTERM now, SIGKILL after `patience`.
  void end_process(std::chrono::milliseconds patience);
  // Of this launch, in the session's folder.
  [[nodiscard]] std::filesystem::path file(const char* what) const;
  void remove_files() const;

  SupervisorOptions options_;
  Backoff backoff_;
  std::string end_reason_;  // why this process of the engine is being ended, when it is by us
  bool restart_asked_ = false;
  std::int64_t launches_ = 0;
  std::unique_ptr<ChildProcess> process_;
  std::optional<net::TimerId> launch_timer_;
  std::optional<net::TimerId> kill_timer_;
  std::function<void()> stopped_;
  bool stopping_ = false;
};

}  // namespace loophole::pulse
