#pragma once
// Steps of the proof: one thing in real schemas changes, `breaking` is asked, and peers of both versions are watched.
//
// There is no JSON in this header on purpose: tests are compiled without optimisation, and the linker would take their copies of the
// templates of the JSON library for everybody.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace evolution {

struct Step {
  std::string schemas;      // the folder it began with
  std::string change;       // kind of the change
  bool said = false;        // `breaking` says that it breaks something that decoders can see
  std::string findings;     // one a line
  bool seen = false;        // peers found that it does
  std::string observation;  // what they found first
};

class Steps {
 public:
  // Throws when the schemas have faults.
  explicit Steps(const std::vector<std::string>& folders);
  ~Steps();

  // Kinds of changes, which take turns.
  [[nodiscard]] const std::vector<std::string>& kinds() const;
  // The same for equal seed and number. Throws when no change of the kind passes the linter.
  [[nodiscard]] Step run(std::uint64_t seed, std::size_t number) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace evolution
