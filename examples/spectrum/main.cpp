// Puts an analyser behind the master, and prints the highest frequency with the place that is heard at this moment.
//
//   example-spectrum [session]
#include <algorithm>
#include <cstdio>
#include <loophole/aura.hpp>

using namespace std::chrono_literals;
namespace lp = loophole;

namespace {

// The analyser of the master; one is added where there is none.
lp::Result<lp::node::Node> find_analyser(lp::aura::Client& client) {
  if (client.project() == nullptr) return lp::make_error(lp::errors::kProjectNone, "no project is open");
  for (const lp::node::Node& node : client.project()->master.nodes)
    if (node.kind == lp::node::NodeKind::analyser) return node;
  auto added = client.call(lp::node::Add{.channel_id = client.project()->master.id, .kind = lp::node::NodeKind::analyser});
  if (!added) return added.error();
  return *client.mirror().state()->node(added->node_id);
}

// As a paint function does it: from memory, whatever is newest.
void paint(const lp::aura::Telemetry& telemetry, std::int64_t analyser) {
  const lp::aura::SpectrumView spectrum = telemetry.spectrum(analyser);
  if (spectrum.magnitudes_db.empty()) return;  // nothing live: no frame yet, no engine, or one that hangs
  const auto highest = std::ranges::max_element(spectrum.magnitudes_db);
  if (const auto playhead = telemetry.playhead()) std::printf("%.2f s: ", playhead->position_frames / playhead->sample_rate_hz);
  std::printf("%.1f dB at %.0f Hz\n", static_cast<double>(*highest),
              spectrum.frequency_hz(static_cast<std::size_t>(highest - spectrum.magnitudes_db.begin())));
}

int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  auto client = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-spectrum"});
  const auto found = client ? find_analyser(*client) : lp::Result<lp::node::Node>(client.error());
  if (!found) return fail(found.error());
  const lp::node::Node analyser = *found;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto& telemetry = client->telemetry();
  telemetry.subscribe(lp::aura::Telemetry::Topic::spectrum(*analyser.meter_handle), 30);  // times a second
  telemetry.subscribe(lp::aura::Telemetry::Topic::transport);
  client->every(500ms, [&] { paint(telemetry, *analyser.meter_handle); });
  while (client->poll(1s)) continue;
  return 0;
}
