#include "trial/retries.hpp"

#include "loophole/wire/codec.hpp"

namespace loophole::conformance {

void Retries::hear(const wire::Message& command, const std::string& receiver, std::vector<Violation>& violations) {
  if (command.desc == nullptr || command.desc->idempotent) return;
  const auto payload = wire::encode_value(*command.desc->payload, command.payload.data());
  const Heard now{.receiver = receiver, .payload = payload ? *payload : std::string()};
  const auto [known, fresh] = once_.emplace(command.header.id.value, now);
  if (fresh) return;
  const std::string what = command.header.name + " '" + command.header.id.value + "' comes again";
  if (known->second.payload != now.payload) violations.push_back({"ENV-27", what + " with another payload"});
  if (known->second.receiver != now.receiver) violations.push_back({"ENV-46", what + " to another instance"});
}

}  // namespace loophole::conformance
