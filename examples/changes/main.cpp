// Tells what happens to the project, by the kind of thing, with old and new value and whose doing it was.
//
//   example-changes [session]
#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

static int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-changes"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& client = *connected;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

  // A knob that this program moves itself is where it should be already.
  client.changes().on_parameter([](const lp::aura::ParameterChange& change) {
    if (change.cause.own) return;
    std::printf("%s: %g to %g %s\n", change.parameter.name.c_str(), change.before, change.after, change.parameter.unit.c_str());
  });
  client.changes().on_track([](const lp::aura::TrackChange& change) {
    if (change.kind == lp::aura::ChangeKind::added) std::printf("new: %s\n", change.after->name.c_str());
    if (change.kind == lp::aura::ChangeKind::removed) std::printf("gone: %s\n", change.before->name.c_str());
    if (change.kind == lp::aura::ChangeKind::moved) std::printf("%s is number %zu\n", change.after->name.c_str(), change.index_after);
    if (change.kind == lp::aura::ChangeKind::changed)
      std::printf("%s is now %s\n", change.before->name.c_str(), change.after->name.c_str());
  });
  // Whole transactions: the steps of the history, undo and redo among them.
  client.on_change([](const lp::project::Changed& step) {
    std::printf("revision %lld: %s (%s)\n", static_cast<long long>(step.revision), step.label.c_str(),
                std::string(to_string(step.origin)).c_str());
  });
  // Another project, or this one after a time without connection: what was drawn is drawn anew.
  const auto draw_everything = [&client] {
    std::printf("%zu tracks\n", client.project() == nullptr ? 0 : client.project()->tracks.size());
  };
  client.on_reset([&] { draw_everything(); });
  draw_everything();

  while (client.poll(1s)) continue;
  return 0;
}
