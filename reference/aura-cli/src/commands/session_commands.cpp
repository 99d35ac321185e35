#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands/commands.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::cli {
namespace {

using nlohmann::json;

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

std::string describe(const session::DescribeReply& reply) {
  std::string text =
      fmt::format("protocol {}.{}, model {}…\nanswers", reply.protocol.major, reply.protocol.minor, reply.fingerprint.substr(0, 12));
  for (const std::string& name : reply.handles) text += "\n  " + name;
  text += "\nsends";
  for (const std::string& name : reply.sends) text += "\n  " + name;
  return text;
}

// From a command to its answer: the median, so that one late answer says nothing.
Result<double> round_trip_us(aura::Client& client, const Options& options, session::CountersReply& counters) {
  std::array<double, 9> times{};
  for (double& time : times) {
    const auto begin = Clock::now();
    auto reply = ask(client, session::Counters{}, options);
    if (!reply) return std::move(reply).error();
    time = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    counters = *std::move(reply);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Answers {
  session::HelloReply hello;
  engine::StatusReply engine;
  session::CountersReply counters;
  double round_trip_us = 0;
  std::int64_t process_id = 0;  // of Pulse; 0: not known, as it is connected by its endpoint
};

std::string status_json(const Options& options, const aura::Client& client, const Answers& answers) {
  json all{{"session", options.session},
           {"processId", answers.process_id == 0 ? json() : json(answers.process_id)},
           {"hello", json_of(answers.hello)},
           {"engine", json_of(answers.engine)},
           {"counters", json_of(answers.counters)},
           {"roundTripUs", answers.round_trip_us},
           {"project", nullptr}};
  if (const project::Project* project = client.project())
    all["project"] = {
        {"projectId", project->id.str()}, {"name", project->name}, {"path", client.mirror().path()}, {"revision", client.revision()}};
  return all.dump();
}

std::string status_text(const Options& options, const aura::Client& client, const Answers& answers) {
  const session::HelloReply& hello = answers.hello;
  std::string text = fmt::format("session {}: {} {}", options.session, hello.software.name, hello.software.version);
  if (answers.process_id != 0) text += fmt::format(", process {}", answers.process_id);
  text += fmt::format(", protocol {}.{}, {}\n", hello.protocol.major, hello.protocol.minor, hello.session_id.str());
  text += describe_engine(answers.engine) + "\n";
  if (answers.engine.epochs.size() > 1) {
    text += "  epochs";
    for (const std::int64_t epoch : answers.engine.epochs) text += fmt::format(" {}", epoch);
    text += "\n";
  }
  if (const project::Project* project = client.project())
    text += fmt::format("project {} at revision {}, {} track{}\n  {}\n", project->name, client.revision(), project->tracks.size(),
                        project->tracks.size() == 1 ? "" : "s", client.mirror().path());
  else
    text += "no project is open\n";
  const session::CountersReply& counters = answers.counters;
  return text + fmt::format("messages {} received, {} sent, {} malformed, {} refused; round trip {:.0f} µs", counters.control_received,
                            counters.control_sent, counters.malformed, counters.refused, answers.round_trip_us);
}

Result<int> status(const Options& options) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  Answers answers{.hello = client->hello(), .engine = {}, .counters = {}};
  auto engine = ask(*client, engine::Status{}, options);
  if (!engine) return std::move(engine).error();
  answers.engine = *std::move(engine);
  auto round_trip = round_trip_us(*client, options, answers.counters);
  if (!round_trip) return std::move(round_trip).error();
  answers.round_trip_us = *round_trip;
  if (options.embedded) {
    answers.process_id = ::getpid();
  } else if (options.endpoint.empty()) {
    if (const auto file = session::find(options.session)) answers.process_id = file->process_id;
  }
  if (options.json)
    print_line(status_json(options, *client, answers));
  else
    print_text(status_text(options, *client, answers));
  return 0;
}

}  // namespace

std::string at_revision(Revision revision) {
  return fmt::format("at revision {}", revision);
}

std::string absolute_path(const std::string& path) {
  std::error_code fault;
  const auto full = std::filesystem::absolute(path, fault);
  return fault ? path : full.lexically_normal().string();
}

void add_like_option(CLI::App* command, std::string& pattern) {
  command->add_option("--like", pattern, "Those only that have this in their name; with * or ? the whole name is like it")
      ->type_name("PATTERN");
}

void print_list(const Options& options, const aura::Client& client, const char* name, nlohmann::ordered_json things, const Table& table,
                const std::string& when_empty) {
  if (options.json)
    print_line(nlohmann::ordered_json{{"revision", client.revision()}, {name, std::move(things)}}.dump());
  else
    print_text(table.empty() ? when_empty : table.text());
}

CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& about) {
  CLI::App* group = app.add_subcommand(name, about);
  group->require_subcommand(1);
  return group;
}

void add_session_commands(CLI::App& app, Actions& actions) {
  actions.bind(app.add_subcommand("status", "How the session is: processes, versions, engine, project, messages, round trip"), status);
  bind_plain<session::Counters>(
      actions, app.add_subcommand("counters", "What Pulse counted since its start: messages, and the frames that must never reach it"),
      [](const session::CountersReply& reply) { return describe(reply); });
  bind_plain<session::Describe>(actions, app.add_subcommand("capabilities", "Which commands this Pulse answers, and what it may send"),
                                [](const session::DescribeReply& reply) { return describe(reply); });
}

}  // namespace loophole::cli
