#include "render/render.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "drivers/offline_driver.hpp"
#include "engine/reference_engine.hpp"
#include "loophole/signal/graph_check.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::milliseconds kTick{2};
constexpr std::chrono::milliseconds kProgress{100};
constexpr std::string_view kGraphMember = "/graph";

Error about_file(Error error, const std::filesystem::path& file) {
  error.message = "'" + file.string() + "': " + error.message;
  return error;
}

bool is_of_whole(const Error& error) {
  return !error.pointer || error.pointer->empty();
}

struct LoadedGraph {
  graph::Graph graph;
  bool alone = false;  // not within a payload: pointers begin at the graph
};

Result<LoadedGraph> load_graph(const std::string& text) {
  auto payload = wire::from_json<graph::Replace>(text);
  if (payload) return LoadedGraph{.graph = std::move(payload->graph), .alone = false};
  if (!is_of_whole(payload.error()) || payload.error().rule == "syntax") return std::move(payload).error();
  auto alone = wire::from_json<graph::Graph>(text);
  if (alone) return LoadedGraph{.graph = *std::move(alone), .alone = true};
  if (is_of_whole(alone.error()))
    alone =
        make_error(errors::kPayloadInvalid,
                   "is neither a graph (nodes, connections) nor the payload of graph.replace (revision, graph with nodes, connections)");
  return std::move(alone).error();
}

// The driver of this job, which is the only one.
class OneFile final : public Drivers {
 public:
  OneFile(const RenderJob& job, std::filesystem::path file, std::uint64_t frames) : job_(job), path_(std::move(file)), frames_(frames) {}

  Result<std::unique_ptr<AudioDriver>> open(const DriverWish& wish) override {
    if (wish.driver != engine::Driver::offline) return make_error(errors::kEngineDriverFailed, "nothing is rendered any more");
    auto file = WavFile::create(path_, wish.sample_rate_hz, job_.format);
    if (!file) return std::move(file).error();
    return std::unique_ptr<AudioDriver>(std::make_unique<OfflineDriver>(wish.sample_rate_hz, wish.block_frames, *std::move(file), frames_));
  }
  Result<std::vector<device::Device>> devices() override { return std::vector<device::Device>{}; }

 private:
  const RenderJob& job_;
  std::filesystem::path path_;
  std::uint64_t frames_;
};

Result<std::uint64_t> length_of(const RenderJob& job, const graph::Graph& graph) {
  std::int64_t frames = job.frames.value_or(0);
  if (job.seconds) frames = std::llround(*job.seconds * static_cast<double>(job.sample_rate_hz));
  if (!job.frames && !job.seconds) {
    for (const graph::GraphNode& node : graph.nodes)
      for (const graph::GraphClip& clip : node.clips) frames = std::max(frames, clip.start_frames + clip.length_frames);
    if (frames == 0)
      return make_error(errors::kGraphInvalid, "no clip of the graph says where it ends; say how long with --seconds or --frames");
  }
  const std::uint64_t most = WavFile::most_frames(job.format);
  if (frames < 1 || static_cast<std::uint64_t>(frames) > most)
    return make_error(
        errors::kEngineDriverFailed,
        std::to_string(frames) + " frames cannot be rendered: a WAV file of this format has 1 to " + std::to_string(most) + " of them");
  return static_cast<std::uint64_t>(frames);
}

// Waits for an answer of the engine.
template <class T>
Result<T> answer_of(net::Loop& loop, const std::function<void(signal::Engine::Done<T>)>& ask) {
  std::optional<Result<T>> answer;
  bool waiting = false;
  ask([&](Result<T> result) {
    answer.emplace(std::move(result));
    if (waiting) loop.stop();
  });
  waiting = !answer;
  if (waiting) loop.run();
  return *std::move(answer);
}

Result<void> play(const RenderJob& job, const LoadedGraph& loaded, const std::filesystem::path& file, std::uint64_t frames,
                  const RenderProgress& progress) {
  auto order = signal::check_graph(loaded.graph);
  if (!order) return std::move(order).error();
  net::Loop loop;
  signal::rt::AudioPort port;
  OneFile drivers(job, file, frames);
  ReferenceEngine engine(
      port, [&loop](std::function<void()> task) { loop.post(std::move(task)); }, {.driver = engine::Driver::offline, .record = file},
      drivers);
  std::optional<Error> fault;
  engine.on_event([&](const ReferenceEngine::Event& event) {
    if (const auto* failed = std::get_if<engine::PluginFailed>(&event)) {
      const std::string what =
          "the plugin " + failed->plugin.str() + " of node '" + failed->node_id.str() + "' does not take part: " + failed->reason;
      if (job.without_plugins) return spdlog::warn("{}", what);
      if (!fault) fault = make_error(errors::kPluginFaulty, what + "; --without-plugins renders all the same");
    }
    if (const auto* stopped = std::get_if<engine::StateChanged>(&event)) fault = make_error(errors::kEngineDriverFailed, stopped->reason);
  });
  const engine::Configure format{
      .sample_rate_hz = job.sample_rate_hz, .block_frames = job.block_frames, .driver = engine::Driver::offline, .device_id = {}};
  auto configured = answer_of<engine::Effective>(loop, [&](auto done) { engine.configure(format, std::move(done)); });
  if (!configured) return std::move(configured).error();
  auto live = answer_of<signal::Engine::Ticket>(loop, [&](auto done) { engine.replace_graph(loaded.graph, *order, std::move(done)); });
  if (!live) return std::move(live).error();
  auto playing = engine.set_transport({.playing = true, .position_frames = 0, .loop = {}, .tempo_bpm = {}});
  if (!playing) return std::move(playing).error();

  const auto rendered = [&engine] { return engine.renderer().engine_frames(); };
  const net::TimerId tick = loop.every(kTick, [&] {
    engine.tick();
    if (fault || (rendered() >= frames && !engine.transport().playing)) loop.stop();
  });
  bool wanted = true;
  const net::TimerId told = loop.every(kProgress, [&] {
    wanted = progress(std::min(rendered(), frames), frames);
    if (!wanted) loop.stop();
  });
  loop.run();
  loop.cancel(tick);
  loop.cancel(told);
  engine.stop();
  if (!wanted) return make_error(errors::kSessionCancelled, "rendering was interrupted; there is no file");
  if (fault) return *std::move(fault);
  return {};
}

}  // namespace

Result<graph::Graph> read_graph(const std::string& text) {
  auto loaded = load_graph(text);
  if (!loaded) return std::move(loaded).error();
  return std::move(loaded->graph);
}

Result<std::uint64_t> render(const RenderJob& job, const RenderProgress& progress) {
  std::ifstream in(job.graph, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return make_error(errors::kEngineDriverFailed, "'" + job.graph.string() + "' cannot be read: is it there, and a file?");
  auto loaded = load_graph(text);
  if (!loaded) return about_file(std::move(loaded).error(), job.graph);
  auto frames = length_of(job, loaded->graph);
  if (!frames) return about_file(std::move(frames).error(), job.graph);

  std::error_code trouble;
  if (std::filesystem::exists(job.out, trouble) && !std::filesystem::is_regular_file(job.out, trouble))
    return make_error(errors::kEngineDriverFailed, "'" + job.out.string() + "' is there and no file; choose another name");
  std::filesystem::path unfinished = job.out;
  unfinished += ".part";
  if (auto played = play(job, *loaded, unfinished, *frames, progress); !played) {
    std::filesystem::remove(unfinished, trouble);
    Error error = std::move(played).error();
    if (loaded->alone && error.pointer && error.pointer->starts_with(kGraphMember)) error.pointer->erase(0, kGraphMember.size());
    return is(error, errors::kEngineDriverFailed) || is(error, errors::kSessionCancelled) ? error : about_file(std::move(error), job.graph);
  }
  std::filesystem::rename(unfinished, job.out, trouble);
  if (!trouble) return frames;
  return make_error(errors::kEngineDriverFailed,
                    "'" + unfinished.string() + "' cannot become '" + job.out.string() + "': " + trouble.message());
}

}  // namespace loophole::reference_signal
