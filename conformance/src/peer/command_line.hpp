#pragma once
// The command of the peer, and the endpoints that are put into it.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance {

enum class Topology { ipc, tcp };

// What takes the place of the placeholders.
struct Endpoints {
  std::string control;  // where an engine binds
  std::string stream;
  std::string telemetry;
  std::string project;    // where a Pulse binds
  std::string engine{};   // the program that a Pulse starts as its engine
  std::string session{};  // the session in which a user interface finds Pulse
  std::string driver{};   // number of the descriptor of the driver channel
};

// A private folder that is removed with all that is in it. It throws std::runtime_error, with what to do, where none can be made.
class Folder {
 public:
  // One of a new name where temporary files are ($TMPDIR, or /tmp) when `path` is empty; else this one, of which what was left is removed.
  explicit Folder(const std::filesystem::path& path = {});
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// [any-thread] Endpoints that nobody serves: sockets in `folder`, or free ports of this machine.
[[nodiscard]] Endpoints new_endpoints(Topology topology, const std::filesystem::path& folder);

// [any-thread] Throws std::runtime_error where paths of sockets in `folder`, each up to `room` bytes longer, do not fit into an address.
void check_length(const std::filesystem::path& folder, std::size_t room);

// [any-thread] A file of the suite's own. Throws std::runtime_error, with the reason, where it cannot be written whole.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// [any-thread] `command` with its placeholders replaced: {control}, {stream}, {telemetry}, {project}, {engine}, {session},
// {driver}.
[[nodiscard]] std::vector<std::string> substitute(const std::vector<std::string>& command, const Endpoints& endpoints);

// [any-thread] What is wrong with the command of a peer of this role: a {placeholder} that the role does not have, or one that it
// needs and that is not there.
[[nodiscard]] std::optional<std::string> fault_of(const std::vector<std::string>& command, std::string_view role);

// [any-thread] Whether a word of the command has this placeholder.
[[nodiscard]] bool has(const std::vector<std::string>& command, std::string_view placeholder);

// [any-thread] "control=ENDPOINT,stream=ENDPOINT,telemetry=ENDPOINT"; nothing for anything else.
[[nodiscard]] std::optional<Endpoints> attached_endpoints(std::string_view text);

// [any-thread] As a shell would read it again.
[[nodiscard]] std::string quoted(const std::vector<std::string>& words);

}  // namespace loophole::conformance
