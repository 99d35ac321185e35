#pragma once
// Commands that an engine answers: Pulse passes them on, with their progress, and gives back what comes.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {

// Between two signs of progress of a slow command, such as a scan for plugins.
inline constexpr std::chrono::seconds kForwardPatience{60};

// An error that the engine answered, as one of the command that led to it: the pointer is into its payload again, and a command that the
// engine does not know is something that it cannot do.
[[nodiscard]] inline Error about_command(Error error) {
  if (is(error, errors::kEnvelopeUnknownName))
    return make_error(errors::kEngineUnsupported, "this engine cannot do that: " + error.message);
  constexpr std::string_view kPayload = "/payload";
  if (error.pointer && error.pointer->starts_with(kPayload)) error.pointer->erase(0, kPayload.size());
  return error;
}

// Serves a command that is the same on both edges. `answered` is called before the answer of the engine is passed on.
template <class C>
void forward(
    Hub& hub, std::function<void()> answered = [] {}) {
  hub.server().on<C>([&hub, answered = std::move(answered)](session::Server::Request<C> request) {
    hub.engine().when_running([&hub, answered, owed = owed(std::move(request))](Result<void> running) {
      if (!running) return owed->fail(running.error());
      hub.engine().call(
          C(owed->command()),
          [owed, answered](Result<typename C::Reply> answer) {
            if (!answer) return owed->fail(about_command(std::move(answer).error()));
            answered();
            owed->reply(*std::move(answer));
          },
          {.deadline = kForwardPatience, .on_progress = [owed](const operation::Progress& progress) { owed->progress(progress); }});
    });
  });
}

}  // namespace loophole::pulse
