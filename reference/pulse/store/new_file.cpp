#include "store/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace loophole::pulse {
namespace {

// Gives the file another name unless there is something of that name. 0 or an errno.
int move_without_replacing(const char* from, const char* to) {
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system that cannot: most of those know hard links, which do not replace either.
  if (::link(from, to) != 0) return errno;
  ::unlink(from);
  return 0;
}

}  // namespace

Error file_exists(const std::filesystem::path& path) {
  return make_error(errors::kProjectFileExists,
                    "there is something at '" + path.string() + "' already; choose another path, or open it with project.open");
}

Error file_unwritable(const std::filesystem::path& path, const std::string& reason) {
  return make_error(errors::kProjectFileUnwritable, "'" + path.string() + "' cannot be written: " + reason);
}

void sync_folder_of(const std::filesystem::path& path) {
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

Result<NewFile> NewFile::make(const std::filesystem::path& path) {
  std::error_code failed;
  const auto status = std::filesystem::symlink_status(path, failed);
  if (std::filesystem::exists(status)) return file_exists(path);
  if (failed && status.type() != std::filesystem::file_type::not_found) return file_unwritable(path, failed.message());
  std::string draft = (path.parent_path() / ("." + path.filename().string() + ".XXXXXX.part")).string();
  const int made = ::mkostemps(draft.data(), 5, O_CLOEXEC);
  if (made < 0) return file_unwritable(path, std::strerror(errno));
  ::fchmod(made, 0644);  // as a project that was not made by way of a draft
  ::close(made);
  return NewFile(path, draft);
}

NewFile::NewFile(NewFile&& other) noexcept : path_(std::move(other.path_)), draft_(std::exchange(other.draft_, {})) {}

NewFile::~NewFile() {
  if (draft_.empty()) return;
  for (const char* neighbour : {"", "-journal", "-wal"}) ::unlink((draft_.string() + neighbour).c_str());
}

Result<void> NewFile::publish() {
  const int file = ::open(draft_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_unwritable(path_, std::strerror(errno));
  const int synced = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (synced != 0) return file_unwritable(path_, std::strerror(synced));
  const int moved = move_without_replacing(draft_.c_str(), path_.c_str());
  if (moved == EEXIST) return file_exists(path_);
  if (moved != 0) return file_unwritable(path_, std::strerror(moved));
  draft_.clear();
  sync_folder_of(path_);
  return {};
}

}  // namespace loophole::pulse
