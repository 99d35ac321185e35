#pragma once
// The command of the peer, and the endpoints that are put into it.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance {

enum class Topology { ipc, tcp };

struct Endpoints {
  std::string control;
  std::string stream;
  std::string telemetry;
};

// A private folder that is removed with all that is in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// [any-thread] Endpoints that nobody serves: sockets in `folder`, or free ports of this machine.
[[nodiscard]] Endpoints new_endpoints(Topology topology, const std::filesystem::path& folder);

// [any-thread] `command` with {control}, {stream} and {telemetry} replaced.
[[nodiscard]] std::vector<std::string> substitute(const std::vector<std::string>& command, const Endpoints& endpoints);

// [any-thread] What is wrong with the command of a peer of this role: an unknown {placeholder}, or none for the control plane.
[[nodiscard]] std::optional<std::string> fault_of(const std::vector<std::string>& command, std::string_view role);

// [any-thread] "control=ENDPOINT,stream=ENDPOINT,telemetry=ENDPOINT"; nothing for anything else.
[[nodiscard]] std::optional<Endpoints> attached_endpoints(std::string_view text);

// [any-thread] As a shell would read it again.
[[nodiscard]] std::string quoted(const std::vector<std::string>& words);

}  // namespace loophole::conformance
