#pragma once
// Emitters: pure functions from the model to files. main() writes them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"

namespace loophole::schema {

struct OutputFile {
  std::string path;  // relative to --out, with slashes
  std::string text;
};

// The model must be without faults. Equal models give equal files in equal order.
using Emitter = std::vector<OutputFile> (*)(const Model& model);

struct EmitterEntry {
  std::string_view name;  // as in `loophole-schema generate NAME`
  std::string_view summary;
  Emitter emit;
  // Folder below protocol/ that `loophole-schema publish` keeps in step with the schemas; all files in it are this emitter's. "." is
  // protocol/ itself, of which the emitter has the files that it makes and no others. Empty: not committed.
  std::string_view published = {};
};

[[nodiscard]] std::span<const EmitterEntry> emitters();

// Text that grows by lines; parts of a line are joined.
class Lines {
 public:
  template <class... Parts>
  void operator()(const Parts&... parts) {
    ((text_ += parts), ...);
    text_ += '\n';
  }
  // Text as it is, without a line end of its own.
  void raw(std::string_view text) { text_ += text; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace loophole::schema
