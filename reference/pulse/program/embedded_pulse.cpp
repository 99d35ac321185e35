#include "program/embedded_pulse.hpp"

#include <future>
#include <utility>

namespace loophole::pulse {

Result<std::unique_ptr<EmbeddedPulse>> EmbeddedPulse::start(const Options& options) {
  std::unique_ptr<EmbeddedPulse> pulse(new EmbeddedPulse);
  std::promise<Result<void>> promise;
  auto started = promise.get_future();
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
