#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fake_pulse.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/session/server.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::kWatchdog;

namespace {

// A run-time directory of this test alone.
struct RuntimeDirectory {
  RuntimeDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lpaura-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    setenv("LOOPHOLE_RUNTIME_DIR", path.c_str(), 1);
  }
  ~RuntimeDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// A session that serves a snapshot, on a thread of its own.
class Session {
 public:
  explicit Session(const std::string& name) {
    const auto folder = net::session_dir(name).value();
    session::ServerOptions options;
    options.endpoint = net::ipc_endpoint(folder / "project.sock");
    options.software_name = "test-pulse";
    server_ = session::Server::bind(context_, loop_, std::move(options)).value();
    server_->on<project::Snapshot>([](session::Server::Request<project::Snapshot> request) {
      request.reply({.revision = 3, .path = "/song", .project = test::make_project()});
    });
    server_->on<track::Rename>([](session::Server::Request<track::Rename> request) {
      request.progress({.step = "one"});
      request.progress({.step = "two", .done_ratio = 1});
      request.reply({.revision = 4});
    });
    session::SessionFile file;
    file.name = name;
    file.process_id = getpid();
    file.project_endpoint = server_->endpoint();
    file.software = {.name = "test-pulse", .version = "1"};
    file.protocol = {.major = 1, .min_minor = 0, .max_minor = 0};
    REQUIRE(session::publish(file).has_value());
    address_ = server_->in_process();
    thread_ = std::thread([this] { loop_.run(); });
  }
  [[nodiscard]] net::InProcessAddress in_process() const { return address_.value(); }
  ~Session() {
    loop_.stop();
    thread_.join();
    server_.reset();
  }

 private:
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<session::Server> server_;
  std::optional<net::InProcessAddress> address_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a session that is there is found by its name") {
  const RuntimeDirectory runtime;
  const Session session("one");
  auto client = aura::Client::connect({.session = "one", .client_id = "test", .deadline = kWatchdog});
  REQUIRE(client.has_value());
  CHECK(client->hello().software.name == "test-pulse");
  CHECK(client->revision() == 3);
  REQUIRE(client->project() != nullptr);
  CHECK(client->fd() >= 0);
}

TEST_CASE("progress is told from within the call that waits, and from poll() for one that does not") {
  const RuntimeDirectory runtime;
  const Session session("progress");
  auto client = aura::Client::connect({.session = "progress", .client_id = "test", .deadline = kWatchdog}).value();
  const track::Rename rename{.track_id = TrackId("trk-1"), .name = "Voice"};
  std::vector<std::string> steps;
  const auto note = [&steps](const operation::Progress& progress) { steps.push_back(progress.step); };
  CHECK(client.call(rename, {.deadline = kWatchdog, .on_progress = note}).value().revision == 4);
  CHECK(steps == std::vector<std::string>{"one", "two"});
  client.call(rename, [&steps](const Result<track::Rename::Reply>&) { steps.push_back("answer"); },
              {.deadline = kWatchdog, .on_progress = note});
  REQUIRE(client.poll_until([&steps] { return steps.size() == 5; }, kWatchdog));
  CHECK(steps == std::vector<std::string>{"one", "two", "one", "two", "answer"});
}

TEST_CASE("a session that is not up yet is waited for") {
  const RuntimeDirectory runtime;
  std::optional<Session> session;
  std::thread later([&session] { session.emplace("late"); });
  auto client = aura::Client::connect({.session = "late", .client_id = "test", .deadline = kWatchdog});
  later.join();
  REQUIRE(client.has_value());
  CHECK(client->is_connected());
}

TEST_CASE("a session that never comes is named in the error") {
  const RuntimeDirectory runtime;
  const auto client = aura::Client::connect({.session = "moon", .client_id = "test", .deadline = 50ms});
  REQUIRE_FALSE(client.has_value());
  CHECK(is(client.error(), errors::kSessionNotFound));
  CHECK(client.error().message.find("moon") != std::string::npos);
  CHECK(client.error().message.find("loophole-pulse") != std::string::npos);
}

TEST_CASE("the end of the session is noticed") {
  const RuntimeDirectory runtime;
  std::optional<Session> session;
  session.emplace("ends");
  auto client = aura::Client::connect({.session = "ends", .client_id = "test", .deadline = kWatchdog}).value();
  bool told = false;
  client.on_closed([&](const Error&) { told = true; });
  session.reset();
  CHECK(client.poll_until([&] { return told; }, kWatchdog));
  CHECK_FALSE(client.is_connected());
}

TEST_CASE("a Pulse of the same process, on a thread of its own, is a Pulse like any other") {
  const RuntimeDirectory directory;
  const Session session("inside");
  auto client =
      aura::Client::connect([&](net::Context&, net::Loop& loop) { return aura::InProcessProjectPort::connect(session.in_process(), loop); },
                            {.deadline = kWatchdog})
          .value();
  CHECK(client.hello().software.name == "test-pulse");
  CHECK(client.revision() == 3);
  REQUIRE(client.project() != nullptr);
  int steps = 0;
  const auto renamed = client.call(track::Rename{.track_id = TrackId("trk-1"), .name = "x"},
                                   {.deadline = kWatchdog, .on_progress = [&](const operation::Progress&) { ++steps; }});
  CHECK(renamed.value().revision == 4);
  CHECK(steps == 2);
  auto other = aura::Client::connect({.session = "inside", .deadline = kWatchdog}).value();  // and over its socket too
  CHECK(other.revision() == 3);
}
