#pragma once
// Frames, valid and invalid, as bytes, with what a reader must say of them. Derived from the model: every bound, every offset.

#include <string>
#include <vector>

#include "model.hpp"

namespace loophole::schema {

struct FrameVector {
  std::string about;  // "samples: one item too few"
  std::string bytes;
  std::string rule;         // "identifier", "structure" or "bounds"; empty: valid
  std::string requirement;  // what it is a vector of
};

[[nodiscard]] std::vector<FrameVector> frame_vectors(const Frame& frame);

}  // namespace loophole::schema
