// The lines of the README: connect, add a track with a filter, drag its cutoff. Stops at the first thing that fails.
//
//   example-first_steps [session]
#include <cstdio>
#include <loophole/aura.hpp>

namespace lp = loophole;

int main(int argc, char** argv) {
  auto aura = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "my-ui"}).value();
  aura.telemetry().on_meters([](const lp::aura::MetersView& meters) { std::printf("%zu levels\n", meters.levels.size()); });

  auto track = aura.call(lp::track::Add{.name = "Synth"}).value();  // a typed command, a typed reply
  auto filter = aura.call(lp::node::Add{.channel_id = track.channel_id, .kind = lp::node::NodeKind::filter}).value();
  auto cutoff = aura.mirror().state()->node(filter.node_id)->parameters.front().id;  // the mirror has the effect already

  auto gesture = aura.begin_gesture(cutoff).value();             // a lease granted by Pulse
  for (double hz = 200; hz < 8000; hz *= 1.02) gesture.set(hz);  // goes straight to Signal, never blocks
  auto end = gesture.finish().value();                           // one undo step
  std::printf("%s is %g Hz at revision %lld\n", cutoff.str().c_str(), end.values.front().value, static_cast<long long>(end.revision));
}
