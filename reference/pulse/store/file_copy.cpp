#include "store/file_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "store/new_file.hpp"

namespace loophole::pulse {
namespace {

// How often a copy is tried again that was disturbed by whoever works on the file.
constexpr int kTries = 10;

// Where SQLite locks a database, by the definition of its format.
constexpr off_t kFirstLockByte = 0x4000'0000;
constexpr off_t kLockBytes = 512;

pid_t holder_of(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kFirstLockByte;
  lock.l_len = kLockBytes;
  const bool asked = ::fcntl(file, F_GETLK, &lock) == 0;
  ::close(file);
  return asked && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

// What changes when somebody writes.
struct Trace {
  std::array<std::int64_t, 8> of{};
  bool operator==(const Trace&) const = default;
};
Trace trace_of(const std::filesystem::path& path) {
  Trace trace;
  std::size_t at = 0;
  for (const char* ending : {"", "-wal"}) {
    struct stat status {};
    if (::stat((path.string() + ending).c_str(), &status) == 0) {
      trace.of[at] = static_cast<std::int64_t>(status.st_ino);
      trace.of[at + 1] = status.st_size;
      trace.of[at + 2] = status.st_mtim.tv_sec;
      trace.of[at + 3] = status.st_mtim.tv_nsec;
    }
    at += 4;
  }
  return trace;
}

// Messages speak of the file that was asked for, not of its copy.
Error renamed(Error error, const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::string wrong = from.string();
  for (std::size_t at = error.message.find(wrong); at != std::string::npos; at = error.message.find(wrong, at + to.string().size()))
    error.message.replace(at, wrong.size(), to.string());
  return error;
}

}  // namespace

struct FileCopy::Folder {
  explicit Folder(std::filesystem::path where) : path(std::move(where)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

Result<FileCopy> FileCopy::make(const std::filesystem::path& path) {
  auto format = ProjectFile::format_of(path);
  if (!format) return std::move(format).error();
  std::string name = (std::filesystem::temp_directory_path() / "loophole-inspect-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return file_unwritable(name, std::strerror(errno));
  auto folder = std::make_shared<Folder>(name);

  for (int attempt = 1;; ++attempt) {
    const std::filesystem::path copy = folder->path / (std::to_string(attempt) + ".loophole");
    const Trace before = trace_of(path);
    std::error_code failed;
    std::filesystem::copy_file(path, copy, failed);
    if (failed) return file_unwritable(copy, failed.message());
    std::filesystem::permissions(copy, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    for (const char* ending : {"-wal", "-journal"}) {
      const std::filesystem::path neighbour = path.string() + ending;
      std::error_code none;
      if (!std::filesystem::exists(neighbour, none)) continue;
      std::filesystem::copy_file(neighbour, copy.string() + ending, failed);
      if (failed && std::filesystem::exists(neighbour, none)) return file_unwritable(copy, failed.message());
    }
    const bool undisturbed = trace_of(path) == before;
    if (!undisturbed && attempt < kTries) continue;
    auto loaded = ProjectFile::open(copy);
    if (!loaded) return renamed(std::move(loaded).error(), copy, path);
    const auto size_at = [&](std::size_t at) { return static_cast<std::uintmax_t>(before.of[at]); };
    return FileCopy{.folder = std::move(folder),
                    .loaded = *std::move(loaded),
                    .format = *format,
                    .bytes = size_at(1),
                    .log_bytes = size_at(5),
                    .open_in = holder_of(path)};
  }
}

}  // namespace loophole::pulse
