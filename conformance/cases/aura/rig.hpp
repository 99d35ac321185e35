#pragma once
// What cases for an Aura share: the usual first steps, and questions.

#include <functional>
#include <string>
#include <string_view>

#include "loophole/messages/track.hpp"
#include "loophole/messages/transport.hpp"
#include "steps.hpp"
#include "trial/driver.hpp"
#include "trial/host.hpp"
#include "trial/song.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance::aura_cases {

// --- First steps; the case ends where one is not possible
Host& follower(Trial& t);  // greeted, and has a snapshot; has asked for one, where it has no driver
Host& watcher(Trial& t);   // greeted, and subscribed to meters; told to, where it can be told
Host& holder(Trial& t, const std::string& name = "a", const std::vector<ParameterId>& parameters = {song::kGain});  // a gesture is granted

// --- Questions
// Whether the peer goes on, on the same connection: no goodbye and no other hello. With a driver: by what it asks on that connection, so
// that all that was told before has been worked on, and all that was said of it has come. Without one: by two more heartbeats.
[[nodiscard]] bool stays(Trial& t);
// Tells the peer to begin a gesture. Whether it does, and has its grant: from then on it can be told to move. The grant and the next order
// come to it by two sockets, in any order.
[[nodiscard]] bool begins(Trial& t, const std::string& name, const std::vector<ParameterId>& parameters, bool take_over = false);
// By two more heartbeats, whether or not there is a driver.
[[nodiscard]] bool beats(Trial& t);
// Whether it takes the next transaction for the next one: it asks for nothing, and stays.
[[nodiscard]] bool follows(Trial& t);
// Whether it asks for project.changes or project.snapshot.
[[nodiscard]] bool asks_for_state(Trial& t, std::optional<Milliseconds> bound = {});
[[nodiscard]] std::size_t state_asked(const Host& host);  // how often it did
// Whether the newest sample of a parameter comes to be this value.
[[nodiscard]] bool moved(Trial& t, const ParameterId& id, double value);
// The value that the peer itself begins a step from: it is told to add `by`, and what it sends says it. Nothing: it sends nothing.
[[nodiscard]] std::optional<double> value_shown(Trial& t, const ParameterId& id);
// Whether what the peer says that it believes is the project of the suite; what is not, otherwise. Nothing is proved by it.
[[nodiscard]] std::optional<std::string> contradicts(Trial& t);
[[nodiscard]] double final_value(const parameter::GestureEnd& end, const ParameterId& id);  // NaN: it has none
[[nodiscard]] std::string text_of_end(const parameter::GestureEnd* end);

// A project.changed with a track that is renamed, which the project does not know of yet: the revision is that of the next transaction.
[[nodiscard]] project::Changed next_change(const Host& host);

void add_hello_cases(std::vector<Case>& cases);
void add_life_cases(std::vector<Case>& cases);
void add_process_cases(std::vector<Case>& cases);
void add_envelope_cases(std::vector<Case>& cases);
void add_model_cases(std::vector<Case>& cases);
void add_telemetry_cases(std::vector<Case>& cases);
void add_gesture_cases(std::vector<Case>& cases);
void add_ending_cases(std::vector<Case>& cases);

}  // namespace loophole::conformance::aura_cases
