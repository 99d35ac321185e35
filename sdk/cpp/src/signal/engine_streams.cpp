#include <algorithm>
#include <utility>

#include "engine_server_state.hpp"
#include "loophole/frames/parameter_stream.hpp"

namespace loophole::signal {
namespace {

constexpr int kFramesBeforeClose = 65'536;

}  // namespace

void EngineServer::State::serve_streams() {
  in_order<stream::Open>([this](Kept<stream::Open> request) { open_stream(std::move(request)); });
  in_order<stream::Close>([this](Kept<stream::Close> request) { close_stream(std::move(request)); });
}

void EngineServer::State::open_stream(Kept<stream::Open> request) {
  if (auto opened = leases.open(request->command(), live, Clock::now()); !opened) return request->fail(std::move(opened).error());
  schedule_expiry();
  request->reply({});
}

void EngineServer::State::close_stream(Kept<stream::Close> request) {
  take_frames(kFramesBeforeClose);  // samples sent before the end come on another socket, and may wait there still
  const stream::Close& command = request->command();
  if (leases.is_open(command.stream_id))
    if (auto checked = live.check(command.values); !checked) return request->fail(std::move(checked).error());
  auto closed = leases.close(command.stream_id);
  if (!closed) return request->fail(std::move(closed).error());
  port.parameters.push(leases.commits(command.values));
  live.commit(command.values);
  stream::CloseReply reply{.report = closed->report, .last_values = std::move(closed->last_values), .digest = *live.digest()};
  owe([request, reply = std::move(reply)] { request->reply(reply); });
}

void EngineServer::State::take_frames(int at_most) {
  for (int i = 0; i < at_most && stream_socket->receive(frame); ++i) {
    const auto view = frames::read_parameter_stream(frame);
    if (view)
      port.parameters.push(leases.take(*view, live, Clock::now()));
    else
      leases.count_malformed();
  }
  if (port.parameters.waiting() && !answer_timer) advance();
}

void EngineServer::State::schedule_expiry() {
  if (lease_timer) loop.cancel(*std::exchange(lease_timer, std::nullopt));
  const auto next = leases.next_expiry();
  if (!next) return;
  lease_timer = loop.after(std::max(*next - Clock::now(), Clock::duration::zero()), [this] {
    lease_timer.reset();
    take_frames(kFramesBeforeClose);  // this process may have slept while samples arrived
    for (stream::Expired& expired : leases.expire(Clock::now())) server->broadcast(std::move(expired));
    schedule_expiry();
  });
}

}  // namespace loophole::signal
