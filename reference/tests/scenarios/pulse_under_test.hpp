#pragma once
// PulseUnderTest: a whole Pulse of a scenario, in one of the three topologies.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "loophole/transport/in_process.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::scenarios {

enum class Topology {
  in_process,  // on a thread of this process, reached through memory
  ipc,         // a loophole-pulse of its own, at its usual socket
  tcp,         // the same, listening on loopback
};
inline constexpr Topology kTopologies[] = {Topology::in_process, Topology::ipc, Topology::tcp};
[[nodiscard]] const char* name_of(Topology topology) noexcept;

enum class WithEngine { no, yes };  // a real loophole-signal that paces itself

class PulseUnderTest {
 public:
  virtual ~PulseUnderTest() = default;
  // Starts one and waits until it can be greeted. LOOPHOLE_PROGRAMS names the folder of the programs.
  [[nodiscard]] static std::unique_ptr<PulseUnderTest> start(Topology topology, WithEngine engine,
                                                             const std::filesystem::path& runtime_dir);

  [[nodiscard]] virtual std::unique_ptr<net::ControlLink> link(net::Context& context) = 0;
  // As messages for people name it.
  [[nodiscard]] virtual std::string endpoint() const = 0;
};

}  // namespace loophole::scenarios
