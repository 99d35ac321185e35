#pragma once
// The cases, by role. Each file below cases/ adds one family.

#include <vector>

#include "trial/case.hpp"

namespace loophole::conformance {

void add_signal_cases(std::vector<Case>& cases);
void add_pulse_cases(std::vector<Case>& cases);
void add_aura_cases(std::vector<Case>& cases);

}  // namespace loophole::conformance
