#pragma once
// session.json: how a client finds a running session. One folder per session name in the run-time directory; written by Pulse when it
// serves, removed when it ends. Its schema is SessionFile in schemas/control/session.schema.json.

#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/session.hpp"

namespace loophole::session {

// [any-thread] Writes session.json into the session's folder in one step (a reader sees the old or the new file). Error session.runtimeDir.
[[nodiscard]] Result<void> publish(const SessionFile& file);

// [any-thread] Reads the session of this name. Error session.notFound names the session and what to type; a file that a dead process left
// counts as not found.
[[nodiscard]] Result<SessionFile> find(std::string_view session);

// [any-thread] All live sessions: those whose process still runs.
[[nodiscard]] Result<std::vector<SessionFile>> list();

// [any-thread] Removes session.json; fine when there is none.
void withdraw(std::string_view session);

}  // namespace loophole::session
