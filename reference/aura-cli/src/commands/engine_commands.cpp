#include <fmt/format.h>

#include <memory>

#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Choice {
  std::string device;
  std::int64_t sample_rate_hz = 0;
  std::int64_t block_frames = 0;
};

std::string describe_format(const engine::Effective& effective) {
  return fmt::format("{} driver{}, {} Hz, {} frames a block, {} frames of output latency", to_string(effective.driver),
                     effective.device.empty() ? "" : " on " + effective.device, effective.sample_rate_hz, effective.block_frames,
                     effective.output_latency_frames);
}

std::string describe_devices(const device::ListReply& list) {
  if (list.devices.empty()) return "no output devices";
  std::string text;
  for (const device::Device& device : list.devices) {
    std::string rates;
    for (const std::int64_t rate : device.sample_rates_hz) rates += fmt::format("{}{}", rates.empty() ? "" : ", ", rate);
    text += fmt::format("{}{} {:<28} {} ({}), {} channels{}{}", text.empty() ? "" : "\n", list.in_use == device.id ? '*' : ' ',
                        device.id.str(), device.name, device.host_api, device.output_channels, rates.empty() ? "" : ", " + rates + " Hz",
                        device.is_default ? ", the system's default" : "");
  }
  return text;
}

void add_devices(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "device", "List and choose the output device of the engine");
  bind_plain<device::List>(actions, group->add_subcommand("list", "Lists the output devices; * marks the one in use"),
                           [](const device::ListReply& reply) { return describe_devices(reply); });

  auto choice = std::make_shared<Choice>();
  CLI::App* command = group->add_subcommand("select", "Asks for an output device, and says what is in effect");
  command->add_option("DEVICE", choice->device, "Id, as `device list` has it")->required();
  command->add_option("--sample-rate", choice->sample_rate_hz, "Sample rate in Hz; as it is where it is left out")
      ->check(CLI::Range(8'000, 384'000));
  command->add_option("--block", choice->block_frames, "Frames in a block; as it is where it is left out")->check(CLI::Range(16, 8'192));
  actions.bind(command, [choice](const Options& options) {
    device::Select message{.device_id = DeviceId(choice->device), .sample_rate_hz = {}, .block_frames = {}};
    if (choice->sample_rate_hz > 0) message.sample_rate_hz = choice->sample_rate_hz;
    if (choice->block_frames > 0) message.block_frames = choice->block_frames;
    return run_errand(options, message, [](const device::SelectReply& reply) { return describe_format(reply.effective); });
  });
}

}  // namespace

std::string describe_engine(const engine::StatusReply& status) {
  std::string text = fmt::format("engine {}", to_string(status.state));
  if (status.software) text += fmt::format(", {} {}", status.software->name, status.software->version);
  if (status.process_id != 0) text += fmt::format(", process {}", status.process_id);
  if (status.link) text += fmt::format(", epoch {}", status.link->epoch);
  if (status.restarts > 0)
    text += fmt::format(", {} restart{}, last recovery {:.0f} ms", status.restarts, status.restarts == 1 ? "" : "s", status.recovery_ms);
  if (status.effective) text += "\n  " + describe_format(*status.effective);
  if (status.model_digest && status.engine_digest)
    text += fmt::format("\n  graph {}… {}", status.engine_digest->str().substr(0, 12),
                        status.model_digest == status.engine_digest ? "is what Pulse derived" : "is not yet what Pulse derived");
  return text;
}

void add_engine_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "engine", "Ask how the engine is, and start it again");
  const auto text = [](const engine::StatusReply& reply) { return describe_engine(reply); };
  bind_plain<engine::Status>(actions,
                             group->add_subcommand("status", "How the engine is, and whether it holds the graph that Pulse derived"), text);
  bind_plain<engine::Restart>(actions, group->add_subcommand("restart", "Starts the engine again, as after a crash"), text);
  add_devices(app, actions);
}

}  // namespace loophole::cli
