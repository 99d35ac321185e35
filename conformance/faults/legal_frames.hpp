#pragma once
// Frames as another sender of FlatBuffers would write them, and as a lossy plane brings them. [any-thread]

#include <cstdint>
#include <string>
#include <vector>

namespace loophole::conformance::faults {

// The same values in another layout: fields from the last to the first, those that are 0 left out where that is their default, the vtable
// behind the table, room between the parts that is not 0. What is no frame comes back as it is.
[[nodiscard]] std::string relaid(const std::string& frame);
// Frames of the stream plane: each sample in one of its own.
[[nodiscard]] std::vector<std::string> one_by_one(const std::string& frame);
// TEL-1: `sequence` begins at any value.
[[nodiscard]] std::string with_sequence_from(std::uint64_t first, const std::string& frame);
// Of Meters: the readings from the last to the first.
[[nodiscard]] std::string readings_reversed(const std::string& frame);

}  // namespace loophole::conformance::faults
