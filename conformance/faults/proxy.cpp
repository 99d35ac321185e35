// The proxy between the suite and a good engine, and the engines that are none.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "control_relay.hpp"
#include "fault.hpp"
#include "lanes/lane.hpp"
#include "peer/command_line.hpp"
#include "peer/process.hpp"

namespace loophole::conformance::faults {

volatile std::sig_atomic_t asked_to_end = 0;

bool served(const std::string& endpoint) {
  if (!endpoint.starts_with("ipc://")) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, endpoint.c_str() + 6, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool there = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return there;
}

bool beyond_this_machine(const std::string& endpoint) {
  return endpoint.starts_with("tcp://") && !endpoint.starts_with("tcp://127.0.0.1:");
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

namespace {

constexpr int kUsage = 2;
constexpr int kInUse = 3;

struct Arguments {
  Endpoints at;
  std::vector<std::string> engine;
  bool right = false;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments parsed;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string* const endpoint = words[i] == "--control"     ? &parsed.at.control
                                  : words[i] == "--stream"    ? &parsed.at.stream
                                  : words[i] == "--telemetry" ? &parsed.at.telemetry
                                                              : nullptr;
    if (words[i] == "--") {
      parsed.engine.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (endpoint == nullptr || i + 1 >= words.size() || words[i + 1] == "--") return parsed;
    *endpoint = words[++i];
  }
  parsed.right = !parsed.at.control.empty() && !parsed.at.stream.empty() && !parsed.at.telemetry.empty();
  return parsed;
}

class Proxy {
 public:
  Proxy(const Fault& fault, Endpoints outer)
      : fault_(fault),
        outer_(std::move(outer)),
        inner_(new_endpoints(Topology::ipc, folder_.path())),
        control_(context_, inner_.control,
                 {.from_server =
                      [this](const std::string& text) {
                        const std::string said = replaced(replaced(text, inner_.stream, outer_.stream), inner_.telemetry, outer_.telemetry);
                        return fault_.from_peer ? fault_.from_peer(said) : Texts{said};
                      },
                  .to_server = fault.to_peer,
                  .answers = fault.answers,
                  .ends_on_garbage = fault.ends_on_garbage,
                  .joins_parts = fault.joins_parts,
                  .server_manners = fault.speaks}) {}

  bool bind() {
    std::string error;
    const mode_t before = ::umask(fault_.open_files ? 0 : 0177);
    const bool control = control_.bind(outer_.control);
    stream_ = Lane::bind(context_, Lane::Kind::pull, outer_.stream, error);
    telemetry_ = Lane::bind(context_, Lane::Kind::xpub, outer_.telemetry, error);
    ::umask(before);
    return control && stream_ && telemetry_;
  }

  int run(const std::vector<std::string>& command) {
    std::vector<std::string> words = command;
    for (std::string& word : words)
      word = replaced(replaced(replaced(word, "@control@", inner_.control), "@stream@", inner_.stream), "@telemetry@", inner_.telemetry);
    if (fault_.engine_arguments) fault_.engine_arguments(words);
    std::string error;
    engine_ = PeerProcess::start(words, {}, error, std::nullopt, PeerProcess::Group::ours);
    if (engine_ == nullptr) return 1;
    if (fault_.chatters) chatter();
    to_stream_ = Lane::connect(context_, Lane::Kind::push, inner_.stream, error);
    from_telemetry_ = Lane::connect(context_, Lane::Kind::xsub, inner_.telemetry, error);
    bool told = false;
    while (!control_.broken()) {
      if (asked_to_end != 0 && !told && !fault_.ignores_term) {
        engine_->ask_to_end();
        told = true;
      }
      const bool gone = engine_->ended().has_value();
      const bool moved = pass_all();  // also its last words
      if (gone && !moved && !control_.holds()) break;
      if (!moved) wait();
    }
    std::this_thread::sleep_for(fault_.end_after);
    const std::string output = engine_->output();
    (void)!::write(STDERR_FILENO, output.data(), output.size());
    if (control_.broken()) return 1;
    return fault_.exit_code.value_or(engine_->ended()->code.value_or(1));
  }

 private:
  void wait() {
    std::vector<Lane*> lanes{stream_.get(), telemetry_.get(), from_telemetry_.get()};
    control_.add_lanes(lanes);
    wait_for_any(lanes, 5);
  }

  bool pass_all() {
    bool moved = control_.pass();
    for (auto parts = stream_->receive(); parts; parts = stream_->receive()) {
      moved = true;
      if (parts->size() != 1 || !fault_.stream) {
        send_to_stream(*parts);
        continue;
      }
      for (const std::string& one : fault_.stream(parts->front())) send_to_stream({one});
    }
    for (auto parts = telemetry_->receive(); parts; parts = telemetry_->receive()) {
      moved = true;
      (void)from_telemetry_->send(*parts);  // subscriptions
    }
    for (auto parts = from_telemetry_->receive(); parts; parts = from_telemetry_->receive()) {
      moved = true;
      if (parts->size() != 2 || !fault_.telemetry) {
        (void)telemetry_->send(*parts);
        continue;
      }
      for (const std::string& one : fault_.telemetry(parts->front(), parts->back())) (void)telemetry_->send({parts->front(), one});
    }
    return moved;
  }

  void send_to_stream(const Parts& parts) {
    for (int tries = 0; tries < 1'000 && !to_stream_->send(parts); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  const Fault& fault_;
  Endpoints outer_;
  Folder folder_;
  Endpoints inner_;
  LaneContext context_;
  ControlRelay control_;
  std::unique_ptr<PeerProcess> engine_;
  std::unique_ptr<Lane> stream_, telemetry_, to_stream_, from_telemetry_;
};

// Where a fault does not say which cases can notice it, those about its plane are asked.
std::vector<std::string> scope_of(const Fault& fault) {
  if (fault.stream) return {"signal.streams.*", "signal.samples.*", "signal.telemetry.statistics", "signal.life.another-pulse"};
  if (fault.telemetry) return {"signal.telemetry.*", "signal.transport.*", "signal.values.committed"};
  if (fault.from_peer || fault.to_peer || fault.answers)
    return {"signal.hello.*",           "signal.envelope.*",           "signal.faults.*",          "signal.patch.*",
            "signal.graph.*",           "signal.values.refused-whole", "signal.values.silence",    "signal.streams.close*",
            "signal.streams.open*",     "signal.streams.gesture",      "signal.streams.expired",   "signal.transport.invalid-loop",
            "signal.transport.moves",   "signal.life.heartbeats",      "signal.life.goodbye",      "signal.life.counters",
            "signal.life.lease-length", "signal.process.terminate",    "signal.samples.one-by-one"};
  return {"signal.process.*", "signal.hello.answer", "signal.faults.no-json", "signal.limits.garbage"};
}

}  // namespace

namespace {

const std::vector<Fault>& everything() {
  static const std::vector<Fault> all = [] {
    std::vector<Fault> faults{{.id = "none", .does = "passes everything on"}};
    add_control_faults(faults);
    add_command_faults(faults);
    add_frame_faults(faults);
    add_process_faults(faults);
    add_sound_faults(faults);
    add_shared_faults(faults, "signal");
    for (Fault& fault : faults)
      if (fault.scope.empty()) fault.scope = scope_of(fault);
    add_pulse_faults(faults);
    add_shared_faults(faults, "pulse");
    add_pulse_session_faults(faults);
    add_pulse_project_faults(faults);
    add_pulse_engine_faults(faults);
    add_aura_faults(faults);
    return faults;
  }();
  return all;
}

std::vector<const Fault*> of_role(const std::vector<Fault>& from, std::string_view role) {
  std::vector<const Fault*> all;
  for (const Fault& one : from)
    if (one.role == role) all.push_back(&one);
  return all;
}

}  // namespace

std::vector<const Fault*> catalogue(std::string_view role) {
  return of_role(everything(), role);
}

std::vector<const Fault*> oddities(std::string_view role) {
  static const std::vector<Fault> all = [] {
    std::vector<Fault> legal;
    add_oddities(legal);
    return legal;
  }();
  return of_role(all, role);
}

const Fault* find(std::string_view role, std::string_view id) {
  for (const auto& all : {catalogue(role), oddities(role)})
    for (const Fault* one : all)
      if (one->id == id) return one;
  return nullptr;
}

void pause(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (asked_to_end == 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void chatter() {
  const std::string line = "a line of a peer that has much to say of itself, in each of its many words, and nothing that matters\n";
  for (int n = 0; n < 2'000; ++n)
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) (void)!::write(fd, line.data(), line.size());
}

int play_fault(std::string_view id, const std::vector<std::string>& arguments) {
  const Fault* fault = find("signal", id);
  const Arguments parsed = parse(arguments);
  if (fault == nullptr || parsed.engine.empty()) return kUsage;
  if (!parsed.right || (fault->ordered_options && arguments.front() != "--control")) return fault->usage_code.value_or(kUsage);
  for (const std::string* endpoint : {&parsed.at.control, &parsed.at.stream, &parsed.at.telemetry}) {
    if (beyond_this_machine(*endpoint) && !fault->no_bind_check) return 1;
    if (served(*endpoint)) return fault->in_use_code.value_or(kInUse);
  }
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  pause(fault->start_after);
  Proxy proxy(*fault, parsed.at);
  if (!proxy.bind()) return 1;
  return proxy.run(parsed.engine);
}

const std::vector<std::string>& dead_peers(std::string_view role) {
  static const std::vector<std::string> servers{"never-binds", "exits-at-once", "closes-at-once", "silent", "echoes", "says-ok"};
  static const std::vector<std::string> auras{"never-connects", "exits-at-once", "closes-at-once",          "silent",
                                              "echoes",         "says-ok",       std::string(kObeysNothing)};
  return role == "aura" ? auras : servers;
}

int play_dead(std::string_view id, const std::vector<std::string>& arguments) {
  Arguments parsed = parse(arguments);
  const bool pulse = !arguments.empty() && arguments[0] == "--project";
  if (pulse) parsed.at.control = arguments.size() > 1 ? arguments[1] : std::string();
  const auto& all = dead_peers(pulse ? "pulse" : "signal");
  if (std::ranges::find(all, id) == all.end()) return kUsage;
  if (id == "exits-at-once") return 0;
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  LaneContext context;
  std::string error;
  std::unique_ptr<Lane> control;
  if (id != "never-binds") control = Lane::bind(context, Lane::Kind::router, parsed.at.control, error);
  if (id == "closes-at-once") return 0;
  while (asked_to_end == 0) {
    if (control == nullptr || id == "silent") {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    wait_for_any({control.get()}, 5);
    for (auto parts = control->receive(); parts; parts = control->receive()) {
      if (id == "says-ok") {
        const auto said = nlohmann::json::parse(parts->back(), nullptr, false);
        if (!said.is_object() || !said.contains("id") || !said["id"].is_string()) continue;
        parts->back() = nlohmann::json{{"v", 1},
                                       {"id", "m" + said.value("id", "")},
                                       {"cid", said.value("id", "")},
                                       {"ts", "2026-01-31T12:00:00.000Z"},
                                       {"origin", pulse ? "pulse" : "signal"},
                                       {"target", pulse ? "aura" : "pulse"},
                                       {"kind", "reply"},
                                       {"name", said.value("name", "unknown")},
                                       {"payload", nlohmann::json::object()}}
                            .dump();
      }
      (void)control->send(*parts);
    }
  }
  return 0;
}

}  // namespace loophole::conformance::faults
