// Sockets in the Loop: edges, fairness, and handlers that destroy what they are called for.
#include <memory>

#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;

namespace {
struct Pair {
  net::Context& context;
  std::string endpoint;
  std::unique_ptr<net::ControlListener> listener = net::ControlListener::bind(context, endpoint).value();
  std::unique_ptr<net::ControlConnection> connection = net::ControlConnection::connect(context, endpoint).value();

  // The name of the connection at the listener.
  net::PeerKey greet() const {
    REQUIRE(connection->send("{}"));
    std::optional<net::ControlListener::Incoming> first;
    REQUIRE_POLL((first = listener->receive()).has_value());
    return first->peer;
  }
};
}  // namespace

TEST_CASE("a message whose edge was swallowed by a send is still told") {
  net::Context context;
  const test::TempFolder folder;
  for (const std::string& endpoint : {test::inproc(), folder.ipc("s")}) {
    CAPTURE(endpoint);
    net::Loop loop;
    const Pair pair{context, endpoint};
    const net::PeerKey peer = pair.greet();
    std::string seen;
    loop.watch(*pair.connection, [&] {
      if (auto bytes = pair.connection->receive()) seen = *bytes;
    });
    while (loop.run_once(0ms)) {
    }
    for (int round = 0; round < 20; ++round) {
      seen.clear();
      REQUIRE(pair.listener->send(peer, "{\"news\":1}") == net::ControlListener::SendOutcome::sent);
      REQUIRE(test::readable(loop.fd(), test::kWatchdog));  // the edge is there ...
      for (int i = 0; i < 500; ++i) REQUIRE(pair.connection->send("{}"));
      // ... and may be gone now. The loop gets the message all the same, and so does a foreign loop that was told with rearm().
      loop.rearm();
      CHECK(test::readable(loop.fd(), test::kWatchdog));
      CHECK(test::run_until(loop, [&] { return seen == "{\"news\":1}"; }));
      while (pair.listener->receive()) {
      }
    }
    loop.unwatch(*pair.connection);
  }
}

TEST_CASE("messages that came before the watch are told") {
  net::Context context;
  net::Loop loop;
  const Pair pair{context, test::inproc()};
  REQUIRE(pair.connection->send("{}"));
  REQUIRE(pair.connection->send("{}"));
  REQUIRE_POLL(pair.listener->receive().has_value());  // swallows the edge; one message is left
  bool seen = false;
  loop.watch(*pair.listener, [&] { seen |= pair.listener->receive().has_value(); });
  REQUIRE_SOON(loop, seen);
  loop.unwatch(*pair.listener);
}

TEST_CASE("a flooded socket starves neither timers nor other sockets") {
  net::Context context;
  net::Loop loop;
  const Pair flooded{context, test::inproc()};
  const Pair quiet{context, test::inproc()};
  // The handler keeps its own socket full: it never runs dry.
  REQUIRE(flooded.connection->send("{}"));
  loop.watch(*flooded.listener, [&] {
    static_cast<void>(flooded.connection->send("{}"));
    static_cast<void>(flooded.connection->send("{}"));
    static_cast<void>(flooded.listener->receive());
  });
  bool heard = false;
  loop.watch(*quiet.listener, [&] { heard |= quiet.listener->receive().has_value(); });
  REQUIRE_SOON(loop, flooded.listener->counters().control > 100);
  int ticks = 0;
  const net::TimerId timer = loop.every(1ms, [&] { ++ticks; });
  bool posted = false;
  loop.post([&] { posted = true; });
  REQUIRE(quiet.connection->send("{}"));
  REQUIRE_SOON(loop, (ticks > 5 && heard && posted));
  loop.cancel(timer);
  loop.unwatch(*flooded.listener);
  loop.unwatch(*quiet.listener);
}

TEST_CASE("a handler may destroy the socket that it is called for, and others") {
  net::Context context;
  net::Loop loop;
  auto first = std::make_unique<Pair>(Pair{context, test::inproc()});
  auto second = std::make_unique<Pair>(Pair{context, test::inproc()});
  int runs = 0;
  const auto destroy_both = [&] {
    ++runs;
    loop.unwatch(*first->listener);
    loop.unwatch(*second->listener);
    first.reset();
    second.reset();
  };
  loop.watch(*first->listener, destroy_both);
  loop.watch(*second->listener, destroy_both);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(first->connection->send("{}"));
    REQUIRE(second->connection->send("{}"));
  }
  REQUIRE_SOON(loop, runs == 1);
  CHECK_FALSE(loop.run_once(10ms));
  CHECK(runs == 1);
}

TEST_CASE("a handler may watch another socket, and watching again replaces the handler") {
  net::Context context;
  net::Loop loop;
  const Pair pair{context, test::inproc()};
  const Pair other{context, test::inproc()};
  REQUIRE(other.connection->send("{}"));
  REQUIRE(pair.connection->send("{}"));
  bool old_handler = false;
  bool new_handler = false;
  bool heard_other = false;
  loop.watch(*pair.listener, [&] { old_handler = true; });
  loop.watch(*pair.listener, [&] {
    if (!pair.listener->receive()) return;
    new_handler = true;
    loop.watch(*other.listener, [&] { heard_other |= other.listener->receive().has_value(); });
  });
  REQUIRE_SOON(loop, heard_other);
  CHECK(new_handler);
  CHECK_FALSE(old_handler);
  loop.unwatch(*pair.listener);
  loop.unwatch(*other.listener);
}
