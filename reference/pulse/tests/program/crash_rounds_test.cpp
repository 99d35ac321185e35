// A real loophole-pulse is killed at moments that nobody chose, under a stream of edits from a real client: nothing acknowledged is lost.
//
// LOOPHOLE_CRASH_ROUNDS says how often (25), LOOPHOLE_CRASH_SEED repeats what a run did; the moment of a kill is as exact as the scheduler.

#include <spdlog/spdlog.h>

#include <map>
#include <random>
#include <set>

#include "support/format_1.hpp"
#include "support/pulse_client.hpp"
#include "support/random_edits.hpp"
#include "support/running_program.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

std::uint32_t number_in(const char* variable, std::uint32_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

// What is done besides edits while the kill comes.
enum class Beside { nothing, undo, save, save_as, close_and_open };
constexpr int kBesides = 5;

class Round {
 public:
  explicit Round(std::uint32_t seed) : random_(seed) {}

  // Edits, with something beside them, until the kill; then looks at what is left. The number of acknowledged transactions.
  std::size_t edit_and_kill(Beside beside) {
    path_ = folder_ / "song.loophole";
    files_ = {path_};
    Running pulse({"--session", "crash", "--no-engine", "--log-level", "warn", "--log-format", "text", "--project", path_.string()});
    wait_until_served();
    PulseClient client("crash");
    REQUIRE(client.connected());
    const project::Project initial = client.call(project::Snapshot{}).value().project.value();
    gain_ = initial.master.gain.id;

    bool killed = false;
    client.loop.after(std::chrono::microseconds(500 + up_to(60'000)), [&] {
      pulse.send(SIGKILL);
      killed = true;
    });
    constexpr int kInFlight = 24;
    for (int i = 0; i < kInFlight; ++i) next(client, beside, killed);
    while (!killed) client.wait();
    CHECK(pulse.wait_for_end() == -SIGKILL);
    // Answers that were on the way count as given.
    while (client.loop.run_once(std::chrono::milliseconds(20))) {
    }
    check_files(initial);
    return acknowledged_.size();
  }

  // Kills it while it opens a project, of today's format or of an older one.
  void open_and_kill(bool old_format) {
    path_ = folder_ / "song.loophole";
    auto document = Document::create({.path = path_, .name = "Song"}).value();
    for (int i = 0; i < 40; ++i)
      do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit);
    const project::Project truth = document->project();
    document.reset();
    if (old_format) make_format_1(path_);
    {
      Running pulse({"--session", "crash", "--no-engine", "--log-level", "warn", "--project", path_.string()});
      net::Loop loop;
      bool killed = false;
      loop.after(std::chrono::microseconds(up_to(40'000)), [&] {
        pulse.send(SIGKILL);
        killed = true;
      });
      while (!killed) loop.run_once();
      CHECK(pulse.wait_for_end() == -SIGKILL);
    }
    auto again = Document::open(path_).value();
    CHECK(again->project() == truth);
    CHECK(again->revision() == 40);
  }

 private:
  std::uint32_t up_to(std::uint32_t most) { return std::uniform_int_distribution<std::uint32_t>(0, most)(random_); }

  void wait_until_served() {
    net::Loop loop;
    while (!session::find("crash")) {  // published when it is bound; the client waits for the rest
      bool later = false;
      loop.after(std::chrono::milliseconds(2), [&later] { later = true; });
      while (!later) loop.run_once();
    }
  }

  // Sends one more command; its answer leads to the next.
  void next(PulseClient& client, Beside beside, const bool& killed) {
    const auto go_on = [this, &client, beside, &killed] {
      if (!killed) next(client, beside, killed);
    };
    // `id` is known before the answer can come, but only after send() has returned.
    const auto edit = [&](auto command) {
      auto id = std::make_shared<MessageId>();
      *id = client.send(std::move(command), [this, id, go_on](auto answer) {
        if (answer) acknowledged_[answer->revision] = *id;
        go_on();
      });
    };
    const auto other = [&](auto command) { client.send(std::move(command), [go_on](auto) { go_on(); }); };
    const std::uint32_t what = up_to(19);
    if (what == 0 && beside == Beside::save) return other(project::Save{});
    if (what == 0 && beside == Beside::save_as) {
      files_.push_back(folder_ / ("song-" + std::to_string(files_.size()) + ".loophole"));
      return other(project::SaveAs{.path = files_.back().string(), .name = {}});
    }
    if (what == 0 && beside == Beside::close_and_open) {
      client.send(project::Close{}, [](auto) {});
      return other(project::Open{.path = path_.string()});
    }
    if (what < 6 && beside == Beside::undo) return edit(history::Undo{});
    if (what < 9 && beside == Beside::undo) return edit(history::Redo{});
    // No value twice in a row, which would be no transaction.
    if (what % 2 == 0) return edit(parameter::Set{.parameter_id = gain_, .value = (++values_ % 1'000) / 1'000.0});
    edit(track::Add{.name = "Track", .index = {}});
  }

  void check_files(const project::Project& initial) {
    // The newest file that came about is the open one.
    bool newest = true;
    for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
      if (!std::filesystem::exists(*file)) continue;
      check_file(*file, initial, newest);
      newest = false;
    }
    CHECK(!newest);
  }

  void check_file(const std::filesystem::path& file, const project::Project& initial, bool is_open_one) {
    CAPTURE(file.string());
    auto document = Document::open(file).value();
    const auto transactions = document->transactions_after(0, {.most = 1'000'000, .most_bytes = 1'000'000'000}).value().value();
    REQUIRE(transactions.size() == static_cast<std::size_t>(document->revision()));
    std::set<MessageId> commands;
    model::ProjectState replayed(initial);
    Revision revision = 0;
    for (const project::Changed& transaction : transactions) {
      REQUIRE(transaction.revision == ++revision);
      REQUIRE(transaction.cause.command_id.has_value());
      CHECK(commands.insert(*transaction.cause.command_id).second);
      for (const project::Change& change : transaction.changes) replayed.apply(change).value();
    }
    CHECK(replayed.project() == document->project());
    for (const auto& one : acknowledged_) {
      if (!is_open_one && one.first > document->revision()) continue;
      REQUIRE(one.first <= document->revision());
      CHECK((transactions[static_cast<std::size_t>(one.first) - 1].cause.command_id == one.second));
    }
  }

  RuntimeFolder folder_;
  std::mt19937 random_;
  std::filesystem::path path_;
  std::vector<std::filesystem::path> files_;  // those that were asked for, oldest first
  ParameterId gain_;
  int values_ = 0;
  std::map<Revision, MessageId> acknowledged_;
};

}  // namespace

TEST_CASE("killed at any moment: every acknowledged edit is there, none twice, no half transaction") {
  spdlog::set_level(spdlog::level::warn);
  const std::uint32_t rounds = number_in("LOOPHOLE_CRASH_ROUNDS", 25);
  const std::uint32_t seed = number_in("LOOPHOLE_CRASH_SEED", std::random_device{}());
  MESSAGE("LOOPHOLE_CRASH_SEED=" << seed << " LOOPHOLE_CRASH_ROUNDS=" << rounds);
  std::size_t acknowledged = 0;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    CAPTURE(seed);
    CAPTURE(i);
    Round one(seed + i);
    const std::uint32_t kind = i % (kBesides + 2);
    if (kind < kBesides)
      acknowledged += one.edit_and_kill(static_cast<Beside>(kind));
    else
      one.open_and_kill(kind == kBesides);
  }
  MESSAGE(acknowledged << " acknowledged transactions were looked for");
  CHECK(acknowledged > 0);
}
