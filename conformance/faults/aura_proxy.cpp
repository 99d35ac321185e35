// The proxy between the suite and a good user interface, on all planes, and the user interfaces that are none.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "control_relay.hpp"
#include "fault.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/frames/kind.hpp"
#include "message_hooks.hpp"
#include "peer/command_line.hpp"
#include "peer/process.hpp"

namespace loophole::conformance::faults {
namespace {

constexpr int kUsage = 2;

struct Words {
  std::string find, session, driver;
  std::vector<std::string> peer;
};

Words parse(const std::vector<std::string>& arguments) {
  Words words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") {
      words.peer.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (i + 1 >= arguments.size()) break;
    if (arguments[i] == "--find")
      words.find = arguments[++i];
    else if (arguments[i] == "--session")
      words.session = arguments[++i];
    else if (arguments[i] == "--driver")
      words.driver = arguments[++i];
  }
  return words;
}

// A link between two endpoints of the same plane: the peer's side and the suite's.
struct Bridge {
  std::string inner;
  std::unique_ptr<Lane> peer, suite;
  bool telemetry = false;
  Texts waiting{};  // frames of the stream, until the suite has room: the peer's own queue is to be full when the suite reads nothing
};

class AuraProxy {
 public:
  AuraProxy(const Fault& fault, const Words& words) : fault_(fault), words_(words) {
    const char* outer = std::getenv("LOOPHOLE_RUNTIME_DIR");
    outer_run_ = outer == nullptr ? "" : outer;
    run_ = folder_.path() / "run";
    std::filesystem::create_directories(run_ / "default");
    std::filesystem::permissions(run_ / "default", std::filesystem::perms::owner_all);
  }

  int run() {
    const std::string project = control_for(words_.find);
    follow_session();
    std::vector<std::string> command = words_.peer;
    for (std::string& word : command)
      word = replaced(replaced(replaced(word, "@project@", project), "@session@", words_.session), "@driver@", words_.driver);
    std::string error;
    // In the same group as the proxy, so that both are stopped together.
    pause(fault_.start_after);
    peer_ = PeerProcess::start(command, {"LOOPHOLE_RUNTIME_DIR=" + run_.string()}, error, std::nullopt, PeerProcess::Group::ours);
    if (peer_ == nullptr) return 1;
    if (fault_.chatters) chatter();
    bool told = false;
    while (!broken_) {
      if (asked_to_end != 0 && !told && !fault_.ignores_term) {
        peer_->ask_to_end();
        told = true;
      }
      const bool gone = peer_->ended().has_value();
      follow_session();
      const bool moved = pass_all();  // also its last words
      const bool holds = std::ranges::any_of(controls_, [](const auto& each) { return each.second.relay->holds(); });
      if (gone && !moved && !holds) break;
      if (!moved) wait();
    }
    std::this_thread::sleep_for(fault_.end_after);
    const std::string output = peer_->output();
    (void)!::write(STDERR_FILENO, output.data(), output.size());
    return broken_ ? 1 : peer_->ended()->code.value_or(1);
  }

 private:
  Endpoints fresh() {
    const auto folder = folder_.path() / std::to_string(++folders_);
    std::filesystem::create_directory(folder);
    return new_endpoints(Topology::ipc, folder);
  }

  // Where the peer reaches what the suite serves at `outer`.
  std::string control_for(const std::string& outer) {
    if (outer.empty()) return {};
    auto& known = controls_[outer];
    if (known.relay == nullptr) {
      known.inner = fresh().project;
      known.relay =
          std::make_unique<ControlRelay>(context_, outer,
                                         ControlRelay::Hooks{.from_server = [this](const std::string& text) { return to_peer(text); },
                                                             .to_server = fault_.from_peer,
                                                             .answers = {},
                                                             .replies = fault_.answers,
                                                             .ends_on_garbage = fault_.ends_on_garbage,
                                                             .client_manners = fault_.speaks});
      (void)known.relay->bind(known.inner);
      newest_ = known.relay.get();
    }
    return known.inner;
  }

  Texts to_peer(const std::string& text) {
    std::string changed = text;
    for (const bool telemetry : {false, true}) {
      const std::string member = telemetry ? R"("telemetryEndpoint":")" : R"("streamEndpoint":")";
      for (auto at = changed.find(member); at != std::string::npos; at = changed.find(member, at + 1)) {
        const auto begin = at + member.size();
        const auto end = changed.find('"', begin);
        if (end == std::string::npos) break;
        changed.replace(begin, end - begin, bridge_for(changed.substr(begin, end - begin), telemetry));
      }
    }
    return fault_.to_peer ? fault_.to_peer(changed) : Texts{changed};
  }

  std::string bridge_for(const std::string& outer, bool telemetry) {
    if (fault_.link_from_file && !file_link_.empty()) return file_link_;
    std::string& first = telemetry ? first_telemetry_ : first_stream_;
    if (first.empty()) first = outer;
    Bridge& bridge = bridges_[fault_.keeps_first_link ? first : outer];
    if (bridge.peer != nullptr) return bridge.inner;
    const Endpoints at = fresh();
    std::string error;
    bridge.telemetry = telemetry;
    bridge.inner = telemetry ? at.telemetry : at.stream;
    bridge.peer = Lane::bind(context_, telemetry ? Lane::Kind::xpub : Lane::Kind::narrow_pull, bridge.inner, error);
    bridge.suite = Lane::connect(context_, telemetry ? Lane::Kind::xsub : Lane::Kind::narrow_push, outer, error);
    if (!telemetry) newest_stream_ = &bridge;
    return bridge.inner;
  }

  // session.json of the suite, with the endpoint of this proxy in it.
  void follow_session() {
    if (outer_run_.empty()) return;
    std::error_code none;
    const auto mode = std::filesystem::status(outer_run_, none).permissions();
    if (!none) std::filesystem::permissions(run_, fault_.takes_any_folder ? std::filesystem::perms::owner_all : mode, none);
    std::ifstream in(outer_run_ / "default" / "session.json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (text == session_) return;
    session_ = text;
    const auto file = run_ / "default" / "session.json";
    nlohmann::ordered_json session = nlohmann::ordered_json::parse(text, nullptr, false);
    if (session.is_discarded() || !session.contains("projectEndpoint")) {
      std::filesystem::remove(file, none);
      return;
    }
    session["projectEndpoint"] = control_for(session["projectEndpoint"].get<std::string>());
    if (session.contains("engine")) file_link_ = session["engine"]["telemetryEndpoint"].get<std::string>();
    if (fault_.takes_any_session) {
      session["name"] = "default";
      session["processId"] = ::getpid();
    }
    std::ofstream(run_ / "new", std::ios::binary) << session.dump();
    std::filesystem::permissions(run_ / "new", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, none);
    std::filesystem::rename(run_ / "new", file, none);
  }

  void wait() {
    std::vector<Lane*> lanes;
    for (const auto& [outer, control] : controls_) control.relay->add_lanes(lanes);
    for (const auto& [outer, bridge] : bridges_) {
      if (bridge.waiting.empty()) lanes.push_back(bridge.peer.get());
      if (bridge.telemetry) lanes.push_back(bridge.suite.get());
    }
    wait_for_any(lanes, 5);
  }

  bool pass_all() {
    bool moved = false;
    // A relay that is made meanwhile is passed the next time.
    std::vector<ControlRelay*> relays;
    for (const auto& [outer, control] : controls_) relays.push_back(control.relay.get());
    for (ControlRelay* relay : relays) {
      moved = relay->pass() || moved;
      broken_ = broken_ || relay->broken();
    }
    for (auto& [outer, bridge] : bridges_) moved = (bridge.telemetry ? pass_telemetry(bridge) : pass_stream(bridge)) || moved;
    if (fault_.says && newest_ != nullptr)
      for (const std::string& text : fault_.says()) newest_->say(text);
    if (fault_.streams && newest_stream_ != nullptr)
      for (const std::string& frame : fault_.streams()) (void)newest_stream_->suite->send({frame});
    return moved;
  }

  bool pass_stream(Bridge& bridge) {
    bool moved = send_waiting(bridge);
    while (bridge.waiting.empty()) {
      const auto parts = bridge.peer->receive();
      if (!parts) break;
      moved = true;
      if (parts->size() != 1)
        (void)bridge.suite->send(*parts);
      else
        bridge.waiting = fault_.stream ? fault_.stream(parts->front()) : Texts{parts->front()};
      (void)send_waiting(bridge);
    }
    return moved;
  }

  // Whether any of them went.
  bool send_waiting(Bridge& bridge) {
    std::size_t sent = 0;
    while (sent < bridge.waiting.size() && asked_to_end == 0) {
      if (bridge.suite->send({bridge.waiting[sent]}) || fault_.loses_when_full)
        ++sent;
      else if (fault_.waits_when_full)
        pause(std::chrono::milliseconds(5));
      else
        break;
    }
    bridge.waiting.erase(bridge.waiting.begin(), bridge.waiting.begin() + static_cast<std::ptrdiff_t>(sent));
    return sent > 0;
  }

  bool pass_telemetry(Bridge& bridge) {
    bool moved = false;
    for (auto parts = bridge.peer->receive(); parts; parts = bridge.peer->receive()) {
      moved = true;
      for (const std::string& one : fault_.subscription ? fault_.subscription(parts->front()) : Texts{parts->front()})
        (void)bridge.suite->send({one});
    }
    for (auto parts = bridge.suite->receive(); parts; parts = bridge.suite->receive()) {
      moved = true;
      if (parts->size() == 2 && fault_.ends_on_bad_frame) {
        const Buffer frame(bytes_of(parts->back()).begin(), bytes_of(parts->back()).end());
        broken_ = broken_ || frames::classify(frame) == frames::FrameKind::unknown;
      }
      if (parts->size() != 2 || !fault_.telemetry) {
        (void)bridge.peer->send(*parts);
        continue;
      }
      for (const std::string& one : fault_.telemetry(parts->front(), parts->back())) (void)bridge.peer->send({parts->front(), one});
    }
    return moved;
  }

  struct Control {
    std::string inner;
    std::unique_ptr<ControlRelay> relay;
  };

  const Fault& fault_;
  const Words& words_;
  Folder folder_;
  std::filesystem::path outer_run_, run_;
  std::string session_, file_link_, first_stream_, first_telemetry_;
  LaneContext context_;
  std::map<std::string, Control> controls_;  // by the endpoint of the suite
  std::map<std::string, Bridge> bridges_;
  ControlRelay* newest_ = nullptr;
  Bridge* newest_stream_ = nullptr;
  std::unique_ptr<PeerProcess> peer_;
  int folders_ = 0;
  bool broken_ = false;
};

}  // namespace

int play_aura_fault(std::string_view id, const std::vector<std::string>& arguments) {
  const Fault* fault = find("aura", id);
  const Words words = parse(arguments);
  if (fault == nullptr || words.find.empty() || words.peer.empty()) return kUsage;
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  return AuraProxy(*fault, words).run();
}

namespace {

// Greets as one should, asks for the project, and says ok to all that it is told, and does nothing of it.
class Idler {
 public:
  Idler(LaneContext& context, const Words& words) : driver_(words.driver.empty() ? -1 : std::atoi(words.driver.c_str())) {
    std::string error;
    control_ = Lane::connect(context, Lane::Kind::dealer, words.find, error);
  }

  int run() {
    if (control_ == nullptr) return 1;
    say("command", "session.hello",
        R"({"role":"aura","clientId":"idler","instanceId":"i-idler-)" + std::to_string(::getpid()) +
            R"(","software":{"name":"idler","version":"1"},"protocol":{"major":1,"minMinor":0,"maxMinor":0},"capabilities":[]})");
    while (asked_to_end == 0) {
      wait_for_any({control_.get()}, 5);
      for (auto parts = control_->receive(); parts; parts = control_->receive())
        if (const auto m = parsed(parts->back()); !m.is_null() && is(m, "reply", "session.hello")) {
          greeted_ = true;
          say("command", "project.snapshot", "{}");
        }
      const auto now = std::chrono::steady_clock::now();
      if (greeted_ && now - last_ > std::chrono::milliseconds(100))
        say("event", "session.heartbeat", R"({"sequence":)" + std::to_string(beats_++) + "}");
      obey();
    }
    say("event", "session.goodbye", R"({"reason":"closing"})");
    return 0;
  }

 private:
  void say(std::string_view kind, std::string_view name, const std::string& payload) {
    (void)control_->send({R"({"v":1,"id":"i)" + std::to_string(++said_) +
                          R"(","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":")" + std::string(kind) +
                          R"(","name":")" + std::string(name) + R"(","payload":)" + payload + "}"});
    last_ = std::chrono::steady_clock::now();
  }

  void obey() {
    std::array<char, 65'536> piece{};
    for (ssize_t size = 1; driver_ >= 0 && size > 0;) {
      size = ::recv(driver_, piece.data(), piece.size(), MSG_DONTWAIT);
      if (size > 0) told_.append(piece.data(), static_cast<std::size_t>(size));
    }
    std::uint32_t length = 0;  // in the order of this machine, which is that of the channel
    for (; told_.size() >= sizeof length; told_.erase(0, sizeof length + length)) {
      std::memcpy(&length, told_.data(), sizeof length);
      if (told_.size() < sizeof length + length) return;
      const Json order = parsed(told_.substr(sizeof length, length));
      const std::string answer = Json{{"id", order["id"]}, {"ok", true}, {"connected", true}, {"revision", 4}}.dump();
      const auto bytes = static_cast<std::uint32_t>(answer.size());
      std::string text(sizeof bytes, '\0');
      std::memcpy(text.data(), &bytes, sizeof bytes);
      text += answer;
      (void)::send(driver_, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }

  std::unique_ptr<Lane> control_;
  int driver_;
  std::string told_;
  std::chrono::steady_clock::time_point last_{};
  std::uint64_t said_ = 0, beats_ = 0;
  bool greeted_ = false;
};

}  // namespace

int play_dead_aura(std::string_view id, const std::vector<std::string>& arguments) {
  const Words words = parse(arguments);
  const auto& all = dead_peers("aura");
  if (std::ranges::find(all, id) == all.end()) return kUsage;
  if (id == "exits-at-once") return 0;
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  LaneContext context;
  if (id == kObeysNothing) return Idler(context, words).run();
  std::string error;
  std::unique_ptr<Lane> control;
  if (id != "never-connects") control = Lane::connect(context, Lane::Kind::dealer, words.find, error);
  if (id == "closes-at-once") return 0;
  if (id == "says-ok" && control != nullptr)
    (void)control->send({R"({"v":1,"id":"ok","cid":"ok","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":"reply",)"
                         R"("name":"session.hello","payload":{}})"});
  const int driver = words.driver.empty() ? -1 : std::atoi(words.driver.c_str());
  while (asked_to_end == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (control != nullptr && id == "echoes")
      for (auto parts = control->receive(); parts; parts = control->receive()) (void)control->send(*parts);
    std::array<char, 4096> asked{};
    if (driver < 0 || (id != "says-ok" && id != "echoes")) continue;
    const ssize_t size = ::recv(driver, asked.data(), asked.size(), MSG_DONTWAIT);
    if (size > 0 && id == "echoes") (void)::send(driver, asked.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
  }
  return 0;
}

}  // namespace loophole::conformance::faults
