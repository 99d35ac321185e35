// Finding Pulse: protocol/framing.md and security.md.
#include <sys/wait.h>
#include <unistd.h>

#include "aura/rig.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::conformance::aura_cases {
namespace {

// The number of a process that has ended.
std::int64_t ended_process() {
  const pid_t id = ::fork();
  if (id == 0) ::_exit(0);
  ::waitpid(id, nullptr, 0);
  return id;
}

// The peer has looked for its session, as far as that can be known: it says something, or obeys its driver; and a while more.
void let_look(Trial& t) {
  Host& host = t.host();
  if (has(t.setting().command, "{driver}")) {
    const std::uint64_t id = t.driver().ask_only();
    (void)t.wait([&] { return host.received() > 0 || t.driver().has_answer(id); });
  }
  t.pass(Milliseconds(500));
}

// Whether the peer leaves alone what this session file leads to; then it is started again with a good one.
void ignores(Trial& t, std::string_view check, const std::string& text) {
  Host& host = t.host();
  t.expect_end();  // there is no session for it, so it may end
  host.write_session_file(text);
  t.start_guest();
  let_look(t);
  t.check(check, host.received() == 0, host.text());
  t.restart_peer();
  (void)t.guest();
}

}  // namespace

void add_process_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.process.stale-session",
      .title = "A session file of a process that has ended is none",
      .steps = "Put down a session.json with the number of a process that has ended; start the peer.",
      .level = Level::required,
      .checks = {{"ignored", {"FRM-17"}, "nothing is said at its endpoint"}},
      .run =
          [](Trial& t) {
            session::SessionFile file = t.host().session();
            file.process_id = ended_process();
            ignores(t, "ignored", *wire::to_json(file));
          },
      .capability = "session",
  });
  cases.push_back({
      .id = "aura.process.foreign-session",
      .title = "A session file with another name than its folder is none",
      .steps = "Put down a session.json with another name; start the peer.",
      .level = Level::required,
      .checks = {{"ignored", {"FRM-17"}, "nothing is said at its endpoint"}},
      .run =
          [](Trial& t) {
            session::SessionFile file = t.host().session();
            file.name = "another";
            ignores(t, "ignored", *wire::to_json(file));
          },
      .capability = "session",
  });
  cases.push_back({
      .id = "aura.process.open-folder",
      .title = "A run-time directory that others can use is refused",
      .steps = "Let others read the run-time directory; start the peer.",
      .level = Level::required,
      .checks = {{"refused", {"SEC-2"}, "nothing is said at the endpoint of its session"}},
      .run =
          [](Trial& t) {
            Host& host = t.host();
            t.expect_end();
            std::filesystem::permissions(t.runtime_folder(), std::filesystem::perms(0755));
            t.start_guest();
            let_look(t);
            t.check("refused", host.received() == 0, host.text());
            std::filesystem::permissions(t.runtime_folder(), std::filesystem::perms::owner_all);
            t.restart_peer();
            (void)t.guest();
          },
      .capability = "session",
  });
  cases.push_back({
      .id = "aura.process.odd-session-file",
      .title = "A session file may have members that nobody knows, in any order, and an engine that is long gone",
      .steps = "Put down a session.json with an unknown member, and with endpoints of an engine that is not there; start the peer.",
      .level = Level::required,
      .checks = {{"found", {"ENV-5"}, "the peer says hello"},
                 {"not-from-a-file", {"FRM-20"}, "telemetry is subscribed to where the hello says, where it is at all"}},
      .run =
          [](Trial& t) {
            session::SessionFile file = t.host().session();
            const Endpoints gone = t.other_endpoints();
            file.engine = session::EngineLink{.epoch = 1, .stream_endpoint = gone.stream, .telemetry_endpoint = gone.telemetry};
            t.host().write_session_file(with(*wire::to_json(file), "{", R"({"motto":{"louder":[1,2]},)"));
            t.require("found", t.guest().greeted(), t.host().text());
            (void)watcher(t);
            t.check("not-from-a-file", t.host().deck().subscriptions() > 0, "no subscription came");
          },
      .capability = "session",
  });
}

}  // namespace loophole::conformance::aura_cases
