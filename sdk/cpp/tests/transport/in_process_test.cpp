// Gate and links within a process: what passes, what is bounded, and what a side learns when the other is gone.
#include "loophole/transport/in_process.hpp"

#include <string>
#include <thread>
#include <vector>

#include "support.hpp"

using namespace loophole;
using SendOutcome = net::ControlGate::SendOutcome;

TEST_CASE("messages pass both ways in their order, and each peer has a name of its own") {
  net::InProcessGate gate;
  auto one = gate.address().connect();
  auto two = gate.address().connect();
  CHECK_FALSE(gate.receive());
  CHECK_FALSE(one->receive());
  REQUIRE(one->send("{1}"));
  REQUIRE(one->send("{2}"));
  REQUIRE(two->send("{3}"));
  const auto first = gate.receive().value();
  const auto other = gate.receive().value();
  const auto second = gate.receive().value();
  CHECK(first.bytes == "{1}");
  CHECK(other.bytes == "{3}");  // in turns: one that sends much does not keep the other waiting
  CHECK(second.bytes == "{2}");
  CHECK(first.peer == second.peer);
  CHECK(first.peer != other.peer);
  CHECK_FALSE(gate.receive());
  CHECK(gate.counters().control == 3);
  CHECK(gate.send(other.peer, "{4}") == SendOutcome::sent);
  CHECK_FALSE(one->receive());
  CHECK(two->receive() == "{4}");
  CHECK(two->counters().control == 1);
}

TEST_CASE("queues are bounded in both directions") {
  net::InProcessGate gate({.queue_messages = 3});
  auto link = gate.address().connect({.queue_messages = 2});
  int sent = 0;
  while (link->send("{}")) REQUIRE(++sent < 100);
  CHECK(sent == 5);
  const auto peer = gate.receive().value().peer;
  CHECK(link->send("{}"));  // there is room again
  sent = 0;
  while (gate.send(peer, "{}") == SendOutcome::sent) REQUIRE(++sent < 100);
  CHECK(sent == 5);
  CHECK(gate.send(peer, "{}") == SendOutcome::queue_full);
}

TEST_CASE("what was sent before the end arrives; then the peer is gone") {
  net::InProcessGate gate;
  auto link = gate.address().connect();
  REQUIRE(link->send("{1}"));
  const auto peer = gate.receive().value().peer;
  REQUIRE(link->send("{2}"));
  link.reset();
  CHECK(gate.send(peer, "{3}") == SendOutcome::peer_gone);
  CHECK(gate.receive().value().bytes == "{2}");
  CHECK_FALSE(gate.receive());
  CHECK(gate.send(peer, "{3}") == SendOutcome::peer_gone);
  CHECK(gate.send("nobody", "{3}") == SendOutcome::peer_gone);
}

TEST_CASE("a gate that is gone: its last words arrive, and new links find nobody") {
  auto gate = std::make_unique<net::InProcessGate>(net::SocketOptions{.queue_messages = 1});
  const net::InProcessAddress address = gate->address();
  auto link = address.connect({.queue_messages = 1});
  REQUIRE(link->send("{1}"));
  CHECK(gate->send(gate->receive().value().peer, "{2}") == SendOutcome::sent);
  gate.reset();
  CHECK(link->receive() == "{2}");
  CHECK_FALSE(link->receive());
  auto late = address.connect({.queue_messages = 1});
  CHECK(late->send("{}"));
  CHECK(late->send("{}"));
  CHECK_FALSE(late->send("{}"));  // nobody reads: told, not swallowed
}

TEST_CASE("what is too large is counted, and its beginning is handed on by the gate alone") {
  net::InProcessGate gate({.max_bytes = 10'000});
  auto link = gate.address().connect({.max_bytes = 100});
  REQUIRE(link->send("{" + std::string(20'000, 'x')));
  const auto incoming = gate.receive().value();
  CHECK(incoming.oversized);
  CHECK(incoming.bytes.size() == 4096);
  CHECK(gate.counters().oversized == 1);
  CHECK(gate.send(incoming.peer, "{" + std::string(200, 'x')) == SendOutcome::sent);
  CHECK(gate.send(incoming.peer, "{}") == SendOutcome::sent);
  CHECK(link->receive() == "{}");
  CHECK(link->counters().oversized == 1);
}

TEST_CASE("two Loops on two threads: nothing is lost, nothing overtakes") {
  net::InProcessGate gate;
  const net::InProcessAddress address = gate.address();
  constexpr int kMessages = 20'000;
  net::Loop loop;
  std::thread other([&address] {
    net::Loop own;
    auto link = address.connect({.queue_messages = 16});
    int sent = 0;
    int echoed = 0;
    link->watch(own, [&] {
      while (const auto bytes = link->receive()) {
        if (*bytes != "{" + std::to_string(echoed) + "}") std::abort();
        ++echoed;
      }
    });
    while (echoed < kMessages) {
      while (sent < kMessages && sent - echoed < 100 && link->send("{" + std::to_string(sent) + "}")) ++sent;
      own.run_once(std::chrono::milliseconds(20));
    }
    link->unwatch(own);
  });
  int received = 0;
  gate.watch(loop, [&] {
    while (const auto incoming = gate.receive()) {
      CHECK(incoming->bytes == "{" + std::to_string(received) + "}");
      ++received;
      CHECK(gate.send(incoming->peer, incoming->bytes) == SendOutcome::sent);
    }
  });
  const bool all = test::run_until(loop, [&] { return received == kMessages; });
  other.join();
  gate.unwatch(loop);
  CHECK(all);
}
