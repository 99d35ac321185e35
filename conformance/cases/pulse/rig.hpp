#pragma once
// What cases for a Pulse share: the usual first steps, and questions.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "loophole/messages/engine.hpp"
#include "loophole/messages/history.hpp"
#include "loophole/messages/node.hpp"
#include "loophole/messages/parameter.hpp"
#include "loophole/messages/project.hpp"
#include "loophole/messages/routing.hpp"
#include "loophole/messages/track.hpp"
#include "steps.hpp"
#include "trial/client.hpp"
#include "trial/signal.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance::pulse_cases {

// --- First steps; the case ends where one is not possible
std::filesystem::path song(Trial& t, std::string_view name = "song");      // a path in the folder of the case
project::OpenReply new_project(Trial& t, std::string_view name = "song");  // project.new, followed by the first Aura
Signal& running_engine(Trial& t);                                          // greeted, and engine.status says so
Aura& second_aura(Trial& t);                                               // another one, greeted, that follows the project
// The reply to a command of the first Aura.
template <class C>
typename C::Reply done(Client& who, const C& command) {
  const Answer answer = who.call(command);
  const auto* reply = answer.template as<typename C::Reply>();
  if (reply == nullptr) throw CaseEnded(std::string(C::kName) + " is not answered with a reply: " + answer.text());
  return *reply;
}
template <class C>
typename C::Reply done(Trial& t, const C& command) {
  return done(t.aura(), command);
}

// A track with a filter, and its parameters: gain of the channel, cutoff and resonance of the filter.
struct Voice {
  TrackId track;
  ChannelId channel;
  NodeId filter;
  ParameterId gain;
  ParameterId cutoff;
  ParameterId resonance;
};
Voice voice(Trial& t, const std::string& name = "Voice");

// --- Questions
[[nodiscard]] project::SnapshotReply snapshot(Client& who);
[[nodiscard]] project::Project project_of(Client& who);  // the case ends where no project is open
[[nodiscard]] history::ListReply steps(Client& who);
[[nodiscard]] const parameter::Parameter& parameter_of(Trial& t, const ParameterId& id);  // as the mirror of the first Aura has it
// Whether the engine comes to run a graph that has this value for the parameter, and its digest is the one that Pulse computed.
[[nodiscard]] bool engine_has(Trial& t, const ParameterId& id, double value);
[[nodiscard]] std::string engine_value(Trial& t, const ParameterId& id);  // for people
// Whether engine.status comes to say that both digests are equal, and that they are the one that the suite computed.
[[nodiscard]] bool digests_agree(Trial& t);
[[nodiscard]] std::string digests(Trial& t);  // for people

// --- Texts
// A command from Aura to Pulse with any payload.
[[nodiscard]] std::string envelope(std::string_view id, std::string_view name, std::string_view payload);
[[nodiscard]] std::string bytes_of_file(const std::filesystem::path& path);

// A mono file with this many frames of silence at 48 kHz.
std::filesystem::path wave_file(Trial& t, std::string_view name, std::int64_t frames);

void add_hello_cases(std::vector<Case>& cases);
void add_envelope_cases(std::vector<Case>& cases);
void add_fault_cases(std::vector<Case>& cases);
void add_life_cases(std::vector<Case>& cases);
void add_edit_cases(std::vector<Case>& cases);
void add_refusal_cases(std::vector<Case>& cases);
void add_history_cases(std::vector<Case>& cases);
void add_project_cases(std::vector<Case>& cases);
void add_gesture_cases(std::vector<Case>& cases);
void add_ending_cases(std::vector<Case>& cases);
void add_engine_cases(std::vector<Case>& cases);
void add_restart_cases(std::vector<Case>& cases);
void add_plugin_cases(std::vector<Case>& cases);
void add_process_cases(std::vector<Case>& cases);
void add_stress_cases(std::vector<Case>& cases);

}  // namespace loophole::conformance::pulse_cases
