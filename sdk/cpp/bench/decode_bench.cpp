// What does it cost to decode and validate a control message? Goal P6: at most 1.5 x nlohmann::json::parse of the same text.
//
//   loophole-bench-decode [--json FILE]
//
// Both are measured in turns within the same run, so that what disturbs one disturbs the other. One sample is the mean of a batch of about
// 50 us; printed are percentiles over the samples. The ratio is that of the medians.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/messages/all.hpp"
#include "loophole/wire/codec.hpp"
#include "report.hpp"

namespace {

namespace lp = loophole;
using loophole::bench::json_of;
using loophole::bench::keep;
using loophole::bench::Percentiles;
using loophole::bench::percentiles_of;
using loophole::bench::write_report;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr int kSamples = 2000;
constexpr double kBatchNs = 50'000;

struct Case {
  std::string name;
  lp::wire::Message message;
  std::string text;
};

struct Row {
  std::string name;
  std::size_t bytes = 0;
  Percentiles decode, parse, encode, dump;
  [[nodiscard]] double decode_ratio() const { return decode.p50 / parse.p50; }
  [[nodiscard]] double encode_ratio() const { return encode.p50 / dump.p50; }
};

double time_batch(const std::function<void()>& work, int repeats) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) work();
  return Nanoseconds(std::chrono::steady_clock::now() - begin).count() / repeats;
}

// Measures several pieces of work in turns.
std::vector<Percentiles> measure(const std::vector<std::function<void()>>& works) {
  std::vector<int> repeats;
  for (const auto& work : works) repeats.push_back(std::max(1, static_cast<int>(kBatchNs / time_batch(work, 20))));
  std::vector<std::vector<double>> samples(works.size());
  for (int i = 0; i < kSamples; ++i)
    for (std::size_t w = 0; w < works.size(); ++w) samples[w].push_back(time_batch(works[w], repeats[w]));
  std::vector<Percentiles> out;
  for (auto& list : samples) out.push_back(percentiles_of(list));
  return out;
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
  const auto add = [&](std::string name, lp::wire::Message message) {
    std::string text = lp::wire::encode_message(message).value();
    out.push_back({std::move(name), std::move(message), std::move(text)});
  };
  add("heartbeat", make_event(id(), Role::pulse, Role::signal, lp::session::Heartbeat{.sequence = 71}));
  add("parameter.set",
      make_command(id(), Role::aura, Role::pulse, lp::parameter::Set{.parameter_id = lp::ParameterId("prm-k2n4m8p3"), .value = 440.25}));
  add("session.hello", make_command(id(), Role::aura, Role::pulse,
                                    lp::session::Hello{.role = Role::aura,
                                                       .client_id = "aura-cli",
                                                       .instance_id = lp::InstanceId("i-4f1c"),
                                                       .software = {.name = "aura-cli", .version = "0.1.0"},
                                                       .protocol = {.major = 1, .min_minor = 0, .max_minor = 0},
                                                       .capabilities = {"loophole.record/draft1"}}));
  lp::project::Changed changed{.revision = 12, .cause = {}, .label = "Add node"};
  changed.changes.push_back(lp::project::ParameterChanged{.parameter_id = lp::ParameterId("prm-k2n4m8p3"), .value = 880});
  add("project.changed", make_event(id(), Role::pulse, Role::aura, changed));
  add("graph.replace (10 tracks)", make_command(id(), Role::pulse, Role::signal, lp::graph::Replace{.revision = 3, .graph = graph_of(10)}));
  add("graph.replace (1000 tracks)",
      make_command(id(), Role::pulse, Role::signal, lp::graph::Replace{.revision = 3, .graph = graph_of(1000)}));
  return out;
}

Row run(const Case& test) {
  const nlohmann::json document = nlohmann::json::parse(test.text);
  const auto result = measure({
      [&] { keep(lp::wire::decode_message(test.text)); },
      [&] { keep(nlohmann::json::parse(test.text)); },
      [&] { keep(lp::wire::encode_message(test.message)); },
      [&] { keep(document.dump()); },
  });
  return {test.name, test.text.size(), result[0], result[1], result[2], result[3]};
}

nlohmann::json json_of(const std::vector<Row>& rows, double worst) {
  nlohmann::json list = nlohmann::json::array();
  for (const Row& row : rows) {
    list.push_back({{"name", row.name},
                    {"bytes", row.bytes},
                    {"decodeNs", json_of(row.decode)},
                    {"parseNs", json_of(row.parse)},
                    {"decodeRatio", row.decode_ratio()},
                    {"encodeNs", json_of(row.encode)},
                    {"dumpNs", json_of(row.dump)},
                    {"encodeRatio", row.encode_ratio()}});
  }
  return {{"benchmark", "decode"}, {"goal", "P6"}, {"goalRatio", 1.5}, {"worstRatio", worst}, {"cases", list}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string json_file;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json" && i + 1 < argc) {
      json_file = argv[++i];
    } else {
      std::fprintf(stderr, "usage: loophole-bench-decode [--json FILE]\n");
      return 2;
    }
  }

  std::printf("decode and validate a control message, beside nlohmann::json::parse of the same text (p50/p99 in us)\n\n");
  std::printf("%-28s %9s %18s %18s %6s %18s %18s %6s\n", "message", "bytes", "decode", "json parse", "ratio", "encode", "json dump",
              "ratio");
  std::vector<Row> rows;
  double worst = 0;
  for (const Case& test : cases()) {
    const Row row = run(test);
    const auto pair = [](const Percentiles& p) {
      char text[64];
      std::snprintf(text, sizeof text, "%.2f/%.2f", p.p50 / 1000, p.p99 / 1000);
      return std::string(text);
    };
    std::printf("%-28s %9zu %18s %18s %6.2f %18s %18s %6.2f\n", row.name.c_str(), row.bytes, pair(row.decode).c_str(),
                pair(row.parse).c_str(), row.decode_ratio(), pair(row.encode).c_str(), pair(row.dump).c_str(), row.encode_ratio());
    std::fflush(stdout);
    worst = std::max(worst, row.decode_ratio());
    rows.push_back(row);
  }
  std::printf("\nP6: decoding takes at most %.2f x json::parse (goal: 1.50)\n", worst);
  return write_report(json_file, json_of(rows, worst));
}
