// Hello and versions: protocol/hello.md.
#include <algorithm>

#include "client_steps.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {

void add_hello_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.hello.answer",
      .title = "A hello is answered with role, version, limits and the engine link",
      .steps = "Say hello with 1.0; look at the answer; ask graph.query at once.",
      .level = Level::wire,
      .checks = {{"answered", {"HELLO-14"}, "the answer is a reply that names role signal and the version 1.0 in effect"},
                 {"link",
                  {"HELLO-24", "FRM-39"},
                  "the answer has the engine link: an epoch, and the stream and telemetry endpoints that were bound"},
                 {"epoch", {"ENG-8", "ENG-7"}, "the epoch is above 0"},
                 {"limits", {"ENV-38"}, "the limits are no smaller than those of protocol 1.0"},
                 {"ready", {"HELLO-27"}, "a command right after the answer is handled"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            const Answer answer = pulse.hello();
            const auto* reply = answer.as<session::HelloReply>();
            t.require(
                "answered",
                reply != nullptr && reply->role == Role::signal && reply->protocol == session::ProtocolVersion{.major = 1, .minor = 0},
                answer.text());
            t.require("link",
                      reply->engine && reply->engine->stream_endpoint == t.endpoints().stream &&
                          reply->engine->telemetry_endpoint == t.endpoints().telemetry,
                      answer.text());
            t.check("epoch", reply->engine->epoch > 0, answer.text());
            t.check("limits",
                    reply->limits.max_message_bytes >= 16'777'216 && reply->limits.max_depth >= 32 &&
                        reply->limits.max_frame_bytes >= 1'048'576,
                    answer.text());
            const Answer first = pulse.call(graph::Query{});
            t.check("ready", first.as<graph::QueryReply>() != nullptr, first.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.other-major",
      .title = "A hello of another major is refused, and both ranges are named",
      .steps = "Say hello with 7.41 to 7.43; then with 1.0.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-13"}, "the answer is protocol.versionUnsupported"},
                 {"ranges", {"HELLO-13"}, "its message names the range of the client and that of the server"},
                 {"not-greeted", {"HELLO-2"}, "a command after it is answered with session.helloRequired"},
                 {"then-greeted", {"HELLO-14"}, "a hello with 1.0 on the same connection is answered"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            session::Hello hello = pulse.own_hello();
            hello.protocol = {.major = 7, .min_minor = 41, .max_minor = 43};
            const Answer answer = pulse.hello(hello);
            t.check("refused", answer.refused(errors::kProtocolVersionUnsupported), answer.text());
            const std::string message = answer.error() == nullptr ? "" : answer.error()->message;
            const auto names = [&](std::string_view number) { return message.find(number) != std::string::npos; };
            t.check("ranges", names("41") && names("43") && names("1.0"), answer.text());
            const Answer early = pulse.call(graph::Query{});
            t.check("not-greeted", early.refused(errors::kSessionHelloRequired), early.text());
            const Answer second = pulse.hello();
            t.check("then-greeted", second.as<session::HelloReply>() != nullptr, second.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.ranges-apart",
      .title = "A range of minors that does not meet is refused",
      .steps = "Say hello with 1.900 to 1.901; then with 1.0.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-13"}, "the answer is protocol.versionUnsupported"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            session::Hello hello = pulse.own_hello();
            hello.protocol = {.major = 1, .min_minor = 900, .max_minor = 901};
            const Answer answer = pulse.hello(hello);
            t.check("refused", answer.refused(errors::kProtocolVersionUnsupported), answer.text());
            pulse.greet();
          },
  });
  cases.push_back({
      .id = "signal.hello.lower-minor",
      .title = "The lower of both highest minors is in effect",
      .steps = "Say hello with 1.0 to 1.900; then, on another connection of the same instance, with 1.0 alone.",
      .level = Level::required,
      .checks = {{"own", {"HELLO-14"}, "a client that speaks newer minors gets the highest one of the engine, in its own range"},
                 {"lower", {"HELLO-14"}, "a client that speaks 1.0 alone gets 1.0"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            session::Hello hello = pulse.own_hello();
            hello.protocol = {.major = 1, .min_minor = 0, .max_minor = 900};
            const Answer answer = pulse.hello(hello);
            const auto* reply = answer.as<session::HelloReply>();
            t.check("own", reply != nullptr && reply->protocol.major == 1 && reply->protocol.minor < 900, answer.text());
            Pulse& second = t.connect();
            second.be(pulse.instance());
            const Answer lower = second.hello();
            const auto* agreed = lower.as<session::HelloReply>();
            t.check("lower", agreed != nullptr && agreed->protocol == session::ProtocolVersion{.major = 1, .minor = 0}, lower.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.capabilities",
      .title = "Capabilities that nobody knows are ignored, and the answer lists what both named",
      .steps = "Say hello naming com.example.teleport and com.example.echo/draft2.",
      .level = Level::required,
      .checks = {{"ignored", {"HELLO-22"}, "the hello is answered all the same"},
                 {"common", {"HELLO-19"}, "the answer lists none that this client did not name, and not the invented ones"}},
      .run = [](Trial& t) { name_invented_capabilities(t, t.connect()); },
  });
  cases.push_back({
      .id = "signal.hello.software",
      .title = "Nothing is decided by name and version of the software, or by a fingerprint",
      .steps = "Say hello as software 'x' of version '0' with an invented fingerprint.",
      .level = Level::required,
      .checks = {{"greeted", {"HELLO-18"}, "the hello is answered as any other"}, {"serves", {"HELLO-18"}, "a graph is taken"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            session::Hello hello = pulse.own_hello();
            hello.software = {.name = "x", .version = "0"};
            hello.fingerprint = std::string(64, '0');
            const Answer answer = pulse.hello(hello);
            t.require("greeted", answer.as<session::HelloReply>() != nullptr, answer.text());
            const Answer taken = pulse.call(graph::Replace{.revision = 1, .graph = voice()});
            t.check("serves", taken.is_reply(), taken.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.again",
      .title = "A hello that is said again changes nothing",
      .steps = "Say hello, put a graph, open a stream; say the same hello again.",
      .level = Level::required,
      .checks = {{"answered", {"HELLO-8"}, "it is answered again, with the same epoch"},
                 {"graph", {"HELLO-8"}, "the graph is as it was"},
                 {"stream", {"HELLO-8"}, "the stream is still open"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            (void)open(t);
            const std::uint64_t epoch = t.epoch();
            const Answer answer = t.pulse().hello();
            t.require("answered", answer.as<session::HelloReply>() != nullptr && t.epoch() == epoch, answer.text());
            const std::string after = digest(t);
            t.check("graph", after == before, "digest " + after);
            const Answer closed = close(t, kStream, {{.handle = kGain, .value = -1}});
            t.check("stream", closed.is_reply(), closed.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.second-connection",
      .title = "An instance that says hello on a second connection gives up the first",
      .steps = "Say hello on two connections with the same instanceId.",
      .level = Level::required,
      .checks = {{"moves", {"HELLO-7"}, "the second hello is answered"},
                 {"goodbye", {"HELLO-7", "HELLO-31"}, "the first connection gets a goodbye of the reason closing"},
                 {"first-ended", {"HELLO-34"}, "a command on the first connection is answered with session.helloRequired"},
                 {"second-serves", {"HELLO-7"}, "a command on the second connection is answered"}},
      .run =
          [](Trial& t) {
            Pulse& first = t.pulse();
            Pulse& second = t.connect();
            second.be(first.instance());
            const Answer moved = second.hello();
            t.require("moves", moved.as<session::HelloReply>() != nullptr, moved.text());
            (void)t.wait([&] { return first.goodbye().has_value(); });
            t.require("goodbye", first.goodbye() && first.goodbye()->reason == session::GoodbyeReason::closing,
                      first.goodbye() ? "a goodbye of another reason" : "no goodbye");
            const Answer late = first.call(graph::Query{});
            t.check("first-ended", late.refused(errors::kSessionHelloRequired), late.text());
            const Answer served = second.call(graph::Query{});
            t.check("second-serves", served.is_reply(), served.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.held",
      .title = "An engine that a Pulse holds refuses another Pulse",
      .steps = "Say hello; another instance says hello; the first says goodbye; the other one says hello again.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-10"}, "the other instance is answered with engine.held"},
                 {"unhurt", {"HELLO-10"}, "the first one is still served"},
                 {"free", {"HELLO-34", "HELLO-39"}, "after the goodbye of the first the other one is greeted"},
                 {"graph", {"HELLO-39"}, "the graph is still live"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            Pulse& other = t.connect();
            const Answer held = other.hello();
            t.check("refused", held.refused(errors::kEngineHeld), held.text());
            const std::string still = digest(t);
            t.check("unhurt", still == before, "digest " + still);
            t.pulse().tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            t.pulse().fall_silent();
            // Two connections have no order between them, so it may be refused once more.
            Answer greeted;
            t.require("free", soon(t, [&] { return (greeted = other.hello()).as<session::HelloReply>() != nullptr; }), greeted.text());
            const Answer asked = other.call(graph::Query{});
            const auto* reply = asked.as<graph::QueryReply>();
            t.check("graph", reply != nullptr && reply->digest && reply->digest->value == before, asked.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.other-role",
      .title = "Only a Pulse greets an engine",
      .steps = "Say hello with the role aura in the payload; with origin aura; then as a Pulse.",
      .level = Level::required,
      .checks = {{"role", {"HELLO-9", "ENG-1"}, "a hello with the role aura is answered with envelope.wrongRoute"},
                 {"origin", {"HELLO-9", "ENV-29"}, "a hello with the origin aura is answered with envelope.wrongRoute"},
                 {"then-greeted", {"HELLO-9"}, "a hello of a Pulse on the same connection is answered"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            session::Hello hello = pulse.own_hello();
            hello.role = Role::aura;
            const Answer role = pulse.hello(hello);
            t.check("role", role.refused(errors::kEnvelopeWrongRoute), role.text());
            const std::string id = pulse.next_id();
            pulse.send_text(with(pulse.text_of(pulse.own_hello(), id), R"("origin":"pulse")", R"("origin":"aura")"), Meant::wrong);
            const Answer origin = pulse.answer(id);
            t.check("origin", origin.refused(errors::kEnvelopeWrongRoute), origin.text());
            const Answer greeted = pulse.hello();
            t.check("then-greeted", greeted.as<session::HelloReply>() != nullptr, greeted.text());
          },
  });
  cases.push_back({
      .id = "signal.hello.required",
      .title = "Nothing is executed before hello",
      .steps = "Send graph.replace as the first message; say hello; ask for the graph.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-2"}, "the command is answered with session.helloRequired"},
                 {"not-executed", {"HELLO-2", "ENV-23"}, "there is no graph of it"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            const Answer early = pulse.call(graph::Replace{.revision = 77, .graph = voice()});
            t.check("refused", early.refused(errors::kSessionHelloRequired), early.text());
            pulse.greet();
            const graph::QueryReply reply = query(t);
            t.check("not-executed", reply.revision != 77, "revision " + std::to_string(reply.revision) + " is live");
          },
  });
  cases.push_back({
      .id = "signal.hello.describe",
      .title = "session.describe names what the engine answers and sends",
      .steps = "Ask session.describe; send every command that the schemas route to an engine, with an empty payload, and an invented one.",
      .level = Level::required,
      .checks = {{"all-routed", {"HELLO-40", "HELLO-21"}, "every command that the schemas route from Pulse to Signal is in `handles`"},
                 {"handled", {"HELLO-40"}, "none that is in `handles` is answered with envelope.unknownName"},
                 {"unknown", {"HELLO-40", "ENV-28"}, "an invented command is answered with envelope.unknownName, and is not in `handles`"},
                 {"sends", {"HELLO-40"}, "every event that came in this case is in `sends`"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const Answer described = pulse.call(session::Describe{});
            const auto* reply = described.as<session::DescribeReply>();
            if (reply == nullptr) throw CaseEnded("session.describe is not answered: " + described.text());
            const auto handled = [&](std::string_view name) { return std::ranges::find(reply->handles, name) != reply->handles.end(); };
            for (const wire::MessageDesc* one : wire::all_messages()) {
              if (one->kind != loophole::Kind::command || !one->allows(Role::pulse, Role::signal)) continue;
              t.check("all-routed", handled(one->name), std::string(one->name) + " is not in handles");
              if (one->name == session::Hello::kName) continue;
              const std::string id = pulse.next_id();
              pulse.send_text(envelope(id, one->name, "{}"), Meant::wrong);
              const Answer answer = pulse.answer(id, 5 * t.patience());  // looking for devices and plugins takes its time
              t.check("handled", answer.came() && !answer.refused(errors::kEnvelopeUnknownName), answer.text());
            }
            const std::string id = pulse.next_id();
            pulse.send_text(envelope(id, "graph.conjure", "{}"), Meant::wrong);
            const Answer unknown = pulse.answer(id);
            t.check("unknown", unknown.refused(errors::kEnvelopeUnknownName) && !handled("graph.conjure"), unknown.text());
            put(t, voice());
            for (const std::string& came : pulse.order())
              if (came.ends_with(" event")) {
                const std::string name = came.substr(0, came.find(' '));
                t.check("sends", std::ranges::find(reply->sends, name) != reply->sends.end(), name + " came and is not in sends");
              }
            t.check("sends", !reply->sends.empty(), described.text());
          },
  });
}

}  // namespace loophole::conformance::signal_cases
