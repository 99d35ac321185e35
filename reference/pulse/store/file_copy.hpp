#pragma once
// FileCopy: a project file as it is now, copied with its log into a folder of its own, so that it can be read at leisure while another
// process works on it. Takes no lock and changes nothing beside the file.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "loophole/core/result.hpp"
#include "store/project_file.hpp"

namespace loophole::pulse {

struct FileCopy {
  struct Folder;
  std::shared_ptr<Folder> folder;  // removed after the copy in it is closed
  ProjectFile::Loaded loaded;      // of the copy, in today's format
  std::int64_t format = 0;         // of the file
  std::uintmax_t bytes = 0;        // of the file
  std::uintmax_t log_bytes = 0;
  pid_t open_in = 0;  // the process that has the file open; 0: none that locks it

  // [owner-thread] Not for a file that this process has open: the kernel would let go of its lock. Errors: project.fileNotFound,
  // project.fileUnreadable, project.fileTooNew, project.fileUnwritable (no room for the copy in the folder of temporary files).
  [[nodiscard]] static Result<FileCopy> make(const std::filesystem::path& path);
};

}  // namespace loophole::pulse
