#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/background_pulse.hpp"
#include "commands/commands.hpp"
#include "demo/pulse_process.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string pulse;
  std::string log;
  std::string project;
  bool no_engine = false;
  std::string driver;
  std::string record;
  std::string signal;
  std::string attach;
  std::string listen;
  std::string log_level;
};

Error runs_already(const session::SessionFile& file) {
  return make_error(errors::kSessionInUse,
                    fmt::format("session '{0}' runs already: {1} {2}, process {3}; `aura-cli --session {0} down` stops it", file.name,
                                file.software.name, file.software.version, file.process_id));
}

std::vector<std::string> pulse_words(const Options& options, const Arguments& arguments) {
  std::vector<std::string> words{"--session", options.session};
  const auto pass_on = [&words](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  pass_on("--project", arguments.project.empty() ? "" : absolute_path(arguments.project));
  pass_on("--driver", arguments.driver);
  pass_on("--record", arguments.record.empty() ? "" : absolute_path(arguments.record));
  pass_on("--signal", arguments.signal);
  pass_on("--attach", arguments.attach);
  pass_on("--listen", arguments.listen);
  pass_on("--log-level", arguments.log_level);
  if (arguments.no_engine) words.emplace_back("--no-engine");
  return words;
}

Result<engine::StatusReply> settled_engine(const Options& options) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto reply = client->call(engine::Status{}, options.call());
  bool told = false;
  client->on_engine([&told](const engine::Changed&) { told = true; });
  while (reply && (reply->state == engine::EngineState::starting || reply->state == engine::EngineState::lost)) {
    told = false;
    if (!client->poll_until([&told] { return told; }, options.timeout()))
      return make_error(errors::kSessionTimeout, "the engine has not started yet; `aura-cli engine status` says how it goes on");
    reply = client->call(engine::Status{}, options.call());
  }
  return reply;
}

Result<int> up(const Options& options, const Arguments& arguments) {
  if (auto running = session::find(options.session)) return runs_already(*running);
  auto folder = net::session_dir(options.session);
  if (!folder) return std::move(folder).error();
  const std::filesystem::path log = arguments.log.empty() ? *folder / "pulse.log" : std::filesystem::path(absolute_path(arguments.log));
  const std::filesystem::path program =
      arguments.pulse.empty() ? program_folder() / "loophole-pulse" : std::filesystem::path(arguments.pulse);
  auto started = start_in_background(program, pulse_words(options, arguments), log, options.session, options.timeout());
  if (!started) return std::move(started).error();
  auto engine = settled_engine(options);
  if (!engine) return std::move(engine).error();
  if (options.json) {
    auto file = wire::to_json(*started);
    if (!file) return std::move(file).error();
    nlohmann::json all = nlohmann::json::parse(*file);
    all["log"] = log.string();
    all["engineState"] = std::string(to_string(engine->state));
    print_line(all.dump());
    return 0;
  }
  print_text(fmt::format("session {}: {} {}, process {}\n{}\nits log is {}", started->name, started->software.name,
                         started->software.version, started->process_id, describe_engine(*engine), log.string()));
  return 0;
}

Result<int> down(const Options& options) {
  const auto file = session::find(options.session);
  if (!file) {
    if (!is(file.error(), errors::kSessionNotFound)) return file.error();
    return make_error(errors::kSessionNotFound, "session '" + options.session + "' does not run");
  }
  {
    // A process number may be somebody else's by now; who answers at the session's endpoint is Pulse.
    const auto errand = Errand::connect(options);
    if (!errand) {
      Error error = errand.error();
      error.message += fmt::format("; process {} does not answer as Pulse and was left alone", file->process_id);
      return error;
    }
  }
  if (auto ended = end_process(file->process_id, options.timeout()); !ended) return std::move(ended).error();
  if (options.json)
    print_line(nlohmann::json{{"session", options.session}, {"processId", file->process_id}}.dump());
  else
    print_text(fmt::format("session {} has ended (process {})", options.session, file->process_id));
  return 0;
}

}  // namespace

void add_up_and_down_commands(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("up", "Starts a session in the background, Pulse and its engine, and waits until it answers");
  command->add_option("--project", arguments->project, "Project to open; made when there is no such file")->type_name("FILE");
  CLI::Option* no_engine = command->add_flag("--no-engine", arguments->no_engine, "Without an engine: nothing sounds");
  command->add_option("--driver", arguments->driver, "Audio driver of the engine")
      ->check(CLI::IsMember({"auto", "portaudio", "paced", "offline"}))
      ->excludes(no_engine);
  command->add_option("--record", arguments->record, "The engine writes what it plays to this WAV file")->type_name("FILE");
  command->add_option("--signal", arguments->signal, "Program of the engine; loophole-signal beside loophole-pulse where left out")
      ->type_name("FILE");
  command->add_option("--attach", arguments->attach, "Control endpoint of an engine that somebody else runs")
      ->type_name("ENDPOINT")
      ->excludes(no_engine);
  command->add_option("--listen", arguments->listen, "Endpoint for user interfaces; a socket in the session's folder where left out")
      ->type_name("ENDPOINT");
  command->add_option("--pulse", arguments->pulse, "Program of Pulse; loophole-pulse beside aura-cli where left out")->type_name("FILE");
  command->add_option("--log", arguments->log, "Where Pulse and engine write their log; pulse.log in the session's folder where left out")
      ->type_name("FILE");
  command->add_option("--log-level", arguments->log_level, "Least important messages of the log; info where left out")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  actions.bind(command, [arguments](const Options& options) { return up(options, *arguments); });
  actions.bind(app.add_subcommand("down", "Ends a session in order: closes the project, stops the engine, and waits for both"), down);
}

}  // namespace loophole::cli
