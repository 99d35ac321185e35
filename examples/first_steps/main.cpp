// The lines of the README: connect, add a track with a filter, drag its cutoff. Stops at the first thing that fails.
//
//   example-first_steps [session]
#include <cstdio>
#include <loophole/aura.hpp>

namespace lp = loophole;

int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());  // what was wrong, with what, and what to do
  return 1;
}

int main(int argc, char** argv) {
  auto aura = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "my-ui"});
  if (!aura) return fail(aura.error());
  aura->telemetry().on_meters([](const lp::aura::MetersView& meters) { std::printf("%zu levels\n", meters.levels.size()); });

  auto track = aura->call(lp::track::Add{.name = "Synth"});  // a typed command, a typed reply
  if (!track) return fail(track.error());
  auto filter = aura->call(lp::node::Add{.channel_id = track->channel_id, .kind = lp::node::NodeKind::filter});
  if (!filter) return fail(filter.error());
  auto cutoff = aura->mirror().state()->node(filter->node_id)->parameters.front();  // the mirror has the effect already

  auto gesture = aura->begin_gesture(cutoff.id);  // a lease granted by Pulse
  if (!gesture) return fail(gesture.error());
  for (double hz = 200; hz < 8000; hz *= 1.02) gesture->set(hz);  // goes straight to Signal, never blocks
  auto end = gesture->finish();                                   // one undo step
  if (!end) return fail(end.error());
  std::printf("%s is %g Hz at revision %lld\n", cutoff.name.c_str(), end->values.front().value, static_cast<long long>(end->revision));
  return 0;
}
