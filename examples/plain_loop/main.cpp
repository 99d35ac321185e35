// A user interface with a loop of its own: it draws thirty times a second, whether Pulse is there or not, and never waits for it.
//
//   example-plain_loop [session]
#include <chrono>
#include <cstdio>
#include <loophole/aura.hpp>
#include <string>

using namespace std::chrono_literals;
namespace lp = loophole;

namespace {

// What a paint function does: reads what is newest, from memory.
std::string paint(const lp::aura::Client& aura, const lp::aura::Telemetry& telemetry) {
  std::string text(to_string(aura.connection().state));
  if (aura.connection().reason) text += " (" + aura.connection().reason->message + ")";
  if (aura.project() == nullptr) return text + ", no project";
  text += ", " + std::to_string(aura.project()->tracks.size()) + " tracks";
  // The position that is heard now, not the one that is being rendered.
  const auto playhead = telemetry.playhead();
  if (!playhead) return text + ", no engine";
  return text + (playhead->playing ? ", playing at " : ", stopped at ") +
         std::to_string(static_cast<int>(playhead->position_frames / playhead->sample_rate_hz)) + " s";
}

}  // namespace

int main(int argc, char** argv) {
  // Returns at once: the window is there before the session is.
  auto aura = lp::aura::Client::open({.session = argc > 1 ? argv[1] : "default", .client_id = "example-plain_loop"});
  lp::aura::Telemetry& telemetry = aura.telemetry();
  telemetry.subscribe(lp::aura::Telemetry::Topic::transport, 30);

  std::string shown;
  auto next_frame = lp::Clock::now();
  while (!aura.connection().is_final()) {
    const std::string text = paint(aura, telemetry);
    if (text != shown) std::printf("%s\n", (shown = text).c_str());
    std::fflush(stdout);
    // Handles what arrives until the next frame is due. A window system would wait for its events here, with aura.fd() among them.
    next_frame += 33ms;
    for (auto left = next_frame - lp::Clock::now(); left > 0ms; left = next_frame - lp::Clock::now())
      aura.poll(std::chrono::ceil<std::chrono::milliseconds>(left));
  }
  std::fprintf(stderr, "%s\n", aura.close_reason()->message.c_str());
  return 1;
}
