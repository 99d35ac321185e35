#pragma once
// EmbeddedPulse: a whole Pulse inside another program, on a thread of its own. The program that has it is its first client:
//
//   auto pulse = EmbeddedPulse::start({.session = "", .project = "song.loophole"}).value();
//   auto aura = aura::Client::connect([&](net::Context&, net::Loop& loop) {
//     return aura::InProcessProjectPort::connect(pulse->address(), loop);
//   }).value();
//
// With a session name it is published as any other, and others connect to it. Clients of the program end before the EmbeddedPulse, so that
// their goodbyes are heard.

#include <memory>
#include <thread>

#include "program/program.hpp"

namespace loophole::pulse {

class EmbeddedPulse {
 public:
  // [any-thread] Starts the thread and waits until the Pulse serves and its project is open. Errors: those of Program::make() and start().
  [[nodiscard]] static Result<std::unique_ptr<EmbeddedPulse>> start(const Options& options);
  // [any-thread] Closes the project, stops the engine and waits for both.
  ~EmbeddedPulse();
  EmbeddedPulse(const EmbeddedPulse&) = delete;
  EmbeddedPulse& operator=(const EmbeddedPulse&) = delete;

  // [any-thread] Where the clients of this process reach it.
  [[nodiscard]] const net::InProcessAddress& address() const noexcept { return *address_; }

 private:
  EmbeddedPulse() = default;
  std::thread thread_;
  Program* program_ = nullptr;  // lives on the thread
  std::optional<net::InProcessAddress> address_;
};

}  // namespace loophole::pulse
