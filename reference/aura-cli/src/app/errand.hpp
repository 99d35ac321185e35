#pragma once
// Errand: a connection for commands that need not know the project. A client begins with the whole project, which of a large one takes far
// longer than what most commands do.

#include <memory>
#include <optional>
#include <utility>

#include "app/command.hpp"

namespace loophole::cli {

class Errand {
 public:
  // [owner-thread] Errors: as of aura::Client::connect.
  [[nodiscard]] static Result<Errand> connect(const Options& options);
  Errand(Errand&&) noexcept;
  Errand& operator=(Errand&&) noexcept;
  ~Errand();  // says goodbye

  // [owner-thread] Sends a command and waits for its answer, showing how far it is. After Ctrl-C the error is session.cancelled, and
  // report() gives kInterrupted.
  template <aura::ProjectCommand C>
  [[nodiscard]] Result<typename C::Reply> ask(C command, const Options& options) {
    auto answer = ask_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)), options);
    if (!answer) return std::move(answer).error();
    return *answer->template as<typename C::Reply>();
  }

 private:
  struct State;
  explicit Errand(std::unique_ptr<State> state) noexcept;
  [[nodiscard]] Result<wire::Payload> ask_payload(const wire::MessageDesc& command, wire::Payload payload, const Options& options);
  std::unique_ptr<State> state_;
};

// The usual command that is made without the project: connect, send it, print the reply.
template <aura::ProjectCommand C>
Result<int> run_errand(const Options& options, C command, const std::function<std::string(const typename C::Reply&)>& describe) {
  auto errand = Errand::connect(options);
  if (!errand) return std::move(errand).error();
  auto reply = errand->ask(std::move(command), options);
  if (!reply) return std::move(reply).error();
  print(options, *reply, describe(*reply));
  return 0;
}

}  // namespace loophole::cli
