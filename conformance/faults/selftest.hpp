#pragma once
// selftest: the proof that the suite can be trusted, on the machine of whoever asks. A good engine passes; peers that are none keep no
// promise; each planted fault turns red what is declared for it, and nothing else.

#include <string>
#include <vector>

namespace loophole::conformance {

struct SelftestOrder {
  std::string program;              // of this suite, to be the proxy
  std::vector<std::string> engine;  // the command of a good engine
  std::vector<std::string> faults;  // only these; empty: all
  bool whole_scope = false;         // all cases that can notice a fault, not only those of its red set and the sentinels
  std::string accept;               // write what turned red into this file, instead of comparing
};

// Prints the matrix. 0: all is as declared; 1: it is not.
int selftest(const SelftestOrder& order);

}  // namespace loophole::conformance
