#pragma once
// What cases about gestures share.

#include <vector>

#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {

// A running engine and a voice whose cutoff is 440.
Voice gesture_voice(Trial& t);
parameter::GestureBeginReply begin(Aura& who, std::vector<ParameterId> parameters,
                                   parameter::OnAbandon on_abandon = parameter::OnAbandon::commit);
// Whether the parameter can be set.
[[nodiscard]] bool free_again(Trial& t, const ParameterId& id);

}  // namespace loophole::conformance::pulse_cases
