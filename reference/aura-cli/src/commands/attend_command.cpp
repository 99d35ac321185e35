// `attend`: a user interface without a face. It stays with a session, keeps the project and follows the engine; with --driver it does what
// it is told by a test, each thing by one call of the SDK. That half is an example for a user interface of your own.
#include <fmt/format.h>
#include <poll.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "app/command_words.hpp"
#include "app/driver_channel.hpp"
#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

using aura::Telemetry;
using nlohmann::ordered_json;

// Does what a driver says (docs/guides/validate-your-ui.md, "The driver channel"). Nothing here waits: what Pulse has to answer is answered
// to the driver when it has.
class Driven {
 public:
  Driven(aura::Client& client, DriverChannel channel) : client_(client), channel_(std::move(channel)) {}

  [[nodiscard]] const DriverChannel& channel() const noexcept { return channel_; }

  void obey() {
    channel_.flush();
    while (const auto text = channel_.receive()) {
      const ordered_json order = ordered_json::parse(*text, nullptr, false);
      try {
        obey(order);
      } catch (const ordered_json::exception& fault) {  // a member is missing, or of another type
        refuse(order, make_error(errors::kPayloadInvalid, fault.what()));
      }
    }
  }

 private:
  void obey(const ordered_json& order) {
    static const std::map<std::string, void (Driven::*)(const ordered_json&)> kOrders{
        {"call", &Driven::call}, {"step", &Driven::step},     {"begin", &Driven::begin}, {"move", &Driven::move},
        {"end", &Driven::end},   {"cancel", &Driven::cancel}, {"watch", &Driven::watch}, {"ask", &Driven::ask}};
    const auto found = kOrders.find(order.at("do").get<std::string>());
    if (found == kOrders.end()) return refuse(order, make_error(errors::kPayloadInvalid, "nobody can do " + order.at("do").dump()));
    (this->*found->second)(order);
  }

  void call(const ordered_json& order) {
    const auto name = order.at("name").get<std::string>();
    const CommandWord* command = find_command(name);
    if (command == nullptr) return refuse(order, make_error(errors::kEnvelopeUnknownName, "Aura may send no command '" + name + "'"));
    auto sent = command->send(client_, order.at("payload").dump(), answer_to<std::string>(order));
    if (!sent) refuse(order, sent.error());
  }

  void step(const ordered_json& order) {
    const ParameterId id(order.at("parameterId").get<std::string>());
    const auto by = order.at("by").get<double>();
    const model::ProjectState* state = client_.mirror().state();
    if (state == nullptr) return refuse(order, no_project_error());
    const parameter::Parameter* shown = state->parameter(id);
    if (shown == nullptr) return refuse(order, make_error(errors::kParameterNotFound, "there is no parameter '" + id.str() + "'"));
    client_.call(parameter::Set{.parameter_id = id, .value = shown->value + by}, answer_to<parameter::Set::Reply>(order));
  }

  void begin(const ordered_json& order) {
    aura::GestureOptions wanted{.take_over = order.at("takeOver").get<bool>()};
    for (const ordered_json& id : order.at("parameterIds")) wanted.parameters.emplace_back(id.get<std::string>());
    auto begun = [this, order, name = order.at("gesture").get<std::string>()](Result<aura::Gesture> gesture) {
      if (!gesture) return refuse(order, gesture.error());
      gestures_.insert_or_assign(name, *std::move(gesture));
      done(order);
    };
    client_.begin_gesture(std::move(wanted), std::move(begun));
  }

  void move(const ordered_json& order) {
    const auto held = gestures_.find(order.at("gesture").get<std::string>());
    if (held == gestures_.end()) return refuse(order, no_gesture());
    for (const ordered_json& one : order.at("values")) {
      if (held->second.set(ParameterId(one.at("parameterId").get<std::string>()), one.at("value").get<double>())) continue;
      return refuse(order, held->second.fault().value_or(make_error(errors::kPayloadInvalid, "it is not of this gesture: " + one.dump())));
    }
    done(order);
  }

  void end(const ordered_json& order) { let_go(order, &aura::Gesture::end); }
  void cancel(const ordered_json& order) { let_go(order, &aura::Gesture::cancel); }

  // Of one that was lost meanwhile the SDK says how.
  void let_go(const ordered_json& order, void (aura::Gesture::*how)(aura::Gesture::EndHandler)) {
    auto held = gestures_.extract(order.at("gesture").get<std::string>());
    if (held.empty()) return refuse(order, no_gesture());
    (held.mapped().*how)(answer_to<parameter::GestureEndReply>(order));
  }

  void watch(const ordered_json& order) {
    static const std::map<std::string, Telemetry::Topic> kTopics{
        {"meters", Telemetry::Topic::meters}, {"transport", Telemetry::Topic::transport}, {"stats", Telemetry::Topic::stats}};
    for (const ordered_json& name : order.at("topics")) {
      const auto topic = kTopics.find(name.get<std::string>());
      if (topic == kTopics.end()) return refuse(order, make_error(errors::kPayloadInvalid, "there is no topic " + name.dump()));
      client_.telemetry().subscribe(topic->second);
    }
    done(order);
  }

  void ask(const ordered_json& order) {
    constexpr std::chrono::hours kHoweverOld{24};
    ordered_json said{{"connected", client_.is_connected()}, {"revision", client_.revision()}, {"gestures", ordered_json::array()}};
    for (const auto& [name, gesture] : gestures_)
      if (gesture.is_open()) said["gestures"].push_back(name);
    if (const aura::MetersView meters = client_.telemetry().meters(kHoweverOld); meters.epoch != 0)
      said["meters"] = {{"epoch", meters.epoch}, {"sequence", meters.sequence}};
    if (client_.project() != nullptr) said["project"] = json_of(*client_.project());
    done(order, said);
  }

  // --- Answers

  template <class Reply>
  [[nodiscard]] std::function<void(Result<Reply>)> answer_to(const ordered_json& order) {
    return [this, order](const Result<Reply>& reply) { reply ? done(order) : refuse(order, reply.error()); };
  }
  void done(const ordered_json& order, const ordered_json& more = ordered_json::object()) {
    ordered_json answer{{"id", order.at("id")}, {"ok", true}};
    answer.update(more);
    channel_.send(answer.dump());
  }
  void refuse(const ordered_json& order, const Error& error) {
    const ordered_json id = order.is_object() && order.contains("id") ? order["id"] : ordered_json();
    channel_.send(ordered_json{{"id", id}, {"ok", false}, {"error", {{"code", error.code}, {"message", error.message}}}}.dump());
  }
  [[nodiscard]] static Error no_gesture() { return make_error(errors::kGestureNotFound, "no gesture of this name is open"); }

  aura::Client& client_;
  DriverChannel channel_;
  std::map<std::string, aura::Gesture> gestures_;  // by the names that the driver gave them
};

// Says what happens to a client, in lines.
class Diary {
 public:
  Diary(aura::Client& client, const Options& options)
      : client_(client), json_(options.json), place_(options.endpoint.empty() ? "session " + options.session : options.endpoint) {
    client.on_connection([this](const aura::Connection& connection) { connection_is(connection); });
    client.on_reset([this] {
      const std::string before = std::exchange(told_, project());
      if (connected_ && told_ != before) say({{"revision", client_.revision()}}, told_);
    });
    client.on_change([this](const project::Changed& changed) {
      say({{"revision", changed.revision}, {"label", changed.label}}, fmt::format("revision {}: {}", changed.revision, changed.label));
    });
    client.on_engine([this](const engine::Changed& engine) {
      const std::string state(to_string(engine.state));
      say({{"engine", state}, {"reason", engine.reason}}, "engine " + state + (engine.reason.empty() ? "" : ": " + engine.reason));
    });
    if (!client.is_connected()) say({{"looking", place_}}, "looking for " + place_);
    connection_is(client.connection());
  }

  void close() const {
    const aura::ClientCounters& seen = client_.counters();
    const aura::TelemetryCounters frames = client_.telemetry().counters();
    const std::uint64_t taken = frames.meters_frames + frames.transport_frames + frames.spectrum_frames + frames.stats_frames;
    say({{"changes", seen.changes}, {"reconnects", seen.reconnects}, {"frames", taken}, {"gaps", frames.gaps}},
        fmt::format("transactions: {}, frames of telemetry: {}, missing: {}", seen.changes, taken, frames.gaps));
  }

 private:
  // That nobody is there is no news while it is looked for.
  void connection_is(const aura::Connection& connection) {
    const bool was = std::exchange(connected_, connection.state == aura::Connection::State::connected);
    if (connected_) {
      told_ = project();
      return say({{"attending", place_}, {"revision", client_.revision()}}, "attending " + place_ + ": " + told_);
    }
    if (!connection.reason || connection.is_final()) return;
    const Error& reason = *connection.reason;
    const std::string before = std::exchange(reason_, reason.code);
    if (was) return say({{"lost", reason.code}}, place_ + " is gone: " + reason.message + "; looking for it");
    if (reason.code != before && !is(reason, errors::kSessionNotFound)) say({{"waiting", reason.code}}, reason.message);
  }
  void say(const ordered_json& line, const std::string& text) const { print_text(json_ ? line.dump() : text); }
  [[nodiscard]] std::string project() const {
    if (client_.project() == nullptr) return "no project is open";
    return fmt::format("project {} at revision {}", client_.project()->name, client_.revision());
  }
  aura::Client& client_;
  bool json_;
  std::string place_;
  bool connected_ = false;
  std::string told_;    // of the project, last
  std::string reason_;  // code of why there was no connection, last
};

Result<int> attend(const Options& options, std::optional<int> descriptor) {
  std::optional<DriverChannel> channel;
  if (descriptor) {
    auto taken = DriverChannel::take(*descriptor);
    if (!taken) return std::move(taken).error();
    channel.emplace(*std::move(taken));
  }
  auto client = connect_some_time(options);
  if (!client) return std::move(client).error();
  catch_interrupts();
  const Diary diary(*client, options);
  std::optional<Driven> driven;
  if (channel) {
    driven.emplace(*client, *std::move(channel));
  } else {
    client->telemetry().subscribe(Telemetry::Topic::meters);
    client->telemetry().subscribe(Telemetry::Topic::transport);
  }
  while (client->poll() && !interrupted()) {
    constexpr int kLookAgainMs = 100;  // for a signal that came just before
    pollfd waiting[]{{.fd = client->fd(), .events = POLLIN, .revents = 0}, {.fd = -1, .events = 0, .revents = 0}};
    if (driven) waiting[1] = {.fd = driven->channel().fd(), .events = driven->channel().wanted(), .revents = 0};
    ::poll(waiting, std::size(waiting), kLookAgainMs);
    client->poll();  // what Pulse said before the driver spoke is known before that is done
    if (driven) driven->obey();
  }
  diary.close();
  if (client->close_reason()) return *client->close_reason();
  return kSuccess;
}

}  // namespace

void add_attend_command(CLI::App& app, Actions& actions) {
  auto descriptor = std::make_shared<std::optional<int>>();
  CLI::App* command = app.add_subcommand(
      "attend", "Stays with a session until Ctrl-C, as a user interface that nobody looks at: says what happens, a line each");
  command
      ->add_option("--driver", *descriptor,
                   "Do what a test says by this inherited descriptor of a socket; docs/guides/validate-your-ui.md specifies it")
      ->check(CLI::NonNegativeNumber)
      ->type_name("FD");
  actions.bind(command, [descriptor](const Options& options) { return attend(options, *descriptor); });
}

}  // namespace loophole::cli
