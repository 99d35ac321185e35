// An engine of one's own, as small as it can be: sines with two parameters each, and meters. A driver would take what `output` has.
//
//   example-small_engine ipc:///tmp/x/control ipc:///tmp/x/stream ipc:///tmp/x/telemetry &
//   loophole-pulse --session mine --attach ipc:///tmp/x/control &
//   aura-cli --session mine track add Voice
#include <atomic>
#include <cmath>
#include <cstdio>
#include <loophole/signal.hpp>
#include <numbers>
#include <thread>

namespace lp = loophole;
namespace rt = lp::signal::rt;

namespace {

constexpr std::uint32_t kRate = 48'000;
constexpr std::uint32_t kBlock = 256;
constexpr std::chrono::nanoseconds kBlockTime{1'000'000'000LL * kBlock / kRate};
using Kind = lp::graph::GraphNodeKind;

const lp::engine::Effective kEffective{.driver = lp::engine::Driver::paced, .sample_rate_hz = kRate, .block_frames = kBlock};

struct Node {
  Kind kind = Kind::output;
  std::vector<std::size_t> inputs;
  std::array<float, kBlock> sound{};
  rt::AutomatedParameter frequency{440};  // of a tone
  rt::AutomatedParameter level{0};        // and of a gain
  double phase = 0;
  rt::MeterLevels levels{0};  // of a meter
};

// A graph as the audio thread plays it. Made and destroyed on the I/O thread.
struct Patch {
  lp::signal::Engine::Ticket ticket = 0;
  rt::ParameterFeed::Mark mark = 0;  // values before it were for the patch before
  std::vector<Node> nodes;           // every one after its inputs
  std::vector<std::unique_ptr<const rt::Automation>> automation;
  std::vector<rt::MeterLevels*> meters;
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
    start([&](lp::Result<void>) { done(kEffective); });  // whatever was asked for: what is in effect counts
  }
  void start(Done<void> done) override {
    if (!running_.exchange(true))
      audio_ = std::thread([this] {
        for (auto due = std::chrono::steady_clock::now(); running_; std::this_thread::sleep_until(due += kBlockTime))
          block(lp::monotonic_ns());
      });
    done({});
  }
  void stop() override {
    if (running_.exchange(false)) audio_.join();
  }
  lp::engine::StateReply state() const override {
    return {.state = running_ ? lp::engine::AudioState::without_device : lp::engine::AudioState::stopped,
            .effective = kEffective,
            .engine_frames = static_cast<std::int64_t>(rendered_.load())};
  }
  void replace_graph(const lp::graph::Graph& graph, const lp::signal::GraphOrder& order, Done<Ticket> done) override {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const auto kind = graph.nodes[n].kind;
      if (kind == Kind::test_tone || kind == Kind::gain || kind == Kind::bus_mixer || kind == Kind::meter || kind == Kind::output) continue;
      lp::Error error = lp::make_error(lp::errors::kNodeKindUnsupported, "this engine has testTone, gain, busMixer, meter and output");
      error.pointer = "/graph/nodes/" + std::to_string(n) + "/kind";
      return done(std::move(error));
    }
    done(hand_over(graph, order));
  }
  lp::Result<Ticket> set_transport(const lp::engine::TransportSet& change) override {
    if (change.loop && change.loop->enabled) return lp::make_error(lp::errors::kEngineUnsupported, "this engine does not loop");
    if (change.position_frames) position_ = static_cast<std::uint64_t>(*change.position_frames);
    if (change.playing) playing_ = *change.playing;
    return last_ticket_;
  }
  lp::engine::TransportState transport() const override {
    return {.playing = playing_, .position_frames = static_cast<std::int64_t>(position_.load()), .tempo_bpm = 120};
  }
  std::int64_t latency_frames() const override { return 0; }
  bool taken(Ticket ticket) const override { return live_ticket_ >= ticket; }
  std::vector<lp::engine::HandleValue> held_values() const override { return {}; }
  void tick() override {
    if (!running_) block(lp::monotonic_ns());  // nobody else takes what was handed over
    for (Patch* old = nullptr; retired_.pop(old);) delete old;
  }

 private:
  Ticket hand_over(const lp::graph::Graph& graph, const lp::signal::GraphOrder& order) {
    auto patch = std::make_unique<Patch>();
    patch->ticket = ++last_ticket_;
    patch->mark = port_.parameters.mark();
    std::vector<std::size_t> place(graph.nodes.size());
    for (const std::size_t n : order.order) {
      const auto& described = graph.nodes[n];
      place[n] = patch->nodes.size();
      Node& node = patch->nodes.emplace_back();
      node.kind = described.kind;
      for (const std::size_t input : order.inputs[n]) node.inputs.push_back(place[input]);
      node.levels = rt::MeterLevels(static_cast<std::uint32_t>(described.meter_handle.value_or(0)));
      for (const auto& parameter : described.parameters) {
        patch->automation.push_back(lp::signal::prepare_automation(parameter.automation));
        (parameter.key == "frequency" ? node.frequency : node.level)
            .adopt(static_cast<std::uint32_t>(parameter.handle), parameter.value, patch->automation.back().get());
      }
    }
    for (Node& node : patch->nodes)
      if (node.kind == Kind::meter) patch->meters.push_back(&node.levels);
    delete incoming_.exchange(patch.release());
    return last_ticket_;
  }

  // --- audio thread: never allocates, locks or waits within a block
  void block(std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING {
    const auto apply = [this](const rt::ParameterChange& change) noexcept {
      if (live_ == nullptr) return;
      for (Node& node : live_->nodes)
        for (rt::AutomatedParameter* parameter : {&node.frequency, &node.level})
          if (parameter->handle() == change.handle) parameter->apply(change);
    };
    const auto due = port_.parameters.mark();
    if (retired_.room(1) > 0)
      if (Patch* next = incoming_.exchange(nullptr)) {
        port_.parameters.drain_until(next->mark, apply);
        for (Node& node : next->nodes)  // a tone that stays goes on where it is
          for (std::size_t i = 0; live_ != nullptr && i < live_->nodes.size(); ++i)
            if (live_->nodes[i].frequency.handle() == node.frequency.handle()) node.phase = live_->nodes[i].phase;
        if (live_ != nullptr) static_cast<void>(retired_.push(live_));
        live_ = next;
        live_ticket_ = live_->ticket;
      }
    port_.parameters.drain_until(due, apply);
    if (live_ != nullptr) render(time_ns);
  }

  void render(std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING {
    const bool playing = playing_;
    const std::uint64_t position = position_;
    port_.transport.publish(
        kBlock, {.engine_frames = rendered_, .time_ns = time_ns, .position_frames = position, .sample_rate_hz = kRate, .playing = playing});
    for (Node& node : live_->nodes) {
      node.sound = {};
      for (const std::size_t input : node.inputs)
        for (std::uint32_t i = 0; i < kBlock; ++i) node.sound[i] += live_->nodes[input].sound[i];
      for (std::uint32_t i = 0; i < kBlock; ++i) {
        const auto amplitude = static_cast<float>(std::pow(10.0, node.level.value_at(position + i, playing) / 20));
        if (node.kind == Kind::gain) node.sound[i] *= amplitude;
        if (node.kind != Kind::test_tone || !playing) continue;
        node.sound[i] += amplitude * static_cast<float>(std::sin(2 * std::numbers::pi * node.phase));
        node.phase = std::fmod(node.phase + node.frequency.value_at(position + i, playing) / kRate, 1.0);
      }
      if (node.kind == Kind::meter && port_.meters.measuring())
        for (const std::uint32_t channel : {0U, 1U}) node.levels.measure(channel, node.sound);
    }
    rendered_ += kBlock;
    if (playing) position_ += kBlock;
    port_.meters.publish(live_->meters, {.frames = kBlock, .engine_frames = rendered_, .time_ns = time_ns + kBlockTime.count()});
  }

  rt::AudioPort& port_;
  Ticket last_ticket_ = 0;
  std::thread audio_;
  std::atomic<bool> running_{false};
  std::atomic<bool> playing_{false};
  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> rendered_{0};
  std::atomic<Ticket> live_ticket_{0};
  std::atomic<Patch*> incoming_{nullptr};
  rt::SpscRing<Patch*> retired_{16};
  Patch* live_ = nullptr;  // the audio thread's
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: example-small_engine CONTROL STREAM TELEMETRY\n"), 2;
  lp::net::Context context;
  lp::net::Loop loop;
  rt::AudioPort port;
  SmallEngine engine(port);
  auto server = lp::signal::EngineServer::start(
      context, loop, {.control_endpoint = argv[1], .stream_endpoint = argv[2], .telemetry_endpoint = argv[3], .software_name = "small"},
      engine, port);
  if (!server) return std::fprintf(stderr, "%s\n", lp::to_string(server.error()).c_str()), 1;
  loop.run();
}
