// When the disk takes no more, nothing of the batch has happened, and it can be tried again.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

// Files of this process may not grow beyond `bytes`: a full disk that works for every user and every file system.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

Edit add_track(Document& document, const std::string& name) {
  return edits::plan(document.edit_context(), track::Add{.name = name, .index = {}}).value().edit;
}

}  // namespace

TEST_CASE("a commit that fails takes back the whole batch, and the file is none the worse") {
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  do_edit(*document, add_track(*document, "A"));
  do_edit(*document, add_track(*document, "B"));
  do_undo(*document);
  const project::Project before = document->project();
  const auto entries = document->history().entries();
  {
    const FullDisk full(std::filesystem::file_size(path.string() + "-wal"));
    (void)document->stage(add_track(*document, "C"), {}).value();
    (void)document->stage(add_track(*document, "D"), {}).value();
    const auto committed = document->commit();
    REQUIRE(!committed);
    CHECK(is(committed.error(), errors::kProjectFileUnwritable));
    CHECK(committed.error().message.find(path.string()) != std::string::npos);
  }
  CHECK(document->project() == before);
  CHECK(document->revision() == 3);
  CHECK(document->history().entries() == entries);
  CHECK(document->history().position() == 1);

  CHECK(do_redo(*document) == 4);
  CHECK(do_edit(*document, add_track(*document, "E")) == 5);
  const project::Project after = document->project();
  document.reset();
  CHECK(Document::open(path).value()->project() == after);
}
