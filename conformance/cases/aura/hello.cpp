// Hello and versions, in the seat of the client: protocol/hello.md.
#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {

void add_hello_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.hello.greeting",
      .title = "The first message is a hello of the role aura, and nothing follows until it is answered",
      .steps = "Start the peer; hold its hello for a while; answer; wait for heartbeats.",
      .level = Level::wire,
      .checks = {{"first", {"HELLO-1"}, "the first message is session.hello"},
                 {"role", {"GEN-1"}, "it names the role aura"},
                 {"range", {"HELLO-16"}, "its range has the version 1.0"},
                 {"silent", {"HELLO-4"}, "nothing comes before the answer"},
                 {"goes-on", {"HELLO-28"}, "after the answer the peer is there: heartbeats come, and no second hello"}},
      .run =
          [](Trial& t) {
            Host& host = t.host();
            host.hold<session::Hello>();
            t.start_guest();
            const auto* hello = host.got<session::Hello>();
            t.require("first", hello != nullptr && host.order().front() == "session.hello", host.text());
            t.check("role", hello->role == Role::aura, std::string(to_string(hello->role)));
            t.check("range", hello->protocol.major == 1 && hello->protocol.min_minor == 0,
                    std::to_string(hello->protocol.major) + "." + std::to_string(hello->protocol.min_minor));
            t.pass(Milliseconds(500));
            t.check("silent", host.received() == 1, host.text());
            host.release();
            t.check("goes-on", beats(t), host.text());
          },
  });
  cases.push_back({
      .id = "aura.hello.instance",
      .title = "Each run has an instance of its own",
      .steps = "Start the peer twice.",
      .level = Level::required,
      .checks = {{"another", {"HELLO-5"}, "the second run has another instanceId"},
                 {"random", {"HELLO-5"}, "48 random bits take eight characters at least"}},
      .run =
          [](Trial& t) {
            const std::string first = t.guest().hellos().back().instance_id.value;
            t.restart_peer();
            const std::string second = t.guest().hellos().back().instance_id.value;
            t.check("another", first != second, "both runs say '" + first + "'");
            t.check("random", second.size() >= 8, "it is '" + second + "'");
          },
  });
  cases.push_back({
      .id = "aura.hello.version-outside",
      .title = "An answer with a version outside of the range of the client ends the connection",
      .steps = "Answer the hello with 1.900, which the peer did not offer; wait. Then start it again, and answer as one should.",
      .level = Level::required,
      .checks = {{"goodbye", {"HELLO-15"}, "the peer says goodbye"}, {"then-greeted", {"HELLO-15"}, "a good answer is taken"}},
      .run =
          [](Trial& t) {
            Host& host = t.host();
            t.expect_end();
            host.rewrite("session.hello", [](std::string text) { return with(std::move(text), R"("minor":0)", R"("minor":900)"); });
            t.start_guest();
            t.check("goodbye", t.wait([&] { return host.goodbye().has_value(); }), host.text());
            t.restart_peer();
            t.check("then-greeted", t.guest().greeted() && stays(t), t.host().text());
          },
  });
  cases.push_back({
      .id = "aura.hello.refused",
      .title = "A Pulse of another major refuses, and the peer sends nothing but another hello",
      .steps = "Refuse each hello with protocol.versionUnsupported; wait. Then start it again, and answer as one should.",
      .level = Level::required,
      .checks = {{"told", {"HELLO-4"}, "nothing comes after the refusal but a hello or a goodbye"},
                 {"no-frames", {"ENG-2"}, "nothing comes to the endpoints of an engine"},
                 {"then-greeted", {"HELLO-1"}, "a good answer is taken"}},
      .run =
          [](Trial& t) {
            Host& host = t.host();
            t.expect_end();
            host.refuse<session::Hello>(make_error(errors::kProtocolVersionUnsupported, "the client speaks 1.0, this server 2.0 to 2.3"),
                                        1'000);
            t.start_guest();
            const bool hello = host.got<session::Hello>() != nullptr;
            t.pass(Milliseconds(700));
            std::size_t other = 0;
            for (const std::string& name : host.order()) other += name != "session.hello" && name != "session.goodbye" ? 1 : 0;
            t.check("told", hello && other == 0 && host.heartbeats() == 0, host.text());
            t.check("no-frames", host.deck().frames() == 0, std::to_string(host.deck().frames()) + " frames");
            t.restart_peer();
            t.check("then-greeted", t.guest().greeted() && stays(t), t.host().text());
          },
  });
  cases.push_back({
      .id = "aura.hello.required",
      .title = "A client that is told session.helloRequired says hello again",
      .steps = "Greet the peer; then tell it session.helloRequired, as a Pulse that does not know the connection does.",
      .level = Level::required,
      .checks = {{"again", {"HELLO-3"}, "a hello comes"},
                 {"same-instance", {"HELLO-6"}, "with the same instanceId"},
                 {"lives", {"HELLO-3", "HELLO-28"}, "and the peer goes on with it"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            const std::string before = host.hellos().back().instance_id.value;
            const std::size_t hellos = host.hellos().size();
            host.tell_text(R"({"v":1,"id":")" + host.next_id() +
                               R"(","cid":"lost","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"error",)"
                               R"("name":"project.snapshot","error":{"category":"denied","code":"session.helloRequired",)"
                               R"("message":"the first message of a connection must be session.hello"}})",
                           false);
            t.require("again", t.wait([&] { return host.hellos().size() > hellos; }), host.text());
            t.check("same-instance", host.hellos().back().instance_id.value == before,
                    "'" + host.hellos().back().instance_id.value + "' after '" + before + "'");
            t.check("lives", stays(t), host.text());
          },
  });
  cases.push_back({
      .id = "aura.hello.software",
      .title = "Nothing is decided by name and version of the software, by a fingerprint, or by capabilities that nobody knows",
      .steps = "Answer the hello as software of another name with a fingerprint of zeros, and list a capability that the peer never named.",
      .level = Level::required,
      .checks = {{"goes-on", {"HELLO-18", "HELLO-22"}, "the peer goes on"}},
      .run =
          [](Trial& t) {
            t.host().change<session::Hello>([](const session::Hello&, session::HelloReply& reply) {
              reply.software = {.name = "com.example.other", .version = "0.0.0-broken"};
              reply.fingerprint = std::string(64, '0');
              reply.capabilities = {"com.example.teleport", "com.example.echo/draft2"};
            });
            t.check("goes-on", t.guest().greeted() && stays(t), t.host().text());
          },
  });
}

}  // namespace loophole::conformance::aura_cases
