// What does a durable edit cost? Goal P7: p50 under 5 ms when each waits for the one before, over 5,000 in a second when many are in
// flight.
//
//   loophole-bench-edits [--folder DIR] [--json FILE]
//
// Pulse's server, hub and project file run on a thread of their own, without an engine; a client sends parameter.set over ipc and waits for
// the answers, which come when the edit is on the disk. Beside it, in turns of the same run, the floors on the same disk:
//
//   SQLite   the same journal row, in a database with the same settings, committed one by one, or 256 in a commit
//   disk     4 KiB written behind the others and flushed with fdatasync
//
// The project is in DIR, the working directory unless said: on a file system in memory a flush costs nothing, and the numbers say nothing.

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "loophole/session/client.hpp"
#include "run.hpp"
#include "service/hub.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using BenchClock = std::chrono::steady_clock;

constexpr int kTurns = 20;
constexpr int kOneByOne = 60;  // a turn
constexpr int kManyInTurn = 2'048;
constexpr int kInFlight = 256;
constexpr double kGoalMs = 5;
constexpr double kGoalPerSecond = 5'000;
constexpr long kTmpfs = 0x0102'1994;

double milliseconds_since(BenchClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(BenchClock::now() - begin).count();
}

// A Pulse without an engine, on a thread of its own.
class PulseThread {
 public:
  explicit PulseThread(const std::string& endpoint) {
    std::promise<void> ready;
    std::future<void> is_ready = ready.get_future();
    thread_ = std::thread([this, endpoint, &ready] {
      lp::net::Context context;
      auto server = lp::session::Server::bind(context, loop_, {.endpoint = endpoint, .software_name = "bench"}).value();
      lp::pulse::Hub hub(loop_, *server);
      ready.set_value();
      loop_.run();
    });
    is_ready.get();
  }
  ~PulseThread() {
    loop_.stop();
    thread_.join();
  }
  PulseThread(const PulseThread&) = delete;
  PulseThread& operator=(const PulseThread&) = delete;

 private:
  lp::net::Loop loop_;
  std::thread thread_;
};

class Editor {
 public:
  Editor(const std::string& endpoint, const std::string& project) : pulse_(endpoint) {
    client_ = lp::session::Client::connect(context_, loop_, {.endpoint = endpoint, .client_id = "bench"}).value();
    client_->on_event([](const lp::wire::Message&) {});
    while (client_->state() == lp::session::PortState::connecting) loop_.run_once();
    call(lp::project::New{.path = project, .name = {}}, [this](const auto&) { loop_.stop(); });
    loop_.run();
    call(lp::project::Snapshot{}, [this](const lp::project::SnapshotReply& reply) {
      gain_ = reply.project->master.gain.id;
      loop_.stop();
    });
    loop_.run();
  }

  // Milliseconds from the command to its answer.
  void one_by_one(int count, std::vector<double>& samples) {
    for (int i = 0; i < count; ++i) {
      const auto begin = BenchClock::now();
      edit([this] { loop_.stop(); });
      loop_.run();
      samples.push_back(milliseconds_since(begin));
    }
  }
  // Microseconds for each, of many in flight.
  double many(int count) {
    const auto begin = BenchClock::now();
    int sent = 0;
    int answered = 0;
    const std::function<void()> next = [&] {
      if (sent == count) return;
      ++sent;
      edit([&] {
        if (++answered == count) loop_.stop();
        next();
      });
    };
    for (int i = 0; i < kInFlight; ++i) next();
    loop_.run();
    return milliseconds_since(begin) * 1'000 / count;
  }

 private:
  template <class C>
  void call(C command, std::function<void(const typename C::Reply&)> then) {
    client_->call_payload(
        lp::wire::MessageOf<C>::desc(), lp::wire::Payload::of(std::move(command)),
        [then = std::move(then)](const lp::Result<lp::wire::Payload>& answer) { then(*answer.value().template as<typename C::Reply>()); },
        {});
  }
  void edit(std::function<void()> then) {
    value_ = value_ == 0.5 ? 0.25 : 0.5;
    call(lp::parameter::Set{.parameter_id = gain_, .value = value_}, [then = std::move(then)](const lp::parameter::SetReply&) { then(); });
  }

  PulseThread pulse_;
  lp::net::Context context_;
  lp::net::Loop loop_;
  std::unique_ptr<lp::session::Client> client_;
  lp::ParameterId gain_;
  double value_ = 0;
};

// The floor: SQLite with the settings of a project file, and a row like those of its journal.
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) std::abort();
    run("PRAGMA locking_mode = EXCLUSIVE");
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE journal (revision INTEGER PRIMARY KEY, label TEXT, origin TEXT, step INTEGER, at TEXT, cause TEXT, forward TEXT, "
        "inverse TEXT, seal BLOB) STRICT");
    if (sqlite3_prepare_v2(database_,
                           "INSERT INTO journal (label, origin, step, at, cause, forward, inverse, seal) VALUES ('Set Gain', 'edit', 1234, "
                           "'2026-01-31T12:03:00.000Z', '{\"instanceId\":\"i-4f1c7d5e9a2b\",\"commandId\":\"12345\"}', "
                           "'[{\"type\":\"parameter.changed\",\"parameterId\":\"prm-4f1c7d5e9a2b\",\"value\":0.25}]', "
                           "'[{\"type\":\"parameter.changed\",\"parameterId\":\"prm-4f1c7d5e9a2b\",\"value\":0.5}]', zeroblob(32))",
                           -1, &insert_, nullptr) != SQLITE_OK)
      std::abort();
  }
  ~BareSqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;

  void one_by_one(int count, std::vector<double>& samples) {
    for (int i = 0; i < count; ++i) {
      const auto begin = BenchClock::now();
      commit(1);
      samples.push_back(milliseconds_since(begin));
    }
  }
  double many(int count) {
    const auto begin = BenchClock::now();
    for (int done = 0; done < count; done += kInFlight) commit(kInFlight);
    return milliseconds_since(begin) * 1'000 / count;
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  void commit(int rows) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < rows; ++i) {
      if (sqlite3_step(insert_) != SQLITE_DONE) std::abort();
      sqlite3_reset(insert_);
    }
    run("COMMIT");
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

class BareDisk {
 public:
  explicit BareDisk(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) std::abort();
  }
  ~BareDisk() { ::close(file_); }
  BareDisk(const BareDisk&) = delete;
  BareDisk& operator=(const BareDisk&) = delete;

  void one_by_one(int count, std::vector<double>& samples) {
    const std::string page(4'096, 'x');
    for (int i = 0; i < count; ++i) {
      const auto begin = BenchClock::now();
      if (::write(file_, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || ::fdatasync(file_) != 0) std::abort();
      samples.push_back(milliseconds_since(begin));
    }
  }

 private:
  int file_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-edits", {{"folder", "DIR"}});
  bench::Run run("edits", arguments);
  spdlog::set_level(spdlog::level::warn);
  const std::string parent = arguments.text("folder");
  const bench::TemporaryFolder folder(parent.empty() ? "." : parent);
  const bench::TemporaryFolder sockets;
  struct statfs system {};
  const bool in_memory = ::statfs(folder.path().c_str(), &system) == 0 && system.f_type == kTmpfs;

  std::vector<double> pulse_ms, sqlite_ms, disk_ms;
  std::vector<double> pulse_many_us, sqlite_many_us;
  {
    Editor pulse("ipc://" + sockets.path() + "/project", folder.path() + "/song.loophole");
    BareSqlite sqlite(folder.path() + "/floor.db");
    BareDisk disk(folder.path() + "/floor");
    std::vector<double> warm_up;
    pulse.one_by_one(kOneByOne, warm_up);
    sqlite.one_by_one(kOneByOne, warm_up);
    for (int turn = 0; turn < kTurns; ++turn) {
      pulse.one_by_one(kOneByOne, pulse_ms);
      sqlite.one_by_one(kOneByOne, sqlite_ms);
      disk.one_by_one(kOneByOne, disk_ms);
      pulse_many_us.push_back(pulse.many(kManyInTurn));
      sqlite_many_us.push_back(sqlite.many(kManyInTurn));
    }
  }
  std::vector<std::string> notes;
  if (in_memory) notes.emplace_back("The folder is in memory, so that nothing here is durable; --folder names one on a disk.");

  const auto one_by_one = bench::distribution_of("parameter.set through Pulse, over ipc", std::move(pulse_ms));
  run.add({.name = "edit",
           .goal = "P7",
           .what = "a durable edit, one after the other",
           .unit = "ms",
           .ours = one_by_one,
           .floor = bench::distribution_of("SQLite, the same row committed", std::move(sqlite_ms)),
           .beside = {bench::distribution_of("4 KiB and fdatasync", std::move(disk_ms))},
           .limits = {{"p50", one_by_one.at.p50, bench::Bound::at_most, kGoalMs, "ms"}},
           .notes = notes});
  const auto many = bench::distribution_of("parameter.set through Pulse, over ipc", std::move(pulse_many_us));
  notes.push_back("Means of turns of " + bench::number(kManyInTurn) + " edits.");
  run.add({.name = "edits-in-flight",
           .goal = "P7",
           .what = "durable edits, " + std::to_string(kInFlight) + " in flight, for each",
           .unit = "us",
           .ours = many,
           .floor = bench::distribution_of("SQLite, " + std::to_string(kInFlight) + " rows a commit", std::move(sqlite_many_us)),
           .limits = {{"in a second (p50)", 1e6 / many.at.p50, bench::Bound::at_least, kGoalPerSecond}},
           .notes = std::move(notes)});
  return run.finish();
}
