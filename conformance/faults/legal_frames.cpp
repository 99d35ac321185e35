#include "legal_frames.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/parameter_stream.hpp"

namespace loophole::conformance::faults {
namespace {

constexpr std::size_t kSequence = 1;  // its field in every telemetry table
constexpr int kSampleBytes = 24;      // of ParameterStream; they begin with a number of 8 bytes
constexpr std::size_t kReadings = 5;  // of Meters
constexpr std::size_t kReadingBytes = 16;

// Bytes of each field, in the order of the schema; below 0: items of that size in a vector. `kept` have a default other than 0.
struct Layout {
  std::string_view identifier;
  std::vector<int> sizes;
  std::vector<std::size_t> kept;
};
const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all{
      {.identifier = "LPME", .sizes = {8, 8, 8, 8, 4, -16}, .kept = {}},
      {.identifier = "LPPS", .sizes = {8, 8, 8, -kSampleBytes}, .kept = {}},
      {.identifier = "LPSP", .sizes = {8, 8, 8, 8, 4, 2, 1, 4, 4, -4}, .kept = {5, 6, 7, 8}},
      {.identifier = "LPTP", .sizes = {8, 8, 8, 8, 8, 4, 1, 8, 8, 1, 8, 8}, .kept = {8}},
      {.identifier = "LPES", .sizes = {8, 8, 8, 8, 4, 4, 4, 4, 4, 4, 8, 8, 8, 4, 8, 8, 8, 8, 8, 8, 8, 8}, .kept = {}},
  };
  return all;
}

template <class T>
T get(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
template <class T>
void set(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// Frames come from a good engine, so their offsets are trusted.
const Layout* layout_of(const std::string& frame) {
  if (frame.size() < 12) return nullptr;
  const auto found = std::ranges::find(layouts(), std::string_view(frame).substr(4, 4), &Layout::identifier);
  return found == layouts().end() ? nullptr : &*found;
}
std::optional<std::size_t> place_of(const std::string& frame, std::size_t field) {
  const std::size_t table = get<std::uint32_t>(frame, 0);
  const std::size_t vtable = table - static_cast<std::size_t>(get<std::int32_t>(frame, table));
  if (4 + 2 * field >= get<std::uint16_t>(frame, vtable)) return std::nullopt;
  const auto offset = get<std::uint16_t>(frame, vtable + 4 + 2 * field);
  if (offset == 0) return std::nullopt;
  return table + offset;
}
struct Items {
  std::size_t at;
  std::size_t count;
};
Items items_at(const std::string& frame, std::size_t place) {
  const std::size_t vector = place + get<std::uint32_t>(frame, place);
  return {.at = vector + 4, .count = get<std::uint32_t>(frame, vector)};
}

void pad(std::string& bytes, std::size_t to, std::size_t beyond = 0) {
  while ((bytes.size() + beyond) % to != 0) bytes += '\x5a';
}

}  // namespace

std::string relaid(const std::string& frame) {
  const Layout* layout = layout_of(frame);
  if (layout == nullptr) return frame;
  const std::size_t count = layout->sizes.size();
  std::vector<std::uint16_t> offsets(count, 0);
  std::string out(8, '\0');
  out.replace(4, 4, layout->identifier);
  out.append(12, '\x5a');
  pad(out, 8, 4);  // fields of 8 bytes follow the way to the vtable
  const std::size_t table = out.size();
  set(out, 0, static_cast<std::uint32_t>(table));
  out.append(4, '\0');
  std::vector<std::size_t> vectors;
  for (std::size_t field = count; field-- > 0;) {
    const auto place = place_of(frame, field);
    if (!place) continue;
    const int size = layout->sizes[field];
    const std::string value = frame.substr(*place, size < 0 ? 4 : static_cast<std::size_t>(size));
    const bool kept = size < 0 || std::ranges::find(layout->kept, field) != layout->kept.end();
    if (!kept && value.find_first_not_of('\0') == std::string::npos) continue;
    pad(out, value.size());
    offsets[field] = static_cast<std::uint16_t>(out.size() - table);
    if (size < 0) vectors.push_back(field);
    out += value;
  }
  const std::size_t table_bytes = out.size() - table;
  pad(out, 2);
  set(out, table, static_cast<std::int32_t>(static_cast<std::int64_t>(table) - static_cast<std::int64_t>(out.size())));
  const auto put = [&out](std::uint16_t value) {
    out.append(2, '\0');
    set(out, out.size() - 2, value);
  };
  put(static_cast<std::uint16_t>(4 + 2 * count));
  put(static_cast<std::uint16_t>(table_bytes));
  for (const std::uint16_t offset : offsets) put(offset);
  for (const std::size_t field : vectors) {
    const Items items = items_at(frame, *place_of(frame, field));
    pad(out, layout->sizes[field] == -kSampleBytes ? 8 : 4, 4);
    set(out, table + offsets[field], static_cast<std::uint32_t>(out.size() - table - offsets[field]));
    out.append(4, '\0');
    set(out, out.size() - 4, static_cast<std::uint32_t>(items.count));
    out += frame.substr(items.at, items.count * static_cast<std::size_t>(-layout->sizes[field]));
  }
  pad(out, 8);
  return out;
}

std::vector<std::string> one_by_one(const std::string& frame) {
  const Buffer bytes(bytes_of(frame).begin(), bytes_of(frame).end());
  const auto view = frames::read_parameter_stream(bytes);
  if (!view) return {frame};
  frames::ParameterStreamHeader header = view->header;
  std::vector<std::string> frames;
  for (const frames::ParameterSample& sample : view->samples) {
    const std::vector<frames::ParameterSample> alone{sample};
    frames.emplace_back(text_of(frames::make_parameter_stream(header, alone)));
    ++header.sequence;
  }
  return frames;
}

std::string with_sequence_from(std::uint64_t first, const std::string& frame) {
  if (layout_of(frame) == nullptr) return frame;
  const auto place = place_of(frame, kSequence);
  std::string out = frame;
  if (place) set(out, *place, get<std::uint64_t>(frame, *place) + first);
  return out;
}

std::string readings_reversed(const std::string& frame) {
  const Layout* layout = layout_of(frame);
  if (layout == nullptr || layout->identifier != "LPME") return frame;
  const Items items = items_at(frame, *place_of(frame, kReadings));
  std::string out = frame;
  for (std::size_t n = 0; n < items.count; ++n)
    out.replace(items.at + n * kReadingBytes, kReadingBytes, frame, items.at + (items.count - 1 - n) * kReadingBytes, kReadingBytes);
  return out;
}

}  // namespace loophole::conformance::faults
