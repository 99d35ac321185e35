#include "loophole/signal/engine_program.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace loophole::signal {

std::variant<EngineArguments, WrongArguments> read_engine_arguments(std::span<const char* const> words) {
  struct Option {
    std::string_view name;
    std::string EngineArguments::*value;
    bool needed;
  };
  constexpr std::array<Option, 4> kOptions{{{"--control", &EngineArguments::control_endpoint, true},
                                            {"--stream", &EngineArguments::stream_endpoint, true},
                                            {"--telemetry", &EngineArguments::telemetry_endpoint, true},
                                            {"--last-words", &EngineArguments::last_words, false}}};
  EngineArguments arguments;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const Option* known = nullptr;
    for (const Option& option : kOptions)
      if (option.name == words[i]) known = &option;
    if (known == nullptr) return WrongArguments{"'" + std::string(words[i]) + "' is no option of this engine"};
    const std::string_view value = i + 1 < words.size() ? words[i + 1] : "";
    if (value.empty() || value.starts_with("--")) return WrongArguments{std::string(known->name) + " lacks its value"};
    arguments.*known->value = value;
  }
  for (const Option& option : kOptions)
    if (option.needed && (arguments.*option.value).empty()) return WrongArguments{std::string(option.name) + " is not given"};
  return arguments;
}

EndSignals::EndSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

EndSignals::~EndSignals() {
  close(fd_);
}

void EndSignals::watch(net::Loop& loop, std::function<void(int)> on_end) {
  loop.watch_fd(fd_, [this, on_end = std::move(on_end)] {
    while (const auto number = take()) on_end(*number);
  });
}

std::optional<int> EndSignals::take() {
  signalfd_siginfo which{};
  if (read(fd_, &which, sizeof which) != sizeof which) return std::nullopt;
  return static_cast<int>(which.ssi_signo);
}

int run_engine(int argc, const char* const* argv, EngineServerOptions options, Engine& engine, rt::AudioPort& port,
               const std::function<void(EngineServer&, const EngineArguments&)>& started) {
  const auto complain = [&options](const std::string& what, int code) {
    std::fprintf(stderr, "%s: %s\n", options.software_name.c_str(), what.c_str());
    return code;
  };
  const std::span words(argv, static_cast<std::size_t>(argc));
  const auto read = read_engine_arguments(words.subspan(words.empty() ? 0 : 1));
  if (const auto* wrong = std::get_if<WrongArguments>(&read))
    return complain(wrong->message + "; use --control, --stream and --telemetry, each with an endpoint", kExitWrongArguments);
  const auto& arguments = std::get<EngineArguments>(read);
  options.control_endpoint = arguments.control_endpoint;
  options.stream_endpoint = arguments.stream_endpoint;
  options.telemetry_endpoint = arguments.telemetry_endpoint;

  EndSignals end_signals;
  net::Context context;
  net::Loop loop;
  auto server = EngineServer::start(context, loop, options, engine, port);
  if (!server) return complain(to_string(server.error()), is(server.error(), errors::kSessionInUse) ? kExitInUse : kExitFailed);
  end_signals.watch(loop, [&loop](int) { loop.stop(); });
  if (started) started(**server, arguments);
  loop.run();
  (*server)->close(session::GoodbyeReason::closing);
  engine.stop();
  return 0;
}

}  // namespace loophole::signal
