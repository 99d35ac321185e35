#pragma once
// Retries: what a sender that repeats a command is held to (protocol/envelope.md, "Retry").

#include <map>
#include <string>
#include <vector>

#include "loophole/wire/message.hpp"
#include "trial/speech_rules.hpp"

namespace loophole::conformance {

// [owner-thread].
class Retries {
 public:
  // A command that arrived; `receiver` is the instance of the suite that it arrived at.
  void hear(const wire::Message& command, const std::string& receiver, std::vector<Violation>& violations);

 private:
  struct Heard {
    std::string receiver;
    std::string payload;
  };
  std::map<std::string, Heard> once_;  // commands that are not idempotent, by id
};

}  // namespace loophole::conformance
