#pragma once
// render: a graph from a file into a WAV file, as fast as the machine can.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "loophole/core/result.hpp"
#include "loophole/messages/graph.hpp"
#include "recorder/wav_file.hpp"

namespace loophole::reference_signal {

struct RenderJob {
  std::filesystem::path graph;
  std::filesystem::path out;
  std::optional<std::int64_t> frames = {};  // none: to the end of the last clip
  std::optional<double> seconds = {};       // the same in seconds; at most one of the two
  std::int64_t sample_rate_hz = 48'000;     // in whose frames the positions of the graph are
  std::int64_t block_frames = 256;
  WavFormat format = WavFormat::float32;
  bool without_plugins = false;  // render all the same where a plugin does not take part
};

// What is done so far, in frames; called some times a second. False ends it there.
using RenderProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// [any-thread] Plays the graph from the begin of the timeline. The file appears when it is complete, in the place of one that was there.
// Returns the frames in it. Errors: of the graph, with a pointer into the file; clip.fileUnreadable; plugin.faulty where one is missing or
// fails; engine.driverFailed for the file that is written; session.cancelled when `progress` ended it. Then there is no new file.
[[nodiscard]] Result<std::uint64_t> render(const RenderJob& job, const RenderProgress& progress);

// [any-thread] A graph as JSON: the payload of graph.replace, or the graph alone. Errors: payload.invalid with a pointer into the text.
[[nodiscard]] Result<graph::Graph> read_graph(const std::string& text);

}  // namespace loophole::reference_signal
