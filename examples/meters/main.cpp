// Prints the level of the master and the position of the transport, straight from Signal, through restarts of Pulse and Signal.
//
//   example-meters [session]
#include <cmath>
#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-meters"});
  if (!connected) {
    std::fprintf(stderr, "%s\n", lp::to_string(connected.error()).c_str());
    return 1;
  }
  lp::aura::Client& aura = *connected;
  lp::aura::Telemetry& telemetry = aura.telemetry();

  // What nobody subscribes to is not computed. The subscription follows the engine when that is started again.
  telemetry.subscribe(lp::aura::Telemetry::Topic::meters);
  telemetry.subscribe(lp::aura::Telemetry::Topic::transport);
  aura.on_engine([](const lp::engine::Changed& engine) {
    std::printf("engine %s: %s\n", std::string(to_string(engine.state)).c_str(), engine.reason.c_str());
  });

  aura.on_connection([](const lp::aura::Connection& connection) {
    std::printf("%s%s%s\n", std::string(to_string(connection.state)).c_str(), connection.reason ? ": " : "",
                connection.reason ? connection.reason->message.c_str() : "");
  });

  // Frames arrive many times a second; a user interface reads the newest when it draws.
  aura.every(500ms, [&] {
    const lp::project::Project* project = aura.project();
    const auto& transport = telemetry.transport();
    if (project == nullptr || !transport) return;
    const lp::aura::Level* left = telemetry.meters().find(project->master.meter_handle, 0);
    std::printf("%8.2f s  %s  %6.1f dB  (%llu frames missed)\n",
                static_cast<double>(transport->position_frames) / transport->sample_rate_hz, transport->playing ? "playing" : "stopped",
                20 * std::log10(left != nullptr && left->peak > 1e-6F ? left->peak : 1e-6F),
                static_cast<unsigned long long>(telemetry.counters().gaps));
    std::fflush(stdout);
  });
  while (aura.poll(100ms)) continue;
  std::fprintf(stderr, "%s\n", lp::to_string(*aura.close_reason()).c_str());
  return 0;
}
