#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

// Changes the transport and tells everybody; asks where it is when nothing is wished.
template <class C>
void move_transport(Hub& hub, session::Server::Request<C> request, const Engine::TransportWish& wish) {
  hub.flush();
  if (auto document = hub.need_document(); !document) return request.fail(std::move(document).error());
  const MessageId command = request.command_id();
  const bool changes = wish.playing || wish.position_frames || wish.loop;
  hub.engine().set_transport(wish, [&hub, command, changes, owed = owed(std::move(request))](Result<engine::TransportState> state) {
    if (!state) return owed->fail(std::move(state).error());
    if (changes) hub.tell_transport(*state, command);
    owed->reply({.playing = state->playing,
                 .position_frames = state->position_frames,
                 .position_beats = state->position_beats,
                 .tempo_bpm = state->tempo_bpm,
                 .loop = state->loop});
  });
}

Result<void> check_loop(const transport::Loop& loop) {
  if (!loop.enabled || loop.end_frames > loop.start_frames) return {};
  Error error = make_error(errors::kTransportInvalidLoop, "the loop ends at " + std::to_string(loop.end_frames) + " and begins at " +
                                                              std::to_string(loop.start_frames) + "; it must end behind its begin");
  error.pointer = "/loop/endFrames";
  return error;
}

template <class C>
using Request = session::Server::Request<C>;

}  // namespace

void serve_transport(Hub& hub) {
  hub.server().on<transport::Play>(
      [&hub](Request<transport::Play> request) { move_transport(hub, std::move(request), {.playing = true}); });
  hub.server().on<transport::Stop>(
      [&hub](Request<transport::Stop> request) { move_transport(hub, std::move(request), {.playing = false}); });
  hub.server().on<transport::Seek>([&hub](Request<transport::Seek> request) {
    const std::int64_t position = request.command().position_frames;
    move_transport(hub, std::move(request), {.position_frames = position});
  });
  hub.server().on<transport::SetLoop>([&hub](Request<transport::SetLoop> request) {
    const transport::Loop loop = request.command().loop;
    if (auto checked = check_loop(loop); !checked) return request.fail(std::move(checked).error());
    move_transport(hub, std::move(request), {.loop = loop});
  });
  hub.server().on<transport::State>([&hub](Request<transport::State> request) { move_transport(hub, std::move(request), {}); });
}

}  // namespace loophole::pulse
