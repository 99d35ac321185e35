#include "program/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "loophole/wire/codec.hpp"
#include "program/exit_code.hpp"
#include "store/file_copy.hpp"

namespace loophole::pulse {
namespace {

using nlohmann::ordered_json;

// So many of the newest steps are printed.
constexpr std::size_t kTail = 10;

std::size_t tail_of(const History& history) {
  return history.entries().size() - std::min(history.entries().size(), kTail);
}

ordered_json json_of(const channel::Channel& channel) {
  ordered_json nodes = ordered_json::array();
  for (const node::Node& node : channel.nodes)
    nodes.push_back({{"id", node.id.str()}, {"kind", to_string(node.kind)}, {"name", node.name}, {"bypassed", node.bypassed}});
  return nodes;
}

void print_json(const std::filesystem::path& file, const FileCopy& copy) {
  const project::Project& project = copy.loaded.state.project();
  ordered_json tracks = ordered_json::array();
  for (const track::Track& track : project.tracks)
    tracks.push_back({{"id", track.id.str()}, {"name", track.name}, {"clips", track.clips.size()}, {"nodes", json_of(track.channel)}});
  ordered_json buses = ordered_json::array();
  for (const routing::Bus& bus : project.buses)
    buses.push_back({{"id", bus.id.str()}, {"name", bus.name}, {"nodes", json_of(bus.channel)}});
  ordered_json steps = ordered_json::array();
  const History& history = copy.loaded.history;
  for (std::size_t i = tail_of(history); i < history.entries().size(); ++i)
    steps.push_back(
        {{"revision", history.entries()[i].revision}, {"label", history.entries()[i].label}, {"undone", i >= history.position()}});
  const ordered_json all{{"path", file.string()},
                         {"fileFormat", copy.format},
                         {"bytes", copy.bytes},
                         {"logBytes", copy.log_bytes},
                         {"integrity", "ok"},
                         {"openInProcess", copy.open_in == 0 ? ordered_json(nullptr) : ordered_json(copy.open_in)},
                         {"revision", copy.loaded.revision},
                         {"snapshotRevision", copy.loaded.snapshot_revision},
                         {"project",
                          {{"id", project.id.str()},
                           {"name", project.name},
                           {"sampleRateHz", project.sample_rate_hz},
                           {"tempoBpm", project.tempo_bpm},
                           {"masterNodes", json_of(project.master)},
                           {"tracks", tracks},
                           {"buses", buses}}},
                         {"history", {{"steps", history.entries().size()}, {"position", history.position()}, {"newest", steps}}}};
  std::puts(all.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

std::string nodes_of(const channel::Channel& channel) {
  std::string text;
  for (const node::Node& node : channel.nodes)
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", node.name, node.bypassed ? " (bypassed)" : "");
  return text.empty() ? "" : "; " + text;
}

std::string plural(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

void print_text(const std::filesystem::path& file, const FileCopy& copy) {
  const project::Project& project = copy.loaded.state.project();
  const History& history = copy.loaded.history;
  fmt::print("{}\n", file.string());
  fmt::print("  project      {} ({}) at revision {}\n", project.name, project.id.str(), copy.loaded.revision);
  fmt::print("  timeline     {} Hz, {} bpm\n", project.sample_rate_hz, project.tempo_bpm);
  fmt::print("  file         format {}, {} bytes, {} in the log beside it\n", copy.format, copy.bytes, copy.log_bytes);
  fmt::print("  integrity    ok: {} and the snapshot of revision {} are as they were written\n",
             plural(static_cast<std::size_t>(copy.loaded.revision), "transaction"), copy.loaded.snapshot_revision);
  if (copy.open_in != 0) fmt::print("  in use       by process {}; this is what was in the file a moment ago\n", copy.open_in);
  fmt::print("{}\n", plural(project.tracks.size(), "track"));
  for (const track::Track& track : project.tracks)
    fmt::print("  {}: {}{}\n", track.name, plural(track.clips.size(), "clip"), nodes_of(track.channel));
  fmt::print("{}\n", project.buses.size() == 1 ? "1 bus" : fmt::format("{} buses", project.buses.size()));
  for (const routing::Bus& bus : project.buses) fmt::print("  {}{}\n", bus.name, nodes_of(bus.channel));
  fmt::print("master{}\n", nodes_of(project.master));
  fmt::print("history: {}, {} done\n", plural(history.entries().size(), "step"), history.position());
  for (std::size_t i = tail_of(history); i < history.entries().size(); ++i)
    fmt::print("  {:>6}  {}{}\n", history.entries()[i].revision, history.entries()[i].label, i >= history.position() ? " (undone)" : "");
}

}  // namespace

int inspect(const std::filesystem::path& file, bool json) {
  std::error_code failed;
  std::filesystem::path path = std::filesystem::absolute(file, failed).lexically_normal();
  if (failed) path = file;
  const auto copy = FileCopy::make(path);
  if (!copy) {
    if (json) {
      const auto error = wire::to_json(copy.error());
      std::puts(ordered_json{{"error", ordered_json::parse(error ? *error : "null")}}.dump().c_str());
    }
    std::fprintf(stderr, "loophole-pulse: %s\n", to_string(copy.error()).c_str());
    return kFailed;
  }
  json ? print_json(path, *copy) : print_text(path, *copy);
  return kDone;
}

}  // namespace loophole::pulse
