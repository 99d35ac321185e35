// The stream plane's sockets: the sender never blocks, what arrives is whole, counted and aligned.
#include <cstdint>

#include "loophole/frames/parameter_stream.hpp"
#include "loophole/messages/topology.hpp"
#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;

namespace {
Buffer frame(std::uint64_t sequence) {
  const frames::ParameterSample sample{.value = 440.0, .time_ns = 1, .handle = 2};
  return frames::make_parameter_stream({.stream_id = 7, .epoch = 1, .sequence = sequence}, {&sample, 1});
}
}  // namespace

TEST_CASE("frames arrive in order and can be read where they are") {
  net::Context context;
  const test::TempFolder folder;
  for (const std::string& endpoint : {test::inproc(), folder.ipc("s")}) {
    CAPTURE(endpoint);
    auto receiver = net::StreamReceiver::bind(context, endpoint).value();
    CHECK(receiver->endpoint() == endpoint);
    auto sender = net::StreamSender::connect(context, endpoint).value();
    for (std::uint64_t i = 0; i < 100; ++i) REQUIRE_POLL(sender->send(frame(i)));
    Buffer buffer;
    for (std::uint64_t i = 0; i < 100; ++i) {
      REQUIRE_POLL(receiver->receive(buffer));
      CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 8 == 0);
      const auto view = frames::read_parameter_stream(buffer);
      REQUIRE(view);
      CHECK(view->header.sequence == i);
    }
    CHECK(receiver->counters().stream_frames == 100);
    CHECK_FALSE(receiver->receive(buffer));
  }
}

TEST_CASE("without an engine a send would block, and nothing is queued for later") {
  net::Context context;
  const test::TempFolder folder;
  auto sender = net::StreamSender::connect(context, folder.ipc("s")).value();
  for (std::uint64_t i = 0; i < 10; ++i) CHECK_FALSE(sender->send(frame(i)));
  auto receiver = net::StreamReceiver::bind(context, folder.ipc("s")).value();
  std::uint64_t next = 100;
  REQUIRE_POLL(sender->send(frame(next)));
  Buffer buffer;
  REQUIRE_POLL(receiver->receive(buffer));
  CHECK(frames::read_parameter_stream(buffer).value().header.sequence == 100);
}

TEST_CASE("a receiver that does not read makes the sender see would-block, never wait") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto receiver = net::StreamReceiver::bind(context, endpoint, {.queue_messages = 8}).value();
  auto sender = net::StreamSender::connect(context, endpoint, {.queue_messages = 8}).value();
  std::uint64_t sent = 0;
  while (sender->send(frame(sent))) REQUIRE(++sent < 1000);
  CHECK(sent == 16);
  Buffer buffer;
  for (std::uint64_t i = 0; i < sent; ++i) {
    REQUIRE_POLL(receiver->receive(buffer));
    CHECK(frames::read_parameter_stream(buffer).value().header.sequence == i);
  }
  REQUIRE_POLL(sender->send(frame(sent)));
}

TEST_CASE("what is no stream frame is counted as what it is; what is too large is not handed out") {
  net::Context context;
  const std::string endpoint = test::inproc();
  auto receiver = net::StreamReceiver::bind(context, endpoint).value();
  auto sender = net::StreamSender::connect(context, endpoint).value();
  const Buffer large(topology::kMaxFrameBytes + 1);
  REQUIRE(sender->send(large));
  REQUIRE(sender->send(bytes_of("{}")));
  REQUIRE(sender->send(bytes_of("")));
  Buffer buffer;
  REQUIRE_POLL(receiver->receive(buffer));
  CHECK(text_of(buffer) == "{}");
  REQUIRE_POLL(receiver->receive(buffer));
  CHECK(buffer.empty());
  CHECK(receiver->counters().oversized == 1);
  CHECK(receiver->counters().control == 1);
  CHECK(receiver->counters().unknown == 2);
}
