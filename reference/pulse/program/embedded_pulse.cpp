#include "program/embedded_pulse.hpp"

#include <csignal>
#include <future>
#include <utility>

namespace loophole::pulse {
namespace {

// Signals are the business of the program that has this Pulse: a thread that is started meanwhile, and all that it starts, gets none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<EmbeddedPulse>> EmbeddedPulse::start(const Options& options) {
  std::unique_ptr<EmbeddedPulse> pulse(new EmbeddedPulse);
  std::promise<Result<void>> promise;
  auto started = promise.get_future();
  const NoSignals meanwhile;
  // The thread that makes a Program owns it, and it is the one that the engine's process dies with.
  pulse->thread_ = std::thread([promise = std::move(promise), options, self = pulse.get()]() mutable {
    auto program = Program::make(options);
    if (!program) return promise.set_value(std::move(program).error());
    if (auto begun = (*program)->start(); !begun) return promise.set_value(std::move(begun).error());
    self->program_ = program->get();
    self->address_ = (*program)->in_process();
    promise.set_value({});
    (*program)->run();
  });
  if (auto result = started.get(); !result) return std::move(result).error();
  return pulse;
}

EmbeddedPulse::~EmbeddedPulse() {
  if (program_ != nullptr) program_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace loophole::pulse
