// A whole user interface in a line of the terminal: it plays a track of its own, draws its meter and drags its gain to and fro, until
// Ctrl-C. Pulse and Signal may end or hang under it and come back.
//
//   example-first_ui [session]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <loophole/aura.hpp>
#include <optional>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace lp = loophole;

static int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

// The track of this program: added at the first start, found again at the next.
static lp::Result<lp::TrackId> own_track(lp::aura::Client& client) {
  if (client.project() == nullptr)
    return lp::make_error(lp::errors::kProjectNone, "no project is open; make one: aura-cli project new FILE");
  for (const lp::track::Track& track : client.project()->tracks)
    if (track.name == "Mine") return track.id;
  auto added = client.call(lp::track::Add{.name = "Mine"});
  if (!added) return added.error();
  auto tone = client.call(lp::node::Add{.channel_id = added->channel_id, .kind = lp::node::NodeKind::test_tone});
  if (!tone) return tone.error();
  return added->track_id;
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "first-ui"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& client = *connected;
  const auto id = own_track(client);
  if (!id) return fail(id.error());
  if (auto playing = client.call(lp::transport::Play{}); !playing) return fail(playing.error());
  client.on_reset([&] { client.call(lp::transport::Play{}, [](const auto&) {}); });  // the transport of another Pulse stands still
  // The track as it is now, in the copy of the project that the client keeps; nullptr: somebody removed it.
  const auto track = [&] { return client.mirror().state() == nullptr ? nullptr : client.mirror().state()->track(*id); };

  // A hand on the fader. When its gesture is lost, with Pulse or to somebody else, it takes the fader again.
  std::optional<lp::aura::Gesture> hand;
  bool waiting = false;
  client.every(20ms, [&, time = 0.0]() mutable {
    if (hand && hand->set_normalized(0.5 + 0.4 * std::sin(time += 0.05))) return;  // goes straight to Signal
    if (track() == nullptr || std::exchange(waiting, true)) return;
    client.begin_gesture({.parameters = {track()->channel.gain.id}}, [&](lp::Result<lp::aura::Gesture> begun) {
      if (begun) hand = std::move(*begun);
      client.after(500ms, [&] { waiting = false; });
    });
  });

  client.telemetry().subscribe(lp::aura::Telemetry::Topic::meters, 30);
  client.every(33ms, [&] {
    const lp::aura::Level* left = nullptr;  // the newest; never waits. None, when nothing is heard of the engine: that is not silence
    if (track() != nullptr) left = client.telemetry().meters().find(track()->channel.meter_handle, 0);
    std::string bar = "not known";
    if (left != nullptr) bar.assign(static_cast<std::size_t>(std::clamp(20 * std::log10(left->peak) + 60, 0.0F, 60.0F)) / 2, '#');
    const auto gain = hand && hand->value() ? hand->value()
                      : track() != nullptr  ? std::optional(track()->channel.gain.value)
                                            : std::nullopt;
    std::printf("\r%-12s gain %6.1f dB [%-30s]", std::string(to_string(client.connection().state)).c_str(), gain.value_or(NAN),
                bar.c_str());
    std::fflush(stdout);
  });
  while (client.poll(1s)) continue;
  return fail(*client.close_reason());
}
