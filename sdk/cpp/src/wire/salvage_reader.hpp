#pragma once
// What can still be read of a message that could not be decoded: a second, slow look that nobody takes at good messages.

#include <cstddef>
#include <string>
#include <string_view>

#include "loophole/wire/codec.hpp"
#include "scalar.hpp"

namespace loophole::wire::detail {

class SalvageReader {
 public:
  explicit SalvageReader(Salvage& salvage) : salvage_(salvage) {}

  void start_object() { ++depth_; }
  void key(std::string_view name) {
    if (depth_ == 1) key_ = name;
  }
  void end_object() { --depth_; }
  void start_array() { ++depth_; }
  void end_array() { --depth_; }
  void scalar(const Scalar& value);

 private:
  Salvage& salvage_;
  std::size_t depth_ = 0;
  std::string key_;
};

}  // namespace loophole::wire::detail
