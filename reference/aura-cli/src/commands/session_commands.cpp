#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

std::string describe(const engine::StatusReply& status) {
  std::string text = fmt::format("engine {}", to_string(status.state));
  if (status.process_id != 0) text += fmt::format(", process {}", status.process_id);
  if (status.link) text += fmt::format(", epoch {}", status.link->epoch);
  if (status.restarts > 0)
    text += fmt::format(", {} restart{}, last recovery {:.0f} ms", status.restarts, status.restarts == 1 ? "" : "s", status.recovery_ms);
  if (status.effective) {
    const engine::Effective& effective = *status.effective;
    text += fmt::format("\n  {} driver{}, {} Hz, {} frames a block, {} frames of output latency", to_string(effective.driver),
                        effective.device.empty() ? "" : " on " + effective.device, effective.sample_rate_hz, effective.block_frames,
                        effective.output_latency_frames);
  }
  if (status.model_digest && status.engine_digest)
    text += fmt::format("\n  graph {}… {}", status.engine_digest->str().substr(0, 12),
                        status.model_digest == status.engine_digest ? "is what Pulse derived" : "is not yet what Pulse derived");
  return text;
}

std::string describe(const session::CountersReply& counters) {
  std::string text;
  const auto line = [&](std::string_view name, std::int64_t value) {
    text += fmt::format("{}{:<26}{:>12}", text.empty() ? "" : "\n", name, value);
  };
  line("control received", counters.control_received);
  line("control sent", counters.control_sent);
  line("malformed", counters.malformed);
  line("refused", counters.refused);
  line("newer than agreed", counters.newer);
  line("withheld as newer", counters.withheld);
  line("duplicates", counters.duplicates);
  line("overflows", counters.overflows);
  line("stream frames seen", counters.stream_frames_seen);
  line("stream samples applied", counters.stream_samples_applied);
  line("stream samples lost", counters.stream_samples_lost);
  line("stream samples refused", counters.stream_samples_refused);
  line("telemetry frames seen", counters.telemetry_frames_seen);
  line("telemetry frames sent", counters.telemetry_frames_sent);
  line("telemetry frames dropped", counters.telemetry_frames_dropped);
  return text;
}

Result<int> status(const Options& options) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  const session::HelloReply& hello = client->hello();
  auto engine = client->call(engine::Status{}, options.call());
  if (!engine) return std::move(engine).error();
  if (options.json) {
    auto hello_text = wire::to_json(hello);
    auto engine_text = wire::to_json(*engine);
    if (!hello_text) return std::move(hello_text).error();
    if (!engine_text) return std::move(engine_text).error();
    nlohmann::json all{{"session", options.session},
                       {"hello", nlohmann::json::parse(*hello_text)},
                       {"engine", nlohmann::json::parse(*engine_text)},
                       {"project", nullptr}};
    if (const project::Project* project = client->project())
      all["project"] = {
          {"projectId", project->id.str()}, {"name", project->name}, {"path", client->mirror().path()}, {"revision", client->revision()}};
    print_text(all.dump());
    return 0;
  }
  print_text(fmt::format("session {}: {} {}, protocol {}.{}, {}", options.session, hello.software.name, hello.software.version,
                         hello.protocol.major, hello.protocol.minor, hello.session_id.str()));
  print_text(describe(*engine));
  if (const project::Project* project = client->project())
    print_text(fmt::format("project {} at revision {}, {} track{}\n  {}", project->name, client->revision(), project->tracks.size(),
                           project->tracks.size() == 1 ? "" : "s", client->mirror().path()));
  else
    print_text("no project is open");
  return 0;
}

}  // namespace

std::string at_revision(Revision revision) {
  return fmt::format("at revision {}", revision);
}

CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& about) {
  CLI::App* group = app.add_subcommand(name, about);
  group->require_subcommand(1);
  return group;
}

void add_session_commands(CLI::App& app, Actions& actions) {
  actions.bind(app.add_subcommand("status", "How the session is: Pulse, engine, project"), status);
  actions.bind(app.add_subcommand("engine", "How the engine is, and whether it holds the graph that Pulse derived"),
               [](const Options& options) {
                 return run<engine::Status>(
                     options, [](const aura::Client&) { return engine::Status{}; },
                     [](const engine::StatusReply& reply) { return describe(reply); });
               });
  actions.bind(app.add_subcommand("counters", "What Pulse counted since its start: messages, and the frames that must never reach it"),
               [](const Options& options) {
                 return run<session::Counters>(
                     options, [](const aura::Client&) { return session::Counters{}; },
                     [](const session::CountersReply& reply) { return describe(reply); });
               });
}

}  // namespace loophole::cli
