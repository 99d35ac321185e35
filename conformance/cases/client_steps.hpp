#pragma once
// Steps that are the same on both edges: of a client towards its server, whichever these are. The checks that they name are those of the
// case.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "steps.hpp"

namespace loophole::conformance {

// Something that the server answers with a reply.
using Ask = std::function<Answer()>;

// Says what is wrong on purpose, and waits for the answer to it.
Answer wrong(Client& who, const std::string& id, const std::string& text);

// Texts that are no JSON, or no envelope, and resemble this command; none of them is to be executed.
[[nodiscard]] std::vector<std::string> no_json(const std::string& command);

// Checks: ignored, common.
void name_invented_capabilities(Trial& t, Client& who);
// Commands `name` without members of a payload, each with another fault of the header. Checks: version, pointer, missing, no-kind,
// no-payload, null.
void break_headers(Trial& t, Client& who, Role origin, Role target, std::string_view name);
// No heartbeats, and faulty messages, for longer than a lease. Check: stays.
void speak_garbage(Trial& t, Client& who, const Ask& ask);
// The process of the peer is stopped while this client is silent. Check: stays.
void suspend_peer(Trial& t, Client& who, const Ask& ask);
// Check: length.
void look_at_lease(Trial& t, Client& who);

}  // namespace loophole::conformance
