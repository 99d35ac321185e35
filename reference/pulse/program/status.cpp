#include "program/status.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "loophole/session/client.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/wire/codec.hpp"
#include "program/exit_code.hpp"

namespace loophole::pulse {
namespace {

using nlohmann::ordered_json;

struct Answers {
  session::SessionFile file;
  session::HelloReply hello;
  project::SnapshotReply snapshot;
  engine::StatusReply engine;
  session::CountersReply counters;
};

// A client that waits for each of its answers.
class Asking {
 public:
  [[nodiscard]] Result<void> connect(const std::string& endpoint) {
    auto client = session::Client::connect(context_, loop_, {.endpoint = endpoint, .client_id = "loophole-pulse-status"});
    if (!client) return std::move(client).error();
    client_ = *std::move(client);
    client_->on_event([](const wire::Message&) {});
    // The client itself keeps the deadlines of hello and answers.
    while (client_->state() == session::PortState::connecting) loop_.run_once();
    if (client_->state() == session::PortState::ready) return {};
    return client_->close_reason().value_or(make_error(errors::kSessionLost, "the connection has ended"));
  }
  [[nodiscard]] const session::HelloReply& hello() const { return *client_->hello(); }

  template <class C>
  [[nodiscard]] Result<void> ask(C command, typename C::Reply& reply) {
    std::optional<Result<wire::Payload>> answer;
    client_->call_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
                          [&answer](Result<wire::Payload> payload) { answer.emplace(std::move(payload)); }, {});
    while (!answer) loop_.run_once();
    if (!*answer) return std::move(*answer).error();
    reply = *(*answer)->template as<typename C::Reply>();
    return {};
  }

 private:
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<session::Client> client_;
};

Result<Answers> ask(const session::SessionFile& file) {
  Answers answers{.file = file, .hello = {}, .snapshot = {}, .engine = {}, .counters = {}};
  Asking pulse;
  if (auto done = pulse.connect(file.project_endpoint); !done) return std::move(done).error();
  answers.hello = pulse.hello();
  if (auto done = pulse.ask(project::Snapshot{}, answers.snapshot); !done) return std::move(done).error();
  if (auto done = pulse.ask(engine::Status{}, answers.engine); !done) return std::move(done).error();
  if (auto done = pulse.ask(session::Counters{}, answers.counters); !done) return std::move(done).error();
  return answers;
}

template <class T>
ordered_json json_of(const T& value) {
  return ordered_json::parse(wire::to_json(value).value());
}

void print_json(const Answers& answers) {
  ordered_json all{{"session", answers.file.name},
                   {"processId", answers.file.process_id},
                   {"software", json_of(answers.hello).at("software")},
                   {"protocol", json_of(answers.hello).at("protocol")},
                   {"project", nullptr},
                   {"engine", json_of(answers.engine)},
                   {"counters", json_of(answers.counters)}};
  if (const auto& project = answers.snapshot.project)
    all["project"] = {{"projectId", project->id.str()},
                      {"name", project->name},
                      {"path", answers.snapshot.path.value_or("")},
                      {"revision", answers.snapshot.revision},
                      {"tracks", project->tracks.size()}};
  std::puts(all.dump().c_str());
}

void print_text(const Answers& answers) {
  fmt::print("session {}: {} {}, process {}, protocol {}.{}\n", answers.file.name, answers.hello.software.name,
             answers.hello.software.version, answers.file.process_id, answers.hello.protocol.major, answers.hello.protocol.minor);
  if (const auto& project = answers.snapshot.project)
    fmt::print("project {} at revision {}, {} track{}\n  {}\n", project->name, answers.snapshot.revision, project->tracks.size(),
               project->tracks.size() == 1 ? "" : "s", answers.snapshot.path.value_or(""));
  else
    fmt::print("no project is open\n");
  const engine::StatusReply& engine = answers.engine;
  fmt::print("engine {}", to_string(engine.state));
  if (engine.process_id != 0) fmt::print(", process {}", engine.process_id);
  if (engine.software) fmt::print(", {} {}", engine.software->name, engine.software->version);
  if (engine.link) fmt::print(", epoch {}", engine.link->epoch);
  if (engine.effective) fmt::print(", {} at {} Hz", to_string(engine.effective->driver), engine.effective->sample_rate_hz);
  fmt::print(", restarts {}\n", engine.restarts);
  const session::CountersReply& counters = answers.counters;
  fmt::print("messages received {}, sent {}, malformed {}, refused {}, duplicates {}, overflows {}\n", counters.control_received,
             counters.control_sent, counters.malformed, counters.refused, counters.duplicates, counters.overflows);
}

int fail(const Error& error, int code) {
  std::fprintf(stderr, "loophole-pulse: %s\n", to_string(error).c_str());
  return code;
}

}  // namespace

int status(const std::string& session, bool json) {
  auto file = session::find(session);
  if (!file) return fail(file.error(), is(file.error(), errors::kSessionNotFound) ? kSession : kFailed);
  const auto answers = ask(*file);
  if (!answers) return fail(answers.error(), kFailed);
  json ? print_json(*answers) : print_text(*answers);
  return kDone;
}

}  // namespace loophole::pulse
