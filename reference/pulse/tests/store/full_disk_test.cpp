// A disk that is really full: a file system of its own with room for little, where the kernel lets a test have one.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

constexpr int kNotAllowed = 77;

bool write_line(const char* path, const std::string& line) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(file);
  return done;
}

// A file system of half a megabyte at the folder, for this process alone.
bool mount_little_disk(const std::filesystem::path& folder) {
  const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getegid()) + " 1";
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_line("/proc/self/setgroups", "deny") &&
         write_line("/proc/self/uid_map", user) && write_line("/proc/self/gid_map", group) &&
         ::mount("none", folder.c_str(), "tmpfs", 0, "size=512k") == 0;
}

// What went wrong; empty: nothing.
std::string fill_and_free(const std::filesystem::path& folder) {
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  const auto add = [&]() -> Result<void> {
    (void)document->stage(edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit, {}).value();
    return document->commit();
  };
  const auto filler = folder / "filler";
  add().value();
  {
    const int file = ::open(filler.c_str(), O_WRONLY | O_CREAT, 0600);
    const std::string bytes(4'096, 'x');
    while (::write(file, bytes.data(), bytes.size()) > 0) {
    }
    ::close(file);
  }
  Result<void> written = add();
  while (written) written = add();  // what the log has room for
  if (!is(written.error(), errors::kProjectFileUnwritable)) return "the full disk gave " + to_string(written.error());
  const Revision revision = document->revision();
  if (document->project().tracks.size() != static_cast<std::size_t>(revision)) return "an edit that failed is in the model";
  if (!is(document->save_as(folder / "copy.loophole", std::nullopt).error(), errors::kProjectFileUnwritable)) return "saveAs had room";
  if (!is(Document::create({.path = folder / "new.loophole", .name = "New"}).error(), errors::kProjectFileUnwritable))
    return "new had room";
  for (const char* none : {"copy.loophole", "new.loophole"})
    if (std::filesystem::exists(folder / none)) return std::string(none) + " is there";

  std::filesystem::remove(filler);
  if (auto again = add(); !again) return "with room again: " + to_string(again.error());
  const project::Project truth = document->project();
  document.reset();
  auto opened = Document::open(path);
  if (!opened) return to_string(opened.error());
  if ((*opened)->project() != truth || (*opened)->revision() != revision + 1) return "another project came back";
  return {};
}

}  // namespace

TEST_CASE("a full disk: edits, saveAs and new fail, what was acknowledged stays, and with room again it goes on") {
  const ScratchFolder folder;
  int answer[2] = {};
  REQUIRE(::pipe(answer) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!mount_little_disk(folder.path())) ::_exit(kNotAllowed);
    const std::string wrong = fill_and_free(folder.path());
    ::_exit(wrong.empty() || ::write(answer[1], wrong.data(), wrong.size()) < 0 ? 0 : 1);
  }
  ::close(answer[1]);
  std::string wrong(1'000, '\0');
  const ssize_t got = ::read(answer[0], wrong.data(), wrong.size());
  wrong.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  ::close(answer[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotAllowed) {
    MESSAGE("this system does not let a test mount a file system; commit_failure_test.cpp fills the disk by another way");
    return;
  }
  CHECK(wrong.empty());
  CHECK_MESSAGE(status == 0, wrong);
}
