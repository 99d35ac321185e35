// Asked to end in the midst of a stream of edits, Pulse ends in order and keeps all that it acknowledged.

#include <map>

#include "support/pulse_client.hpp"
#include "support/random_edits.hpp"
#include "support/running_program.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("SIGTERM and SIGINT under load: exit code 0, every acknowledged edit in the file, nothing left in the log") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const RuntimeFolder folder;
    const auto path = folder / "song.loophole";
    Running pulse({"--session", "load", "--no-engine", "--project", path.string()});
    pulse.wait_for("is served at");
    PulseClient client("load");
    REQUIRE(client.connected());
    std::map<Revision, MessageId> acknowledged;
    bool asked = false;
    std::function<void()> next = [&] {
      auto id = std::make_shared<MessageId>();
      *id = client.send(track::Add{.name = "Track", .index = {}}, [&, id](Result<track::AddReply> answer) {
        if (!answer) return;
        acknowledged[answer->revision] = *id;
        if (acknowledged.size() == 50 && !asked) {
          asked = true;
          pulse.send(signal);
        }
        next();
      });
    };
    for (int i = 0; i < 30; ++i) next();
    while (client.connected()) client.wait();
    CHECK(asked);
    CHECK(pulse.wait_for_end() == 0);
    CHECK(pulse.seen.find("closed at revision") != std::string::npos);
    CHECK(!std::filesystem::exists(path.string() + "-wal"));

    auto document = Document::open(path).value();
    const auto transactions = document->transactions_after(0, {.most = 1'000'000, .most_bytes = 1'000'000'000}).value().value();
    for (const auto& one : acknowledged) {
      REQUIRE(one.first <= document->revision());
      CHECK((transactions[static_cast<std::size_t>(one.first) - 1].cause.command_id == one.second));
    }
  }
}
