#pragma once
// An engine as a program of its own: the options with which Pulse starts it, its exit codes, and its end in order. Defined in
// protocol/framing.md.
//
//   int main(int argc, char** argv) {
//     signal::rt::AudioPort port;
//     MyEngine engine(port);
//     return signal::run_engine(argc, argv, {.software_name = "my-engine"}, engine, port);
//   }
//
// A program with more options than these reads them itself, and uses EndSignals and the exit codes beside EngineServer.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "loophole/signal/engine_server.hpp"
#include "loophole/transport/loop.hpp"

namespace loophole::signal {

// Exit codes of an engine; 0 is ended as asked.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitWrongArguments = 2;
inline constexpr int kExitInUse = 3;

// What an engine is started with.
struct EngineArguments {
  std::string control_endpoint;    // for Pulse
  std::string stream_endpoint;     // for gestures of user interfaces
  std::string telemetry_endpoint;  // for what they subscribe to
  std::string last_words;          // file for session::LastWords, where the engine hosts plugins; empty: not given
};

// Why they cannot be used.
struct WrongArguments {
  std::string message;  // for people
};

// [any-thread] Reads --control, --stream, --telemetry and --last-words, in any order, from the words behind the name of the program. Wrong:
// another word, an option without its value, an endpoint that is not given.
[[nodiscard]] std::variant<EngineArguments, WrongArguments> read_engine_arguments(std::span<const char* const> words);

// SIGTERM and SIGINT, which ask a program to end. Made before the program starts a thread: they are blocked in the thread that makes it,
// and in those that it starts, so that none is interrupted.
class EndSignals {
 public:
  // [owner-thread]
  EndSignals();
  ~EndSignals();
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  // [owner-thread] Calls `on_end` with the number of each signal that comes while the loop runs. The loop must not outlive this.
  void watch(net::Loop& loop, std::function<void(int)> on_end);
  // [any-thread] For work without a loop: the number of the next signal that came, if one did. Does not wait.
  [[nodiscard]] std::optional<int> take();

 private:
  int fd_;
};

// [owner-thread] main() of an engine: reads the arguments, serves the engine until SIGTERM or SIGINT, says goodbye, stops audio, and
// returns the exit code. What goes wrong is said on standard error. The endpoints of `options` come from the arguments. The engine must not
// have started a thread yet. `started` is called once, when the endpoints are bound: for an engine that has events to tell, or plugins.
[[nodiscard]] int run_engine(int argc, const char* const* argv, EngineServerOptions options, Engine& engine, rt::AudioPort& port,
                             const std::function<void(EngineServer&, const EngineArguments&)>& started = {});

}  // namespace loophole::signal
