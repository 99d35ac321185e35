#pragma once
// Sessions that a client finds by their name: servers of the SDK on threads of their own, in a run-time directory of the test.

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "fake_pulse.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/session/server.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::test {

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
  // `prepare` is called before the session can be found; names are filled in here, and the endpoint where there is none.
  explicit Session(const std::string& name, const std::function<void(session::Server&)>& prepare = {}, session::ServerOptions options = {})
      : name_(name) {
    if (options.endpoint.empty()) options.endpoint = net::ipc_endpoint(net::session_dir(name).value() / "project.sock");
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
    if (prepare) prepare(*server_);
    session::SessionFile file;
    file.name = name;
    file.process_id = getpid();
    file.project_endpoint = server_->endpoint();
    file.software = {.name = "test-pulse", .version = "1"};
    file.protocol = {.major = 1, .min_minor = 0, .max_minor = 0};
    REQUIRE(session::publish(file).has_value());
    address_ = server_->in_process();
    endpoint_ = server_->endpoint();
    thread_ = std::thread([this] { loop_.run(); });
  }
  [[nodiscard]] net::InProcessAddress in_process() const { return address_.value(); }
  // Calls `task` on the thread of the server.
  void on_server(std::function<void(session::Server&)> task) {
    loop_.post([this, task = std::move(task)] { task(*server_); });
  }
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] InstanceId instance_id() const { return server_->instance_id(); }
  ~Session() {
    session::withdraw(name_);
    loop_.stop();
    thread_.join();
    server_.reset();
  }

 private:
  std::string name_;
  std::string endpoint_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<session::Server> server_;
  std::optional<net::InProcessAddress> address_;
  std::thread thread_;
};

}  // namespace loophole::test
