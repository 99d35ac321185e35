#include "loophole/wire/frame_reader.hpp"

#include <flatbuffers/flatbuffers.h>

#include <charconv>

#include "loophole/messages/topology.hpp"

namespace loophole::wire {
namespace {

// Frames are one table deep; what asks for more is no frame of ours.
constexpr flatbuffers::Verifier::Options kLimits{.max_depth = 2, .max_tables = 2};
constexpr std::size_t kIdentifierAt = 4;
constexpr std::size_t kMultipleOf = 8;

const std::uint8_t* address_of(Bytes bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
flatbuffers::Verifier verifier_of(Bytes bytes) noexcept {
  return flatbuffers::Verifier(address_of(bytes), bytes.size(), kLimits);
}
const flatbuffers::Table* table_at(Bytes bytes, std::size_t offset) noexcept {
  return reinterpret_cast<const flatbuffers::Table*>(bytes.data() + offset);
}
// Where the vtable has the place of a field.
flatbuffers::voffset_t slot_of(std::uint16_t id) noexcept {
  return flatbuffers::FieldIndexToOffset(id);
}
bool is_aligned(const void* address, std::size_t alignment) noexcept {
  return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

}  // namespace

FrameReader::FrameReader(Bytes bytes, std::string_view identifier, std::string_view name) : bytes_(bytes), name_(name) {
  open(identifier);
}

void FrameReader::open(std::string_view identifier) {
  const auto fault = [&](std::string_view rule, const std::string& expected, std::string found) {
    fault_ = frame_fault(rule, {}, expected, std::move(found));
  };
  if (bytes_.size() > topology::kMaxFrameBytes)
    return fault("size", "at most " + std::to_string(topology::kMaxFrameBytes) + " bytes", std::to_string(bytes_.size()) + " bytes");
  if (bytes_.size() < kIdentifierAt + identifier.size() || text_of(bytes_).substr(kIdentifierAt, identifier.size()) != identifier)
    return fault("identifier", "a frame " + std::string(name_) + " with the identifier " + std::string(identifier),
                 std::to_string(bytes_.size()) + " other bytes");
  if (!is_aligned(bytes_.data(), kMultipleOf)) return fault("alignment", "in memory at a multiple of 8", "another address");
  flatbuffers::Verifier verifier = verifier_of(bytes_);
  table_ = verifier.VerifyOffset(0);
  if (table_ == 0 || !table_at(bytes_, table_)->VerifyTableStart(verifier)) structure_fault("table");
}

void FrameReader::structure_fault(std::string_view field) {
  fault_ = frame_fault("structure", {}, "a verified FlatBuffers frame",
                       "a " + std::string(name_) + " whose " + std::string(field) + " leads out of its bytes or is not aligned");
}

const std::byte* FrameReader::place(std::uint16_t id, std::string_view field, std::size_t size) {
  if (fault_) return nullptr;
  const flatbuffers::voffset_t offset = table_at(bytes_, table_)->GetOptionalFieldOffset(slot_of(id));
  if (offset == 0) return nullptr;
  if (verifier_of(bytes_).VerifyFieldStruct(address_of(bytes_) + table_, offset, size, size)) return bytes_.data() + table_ + offset;
  structure_fault(field);
  return nullptr;
}

FrameReader::Range FrameReader::range(std::uint16_t id, std::string_view field, std::size_t item_size, std::size_t alignment,
                                      std::size_t max_items, Items presence) {
  if (fault_) return {};
  const flatbuffers::voffset_t offset = table_at(bytes_, table_)->GetOptionalFieldOffset(slot_of(id));
  if (offset == 0) {
    if (presence == Items::required) fault_ = frame_fault("required", pointer_to(field), "there", std::string("nothing"));
    return {};
  }
  const flatbuffers::Verifier verifier = verifier_of(bytes_);
  const std::size_t way = table_ + offset;
  const flatbuffers::uoffset_t distance = verifier.VerifyOffset(way);
  if (distance == 0 || !verifier.VerifyVectorOrString(address_of(bytes_) + way + distance, item_size)) {
    structure_fault(field);
    return {};
  }
  const std::size_t begin = way + distance;
  const std::size_t count = flatbuffers::ReadScalar<flatbuffers::uoffset_t>(bytes_.data() + begin);
  const std::byte* const items = bytes_.data() + begin + sizeof(flatbuffers::uoffset_t);
  if (count > max_items) {
    fault_ = frame_fault("maxItems", pointer_to(field), "at most " + std::to_string(max_items) + " items", count);
    return {};
  }
  // The verifier of FlatBuffers 2 looks at the number of items and not at their alignment.
  if (!is_aligned(items, alignment)) {
    fault_ = frame_fault("alignment", pointer_to(field), "at a multiple of " + std::to_string(alignment), std::string("another offset"));
    return {};
  }
  return {items, count};
}

std::string pointer_to(std::string_view field) {
  return "/" + std::string(field);
}
std::string pointer_to(std::string_view field, std::size_t index) {
  return pointer_to(field) + "/" + std::to_string(index);
}
std::string pointer_to(std::string_view field, std::size_t index, std::string_view member) {
  return pointer_to(field, index) + "/" + std::string(member);
}

std::string found_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

Error frame_fault(std::string_view rule, std::string pointer, std::string_view expected, std::string found) {
  Error error = make_error(errors::kFrameMalformed, (pointer.empty() ? std::string("a frame") : pointer + " of a frame") + " must be " +
                                                        std::string(expected) + ", found " + found);
  if (!pointer.empty()) error.pointer = std::move(pointer);
  error.rule = rule;
  error.expected = expected;
  error.found = std::move(found);
  return error;
}

}  // namespace loophole::wire
