#pragma once
// NewFile: a file that appears at its path complete or not at all, and never in place of another.
//
//   make()     an empty file beside the path, with a name of its own (.NAME.??????.part)
//   ...        the caller fills it
//   publish()  flushes it and gives it its path
//
// A process that dies in between leaves the .part file, which nobody looks at; it may be deleted.

#include <filesystem>

#include "loophole/core/result.hpp"

namespace loophole::pulse {

class NewFile {
 public:
  // [owner-thread] Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] static Result<NewFile> make(const std::filesystem::path& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  // Removes what was not published.
  ~NewFile();

  // Where the caller writes.
  [[nodiscard]] const std::filesystem::path& draft() const noexcept { return draft_; }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // [owner-thread] The draft is durable at its path. Nobody may have it open. Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] Result<void> publish();

 private:
  NewFile(std::filesystem::path path, std::filesystem::path draft) : path_(std::move(path)), draft_(std::move(draft)) {}
  std::filesystem::path path_;
  std::filesystem::path draft_;  // empty: published, or moved away
};

// [any-thread] The entries of the folder of `path` are durable.
void sync_folder_of(const std::filesystem::path& path);

[[nodiscard]] Error file_exists(const std::filesystem::path& path);
[[nodiscard]] Error file_unwritable(const std::filesystem::path& path, const std::string& reason);

}  // namespace loophole::pulse
