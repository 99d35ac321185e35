#pragma once
// selftest: the proof that the suite can be trusted, on the machine of whoever asks. A good peer passes; peers that are none keep no
// promise; legal oddities pass; each planted fault turns red what is declared for it, and nothing else.

#include <string>
#include <vector>

namespace loophole::conformance {

struct SelftestOrder {
  std::string program;  // of this suite, to be the proxy
  std::string role = "signal";
  std::vector<std::string> peer;    // the command of a good peer of this role
  std::vector<std::string> faults;  // only these; empty: all
  bool legal_only = false;          // only the legal oddities
  bool whole_scope = false;         // all cases that can notice a fault, not only those of its red set and the sentinels
  std::size_t jobs = 4;             // faults at once; they wait most of the time
  std::string accept;               // write what turned red into this file, instead of comparing
};

// Prints the matrix. 0: all is as declared; 1: it is not.
int selftest(const SelftestOrder& order);

}  // namespace loophole::conformance
