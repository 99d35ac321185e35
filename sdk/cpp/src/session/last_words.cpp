#include "loophole/session/last_words.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "loophole/messages/all.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::session {
namespace {

Error unusable(const std::filesystem::path& file, const std::string& why) {
  return make_error(errors::kSessionRuntimeDir, "no last words can be left in '" + file.string() + "': " + why);
}

}  // namespace

Result<LastWords> LastWords::map(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return unusable(file, std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || status.st_size != static_cast<off_t>(kLastWordsBytes)) {
    ::close(descriptor);
    return unusable(file, "it does not have " + std::to_string(kLastWordsBytes) + " bytes");
  }
  void* const mapped = ::mmap(nullptr, kLastWordsBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  const int fault = errno;
  ::close(descriptor);
  if (mapped == MAP_FAILED) return unusable(file, std::strerror(fault));
  return LastWords(static_cast<char*>(mapped));
}

LastWords::LastWords(LastWords&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
LastWords& LastWords::operator=(LastWords&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}
LastWords::~LastWords() {
  if (bytes_ != nullptr) ::munmap(bytes_, kLastWordsBytes);
}

void LastWords::enter(std::string_view node_id) noexcept {
  const std::size_t length = std::min(node_id.size(), kLastWordsBytes - 1);
  std::memcpy(bytes_, node_id.data(), length);
  std::memset(bytes_ + length, 0, kLastWordsBytes - length);
}

void LastWords::leave() noexcept {
  bytes_[0] = '\0';
}

Result<void> make_last_words(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return unusable(file, std::strerror(errno));
  const std::array<char, kLastWordsBytes> nothing{};
  const bool written = ::write(descriptor, nothing.data(), nothing.size()) == static_cast<ssize_t>(nothing.size());
  const int fault = errno;
  ::close(descriptor);
  if (!written) return unusable(file, std::strerror(fault));
  return {};
}

std::optional<GraphNodeId> read_last_words(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, kLastWordsBytes> bytes{};
  if (!in.read(bytes.data(), bytes.size())) return std::nullopt;
  const std::string_view words(bytes.data(), static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), '\0') - bytes.begin()));
  // What a process left that died in the midst of it may be anything; the schema says what an identifier is.
  auto id = wire::from_json<GraphNodeId>('"' + std::string(words) + '"');
  if (!id) return std::nullopt;
  return *std::move(id);
}

}  // namespace loophole::session
