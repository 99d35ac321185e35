#pragma once
// Studio: a whole Pulse in one process: real server, hub, file and clients over real sockets; the engine is scripted.

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loophole/session/client.hpp"
#include "service/hub.hpp"
#include "support/scratch_folder.hpp"
#include "support/scripted_engine.hpp"

namespace loophole::pulse::test {

// A client of the studio; remembers the events it was sent.
class StudioClient {
 public:
  StudioClient(net::Context& context, net::Loop& loop, const std::string& endpoint) : loop_(loop) {
    client_ = session::Client::connect(context, loop, {.endpoint = endpoint, .client_id = "test", .capabilities = {}}).value();
    client_->on_event([this](const wire::Message& event) { events.push_back(event); });
    client_->on_state([](session::PortState) {});
    while (client_->state() == session::PortState::connecting) wait();
    REQUIRE(client_->state() == session::PortState::ready);
  }

  // Sends a command and waits for its answer.
  template <class C>
  Result<typename C::Reply> call(C command) {
    std::optional<Result<typename C::Reply>> answer;
    begin(std::move(command), answer);
    while (!answer) wait();
    return *std::move(answer);
  }
  // Sends a command; the answer comes into `answer`, which must live until then.
  template <class C>
  void begin(C command, std::optional<Result<typename C::Reply>>& answer) {
    client_->call_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
                          [&answer](Result<wire::Payload> payload) {
                            if (payload)
                              answer.emplace(*payload->template as<typename C::Reply>());
                            else
                              answer.emplace(payload.error());
                          },
                          {});
  }

  // Events of a type, in order.
  template <class E>
  [[nodiscard]] std::vector<E> of() const {
    std::vector<E> found;
    for (const wire::Message& event : events)
      if (const E* one = event.as<E>()) found.push_back(*one);
    return found;
  }
  // Waits until there are `count` events of a type, and gives the last.
  template <class E>
  E wait_for(std::size_t count = 1) {
    while (of<E>().size() < count) wait();
    return of<E>()[count - 1];
  }

  void leave() { client_.reset(); }

  std::vector<wire::Message> events;

 private:
  void wait() {
    if (!loop_.run_once(std::chrono::seconds(30))) FAIL("nothing happened for 30 s");
  }
  net::Loop& loop_;
  std::unique_ptr<session::Client> client_;
};

class Studio {
 public:
  Studio() {
    spdlog::set_level(spdlog::level::err);
    server =
        session::Server::bind(
            context, loop, {.endpoint = net::ipc_endpoint(folder / "project"), .software_name = "studio", .capabilities = {}, .socket = {}})
            .value();
    hub = std::make_unique<Hub>(loop, *server);
    hub->engine().on_live([this] { hub->engine_state(engine::EngineState::running, "started"); });
  }
  ~Studio() { hub->engine().detach(); }

  // `script` sets the engine up before it is greeted.
  void start_engine(const std::function<void(ScriptedEngine&)>& script = {}) {
    signal = std::make_unique<ScriptedEngine>(loop);
    if (script) script(*signal);
    hub->engine_state(engine::EngineState::starting, "starting");
    hub->engine().attach(*signal, {.epoch = ++epoch, .stream_endpoint = "ipc:///s", .telemetry_endpoint = "ipc:///t"});
    while (hub->engine().link() == nullptr) wait();
  }
  void lose_engine() {
    hub->engine_state(engine::EngineState::lost, "the engine was ended by signal 9 (Killed)");
    signal.reset();
  }
  // Until everything that was sent to the engine is answered.
  void settle() {
    bool settled = false;
    hub->engine().when_settled([&](bool) { settled = true; });
    while (!settled) wait();
  }
  void wait() {
    if (!loop.run_once(std::chrono::seconds(30))) FAIL("nothing happened for 30 s");
  }
  [[nodiscard]] StudioClient client() { return {context, loop, server->endpoint()}; }

  // A project with one track and one filter on it; the filter.
  node::Node make_song(StudioClient& by) {
    (void)by.call(project::New{.path = (folder / "song.loophole").string(), .name = {}}).value();
    const ChannelId channel = by.call(track::Add{.name = "Synth", .index = {}}).value().channel_id;
    (void)by.call(node::Add{.channel_id = channel, .kind = node::NodeKind::filter, .plugin = {}, .name = {}, .index = {}}).value();
    return hub->project()->tracks[0].channel.nodes[0];
  }

  ScratchFolder folder;
  net::Context context;
  net::Loop loop;
  std::unique_ptr<session::Server> server;
  std::unique_ptr<Hub> hub;
  std::unique_ptr<ScriptedEngine> signal;
  Epoch epoch = 0;
};

}  // namespace loophole::pulse::test
