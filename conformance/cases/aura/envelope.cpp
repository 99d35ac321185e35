// Odd but good messages, and bad ones: protocol/envelope.md, framing.md.
#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {
namespace {

constexpr std::size_t kMaxMessageBytes = 16'777'216;

std::string event_text(Host& host, std::string_view name, std::string_view payload) {
  return R"({"v":1,"id":")" + host.next_id() +
         R"(","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"event","name":")" + std::string(name) +
         R"(","payload":)" + std::string(payload) + "}";
}

// The next transaction is told as this text: the suite's own project goes along.
bool takes(Trial& t, const std::function<std::string(std::string)>& odd, bool wrong = false) {
  Host& host = t.host();
  const std::size_t before = state_asked(host);
  const project::Changed made = next_change(host);
  const std::string text = odd(host.text_of(made));
  host.swallow_changes(true);
  host.commit(made.changes, made.label, made.origin, made.cause);
  host.swallow_changes(false);
  host.tell_text(text, wrong);
  // A peer that dropped it misses a revision when the next one comes, and asks.
  return follows(t) && state_asked(host) == before;
}

}  // namespace

void add_envelope_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.envelope.odd-but-good",
      .title = "Members in any order, members that nobody knows, and numbers in any form are taken",
      .steps =
          "Tell transactions in such forms, each followed by one as usual: a peer that did not take the first misses a revision and asks.",
      .level = Level::required,
      .checks = {{"unknown-members", {"ENV-5", "VER-6", "HELLO-17"}, "unknown members at every depth are ignored"},
                 {"order", {"ENV-4"}, "members in another order are taken"},
                 {"numbers", {"ENV-13"}, "a revision written as 5.0 is taken"},
                 {"time", {"ENV-10"}, "a time of sending in 1970 is taken"}},
      .run =
          [](Trial& t) {
            (void)follower(t);
            t.check("unknown-members",
                    takes(t,
                          [](std::string text) {
                            text = with(std::move(text), R"("payload":{)", R"("mood":{"a":[null,{"b":1}]},"payload":{"mood":[[]],)");
                            return with(std::move(text), R"("type":"track.changed")", R"("type":"track.changed","mood":null)");
                          }),
                    t.host().text());
            t.check("order",
                    takes(t,
                          [](std::string text) {
                            const auto payload = text.find(R"("payload":)");
                            const std::string head = text.substr(1, payload - 2);  // without { and the comma
                            return "{" + text.substr(payload, text.size() - payload - 1) + "," + head + "}";
                          }),
                    t.host().text());
            const std::string revision = std::to_string(t.host().revision() + 1);
            t.check("numbers",
                    takes(t,
                          [&](std::string text) {
                            return with(std::move(text), R"("revision":)" + revision, R"("revision":)" + revision + ".0");
                          }),
                    t.host().text());
            t.check("time",
                    takes(t,
                          [](std::string text) {
                            const auto at = text.find(R"("ts":")") + 6;
                            return text.replace(at, 4, "1970");
                          }),
                    t.host().text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.envelope.open-labels",
      .title = "A label that the peer does not know, where the enumeration is open, is taken",
      .steps = "Tell a transaction with an automation mode of a later version.",
      .level = Level::required,
      .checks = {{"taken", {"ENV-11"}, "the transaction is taken"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const std::size_t before = state_asked(host);
            project::Changed made = next_change(host);
            made.changes = {project::AutomationChanged{.parameter_id = song::kGain,
                                                       .automation = automation::Lane{.mode = automation::Mode::read, .points = {}}}};
            const std::string text = with(host.text_of(made), R"("mode":"read")", R"("mode":"dream")");
            host.swallow_changes(true);
            host.commit(made.changes, made.label, made.origin, made.cause);
            host.swallow_changes(false);
            host.tell_text(text, true);
            t.check("taken", follows(t) && state_asked(host) == before, host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.envelope.faulty",
      .title = "Faulty messages are dropped, answered by nothing, and harm nothing",
      .steps =
          "Send garbage, several parts, bytes of a frame, events of wrong routes and unknown names, faulty payloads, answers to what was "
          "never asked; look whether the peer goes on.",
      .level = Level::required,
      .checks = {{"garbage", {"ENV-36", "SEC-16"}, "bytes that are no message are survived"},
                 {"parts", {"FRM-3"}, "messages of several parts are survived"},
                 {"frames", {"FRM-5"}, "a frame on the control plane is survived"},
                 {"routes", {"ENV-30"}, "events of a wrong route or an unknown name are survived"},
                 {"payloads", {"ENV-44", "VER-7"}, "events with a faulty payload are survived"},
                 {"answers", {"ENV-22"}, "answers to what was never asked are survived"},
                 {"errors", {"ERR-9"}, "errors without cid are survived"},
                 {"unanswered", {"ENV-34"}, "nothing of this is answered"},
                 {"in-step", {"ENV-18"}, "the peer still takes the next transaction for the next one"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            for (const char* garbage : {"", "{", "[]", "\xff\xfe", "null", R"({"v":1})", R"({"v":2,"id":"x"})"})
              host.tell_text(garbage, true);
            host.tell_text(std::string(64, '\0'), true);
            t.check("garbage", stays(t), host.text());
            host.tell_parts({"", "{}"});
            host.tell_parts({host.text_of(next_change(host)), "more"});
            t.check("parts", stays(t), host.text());
            host.tell_text(host.deck().frame("meters"), true);
            t.check("frames", stays(t), host.text());
            host.tell_text(event_text(host, "weather.changed", R"({"wind":3})"), true);
            host.tell_text(event_text(host, "engine.xrun", R"({"xruns":1,"total":1,"engineFrames":1})"), true);
            host.tell_text(with(host.text_of(next_change(host)), R"("origin":"pulse")", R"("origin":"signal")"), true);
            t.check("routes", stays(t), host.text());
            host.tell_text(event_text(host, "project.changed", R"({"revision":-3})"), true);
            host.tell_text(event_text(host, "engine.changed", R"({"state":"dreaming","reason":"","restarts":0})"), true);
            t.check("payloads", stays(t), host.text());
            host.tell_text(
                R"({"v":1,"id":")" + host.next_id() +
                    R"(","cid":"never-asked","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"reply","name":"track.add",)"
                    R"("payload":{"trackId":"trk-9","channelId":"chn-9","revision":77}})",
                true);
            t.check("answers", stays(t), host.text());
            host.tell_text(R"({"v":1,"id":")" + host.next_id() +
                               R"(","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"error","name":"unknown",)"
                               R"("error":{"category":"invalid","code":"envelope.malformed","message":"no JSON"}})",
                           true);
            t.check("errors", stays(t), host.text());
            t.check("unanswered", host.answers() == 0, std::to_string(host.answers()) + " answers");
            t.check("in-step", follows(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.envelope.limits",
      .title = "Messages within the limits are taken, and larger ones dropped",
      .steps =
          "Tell a transaction in 16 MiB and one nested 32 deep; then one byte more, and one level more; look whether the peer goes on.",
      .level = Level::required,
      .checks = {{"size", {"ENV-38"}, "a message of 16,777,216 bytes is taken"},
                 {"depth", {"ENV-38"}, "a message nested 32 deep is taken"},
                 {"beyond", {"ENV-36", "SEC-16"}, "messages beyond the limits are survived"}},
      .run =
          [](Trial& t) {
            t.host().lease_ms = 10'000;  // to read 16 MiB takes a while on a machine that is busy
            Host& host = follower(t);
            t.check("depth",
                    takes(t,
                          [](std::string text) {
                            return with(std::move(text), R"("v":1,)", R"("v":1,"x":)" + std::string(31, '[') + std::string(31, ']') + ",");
                          }),
                    host.text());
            t.check("size", takes(t, [](std::string text) { return padded(std::move(text), kMaxMessageBytes); }), host.text());
            host.tell_text(padded(host.text_of(next_change(host)), kMaxMessageBytes + 1), true);
            host.tell_text(
                with(host.text_of(next_change(host)), R"("v":1,)", R"("v":1,"x":)" + std::string(400, '[') + std::string(400, ']') + ","),
                true);
            t.check("beyond", stays(t), host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.envelope.queue",
      .title = "A thousand messages that wait are all taken",
      .steps = "Stop the process of the peer; tell 1,000 transactions; let it go on; tell one more.",
      .level = Level::required,
      .checks = {{"taken", {"FRM-10", "FRM-11"}, "the peer takes all of them: it asks for nothing, and stays"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const std::size_t before = state_asked(host);
            t.process()->suspend();
            for (int n = 0; n < 1'000; ++n) host.commit({project::TempoChanged{.tempo_bpm = 60.0 + n % 100}}, "Set Tempo");
            t.process()->resume();
            t.check("taken", stays(t) && follows(t) && state_asked(host) == before, host.text());
          },
      .capability = "mirror",
  });
  cases.push_back({
      .id = "aura.envelope.twice",
      .title = "A member that comes twice has its last value, or is refused",
      .steps = "Tell a transaction in which a value is written twice; tell the peer to step the parameter.",
      .level = Level::required,
      .checks = {{"last", {"ENV-9"}, "the step begins from the last one"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            project::Changed made = next_change(host);
            made.changes = {project::ParameterChanged{.parameter_id = song::kGain, .value = -9}};
            const std::string text = with(host.text_of(made), R"("value":)", R"("value":-5,"value":)");
            host.swallow_changes(true);
            host.commit(made.changes, made.label, made.origin, made.cause);
            host.swallow_changes(false);
            host.tell_text(text, true);
            host.commit({project::TempoChanged{.tempo_bpm = 90}}, "Set Tempo");  // who refused it misses it, and asks
            (void)stays(t);
            const auto shown = value_shown(t, song::kGain);
            t.check("last", shown == -9.0, shown ? "it begins from " + std::to_string(*shown) : "no parameter.set came");
          },
      .capability = "driver",
  });
}

}  // namespace loophole::conformance::aura_cases
