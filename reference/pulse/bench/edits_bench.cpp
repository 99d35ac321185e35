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
#include <stdlib.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "loophole/session/client.hpp"
#include "report.hpp"
#include "service/hub.hpp"

namespace {

namespace lp = loophole;
using loophole::bench::json_of;
using loophole::bench::Percentiles;
using loophole::bench::percentiles_of;
using loophole::bench::write_report;
using BenchClock = std::chrono::steady_clock;

constexpr int kTurns = 10;
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
  // Edits in a second.
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
    return count / (milliseconds_since(begin) / 1'000);
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
    return count / (milliseconds_since(begin) / 1'000);
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

void print(const char* name, const Percentiles& p) {
  std::printf("%-44s %10.3f %10.3f %10.3f\n", name, p.p50, p.p90, p.p99);
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = ".";
  std::string json_file;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--json" && i + 1 < argc) {
      json_file = argv[++i];
    } else if (option == "--folder" && i + 1 < argc) {
      folder = argv[++i];
    } else {
      std::fprintf(stderr, "usage: loophole-bench-edits [--folder DIR] [--json FILE]\n");
      return 2;
    }
  }
  spdlog::set_level(spdlog::level::warn);
  folder = std::filesystem::absolute(folder) / "lp-bench-XXXXXX";
  std::string sockets = (std::filesystem::temp_directory_path() / "lp-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr || ::mkdtemp(sockets.data()) == nullptr) {
    std::fprintf(stderr, "cannot make %s: %s\n", folder.c_str(), std::strerror(errno));
    return 1;
  }
  struct statfs system {};
  const bool in_memory = ::statfs(folder.c_str(), &system) == 0 && system.f_type == kTmpfs;

  std::vector<double> pulse_samples;
  std::vector<double> sqlite_samples;
  std::vector<double> disk_samples;
  std::vector<double> pulse_rates;
  std::vector<double> sqlite_rates;
  {
    Editor pulse("ipc://" + sockets + "/project", folder + "/song.loophole");
    BareSqlite sqlite(folder + "/floor.db");
    BareDisk disk(folder + "/floor");
    std::vector<double> warm_up;
    pulse.one_by_one(kOneByOne, warm_up);
    sqlite.one_by_one(kOneByOne, warm_up);
    for (int turn = 0; turn < kTurns; ++turn) {
      pulse.one_by_one(kOneByOne, pulse_samples);
      sqlite.one_by_one(kOneByOne, sqlite_samples);
      disk.one_by_one(kOneByOne, disk_samples);
      pulse_rates.push_back(pulse.many(kManyInTurn));
      sqlite_rates.push_back(sqlite.many(kManyInTurn));
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  std::filesystem::remove_all(sockets, ignored);

  const Percentiles pulse = percentiles_of(std::move(pulse_samples));
  const Percentiles sqlite = percentiles_of(std::move(sqlite_samples));
  const Percentiles disk = percentiles_of(std::move(disk_samples));
  const double pulse_rate = percentiles_of(std::move(pulse_rates)).p50;
  const double sqlite_rate = percentiles_of(std::move(sqlite_rates)).p50;
  std::printf("durable edits, %d one by one (ms)%s\n\n", kTurns * kOneByOne,
              in_memory ? "; the folder is in memory, so that nothing here is durable" : "");
  std::printf("%-44s %10s %10s %10s\n", "", "p50", "p90", "p99");
  print("parameter.set through Pulse, over ipc", pulse);
  print("SQLite, the same row committed", sqlite);
  print("4 KiB and fdatasync", disk);
  std::printf("\nin a second, %d in flight (median of %d turns of %d)\n\n", kInFlight, kTurns, kManyInTurn);
  std::printf("%-44s %10.0f\n", "parameter.set through Pulse, over ipc", pulse_rate);
  std::printf("%-44s %10.0f\n", "SQLite, 256 rows a commit", sqlite_rate);
  std::printf("\nP7: p50 %.2f ms, %.2f x SQLite (goal: under %.0f ms); %.0f in a second (goal: over %.0f)\n", pulse.p50,
              pulse.p50 / sqlite.p50, kGoalMs, pulse_rate, kGoalPerSecond);

  return write_report(json_file, {{"benchmark", "edits"},
                                  {"goal", "P7"},
                                  {"goalMs", kGoalMs},
                                  {"goalPerSecond", kGoalPerSecond},
                                  {"folderInMemory", in_memory},
                                  {"pulseMs", json_of(pulse)},
                                  {"sqliteMs", json_of(sqlite)},
                                  {"diskMs", json_of(disk)},
                                  {"pulsePerSecond", pulse_rate},
                                  {"sqlitePerSecond", sqlite_rate}});
}
