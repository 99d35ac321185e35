// skew_peer: one side of a control connection that does as it is told, by table. It knows no message by name, so that the same source is
// compiled against today's protocol and against a newer one.
//
//   skew_peer pulse|aura ENDPOINT [MAX_MINOR]
//
//   reads                       and writes
//   aura   call NAME JSON       reply NAME JSON | error CODE POINTER
//   pulse  answer NAME JSON     answering; when one comes: command NAME JSON. With - for JSON the answer is an error
//   pulse  tell NAME JSON       told, to all clients
//   both   counters             counters newer N withheld N refused N malformed N
//                               Aura: ready MINOR; event NAME JSON; closed CODE. Pulse: serving; greeted MINOR
// For a payload with a label that it does not know it writes "unknown POINTER" instead of JSON.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loophole/session/client.hpp"
#include "loophole/session/server.hpp"
#include "loophole/wire/codec.hpp"

namespace {

using namespace loophole;

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "skew_peer: %s\n", why.c_str());
  std::exit(1);
}

const wire::MessageDesc& message_called(const std::string& name) {
  const wire::MessageDesc* desc = wire::find_message(name);
  if (desc == nullptr) fail("no message is called " + name);
  return *desc;
}

wire::Payload read_payload(const wire::TypeDesc& type, const std::shared_ptr<void>& value, const std::string& json) {
  wire::Ignored ignored;
  if (auto done = wire::decode_value(type, json, value.get(), {}, &ignored); !done) fail(json + ": " + to_string(done.error()));
  if (ignored.count > 0) fail(json + ": this version has no " + ignored.pointers.front());
  return {value, &type};
}

std::string shown(const wire::Payload& payload) {
  const auto json = wire::encode_value(*payload.type(), payload.data());
  return json ? *json : "unknown " + json.error().pointer.value_or("");
}

void show(const session::CountersReply& counts) {
  say("counters newer " + std::to_string(counts.newer) + " withheld " + std::to_string(counts.withheld) + " refused " +
      std::to_string(counts.refused) + " malformed " + std::to_string(counts.malformed));
}

struct Order {
  std::string verb;
  std::string name;
  std::string json;
};

// Lines of standard input; its end ends the program.
class Orders {
 public:
  Orders(net::Loop& loop, std::function<void(const Order&)> take) : loop_(loop), take_(std::move(take)) {
    loop_.watch_fd(STDIN_FILENO, [this] { read(); });
  }

 private:
  void read() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count <= 0) {
      loop_.unwatch_fd(STDIN_FILENO);
      return loop_.stop();
    }
    text_.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      const std::size_t first = line.find(' ');
      const std::size_t second = first == std::string::npos ? first : line.find(' ', first + 1);
      if (second == std::string::npos) {
        take_({line, {}, {}});
      } else {
        take_({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
      }
    }
  }

  net::Loop& loop_;
  std::function<void(const Order&)> take_;
  std::string text_;
};

void run_aura(net::Context& context, net::Loop& loop, const std::string& endpoint, std::uint16_t max_minor) {
  auto client = session::Client::connect(
      context, loop, {.endpoint = endpoint, .client_id = "skew", .hello_deadline = std::chrono::seconds(60), .max_minor = max_minor});
  if (!client) fail(to_string(client.error()));
  session::Client& aura = **client;
  aura.on_state([&aura](session::PortState state) {
    if (state == session::PortState::ready) say("ready " + std::to_string(aura.hello()->protocol.minor));
    if (state == session::PortState::closed) say("closed " + aura.close_reason()->code);
  });
  aura.on_event([](const wire::Message& event) { say("event " + event.header.name + " " + shown(event.payload)); });
  const Orders orders(loop, [&aura](const Order& order) {
    if (order.verb == "counters") return show(aura.counters());
    if (order.verb != "call") return fail("an Aura does not know " + order.verb);
    const wire::MessageDesc& desc = message_called(order.name);
    aura.call_payload(desc, read_payload(*desc.payload, desc.make_payload(), order.json),
                      [name = order.name](const Result<wire::Payload>& answer) {
                        if (answer) return say("reply " + name + " " + shown(*answer));
                        say("error " + answer.error().code + " " + answer.error().pointer.value_or("-"));
                      },
                      {.deadline = std::chrono::seconds(60)});
  });
  loop.run();
}

void run_pulse(net::Context& context, net::Loop& loop, const std::string& endpoint, std::uint16_t max_minor) {
  auto bound = session::Server::bind(context, loop,
                                     {.endpoint = endpoint,
                                      .software_name = "skew",
                                      .heartbeat_interval = std::chrono::minutes(5),
                                      .lease = std::chrono::minutes(30),
                                      .max_minor = max_minor});
  if (!bound) fail(to_string(bound.error()));
  session::Server& pulse = **bound;
  pulse.on_connected([](const session::ClientInfo& client) { say("greeted " + std::to_string(client.protocol.minor)); });
  const Orders orders(loop, [&pulse](const Order& order) {
    if (order.verb == "counters") return show(pulse.counters());
    const wire::MessageDesc& desc = message_called(order.name);
    if (order.verb == "tell") {
      pulse.broadcast_payload(desc, read_payload(*desc.payload, desc.make_payload(), order.json), {});
      return say("told");
    }
    if (order.verb != "answer") return fail("a Pulse does not know " + order.verb);
    const auto answer = order.json == "-" ? wire::Payload{} : read_payload(*desc.reply, desc.make_reply(), order.json);
    pulse.handle(desc, [answer](session::Server::Pending pending) {
      say("command " + pending.command().header.name + " " + shown(pending.command().payload));
      if (answer.empty()) return pending.fail(make_error(errors::kSessionCancelled, "as told"));
      pending.reply(answer);
    });
    say("answering");
  });
  say("serving");
  loop.run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) fail("usage: skew_peer pulse|aura ENDPOINT [MAX_MINOR]");
  const std::string_view role = argv[1];
  const auto max_minor = argc > 3 ? static_cast<std::uint16_t>(std::atoi(argv[3])) : wire::kProtocolMinor;
  net::Context context;
  net::Loop loop;
  if (role == "aura") {
    run_aura(context, loop, argv[2], max_minor);
  } else if (role == "pulse") {
    run_pulse(context, loop, argv[2], max_minor);
  } else {
    fail("a role is pulse or aura");
  }
  return 0;
}
