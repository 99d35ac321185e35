#include "client_steps.hpp"

namespace loophole::conformance {

Answer wrong(Client& who, const std::string& id, const std::string& text) {
  return said(who, id, text, Meant::wrong);
}

std::vector<std::string> no_json(const std::string& command) {
  return {
      "",
      "{",
      command.substr(0, command.size() - 2),
      command + "x",
      "\xef\xbb\xbf" + command,
      with(command, R"("v":1)", R"("v":1,"x":1e999)"),
      with(command, R"("v":1)", R"("v":1,"x":"\ud800")"),
      with(command, R"("v":1)", std::string("\"v\":1,\"x\":\"") + '\0' + "\""),
      with(command, R"("v":1)", "\"v\":1,\"x\":\"\xff\xfe\""),
      "[" + command + "]",
      "null",
      std::string(1'000, '\0'),
  };
}

void name_invented_capabilities(Trial& t, Client& who) {
  session::Hello hello = who.own_hello();
  hello.capabilities = {"com.example.teleport", "com.example.echo/draft2"};
  const Answer answer = who.hello(hello);
  const auto* reply = answer.as<session::HelloReply>();
  t.require("ignored", reply != nullptr, answer.text());
  t.check("common", reply->capabilities.empty(), answer.text());
}

void break_headers(Trial& t, Client& who, Role origin, Role target, std::string_view name) {
  const auto ask = [&](const std::string& id) { return command_text(origin, target, id, name, "{}"); };
  const Answer version = wrong(who, "h1", with(ask("h1"), R"("v":1)", R"("v":2)"));
  t.check("version", version.refused(errors::kEnvelopeMalformed), version.text());
  t.check("pointer", version.error() != nullptr && version.error()->pointer == "/v", version.text());
  const Answer missing = wrong(who, "h2", with(ask("h2"), R"("name":")" + std::string(name) + R"(",)", ""));
  t.check("missing", missing.refused(errors::kEnvelopeMalformed) && missing.message()->header.name == "unknown", missing.text());
  const Answer kind = wrong(who, "h3", with(ask("h3"), R"("kind":"command")", R"("kind":"wish")"));
  t.check("no-kind", kind.refused(errors::kEnvelopeMalformed), kind.text());
  const Answer payload = wrong(who, "h4", with(ask("h4"), R"(,"payload":{})", ""));
  t.check("no-payload", payload.error() != nullptr, payload.text());
  const Answer null = wrong(who, "h5", with(ask("h5"), R"("kind":"command")", R"("kind":null)"));
  t.check("null", null.refused(errors::kEnvelopeMalformed), null.text());
}

void speak_garbage(Trial& t, Client& who, const Ask& ask) {
  who.fall_silent();
  const auto end = std::chrono::steady_clock::now() + lease_of(who) * 5 / 4;
  while (std::chrono::steady_clock::now() < end && !who.goodbye()) {
    who.send_text("} no envelope {", Meant::wrong);
    t.pass(Milliseconds(who.reply().heartbeat_interval_ms));
  }
  const Answer answer = ask();
  t.check("stays", !who.goodbye() && answer.is_reply(), answer.text());
}

void suspend_peer(Trial& t, Client& who, const Ask& ask) {
  const Milliseconds lease = lease_of(who);
  who.fall_silent();
  t.pass(lease / 2);
  t.process()->suspend();
  t.pass(lease * 3 / 4);
  t.process()->resume();
  t.pass(Milliseconds(who.reply().heartbeat_interval_ms));
  const Answer answer = ask();
  t.check("stays", answer.is_reply() && !who.goodbye(), answer.text());
}

void look_at_lease(Trial& t, Client& who) {
  const auto& reply = who.reply();
  t.check("length", reply.lease_ms >= 4 * reply.heartbeat_interval_ms,
          std::to_string(reply.lease_ms) + " ms and " + std::to_string(reply.heartbeat_interval_ms) + " ms");
}

}  // namespace loophole::conformance
