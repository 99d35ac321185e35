// Hello and versions, in the seat of the server: protocol/hello.md.
#include <algorithm>

#include "client_steps.hpp"
#include "loophole/messages/registry.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {

void add_hello_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.hello.answer",
      .title = "A hello is answered with role, version and limits",
      .steps = "Say hello with 1.0; look at the answer; ask project.snapshot at once.",
      .level = Level::wire,
      .checks = {{"answered", {"HELLO-14"}, "the answer is a reply that names role pulse and the version 1.0 in effect"},
                 {"limits", {"ENV-38"}, "the limits are no smaller than those of protocol 1.0"},
                 {"ready", {"HELLO-27"}, "a command right after the answer is handled"},
                 {"no-project", {"MODEL-23"}, "without a project the snapshot has revision 0 and no project"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            const Answer answer = aura.hello();
            const auto* reply = answer.as<session::HelloReply>();
            t.require("answered",
                      reply != nullptr && reply->role == Role::pulse && reply->protocol == session::ProtocolVersion{.major = 1, .minor = 0},
                      answer.text());
            t.check("limits",
                    reply->limits.max_message_bytes >= 16'777'216 && reply->limits.max_depth >= 32 &&
                        reply->limits.max_frame_bytes >= 1'048'576,
                    answer.text());
            const Answer first = aura.call(project::Snapshot{});
            const auto* empty = first.as<project::SnapshotReply>();
            t.require("ready", empty != nullptr, first.text());
            t.check("no-project", empty->revision == 0 && !empty->project && !empty->path, first.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.other-major",
      .title = "A hello of another major is refused, and both ranges are named",
      .steps = "Say hello with 7.41 to 7.43; ask something; say hello with 1.0.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-13"}, "the answer is protocol.versionUnsupported"},
                 {"ranges", {"HELLO-13"}, "its message names the range of the client and that of the server"},
                 {"not-greeted", {"HELLO-2"}, "a command after it is answered with session.helloRequired"},
                 {"then-greeted", {"HELLO-13"}, "a hello with 1.0 on the same connection is answered"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            session::Hello hello = aura.own_hello();
            hello.protocol = {.major = 7, .min_minor = 41, .max_minor = 43};
            const Answer answer = aura.hello(hello);
            t.check("refused", answer.refused(errors::kProtocolVersionUnsupported), answer.text());
            const std::string message = answer.error() != nullptr ? answer.error()->message : "";
            const auto names = [&](std::string_view number) { return message.find(number) != std::string::npos; };
            t.check("ranges", names("41") && names("43") && names("1.0"), answer.text());
            const Answer early = aura.call(project::Snapshot{});
            t.check("not-greeted", early.refused(errors::kSessionHelloRequired), early.text());
            const Answer second = aura.hello();
            t.check("then-greeted", second.as<session::HelloReply>() != nullptr, second.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.minors",
      .title = "The lower of both highest minors is in effect, and ranges that do not meet are refused",
      .steps = "Say hello with 1.900 to 1.901; with 1.0 to 1.900; on another connection with 1.0 alone.",
      .level = Level::required,
      .checks = {{"apart", {"HELLO-13"}, "1.900 to 1.901 is answered with protocol.versionUnsupported"},
                 {"own", {"HELLO-14"}, "1.0 to 1.900 is answered with the highest minor of the server"},
                 {"lower", {"HELLO-14"}, "1.0 alone is answered with 1.0"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            session::Hello hello = aura.own_hello();
            hello.protocol = {.major = 1, .min_minor = 900, .max_minor = 901};
            const Answer apart = aura.hello(hello);
            t.check("apart", apart.refused(errors::kProtocolVersionUnsupported), apart.text());
            hello.protocol.min_minor = 0;
            const Answer own = aura.hello(hello);
            const auto* agreed = own.as<session::HelloReply>();
            t.check("own", agreed != nullptr && agreed->protocol.major == 1 && agreed->protocol.minor < 900, own.text());
            const Answer lower = t.join().hello();
            const auto* lowest = lower.as<session::HelloReply>();
            t.check("lower", lowest != nullptr && lowest->protocol == session::ProtocolVersion{.major = 1, .minor = 0}, lower.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.capabilities",
      .title = "Capabilities that nobody knows are ignored, and the answer lists what both named",
      .steps = "Say hello naming com.example.teleport and com.example.echo/draft2.",
      .level = Level::required,
      .checks = {{"ignored", {"HELLO-22"}, "the hello is answered all the same"},
                 {"common", {"HELLO-19"}, "the answer lists none of the invented ones"}},
      .run = [](Trial& t) { name_invented_capabilities(t, t.join()); },
  });
  cases.push_back({
      .id = "pulse.hello.software",
      .title = "Nothing is decided by name and version of the software, or by a fingerprint",
      .steps = "Say hello as software 0.0.0-broken of an unknown name, with a fingerprint of zeros; add a track.",
      .level = Level::required,
      .checks = {{"greeted", {"HELLO-18"}, "the hello is answered"}, {"served", {"HELLO-18"}, "an edit is done"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& other = t.join();
            session::Hello hello = other.own_hello();
            hello.software = {.name = "loophole-pulse", .version = "0.0.0-broken"};
            hello.fingerprint = std::string(64, '0');
            const Answer answer = other.hello(hello);
            t.require("greeted", answer.as<session::HelloReply>() != nullptr, answer.text());
            const Answer edit = other.call(track::Add{.name = "Drums"});
            t.check("served", edit.is_reply(), edit.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.again",
      .title = "A hello that is said again on the same connection is answered, and changes nothing",
      .steps = "Add a track; begin a gesture; say hello again; end the gesture.",
      .level = Level::required,
      .checks = {{"answered", {"HELLO-8"}, "the second hello is answered"},
                 {"gesture", {"HELLO-8"}, "the gesture is still open"},
                 {"revision", {"HELLO-8"}, "the project is as it was"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            const auto begun = done(t, parameter::GestureBegin{.parameter_ids = {v.gain}});
            const auto before = snapshot(t.aura());
            const Answer again = t.aura().hello();
            t.require("answered", again.as<session::HelloReply>() != nullptr, again.text());
            const auto after = snapshot(t.aura());
            t.check("revision", after == before, "another project or revision");
            const Answer ended = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.gain, -3}}});
            t.check("gesture", ended.is_reply(), ended.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.second-connection",
      .title = "An instance that says hello on a second connection gives up the first",
      .steps = "Say hello on two connections with the same instanceId.",
      .level = Level::required,
      .checks = {{"moves", {"HELLO-7"}, "the second hello is answered"},
                 {"goodbye", {"HELLO-7", "HELLO-31"}, "the first connection gets a goodbye of the reason closing"},
                 {"first-ended", {"HELLO-34"}, "a command on the first connection is answered with session.helloRequired"},
                 {"second-serves", {"HELLO-7"}, "a command on the second connection is answered"}},
      .run =
          [](Trial& t) {
            Aura& first = t.aura();
            Aura& second = t.join();
            second.be(first.instance());
            const Answer moved = second.hello();
            t.require("moves", moved.as<session::HelloReply>() != nullptr, moved.text());
            (void)t.wait([&] { return first.goodbye().has_value(); });
            t.require("goodbye", first.goodbye() && first.goodbye()->reason == session::GoodbyeReason::closing,
                      first.goodbye() ? "a goodbye of another reason" : "no goodbye");
            const Answer late = first.call(project::Snapshot{});
            t.check("first-ended", late.refused(errors::kSessionHelloRequired), late.text());
            const Answer served = second.call(project::Snapshot{});
            t.check("second-serves", served.is_reply(), served.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.other-role",
      .title = "Only an Aura greets a Pulse",
      .steps = "Say hello with the role pulse in the payload; with origin signal; then as an Aura.",
      .level = Level::required,
      .checks = {{"role", {"HELLO-9"}, "a hello with the role pulse is answered with envelope.wrongRoute"},
                 {"origin", {"HELLO-9", "ENV-29"}, "a hello with the origin signal is answered with envelope.wrongRoute"},
                 {"then-greeted", {"HELLO-9"}, "a hello of an Aura on the same connection is answered"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            session::Hello hello = aura.own_hello();
            hello.role = Role::pulse;
            const Answer role = aura.hello(hello);
            t.check("role", role.refused(errors::kEnvelopeWrongRoute), role.text());
            const std::string id = aura.next_id();
            const Answer origin =
                said(aura, id, with(aura.text_of(aura.own_hello(), id), R"("origin":"aura")", R"("origin":"signal")"), Meant::wrong);
            t.check("origin", origin.refused(errors::kEnvelopeWrongRoute), origin.text());
            const Answer greeted = aura.hello();
            t.check("then-greeted", greeted.as<session::HelloReply>() != nullptr, greeted.text());
          },
  });
  cases.push_back({
      .id = "pulse.hello.required",
      .title = "Nothing is executed before hello",
      .steps = "Send project.new as the first message; say hello; ask for the project.",
      .level = Level::required,
      .checks = {{"refused", {"HELLO-2"}, "the command is answered with session.helloRequired"},
                 {"not-executed", {"HELLO-2", "ENV-23"}, "there is no project, and no file of it"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            const Answer early = aura.call(project::New{.path = song(t).string()});
            t.check("refused", early.refused(errors::kSessionHelloRequired), early.text());
            aura.greet();
            t.check("not-executed", !snapshot(aura).project && !std::filesystem::exists(song(t)), "the project is there");
          },
  });
  cases.push_back({
      .id = "pulse.hello.describe",
      .title = "session.describe names what the Pulse answers and sends",
      .steps = "Ask session.describe; send every command that the schemas route to a Pulse, with a number as payload, and an invented one.",
      .level = Level::required,
      .checks = {{"all-routed", {"HELLO-40", "HELLO-21"}, "every command that the schemas route from Aura to Pulse is in `handles`"},
                 {"handled", {"HELLO-40"}, "none that is in `handles` is answered with envelope.unknownName"},
                 {"unknown", {"HELLO-40", "ENV-28"}, "an invented command is answered with envelope.unknownName, and is not in `handles`"},
                 {"sends", {"HELLO-40"}, "every event that came in this case is in `sends`"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            (void)done(t, track::Add{.name = "Drums"});
            (void)done(t, project::Close{});
            const auto reply = done(t, session::Describe{});
            const auto handled = [&](std::string_view name) { return std::ranges::find(reply.handles, name) != reply.handles.end(); };
            for (const wire::MessageDesc* one : wire::all_messages()) {
              if (one->kind != Kind::command || !one->allows(Role::aura, Role::pulse)) continue;
              t.check("all-routed", handled(one->name), std::string(one->name) + " is not in handles");
              const std::string id = aura.next_id();
              const Answer answer = said(aura, id, envelope(id, one->name, "17"), Meant::wrong);
              t.check("handled", answer.came() && !answer.refused(errors::kEnvelopeUnknownName), answer.text());
            }
            const std::string id = aura.next_id();
            const Answer unknown = said(aura, id, envelope(id, "track.conjure", "{}"), Meant::wrong);
            t.check("unknown", unknown.refused(errors::kEnvelopeUnknownName) && !handled("track.conjure"), unknown.text());
            t.check("sends", !reply.sends.empty(), "sends is empty");
            for (const std::string& came : aura.order())
              if (came.ends_with(" event")) {
                const std::string name = came.substr(0, came.find(' '));
                t.check("sends", std::ranges::find(reply.sends, name) != reply.sends.end(), name + " came and is not in sends");
              }
          },
  });
  cases.push_back({
      .id = "pulse.hello.many",
      .title = "At least 64 user interfaces are served at once",
      .steps = "Say hello on 64 connections; edit on the last; go on until one is refused, at most 1,100.",
      .level = Level::required,
      .checks = {{"greeted", {"HELLO-11"}, "each of the 64 is greeted"},
                 {"told", {"MODEL-2", "HELLO-11"}, "an edit of the last one is told to each of them"},
                 {"full", {"HELLO-12"}, "the one too many, where there is one, is answered with session.full"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            std::vector<Aura*> all{&t.aura()};
            for (int i = 1; i < 64; ++i) {
              Aura& one = t.join();
              const Answer answer = one.hello();
              t.require("greeted", answer.as<session::HelloReply>() != nullptr, std::to_string(i + 1) + ": " + answer.text());
              all.push_back(&one);
            }
            t.check("greeted", true, "");
            const auto added = done(*all.back(), track::Add{.name = "Drums"});
            for (Aura* one : all) {
              const auto* changed = one->event<project::Changed>();
              t.check("told", changed != nullptr && changed->revision == added.revision, "no project.changed");
            }
            for (int i = 64; i < 1'100; ++i) {
              const Answer answer = t.join().hello();
              if (answer.is_reply()) continue;
              t.check("full", answer.refused(errors::kSessionFull), answer.text());
              return;
            }
            t.check("full", true, "");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
