#include "loophole/wire/graph_digest.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <string_view>
#include <tuple>
#include <vector>

namespace loophole::wire {
namespace {

// The canonical form of protocol/graph-digest.md, fed into SHA-256 as it is made.
class Hasher {
 public:
  Hasher() { crypto_hash_sha256_init(&state_); }

  void u32(std::uint64_t value) { little_endian(value, 4); }
  void u64(std::uint64_t value) { little_endian(value, 8); }
  void f64(double value) { u64(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value)); }  // -0 and 0 are the same value
  void text(std::string_view utf8) {
    u32(utf8.size());
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(utf8.data()), utf8.size());
  }

  [[nodiscard]] Digest finish() {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state_, hash);
    char hex[2 * sizeof hash + 1];
    return Digest(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
  }

 private:
  void little_endian(std::uint64_t value, std::size_t size) {
    unsigned char bytes[8];
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
    crypto_hash_sha256_update(&state_, bytes, size);
  }

  crypto_hash_sha256_state state_;
};

template <class T, class Key>
std::vector<const T*> sorted(const std::vector<T>& values, Key key) {
  std::vector<const T*> order;
  order.reserve(values.size());
  for (const T& value : values) order.push_back(&value);
  std::ranges::sort(order, [&](const T* a, const T* b) { return key(*a) < key(*b); });
  return order;
}

void add(Hasher& hasher, const graph::GraphParameter& parameter) {
  hasher.u32(static_cast<std::uint64_t>(parameter.handle));
  hasher.text(parameter.key);
  hasher.f64(parameter.value);
  hasher.f64(parameter.minimum);
  hasher.f64(parameter.maximum);
  hasher.f64(parameter.smoothing_ms);
  // Without automation: an empty mode, no points.
  hasher.text(parameter.automation ? to_string(parameter.automation->mode) : std::string_view{});
  hasher.u32(parameter.automation ? parameter.automation->points.size() : 0);
  if (!parameter.automation) return;
  for (const auto* point : sorted(parameter.automation->points, [](const auto& p) { return p.position_frames; })) {
    hasher.u64(static_cast<std::uint64_t>(point->position_frames));
    hasher.f64(point->value);
    hasher.text(to_string(point->shape));
  }
}

void add(Hasher& hasher, const graph::GraphClip& clip) {
  hasher.u64(static_cast<std::uint64_t>(clip.start_frames));
  hasher.text(clip.path);
  hasher.u64(static_cast<std::uint64_t>(clip.offset_frames));
  hasher.u64(static_cast<std::uint64_t>(clip.length_frames));
  hasher.f64(clip.gain_db);
}

void add(Hasher& hasher, const graph::GraphNode& node) {
  hasher.text(node.id.str());
  hasher.text(to_string(node.kind));
  hasher.u32(static_cast<std::uint64_t>(node.meter_handle.value_or(0)));
  hasher.u32(node.bypassed ? 1 : 0);
  hasher.text(node.plugin ? node.plugin->str() : std::string_view{});
  hasher.text(node.state ? node.state->str() : std::string_view{});
  hasher.u32(node.parameters.size());
  for (const auto* parameter : sorted(node.parameters, [](const auto& p) { return p.handle; })) add(hasher, *parameter);
  hasher.u32(node.clips.size());
  const auto order = [](const graph::GraphClip& c) {
    return std::tuple(c.start_frames, std::string_view(c.path), c.offset_frames, c.length_frames, c.gain_db);
  };
  for (const auto* clip : sorted(node.clips, order)) add(hasher, *clip);
}

}  // namespace

Digest graph_digest(const graph::Graph& graph) {
  Hasher hasher;
  hasher.text("loophole.graph/1");
  hasher.u32(graph.nodes.size());
  for (const auto* node : sorted(graph.nodes, [](const auto& n) { return std::string_view(n.id.str()); })) add(hasher, *node);
  hasher.u32(graph.connections.size());
  const auto order = [](const graph::Connection& c) { return std::pair(std::string_view(c.from.str()), std::string_view(c.to.str())); };
  for (const auto* connection : sorted(graph.connections, order)) {
    hasher.text(connection->from.str());
    hasher.text(connection->to.str());
  }
  return hasher.finish();
}

}  // namespace loophole::wire
