#pragma once
// Program: a whole loophole-pulse, from the session's folder to the engine's process. One thread owns it; the program loophole-pulse is one
// on its main thread, an EmbeddedPulse one on a thread of its own inside another program.

#include <memory>
#include <string>

#include "engine/keeper.hpp"
#include "program/options.hpp"
#include "service/hub.hpp"

namespace loophole::pulse {

class Program {
 public:
  // [owner-thread] Binds the session's endpoint and publishes it; nothing runs yet. Errors: session.inUse, session.runtimeDir,
  // session.endpointRefused.
  [[nodiscard]] static Result<std::unique_ptr<Program>> make(const Options& options);
  ~Program();

  // [owner-thread] Opens or makes the project, starts the engine. Errors: those of the project's file.
  [[nodiscard]] Result<void> start();
  // [owner-thread] Until stop(). Then closes the project and stops the engine.
  void run();
  // [owner-thread] The same, also until SIGINT or SIGTERM; both must be blocked in all threads. A second signal kills the engine instead of
  // waiting for it.
  void run_until_signalled();
  // [any-thread] Ends run(), soon.
  void stop();

  // [owner-thread] For clients of this process; the address may be used from any thread.
  [[nodiscard]] net::InProcessAddress in_process() const { return server_->in_process(); }

 private:
  explicit Program(Options options);
  [[nodiscard]] Result<void> serve();
  [[nodiscard]] Result<void> find_folder();
  [[nodiscard]] Error session_in_use() const;
  [[nodiscard]] bool has_session() const noexcept { return !options_.session.empty(); }
  [[nodiscard]] std::unique_ptr<EngineKeeper> make_keeper();
  void publish();
  void shut_down();

  Options options_;
  std::filesystem::path folder_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<session::Server> server_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<EngineKeeper> keeper_;  // none with --no-engine
  bool published_ = false;
  bool ending_ = false;
};

}  // namespace loophole::pulse
