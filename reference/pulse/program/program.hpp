#pragma once
// Program: a whole loophole-pulse, from the session's folder to the engine's process.

#include <memory>
#include <string>

#include "engine/supervisor.hpp"
#include "program/options.hpp"
#include "service/hub.hpp"

namespace loophole::pulse {

class Program {
 public:
  // [owner-thread] Binds the session's endpoint and publishes it; nothing runs yet. Errors: session.inUse, session.runtimeDir.
  [[nodiscard]] static Result<std::unique_ptr<Program>> make(const Options& options);
  ~Program();

  // [owner-thread] Opens or makes the project, starts the engine. Errors: those of the project's file.
  [[nodiscard]] Result<void> start();
  // [owner-thread] Until SIGINT or SIGTERM; both must be blocked in all threads. Closes the project and stops the engine; a second signal
  // kills the engine instead of waiting for it.
  void run();

 private:
  explicit Program(Options options);
  [[nodiscard]] Result<void> serve();
  void supervise();
  void publish();
  void shut_down();

  Options options_;
  std::filesystem::path folder_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<session::Server> server_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Supervisor> supervisor_;  // none with --no-engine
  bool published_ = false;
  bool ending_ = false;
};

}  // namespace loophole::pulse
