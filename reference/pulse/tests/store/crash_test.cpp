// A Pulse that is killed at any moment loses nothing that it acknowledged.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("acknowledged edits survive SIGKILL, and the lock does not") {
  for (int acknowledged_wanted : {1, 7, 40}) {
    const ScratchFolder folder;
    const auto path = folder / "song.loophole";
    Document::create({.path = path, .name = "Song"}).value().reset();
    std::array<int, 2> acknowledgements{};
    REQUIRE(::pipe(acknowledgements.data()) == 0);

    const pid_t child = ::fork();
    if (child == 0) {
      auto document = Document::open(path).value();
      for (;;) {
        auto edit = edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit;
        const Revision revision = do_edit(*document, std::move(edit));
        if (::write(acknowledgements[1], &revision, sizeof revision) != sizeof revision) ::_exit(1);
      }
    }
    ::close(acknowledgements[1]);
    Revision last = 0;
    while (last < acknowledged_wanted) REQUIRE(::read(acknowledgements[0], &last, sizeof last) == sizeof last);
    // The child holds the file: nobody else can open it.
    CHECK(is(Document::open(path).error(), errors::kProjectFileLocked));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (Revision more = 0; ::read(acknowledgements[0], &more, sizeof more) == sizeof more;) last = more;
    ::close(acknowledgements[0]);

    auto document = Document::open(path).value();
    CHECK(document->revision() >= last);
    CHECK(document->revision() <= last + 1);  // one may be durable without its acknowledgement being on the way
    CHECK(document->project().tracks.size() == static_cast<std::size_t>(document->revision()));
    CHECK(document->history().position() == static_cast<std::size_t>(document->revision()));
  }
}
