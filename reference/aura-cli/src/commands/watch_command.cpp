#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "app/command_words.hpp"
#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "app/protocol.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"

namespace loophole::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::vector<std::string> only;
  std::vector<std::string> telemetry;
  int rate_hz = 0;  // 0: the engine's own
  std::int64_t count = 0;
  double seconds = 0;
};

// One line a thing that happens, as long as some are wanted.
class Lines {
 public:
  explicit Lines(const Arguments& arguments) : arguments_(arguments) {}

  [[nodiscard]] bool over() const noexcept { return arguments_.count > 0 && printed_ >= arguments_.count; }

  void event(const wire::Message& message) {
    const std::string name = message.header.name;
    if (over() || (!arguments_.only.empty() && std::ranges::find(arguments_.only, name) == arguments_.only.end())) return;
    json line{{"event", name}, {"ts", message.header.ts}};
    if (message.header.cid) line["cid"] = message.header.cid->str();
    auto payload = wire::encode_value(*message.payload.type(), message.payload.data());
    if (!payload) payload = wire::to_json(payload.error());
    line["payload"] = json::parse(payload.value());
    print(line);
  }
  void frame(const char* topic, json frame) {
    if (over()) return;
    frame["telemetry"] = topic;
    print(frame);
  }

 private:
  void print(const json& line) {
    print_line(line.dump());
    ++printed_;
  }
  const Arguments& arguments_;
  std::int64_t printed_ = 0;
};

// The spectra of all analysers that the project has now, and of no others.
void follow_analysers(aura::Client& client, std::set<std::int64_t>& followed, Lines& lines, int rate_hz) {
  std::set<std::int64_t> present;
  if (client.project() != nullptr)
    for (const NamedNode& one : all_analysers(*client.project())) present.insert(*one.node->meter_handle);
  for (const std::int64_t handle : followed) {
    if (present.contains(handle)) continue;
    client.telemetry().on_spectrum(handle, {});
    client.telemetry().unsubscribe(aura::Telemetry::Topic::spectrum(handle));
  }
  for (const std::int64_t handle : present)
    if (!followed.contains(handle) && client.telemetry().subscribe(aura::Telemetry::Topic::spectrum(handle), rate_hz))
      client.telemetry().on_spectrum(handle, [&lines](const aura::SpectrumView& view) { lines.frame("spectrum", frame_json(view)); });
  followed = std::move(present);
}

Result<void> check_names(const std::vector<std::string>& wanted) {
  const std::vector<std::string> known = message_names();
  for (const std::string& name : wanted)
    if (std::ranges::find(known, name) == known.end())
      return make_error(errors::kEnvelopeUnknownName, "there is no event '" + name + "'" + did_you_mean(name, known));
  return {};
}

Result<int> watch(const Options& options, const Arguments& arguments) {
  if (auto known = check_names(arguments.only); !known) return std::move(known).error();
  catch_interrupts();
  Lines lines(arguments);
  auto client = connect(options, [&lines](const wire::Message& message) { lines.event(message); });
  if (!client) return std::move(client).error();
  aura::Telemetry& telemetry = client->telemetry();
  const auto wanted = [&](const char* topic) { return std::ranges::find(arguments.telemetry, topic) != arguments.telemetry.end(); };
  const auto subscribe = [&](const char* name, aura::Telemetry::Topic topic) {
    return wanted(name) && telemetry.subscribe(topic, arguments.rate_hz);
  };
  if (subscribe("meters", aura::Telemetry::Topic::meters))
    telemetry.on_meters([&](const aura::MetersView& view) { lines.frame("meters", frame_json(view)); });
  if (subscribe("transport", aura::Telemetry::Topic::transport))
    telemetry.on_transport([&](const aura::TransportView& view) { lines.frame("transport", frame_json(view)); });
  if (subscribe("stats", aura::Telemetry::Topic::stats))
    telemetry.on_stats([&](const aura::StatsView& view) { lines.frame("stats", frame_json(view)); });
  std::set<std::int64_t> analysers;
  if (wanted("spectrum")) {
    const auto follow = [&] { follow_analysers(*client, analysers, lines, arguments.rate_hz); };
    follow();
    client->on_change([follow](const project::Changed&) { follow(); });
    client->on_reset(follow);
  }
  // From where on; nothing that comes after it is missing below.
  print_line(json{{"watching", options.session}, {"revision", client->project() == nullptr ? json() : json(client->revision())}}.dump());
  bool late = false;
  if (arguments.seconds > 0)
    client->after(std::chrono::nanoseconds(static_cast<std::int64_t>(arguments.seconds * 1e9)), [&late] { late = true; });
  while (!late && !lines.over() && !interrupted() && client->poll(std::chrono::milliseconds{100})) continue;
  if (!client->is_connected()) return *client->close_reason();
  return kSuccess;
}

}  // namespace

void add_watch_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "watch", "Prints what happens as it happens, one JSON object a line, until Ctrl-C: events of Pulse, and telemetry of the engine");
  command->add_option("--only", arguments->only, "Events of these names only, such as project.changed")
      ->delimiter(',')
      ->type_name("MESSAGE");
  CLI::Option* telemetry = command
                               ->add_option("--telemetry", arguments->telemetry,
                                            "Topics of telemetry besides: meters, spectrum (of all analysers), transport, stats")
                               ->delimiter(',')
                               ->check(CLI::IsMember({"meters", "spectrum", "transport", "stats"}));
  command
      ->add_option(
          "--rate", arguments->rate_hz,
          "Frames a second of each topic at most; left out, the engine's own: 60 for meters and transport, 30 for spectra, 2 for stats")
      ->check(CLI::Range(1, aura::Telemetry::kMaxRateHz))
      ->needs(telemetry);
  command->add_option("--count", arguments->count, "End after this many lines, besides the first one")->check(CLI::PositiveNumber);
  command->add_option("--seconds", arguments->seconds, "End after this long")->check(CLI::PositiveNumber);
  actions.bind(command, [arguments](const Options& options) { return watch(options, *arguments); });
}

}  // namespace loophole::cli
