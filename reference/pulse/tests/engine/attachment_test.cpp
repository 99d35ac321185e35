// An engine that Pulse did not start: it may come late, go, come again as another one, or never come.

#include "engine/attachment.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>

#include "engine/process.hpp"
#include "loophole/session/last_words.hpp"
#include "loophole/transport/endpoint.hpp"
#include "support/kept_studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using namespace std::chrono_literals;
using engine::EngineState;

namespace {

struct Stage : KeptStudio {
  Stage() {
    keep(std::make_unique<Attachment>(
        context, loop,
        AttachmentOptions{
            .endpoint = net::ipc_endpoint(folder / "engine"), .hello_deadline = 500ms, .first_delay = 1ms, .longest_delay = 5ms}));
  }
  // Somebody else starts an engine there.
  void start_other() {
    const char* program = std::getenv("LOOPHOLE_PLUGIN_ENGINE");
    REQUIRE(program != nullptr);
    ended = false;
    REQUIRE(session::make_last_words(folder / "words"));
    other = ChildProcess::start(loop, program,
                                {"--control", net::ipc_endpoint(folder / "engine"), "--stream", net::ipc_endpoint(folder / "stream"),
                                 "--telemetry", net::ipc_endpoint(folder / "telemetry"), "--last-words", (folder / "words").string()},
                                [this](const std::string&) { ended = true; })
                .value();
  }
  std::unique_ptr<ChildProcess> other;
  bool ended = false;
};

}  // namespace

TEST_CASE("projects can be edited while an engine never comes") {
  Stage stage;
  StudioClient user = stage.client();
  stage.keeper->start();
  stage.wait_for_state(EngineState::absent);
  (void)stage.make_song(user);
  CHECK(user.call(track::Add{.name = "Voice", .index = {}}));
  const Error refused = user.call(transport::Play{}).error();
  CHECK(is(refused, errors::kEngineUnavailable));
  CHECK(refused.message.find("dialled on") != std::string::npos);
  CHECK(is(user.call(engine::Restart{}).error(), errors::kEngineUnavailable));
}

TEST_CASE("an engine that comes late gets the project, and another one after it gets it again") {
  Stage stage;
  StudioClient user = stage.client();
  (void)stage.make_song(user);
  stage.keeper->start();
  stage.wait_for_state(EngineState::absent);
  stage.start_other();
  stage.wait_for_state(EngineState::running);
  const auto first = user.call(engine::Status{}).value();
  CHECK(first.engine_digest == first.model_digest);
  CHECK(first.process_id == 0);

  stage.other->signal(SIGKILL);
  stage.wait_for_state(EngineState::lost);
  while (!stage.ended) stage.wait();
  stage.start_other();
  stage.wait_for_state(EngineState::running);
  const auto second = user.call(engine::Status{}).value();
  CHECK(second.engine_digest == second.model_digest);
  REQUIRE(second.epochs.size() == 2);
  CHECK(second.epochs[0] != second.epochs[1]);
  CHECK(second.recovery_ms > 0);
}
