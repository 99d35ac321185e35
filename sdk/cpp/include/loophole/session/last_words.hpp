#pragma once
// Last words: how an engine leaves word of which plugin's code it was running when it died. Defined in protocol/framing.md.
//
// Pulse makes a file of 256 zero bytes and names it on the engine's command line (--last-words FILE). The engine maps it and keeps the
// identifier of the graph node in it whose plugin is running; a write to mapped memory survives the death of the process and may be made
// on the audio thread. When the process has ended, Pulse reads the file.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "loophole/core/result.hpp"
#include "loophole/messages/scalars.hpp"

namespace loophole::session {

inline constexpr std::size_t kLastWordsBytes = 256;  // size of the file

// The engine's half.
class LastWords {
 public:
  // [any-thread] Maps a file that Pulse made. Error session.runtimeDir: it is not there, cannot be written, or has another size.
  [[nodiscard]] static Result<LastWords> map(const std::filesystem::path& file);
  LastWords(LastWords&& other) noexcept;
  LastWords& operator=(LastWords&& other) noexcept;
  ~LastWords();

  // [audio-thread] Code of this node's plugin runs from now on. Longer identifiers than the schema allows are cut off.
  void enter(std::string_view node_id) noexcept;
  // [audio-thread] It returned.
  void leave() noexcept;

 private:
  explicit LastWords(char* bytes) : bytes_(bytes) {}
  char* bytes_ = nullptr;
};

// [any-thread] Pulse's half: makes the file, empty of words. Error session.runtimeDir.
[[nodiscard]] Result<void> make_last_words(const std::filesystem::path& file);
// [any-thread] The node whose plugin was running when the engine ended; nothing when none was, or when the file says nothing that is an
// identifier of a node.
[[nodiscard]] std::optional<GraphNodeId> read_last_words(const std::filesystem::path& file);

}  // namespace loophole::session
