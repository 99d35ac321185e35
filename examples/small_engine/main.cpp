// An engine of one's own, as small as it can be: sines with a frequency and a level, gains and meters. It keeps real time without a
// device; a driver would take what `output` has.
//
//   loophole-pulse --session mine --signal build/bin/example-small_engine &
//   aura-cli --session mine track add Voice
#include <atomic>
#include <cmath>
#include <loophole/signal.hpp>
#include <map>
#include <numbers>
#include <thread>

namespace lp = loophole;
namespace rt = lp::signal::rt;
using Kind = lp::graph::GraphNodeKind;

namespace {

constexpr std::uint32_t kRate = 48'000;
constexpr std::uint32_t kBlock = 256;
constexpr std::chrono::nanoseconds kBlockTime{1'000'000'000LL * kBlock / kRate};

// What a node keeps from one graph to the next.
struct Voice {
  rt::SmoothedParameter frequency{440};  // of a tone
  rt::SmoothedParameter level{0};        // and of a gain
  double phase = 0;                      // in turns
  rt::MeterLevels levels;                // of a meter
};

struct Node {
  Kind kind;
  bool bypassed;
  std::shared_ptr<Voice> voice;
  std::vector<std::size_t> inputs;
  std::array<float, kBlock> sound{};

  // A part of a block, from frame `at` on; `sound` has the sum of the inputs, and then what becomes of it.
  void process(const rt::Transport::Part& part, std::uint32_t at) noexcept LOOPHOLE_NONBLOCKING {
    if (bypassed || (kind != Kind::test_tone && kind != Kind::gain)) return;
    voice->level.locate(part.position, part.audible);
    voice->frequency.locate(part.position, part.audible);
    const float slope = (part.fade_end - part.fade_begin) / static_cast<float>(part.frames);
    for (std::uint32_t i = 0; i < part.frames; ++i) {
      const double db = voice->level.next(1).begin;
      const auto amplitude = static_cast<float>(db <= -90 ? 0 : std::pow(10.0, db / 20));
      if (kind == Kind::gain) sound[at + i] *= amplitude;
      const double hertz = voice->frequency.next(1).begin;
      if (kind == Kind::gain || !part.audible) continue;
      const float fade = part.fade_begin + slope * static_cast<float>(i);
      sound[at + i] += amplitude * fade * static_cast<float>(std::sin(2 * std::numbers::pi * voice->phase));
      voice->phase = std::fmod(voice->phase + hertz / kRate, 1.0);
    }
  }
};

// A graph as the audio thread plays it. Made and destroyed on the I/O thread.
struct Patch {
  struct Value {
    rt::SmoothedParameter& parameter;
    lp::graph::GraphParameter given;
    std::unique_ptr<const rt::Automation> automation;
  };
  std::vector<Node> nodes;  // each after its inputs
  std::vector<Value> values;
  std::vector<rt::MeterLevels*> meters;
  rt::ParameterFeed::Mark mark = 0;  // values before it were for the patch before
};

class SmallEngine final : public lp::signal::Engine {
 public:
  explicit SmallEngine(rt::AudioPort& port) : port_(port) {}
  ~SmallEngine() override {
    stop();
    tick();  // takes what is on its way, and frees what came back
    delete live_;
  }

  // --- I/O thread: what Pulse asks for

  void configure(const lp::engine::Configure&, Done<lp::engine::Effective> done) override {
    effective_ = {.driver = lp::engine::Driver::paced, .sample_rate_hz = kRate, .block_frames = kBlock};  // whatever was asked for
    start([&](lp::Result<void>) { done(*effective_); });
  }
  void start(Done<void> done) override {
    if (!running_.exchange(true)) audio_ = std::thread([this] { run(); });
    done({});
  }
  void stop() override {
    if (running_.exchange(false)) audio_.join();
  }
  lp::engine::StateReply state() const override {
    return {.state = running_ ? lp::engine::AudioState::without_device : lp::engine::AudioState::stopped,
            .effective = effective_,
            .engine_frames = static_cast<std::int64_t>(rendered_)};
  }
  bool has_kind(Kind kind) const override {
    return kind == Kind::test_tone || kind == Kind::gain || kind == Kind::bus_mixer || kind == Kind::meter || kind == Kind::output;
  }
  void replace_graph(const lp::graph::Graph& graph, const lp::signal::GraphOrder& order, Done<Ticket> done) override {
    auto patch = std::make_unique<Patch>();
    decltype(voices_) voices;
    std::vector<std::size_t> place(graph.nodes.size());
    for (const std::size_t n : order.order) {
      const auto& from = graph.nodes[n];
      const std::tuple same(from.id.str(), from.kind, static_cast<std::uint32_t>(from.meter_handle.value_or(0)));
      const auto before = voices_.find(same);  // sound goes on where the node was in the graph before
      auto& voice = voices[same];
      voice = before != voices_.end() ? before->second : std::shared_ptr<Voice>(new Voice{.levels = rt::MeterLevels(std::get<2>(same))});
      for (const auto& given : from.parameters) {
        rt::SmoothedParameter& parameter = given.key == "frequency" ? voice->frequency : voice->level;
        patch->values.push_back({parameter, given, lp::signal::prepare_automation(given.automation)});
      }
      place[n] = patch->nodes.size();
      Node& node = patch->nodes.emplace_back(Node{from.kind, from.bypassed, voice, {}});
      for (const std::size_t input : order.inputs[n]) node.inputs.push_back(place[input]);
      if (from.kind == Kind::meter) patch->meters.push_back(&voice->levels);
    }
    voices_ = std::move(voices);
    patch->mark = port_.parameters.mark();
    delete incoming_.exchange(newest_ = patch.release());
    done(++handed_over_);
  }
  lp::Result<Ticket> set_transport(const lp::engine::TransportSet& change) override {
    if (const auto set = transport_.set(change); !set) return set.error();
    return ++handed_over_;
  }
  lp::engine::TransportState transport() const override { return transport_.state(); }
  std::int64_t latency_frames() const override { return 0; }
  bool taken(Ticket ticket) const override { return taken_ >= ticket; }
  std::vector<lp::engine::HandleValue> held_values() const override {
    std::vector<lp::engine::HandleValue> values;
    for (const Patch::Value& value : newest_->values) values.push_back({.handle = value.given.handle, .value = value.parameter.held()});
    return values;
  }
  void tick() override {
    if (!running_) take();  // nobody else does
    for (Patch* old = nullptr; retired_.pop(old);) delete old;
  }

 private:
  // --- audio thread: never allocates, locks or waits within a block

  void run() {
    for (auto due = std::chrono::steady_clock::now(); running_; std::this_thread::sleep_until(due += kBlockTime)) {
      if (const auto now = std::chrono::steady_clock::now(); now > due + 20 * kBlockTime) {
        port_.load.xrun();  // what a stall has swallowed is not caught up
        due = now;
      }
      const std::uint64_t begin_ns = lp::monotonic_ns();
      block(static_cast<std::uint64_t>(
          std::chrono::nanoseconds(due.time_since_epoch()).count()));  // when it was due, not when this thread woke up
      port_.load.publish({kBlock, kRate, static_cast<std::uint32_t>(live_->nodes.size()), rendered_, begin_ns, lp::monotonic_ns()});
    }
  }

  // What was handed over. Without room to give the old patch back, all of it waits.
  void take() noexcept LOOPHOLE_NONBLOCKING {
    if (retired_.room(1) < 1) return;
    const Ticket ticket = handed_over_;
    const auto due = port_.parameters.mark();
    const auto apply = [this](const rt::ParameterChange& change) noexcept {
      for (const Patch::Value& value : live_->values)
        if (value.given.handle == change.handle) value.parameter.apply(change);
    };
    if (Patch* next = incoming_.exchange(nullptr)) {
      port_.parameters.drain_until(next->mark, apply);
      for (const Patch::Value& old : live_->values) old.parameter.set_automation(nullptr);  // it goes with its patch
      for (const auto& [parameter, given, automation] : next->values)
        parameter.adopt(static_cast<std::uint32_t>(given.handle), given.value, automation.get(),
                        static_cast<std::uint32_t>(given.smoothing_ms * kRate / 1'000));
      static_cast<void>(retired_.push(std::exchange(live_, next)));
    }
    port_.parameters.drain_until(due, apply);
    transport_.take();
    taken_ = ticket;
  }

  void block(std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING {
    const rt::FlushToZero flush_to_zero;
    take();
    port_.transport.publish(kBlock, transport_.reading(rendered_, time_ns));
    auto& nodes = live_->nodes;
    for (std::uint32_t at = 0; at < kBlock;) {
      const rt::Transport::Part part = transport_.advance(kBlock - at);
      for (Node& node : nodes) {
        for (std::uint32_t i = at; i < at + part.frames; ++i) {
          node.sound[i] = 0;
          for (const std::size_t input : node.inputs) node.sound[i] += nodes[input].sound[i];
        }
        node.process(part, at);
      }
      at += part.frames;
    }
    rendered_ += kBlock;
    for (const Node& node : nodes)
      if (node.kind == Kind::meter && port_.meters.measuring())
        for (const std::uint32_t channel : {0U, 1U}) node.voice->levels.measure(channel, node.sound);
    const std::uint64_t end_ns = time_ns + kBlockTime.count();
    port_.meters.publish(live_->meters, {.frames = kBlock, .engine_frames = rendered_, .time_ns = end_ns});
  }

  rt::AudioPort& port_;
  std::optional<lp::engine::Effective> effective_;
  std::map<std::tuple<std::string, Kind, std::uint32_t>, std::shared_ptr<Voice>> voices_;  // of the newest graph
  std::thread audio_;
  std::atomic<bool> running_{false};

  std::atomic<Ticket> handed_over_{0};  // what goes to the audio thread, and what comes back
  std::atomic<Patch*> incoming_{nullptr};
  std::atomic<Ticket> taken_{0};
  rt::SpscRing<Patch*> retired_{16};
  std::atomic<std::uint64_t> rendered_{0};
  lp::signal::TransportControl transport_{kRate};

  Patch* live_ = new Patch;  // the audio thread's
  Patch* newest_ = live_;    // that was handed over
};

}  // namespace

int main(int argc, char** argv) {
  rt::AudioPort port;
  SmallEngine engine(port);
  return lp::signal::run_engine(argc, argv, {.software_name = "small"}, engine, port);
}
