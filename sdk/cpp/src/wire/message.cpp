#include "loophole/wire/message.hpp"

#include <utility>

#include "loophole/core/clock.hpp"

namespace loophole::wire {
namespace {

Message answer(MessageId id, const Message& command, Kind kind) {
  Message message;
  message.header = {.v = 1,
                    .id = std::move(id),
                    .cid = command.header.id,
                    .ts = utc_now(),
                    .origin = command.header.target,
                    .target = command.header.origin,
                    .kind = kind,
                    .name = command.header.name};
  message.desc = command.desc;
  return message;
}

}  // namespace

Message make_message(MessageId id, Role origin, Role target, Kind kind, const MessageDesc& desc, Payload payload,
                     std::optional<MessageId> cid) {
  Message message;
  message.header = {.v = 1,
                    .id = std::move(id),
                    .cid = std::move(cid),
                    .ts = utc_now(),
                    .origin = origin,
                    .target = target,
                    .kind = kind,
                    .name = std::string(desc.name)};
  message.desc = &desc;
  message.payload = std::move(payload);
  return message;
}

Message make_reply(MessageId id, const Message& command, Payload reply) {
  Message message = answer(std::move(id), command, Kind::reply);
  message.payload = std::move(reply);
  return message;
}

Message make_error_reply(MessageId id, const Message& command, Error error) {
  Message message = answer(std::move(id), command, Kind::error);
  message.error = std::move(error);
  return message;
}

}  // namespace loophole::wire
