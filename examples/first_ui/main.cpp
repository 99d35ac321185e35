// A whole user interface in a line of the terminal: it adds a track that sounds, draws its meter and drags its gain to and fro, until
// Ctrl-C. Pulse and Signal may end under it and come back.
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
  std::fprintf(stderr, "%s\n", lp::to_string(error).c_str());
  return 1;
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "first-ui"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& client = *connected;

  // A track that sounds. When a reply is here, what it did is in project() and in the mirror's index.
  auto added = client.call(lp::track::Add{.name = "Mine"});
  if (!added) return fail(added.error());  // project.none, for one
  auto tone = client.call(lp::node::Add{.channel_id = added->channel_id, .kind = lp::node::NodeKind::test_tone});
  if (!tone) return fail(tone.error());
  if (auto playing = client.call(lp::transport::Play{}); !playing) return fail(playing.error());
  const lp::channel::Channel channel = client.mirror().state()->track(added->track_id)->channel;
  client.telemetry().subscribe(lp::aura::Telemetry::Topic::meters, 30);

  // A hand on the fader. When its gesture is lost, with Pulse or to somebody else, it takes the fader again.
  std::optional<lp::aura::Gesture> hand;
  bool waiting = false;
  const auto take = [&] {
    waiting = true;
    client.begin_gesture({.parameters = {channel.gain.id}}, [&](lp::Result<lp::aura::Gesture> begun) {
      if (begun) hand = std::move(*begun);
      client.after(500ms, [&] { waiting = false; });
    });
  };
  client.every(20ms, [&, time = 0.0]() mutable {
    if (hand && hand->is_open())
      hand->set_normalized(0.5 + 0.4 * std::sin(time += 0.05));  // goes straight to Signal
    else if (!waiting)
      take();
  });

  client.every(33ms, [&] {
    const lp::aura::Level* left = client.telemetry().meters().find(channel.meter_handle, 0);  // the newest; never waits
    const float level_db = left == nullptr ? -60 : 20 * std::log10(std::max(left->peak, 0.001F));
    const std::string bar(static_cast<std::size_t>(std::clamp(level_db + 60, 0.0F, 60.0F)) / 2, '#');
    std::printf("\r%-12s gain %6.1f dB [%-30s]", std::string(to_string(client.connection().state)).c_str(),
                hand && hand->value() ? *hand->value() : channel.gain.value, bar.c_str());
    std::fflush(stdout);
  });
  while (client.poll(1s)) continue;
  return 0;
}
