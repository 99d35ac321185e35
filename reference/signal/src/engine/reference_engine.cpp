#include "engine/reference_engine.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace loophole::reference_signal {
namespace {

std::vector<std::string> paths_of(const graph::Graph& graph) {
  std::vector<std::string> paths;
  for (const graph::GraphNode& node : graph.nodes)
    for (const graph::GraphClip& clip : node.clips) paths.push_back(clip.path);
  return paths;
}

}  // namespace

ReferenceEngine::ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, Drivers& drivers)
    : options_(std::move(options)), drivers_(drivers), renderer_(port), clips_(post), watch_(drivers, std::move(post)) {}

ReferenceEngine::~ReferenceEngine() {
  opened_.reset();
  driver_.reset();
}

void ReferenceEngine::adopt(std::unique_ptr<AudioDriver> driver, Done<engine::Effective> done) {
  opened_ = std::move(driver);
  const PlanFormat format{.sample_rate_hz = opened_->effective().sample_rate_hz, .block_frames = opened_->effective().block_frames};
  const std::uint64_t adoption = ++adoption_;
  if (format == format_ || !last_graph_) return finish(format, nullptr, done);
  const auto refuse = [this, done](Error error) {
    opened_.reset();
    done(std::move(error));
  };
  clips_.fetch(paths_of(last_graph_->graph), format.sample_rate_hz,
               [this, format, adoption, graph = graph_number_, done, refuse](Result<ClipSet> clips) {
                 if (adoption != adoption_) return;  // another driver took its place meanwhile
                 if (graph != graph_number_) return adopt(std::move(opened_), done);
                 if (!clips) return refuse(std::move(clips).error());
                 auto plan = compiler_.compile(last_graph_->graph, last_graph_->order, *clips, format);
                 if (!plan) return refuse(std::move(plan).error());
                 finish(format, *std::move(plan), done);
               });
}

Result<void> ReferenceEngine::record_at(std::int64_t sample_rate_hz) {
  if (!options_.record || (recorder_ && recorder_->sample_rate_hz() == sample_rate_hz)) return {};
  stop_recording();
  auto opened = Recorder::open(*options_.record, sample_rate_hz);
  if (!opened) return std::move(opened).error();
  recorder_ = *std::move(opened);
  renderer_.set_tap(recorder_->tap());
  return {};
}

void ReferenceEngine::stop_recording() {
  renderer_.set_tap(nullptr);
  recorder_.reset();
}

void ReferenceEngine::replace_graph(const graph::Graph& graph, const signal::GraphOrder& order, Done<Ticket> done) {
  const std::int64_t rate = format_.sample_rate_hz;
  clips_.fetch(paths_of(graph), rate, [this, &graph, &order, rate, done = std::move(done)](Result<ClipSet> clips) {
    if (!clips) return done(std::move(clips).error());
    if (format_.sample_rate_hz != rate) return replace_graph(graph, order, done);  // the device changed meanwhile
    auto plan = compiler_.compile(graph, order, *clips, format_);
    if (!plan) return done(std::move(plan).error());
    last_graph_ = LastGraph{graph, order};
    ++graph_number_;
    done(renderer_.publish(*std::move(plan)));
  });
}

std::vector<engine::HandleValue> ReferenceEngine::held_values() const {
  std::vector<engine::HandleValue> values;
  values.reserve(compiler_.held().size());
  for (const HeldParameter& held : compiler_.held()) values.push_back({.handle = held.handle, .value = held.parameter->held()});
  return values;
}

}  // namespace loophole::reference_signal
