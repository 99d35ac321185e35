#include "trial/trial.hpp"

#include <algorithm>
#include <thread>

#include "trial/client.hpp"
#include "trial/driver.hpp"
#include "trial/host.hpp"
#include "trial/planes.hpp"
#include "trial/signal.hpp"

namespace loophole::conformance {

volatile bool interrupted = false;

namespace {

constexpr std::size_t kMaxEntries = 400;
constexpr std::size_t kMaxText = 4'000;
constexpr long kLookMs = 5;  // how often the process of the peer is looked at, and heartbeats are

std::string shortened(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const std::size_t left = text.size() - limit;
  text.resize(limit);
  return text + "… (" + std::to_string(left) + " bytes more)";
}

CheckResult planned(const Case& of, const Check& check) {
  CheckResult result{
      .id = std::string(of.id) + "/" + std::string(check.id), .requirements = {}, .expects = std::string(check.expects), .came = {}};
  for (const std::string_view id : check.requirements) result.requirements.emplace_back(id);
  result.outcome = Outcome::not_reached;
  return result;
}

bool is_common(const CheckResult& check) {
  return check.id.ends_with("/" + std::string(kSpeechCheck)) || check.id.ends_with("/" + std::string(kAliveCheck));
}

}  // namespace

const std::vector<Check>& common_checks(std::string_view role) {
  static const Check kAlive{kAliveCheck, {"SEC-16"}, "the peer runs until it is asked to end"};
  static const std::string_view kExpects = "everything that the peer sends obeys the schema and the rules for senders";
  static const std::vector<Check> kSignal{
      {kSpeechCheck,
       {"ENV-1", "ENV-2", "ENV-3",  "ENV-6",  "ENV-7", "ENV-8",    "ENV-12",   "ENV-14",   "ENV-15", "ERR-2", "ERR-4", "ERR-8",
        "FRM-1", "FRM-2", "FRM-22", "FRM-29", "GEN-2", "HELLO-23", "HELLO-28", "HELLO-35", "TEL-1",  "TEL-2", "TEL-8"},
       kExpects},
      kAlive};
  static const std::vector<Check> kPulse{
      {kSpeechCheck,
       {"ENV-1",  "ENV-2",   "ENV-3",   "ENV-6",    "ENV-7",    "ENV-8",    "ENV-12",  "ENV-14",  "ENV-15",  "ENV-16",
        "ENV-17", "ENV-27",  "ENV-35",  "ENV-46",   "ERR-2",    "ERR-4",    "ERR-8",   "FRM-1",   "FRM-2",   "FRM-4",
        "GEN-2",  "HELLO-1", "HELLO-4", "HELLO-23", "HELLO-28", "HELLO-35", "MODEL-1", "MODEL-3", "MODEL-11"},
       kExpects},
      kAlive};
  static const std::vector<Check> kAura{
      {kSpeechCheck,
       {"ENG-2",   "ENV-1",   "ENV-2",   "ENV-3",   "ENV-6",   "ENV-7",   "ENV-8",   "ENV-12",   "ENV-27",   "ENV-34",   "ENV-46",
        "FRM-1",   "FRM-2",   "FRM-22",  "FRM-29",  "FRM-35",  "FRM-37",  "GEN-1",   "GEN-2",    "GEST-9",   "GEST-10",  "GEST-11",
        "GEST-15", "GEST-51", "GEST-52", "GEST-59", "GEST-64", "HELLO-1", "HELLO-4", "HELLO-16", "HELLO-23", "HELLO-28", "HELLO-35"},
       kExpects},
      kAlive};
  if (role == "aura") return kAura;
  return role == "pulse" ? kPulse : kSignal;
}

Trial::Trial(const Case& of, const Setting& setting, double noise)
    : case_(of), setting_(setting), noise_(noise), begin_(std::chrono::steady_clock::now()), folder_(setting.folder) {
  std::filesystem::create_directory(runtime_folder());
  std::filesystem::permissions(runtime_folder(), std::filesystem::perms::owner_all);
  result_.id = of.id;
  result_.title = of.title;
  result_.steps = of.steps;
  result_.level = of.level;
  for (const Check& check : of.checks) result_.checks.push_back(planned(of, check));
  for (const Check& check : common_checks(of.role())) result_.checks.push_back(planned(of, check));
}

Trial::~Trial() = default;

CheckResult& Trial::find(std::string_view id) {
  const std::string whole = std::string(case_.id) + "/" + std::string(id);
  const auto found = std::ranges::find(result_.checks, whole, &CheckResult::id);
  if (found == result_.checks.end()) throw SuiteFault("the case has no check '" + std::string(id) + "'");
  return *found;
}

void Trial::check(std::string_view id, bool holds, std::string_view came) {
  CheckResult& result = find(id);
  if (result.outcome == Outcome::failed) return;  // the first failure says most
  result.outcome = holds ? Outcome::passed : Outcome::failed;
  if (!holds) result.came = shortened(std::string(came), kMaxText);
}

void Trial::require(std::string_view id, bool holds, std::string_view came) {
  check(id, holds, came);
  if (!holds) throw CaseEnded("the rest of the case builds on '" + std::string(id) + "'");
}

double Trial::now_ms() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin_).count();
}

Milliseconds Trial::patience() const {
  return std::chrono::duration_cast<Milliseconds>(setting_.patience * noise_);
}

void Trial::note(std::string plane, std::string way, std::string who, std::string text, bool wrong, std::string raw) {
  if (result_.transcript.size() >= kMaxEntries) {
    ++unlisted_;
    return;
  }
  result_.transcript.push_back({.at_ms = now_ms(),
                                .plane = std::move(plane),
                                .way = std::move(way),
                                .who = std::move(who),
                                .wrong = wrong,
                                .fault = {},
                                .text = shortened(std::move(text), kMaxText),
                                .raw = shortened(std::move(raw), 2'048)});
}

void Trial::violated(const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    CheckResult& speech = find(kSpeechCheck);
    const std::string what = violation.requirement + ": " + violation.what;
    if (!result_.transcript.empty() && unlisted_ == 0) result_.transcript.back().fault = what;
    if (speech.outcome == Outcome::failed) continue;
    speech.outcome = Outcome::failed;
    speech.came = shortened(what, kMaxText);
    speech.requirements = {violation.requirement};
  }
}

void Trial::greeted(std::uint64_t epoch, Milliseconds lease) {
  greeted_ = true;
  longest_lease_ = std::max(longest_lease_, lease);
  epoch_ = epoch;
}

void Trial::start_peer(const std::vector<std::string>& command) {
  started_ = true;
  std::string error;
  note("process", "note", "suite", "starts " + quoted(command));
  const std::optional<int> inherited = driver_ == nullptr ? std::nullopt : std::optional(driver_->peer_end());
  process_ = PeerProcess::start(command, {"LOOPHOLE_RUNTIME_DIR=" + runtime_folder().string()}, error, inherited);
  if (driver_ != nullptr) driver_->handed_over();
  if (process_ == nullptr) throw CaseEnded("the peer does not start: " + error);
}

Endpoints Trial::other_endpoints() {
  const auto folder = folder_.path() / std::to_string(++folders_);
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  return new_endpoints(setting_.topology, folder);
}

void Trial::start_aura() {
  Host& host = this->host();
  started_ = true;
  endpoints_ = {.control = {}, .stream = {}, .telemetry = {}, .project = host.endpoint(), .engine = {}, .session = "default", .driver = {}};
  if (has(setting_.command, "{driver}")) {
    driver_ = std::make_unique<Driver>(*this);
    endpoints_.driver = std::to_string(driver_->peer_end());
  }
  start_peer(substitute(setting_.command, endpoints_));
}

void Trial::start() {
  if (started_) return;
  if (case_.role() == "aura") return start_aura();
  started_ = true;
  if (setting_.attached) {
    endpoints_ = *setting_.attached;
    return;
  }
  endpoints_ = other_endpoints();
  if (case_.role() == "pulse") {
    if (signal_ == nullptr) signal_ = std::make_unique<Signal>(*this, folder_.path());
    endpoints_.engine = signal_->program();
  }
  start_peer(substitute(setting_.command, endpoints_));
}

void Trial::leave_peer() {
  clients_.clear();
  driver_.reset();
  host_.reset();
  hands_.clear();
  watcher_.reset();
  rules_ = {};  // another run of the peer has other ids
  if (signal_ != nullptr) signal_->forget_pulse();
  process_.reset();
  started_ = false;
  end_expected_ = false;
}

void Trial::restart_peer() {
  leave_peer();
  start();
}

void Trial::restart_with(const std::vector<std::string>& command, const Endpoints& at) {
  leave_peer();
  endpoints_ = at;
  start_peer(command);
}

template <class Seat>
Seat& Trial::seat(std::string_view name, const std::string& endpoint, Lane::Kind kind) {
  std::string error;
  auto lane = Lane::connect(lanes_, kind, endpoint, error);
  if (lane == nullptr) throw CaseEnded(error);
  auto made = std::make_unique<Seat>(*this, std::string(name), ++connections_, std::move(lane));
  Seat& there = *made;
  clients_.push_back(std::move(made));
  return there;
}

Pulse& Trial::connect(std::string_view name) {
  start();
  return seat<Pulse>(name, endpoints_.control);
}

Pulse& Trial::pulse() {
  if (clients_.empty()) connect().greet();
  return static_cast<Pulse&>(*clients_.front());
}

Aura& Trial::join(Lane::Kind kind) {
  start();
  return seat<Aura>("aura", endpoints_.project, kind);
}

Aura& Trial::join_at(const std::string& endpoint) {
  return seat<Aura>("aura", endpoint);
}

Aura& Trial::aura() {
  if (clients_.empty()) join().greet();
  return static_cast<Aura&>(*clients_.front());
}

Signal& Trial::signal() {
  start();
  return *signal_;
}

Host& Trial::host() {
  if (host_ != nullptr) return *host_;
  host_ = std::make_unique<Host>(*this);
  host_->rise();
  return *host_;
}

Host& Trial::guest() {
  start();
  if (!wait([&] { return host_->greeted(); })) throw CaseEnded("the peer says no hello; " + host_->text());
  return *host_;
}

Driver& Trial::driver() {
  if (driver_ == nullptr) throw SuiteFault("a case without the capability driver uses it");
  return *driver_;
}

Hand& Trial::hand(std::uint64_t stream_id) {
  std::string error;
  auto lane = Lane::connect(lanes_, Lane::Kind::push, pulse().reply().engine->stream_endpoint, error);
  if (lane == nullptr) throw CaseEnded(error);
  hands_.push_back(std::make_unique<Hand>(*this, stream_id, std::move(lane)));
  hands_.back()->header.epoch = epoch_;
  return *hands_.back();
}

Watcher& Trial::watcher() {
  if (watcher_ != nullptr) return *watcher_;
  std::string error;
  auto lane = Lane::connect(lanes_, Lane::Kind::sub, pulse().reply().engine->telemetry_endpoint, error);
  if (lane == nullptr) throw CaseEnded(error);
  watcher_ = std::make_unique<Watcher>(*this, std::move(lane));
  return *watcher_;
}

std::unique_ptr<Lane> Trial::stalled_subscriber(const std::vector<std::string>& topics) {
  std::string error;
  auto lane = Lane::connect(lanes_, Lane::Kind::sub, pulse().reply().engine->telemetry_endpoint, error);
  if (lane == nullptr) throw CaseEnded(error);
  for (const std::string& topic : topics) {
    note("telemetry", "sent", "stalled aura", "subscribes to '" + topic + "'");
    lane->subscribe(topic);
  }
  return lane;
}

void Trial::pump() {
  for (const auto& client : clients_) client->pump();
  if (signal_ != nullptr) signal_->pump();
  if (driver_ != nullptr) driver_->pump();
  if (host_ != nullptr) host_->pump();
  if (watcher_ != nullptr) watcher_->pump();
}

void Trial::beat() {
  for (const auto& client : clients_) client->beat();
  if (signal_ != nullptr) signal_->beat();
}

void Trial::was_held_up(const std::string& who, std::chrono::steady_clock::duration silence) {
  held_up_ = "the suite was held up: its " + who + " was silent for " +
             std::to_string(std::chrono::duration_cast<Milliseconds>(silence).count()) +
             " ms, longer than the lease; the machine is suspended or far too busy";
  throw SuiteHeldUp(*held_up_);
}

bool Trial::wait(const std::function<bool()>& done, std::optional<Milliseconds> bound) {
  const auto begin = std::chrono::steady_clock::now();
  const auto limit = begin_ + std::chrono::duration_cast<std::chrono::nanoseconds>(setting_.case_limit * noise_ + 4 * longest_lease_);
  const auto deadline = begin + (bound ? *bound : patience());
  std::vector<Lane*> lanes;
  for (;;) {
    const bool gone = process_ != nullptr && process_->ended().has_value();
    pump();  // also what it said before it went
    if (done()) return true;
    if (gone && !end_expected_) throw CaseEnded("the peer " + process_->ended()->text());
    if (interrupted) {
      cut_ = true;
      throw CaseEnded("the run was interrupted");
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= limit) throw CaseEnded("the case took too long");
    if (now >= deadline) return false;
    lanes.clear();
    for (const auto& client : clients_)
      if (!client->left_) lanes.push_back(client->lane_.get());
    if (signal_ != nullptr)
      for (Lane* lane : signal_->lanes()) lanes.push_back(lane);
    if (host_ != nullptr)
      for (Lane* lane : host_->lanes()) lanes.push_back(lane);
    if (watcher_ != nullptr) lanes.push_back(watcher_->lane_.get());
    wait_for_any(lanes, kLookMs);
  }
}

void Trial::pass(Milliseconds time) {
  (void)wait([] { return false; }, time);
}

bool Trial::wait_for_end(Milliseconds bound) {
  const auto deadline = std::chrono::steady_clock::now() + bound;
  while (!process_->wait(Milliseconds(kLookMs))) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    pump();  // a Pulse that ends waits for its engine
  }
  return true;
}

// The next case meets the same peer: it is left in order, and has taken note of that.
void Trial::leave_attached() {
  for (const auto& client : clients_) {
    if (client->left_ || !client->reply_ || client->goodbye_) continue;
    try {
      client->tell(session::Goodbye{.reason = session::GoodbyeReason::closing, .message = {}});
      (void)client->call(session::Describe{});  // refused, and after the goodbye
    } catch (const std::exception& late) {
      note("control", "note", "suite", late.what());
    }
  }
}

// A peer without a process is alive where it answers a command on a connection of its own, be it with a refusal.
bool Trial::attached_answers() {
  try {
    return connect("pulse").call(session::Describe{}).came();
  } catch (const std::exception& late) {
    note("control", "note", "suite", late.what());
    return false;
  }
}

CaseResult Trial::finish(std::string ended, std::optional<std::string> fault) {
  try {
    if (ended.empty()) pump();
  } catch (const std::exception& late) {
    ended = late.what();
  }
  if (setting_.attached) leave_attached();
  const bool died = process_ != nullptr && process_->ended() && !end_expected_;
  CheckResult& alive = find(kAliveCheck);
  if (died) {
    alive.outcome = Outcome::failed;
    alive.came = "it " + process_->ended()->text();
  } else if (setting_.attached && greeted_ && !interrupted && !attached_answers()) {
    alive.outcome = Outcome::failed;
    alive.came = "no command is answered any more";
  } else {
    alive.outcome = Outcome::passed;
  }
  CheckResult& speech = find(kSpeechCheck);
  if (speech.outcome == Outcome::not_reached) speech.outcome = Outcome::passed;
  for (CheckResult& check : result_.checks) {
    // Doing nothing keeps many promises. Only a peer that can be greeted keeps them on purpose.
    if (cut_ && check.outcome != Outcome::failed && (!greeted_ || check.outcome == Outcome::not_reached || is_common(check))) {
      check.outcome = Outcome::not_run;
      check.came = "the run was interrupted";
    }
    if (check.outcome == Outcome::passed && !greeted_) {
      check.outcome = Outcome::failed;
      check.came = "the peer never answered a hello as it should in this case" + (ended.empty() ? std::string() : "; " + ended);
    }
    if (check.outcome == Outcome::not_reached) check.came = ended.empty() ? "the case ended without coming to it" : ended;
  }
  if (process_ != nullptr) {
    if (!process_->ended()) {
      // How much of what it says on its way out arrives is chance; cases about the end judge it.
      const CheckResult settled = speech;
      process_->ask_to_end();
      if (!wait_for_end(Milliseconds(2'000))) note("process", "note", "suite", "kills the peer, which does not end");
      speech = settled;
    }
    process_->kill_all();
    result_.output = process_->output();
    kill_orphans();
  }
  if (unlisted_ > 0) {
    result_.transcript.push_back({});
    result_.transcript.back().text = std::to_string(unlisted_) + " more are not listed";
    result_.transcript.back().way = "note";
  }
  result_.ms = now_ms();
  result_.ended = std::move(ended);
  result_.suite_fault = std::move(fault);
  return std::move(result_);
}

}  // namespace loophole::conformance
