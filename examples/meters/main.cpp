// Prints the level of the master and the position of the transport, straight from Signal, through restarts of Pulse and Signal.
//
//   example-meters [session]
#include <cmath>
#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

static int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

// What a paint function does: reads what is newest, from memory. What is not live is not there, and is drawn as not known.
static void paint(const lp::aura::Client& aura, const lp::aura::Telemetry& telemetry) {
  const auto transport = telemetry.transport();
  const lp::aura::Level* left = aura.project() == nullptr ? nullptr : telemetry.meters().find(aura.project()->master.meter_handle, 0);
  if (!transport || left == nullptr) {
    std::printf("not known (%s", std::string(to_string(aura.connection().state)).c_str());
    if (const auto age = telemetry.age(lp::aura::Telemetry::Topic::meters))
      std::printf(", heard %.1f s ago", std::chrono::duration<double>(*age).count());
    std::printf(")\n");
    return;
  }
  std::printf("%8.2f s  %s  %6.1f dB  (%llu frames missed)\n", static_cast<double>(transport->position_frames) / transport->sample_rate_hz,
              transport->playing ? "playing" : "stopped", 20 * std::log10(left->peak > 1e-6F ? left->peak : 1e-6F),
              static_cast<unsigned long long>(telemetry.counters().gaps));
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-meters"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& aura = *connected;
  lp::aura::Telemetry& telemetry = aura.telemetry();
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

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

  aura.every(500ms, [&] { paint(aura, telemetry); });
  while (aura.poll(1s)) continue;
  return fail(*aura.close_reason());
}
