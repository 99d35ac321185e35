#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

template <class C>
void move_transport(Hub& hub, session::Server::Request<C> request, std::optional<bool> playing,
                    std::optional<std::int64_t> position_frames) {
  hub.flush();
  if (auto document = hub.need_document(); !document) return request.fail(std::move(document).error());
  const MessageId command = request.command_id();
  hub.engine().set_transport(playing, position_frames,
                             [&hub, command, owed = owed(std::move(request))](Result<engine::TransportState> state) {
                               if (!state) return owed->fail(std::move(state).error());
                               hub.tell_transport(*state, command);
                               owed->reply({.playing = state->playing,
                                            .position_frames = state->position_frames,
                                            .position_beats = state->position_beats,
                                            .tempo_bpm = state->tempo_bpm,
                                            .loop = state->loop});
                             });
}

}  // namespace

void serve_transport(Hub& hub) {
  hub.server().on<transport::Play>(
      [&hub](session::Server::Request<transport::Play> request) { move_transport(hub, std::move(request), true, {}); });
  hub.server().on<transport::Stop>(
      [&hub](session::Server::Request<transport::Stop> request) { move_transport(hub, std::move(request), false, {}); });
  hub.server().on<transport::Seek>([&hub](session::Server::Request<transport::Seek> request) {
    const std::int64_t position = request.command().position_frames;
    move_transport(hub, std::move(request), {}, position);
  });
}

}  // namespace loophole::pulse
