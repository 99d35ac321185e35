// Adds a track, moves its gain for a second as a hand on a fader would, and undoes the step.
//
//   example-gesture [session]
#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

static int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-gesture"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& aura = *connected;

  // A typed command, a typed reply. When the reply is here, the new track is in the mirror already.
  auto added = aura.call(lp::track::Add{.name = "Fader", .index = {}});
  if (!added) return fail(added.error());
  const lp::parameter::Parameter gain = aura.mirror().state()->track(added->track_id)->channel.gain;

  // Pulse grants the gesture; the values then go straight to Signal. set() never waits.
  auto gesture = aura.begin_gesture(gain.id);
  if (!gesture) return fail(gesture.error());
  double position = 0;
  const auto timer = aura.every(5ms, [&] { gesture->set_normalized(position += 0.005); });
  if (!aura.poll_until([&] { return position >= 1; }, 10s)) return 1;
  aura.cancel(timer);
  const auto end = gesture->finish();  // one undo step
  if (!end) return fail(end.error());
  std::printf("%llu samples sent, %lld applied, gain is now %g %s at revision %lld\n",
              static_cast<unsigned long long>(gesture->counters().samples_sent), static_cast<long long>(end->stream.samples_applied),
              end->values.front().value, gain.unit.c_str(), static_cast<long long>(end->revision));

  const auto undone = aura.call(lp::history::Undo{});
  if (!undone) return fail(undone.error());
  std::printf("undone: %s; gain is %g %s again\n", undone->label.c_str(), aura.mirror().state()->parameter(gain.id)->value,
              gain.unit.c_str());
  return 0;
}
