// What does it cost to decode and validate a control message? Goal P6: at most 1.5 x nlohmann::json::parse of the same text.
//
//   loophole-bench-decode [--json FILE]
//
// Both are measured in turns within the same run, so that what disturbs one disturbs the other. One sample is the mean of a batch of about
// 50 us.

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loophole/messages/all.hpp"
#include "loophole/wire/codec.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using loophole::bench::keep;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kSamples = 2000;
constexpr std::chrono::seconds kMostTime{5};  // for one message; the largest take a millisecond
constexpr double kBatchUs = 50;
constexpr double kGoalRatio = 1.5;

struct Case {
  std::string name;
  std::string title;
  lp::wire::Message message;
  std::string text;
};

double time_batch(const std::function<void()>& work, int repeats) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) work();
  return Microseconds(std::chrono::steady_clock::now() - begin).count() / repeats;
}

// Measures several pieces of work in turns.
std::vector<std::vector<double>> measure(const std::vector<std::function<void()>>& works) {
  std::vector<int> repeats;
  for (const auto& work : works) repeats.push_back(std::max(1, static_cast<int>(kBatchUs / time_batch(work, 20))));
  std::vector<std::vector<double>> samples(works.size());
  const auto most = std::chrono::steady_clock::now() + kMostTime;
  for (int i = 0; i < kSamples && std::chrono::steady_clock::now() < most; ++i)
    for (std::size_t w = 0; w < works.size(); ++w) samples[w].push_back(time_batch(works[w], repeats[w]));
  return samples;
}

lp::graph::Graph graph_of(int tracks) {
  lp::graph::Graph graph;
  for (int i = 0; i < tracks; ++i) {
    const std::string number = std::to_string(i);
    lp::graph::GraphNode player{.id = lp::GraphNodeId("trk-" + number + ".clips"), .kind = lp::graph::GraphNodeKind::clip_player};
    player.clips.push_back({.path = "/srv/audio/take-" + number + ".wav",
                            .start_frames = 48000 * i,
                            .offset_frames = 0,
                            .length_frames = 96000,
                            .gain_db = -3.5});
    lp::graph::GraphNode filter{.id = lp::GraphNodeId("trk-" + number + ".filter"), .kind = lp::graph::GraphNodeKind::filter};
    filter.parameters.push_back({.handle = 10 + i, .key = "cutoff", .value = 440.25, .minimum = 20, .maximum = 20000, .smoothing_ms = 20});
    graph.connections.push_back({player.id, filter.id});
    graph.connections.push_back({filter.id, lp::GraphNodeId("out")});
    graph.nodes.push_back(std::move(player));
    graph.nodes.push_back(std::move(filter));
  }
  graph.nodes.push_back({.id = lp::GraphNodeId("out"), .kind = lp::graph::GraphNodeKind::output});
  return graph;
}

std::vector<Case> cases() {
  using lp::Role;
  using lp::wire::make_command;
  using lp::wire::make_event;
  const auto id = [] { return lp::MessageId("m-7f3k29"); };
  std::vector<Case> out;
  const auto add = [&](std::string name, std::string title, lp::wire::Message message) {
    std::string text = lp::wire::encode_message(message).value();
    out.push_back({std::move(name), std::move(title), std::move(message), std::move(text)});
  };
  add("heartbeat", "session.heartbeat", make_event(id(), Role::pulse, Role::signal, lp::session::Heartbeat{.sequence = 71}));
  add("parameter-set", "parameter.set",
      make_command(id(), Role::aura, Role::pulse, lp::parameter::Set{.parameter_id = lp::ParameterId("prm-k2n4m8p3"), .value = 440.25}));
  add("hello", "session.hello",
      make_command(id(), Role::aura, Role::pulse,
                   lp::session::Hello{.role = Role::aura,
                                      .client_id = "aura-cli",
                                      .instance_id = lp::InstanceId("i-4f1c"),
                                      .software = {.name = "aura-cli", .version = "0.1.0"},
                                      .protocol = {.major = 1, .min_minor = 0, .max_minor = 0},
                                      .capabilities = {"loophole.record/draft1"}}));
  lp::project::Changed changed{.revision = 12, .cause = {}, .label = "Add node"};
  changed.changes.push_back(lp::project::ParameterChanged{.parameter_id = lp::ParameterId("prm-k2n4m8p3"), .value = 880});
  add("project-changed", "project.changed", make_event(id(), Role::pulse, Role::aura, changed));
  add("graph-10", "graph.replace of 10 tracks",
      make_command(id(), Role::pulse, Role::signal, lp::graph::Replace{.revision = 3, .graph = graph_of(10)}));
  add("graph-1000", "graph.replace of 1,000 tracks",
      make_command(id(), Role::pulse, Role::signal, lp::graph::Replace{.revision = 3, .graph = graph_of(1000)}));
  return out;
}

void run_case(const Case& test, bench::Run& run) {
  const nlohmann::json document = nlohmann::json::parse(test.text);
  auto samples = measure({
      [&] { keep(lp::wire::decode_message(test.text)); },
      [&] { keep(nlohmann::json::parse(test.text)); },
      [&] { keep(lp::wire::encode_message(test.message)); },
      [&] { keep(document.dump()); },
  });
  const std::string bytes = ", " + bench::number(static_cast<double>(test.text.size())) + " bytes";
  const auto decode = bench::distribution_of("decode_message", std::move(samples[0]));
  const auto parse = bench::distribution_of("json::parse", std::move(samples[1]));
  run.add({.name = "decode-" + test.name,
           .goal = "P6",
           .what = "decode and check " + test.title + bytes,
           .unit = "us",
           .ours = decode,
           .floor = parse,
           .limits = {{"p50", decode.at.p50 / parse.at.p50, bench::Bound::at_most, kGoalRatio, "x floor"}}});
  run.add({.name = "encode-" + test.name,
           .what = "encode " + test.title + bytes,
           .unit = "us",
           .ours = bench::distribution_of("encode_message", std::move(samples[2])),
           .floor = bench::distribution_of("json::dump", std::move(samples[3]))});
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-decode");
  bench::Run run("decode", arguments);
  for (const Case& test : cases()) run_case(test, run);
  return run.finish();
}
