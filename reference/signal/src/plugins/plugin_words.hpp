#pragma once
// PluginWords: who was at work when the process died, for the last words. Plugins run on the audio thread, and while they start, save or
// work on the side on others; the file has room for one. The audio thread writes it at every call. Another thread only remembers its
// plugin, and a fatal signal on it writes that down:
//
//   audio thread     enter(B) … leave()  enter(B) … leave()  |        (no longer writes)
//   another thread   At(A): SIGSEGV ------------------------ | dying: file says A | the process ends

#include <array>
#include <atomic>
#include <csignal>
#include <string_view>

#include "loophole/session/last_words.hpp"
#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class PluginWords {
 public:
  // Handles fatal signals while it lives, and gives them on to who handled them before. One at a time in a process.
  explicit PluginWords(session::LastWords words);
  ~PluginWords();
  PluginWords(const PluginWords&) = delete;
  PluginWords& operator=(const PluginWords&) = delete;

  // [audio-thread] Around each call of code of a node's plugin.
  void enter(std::string_view node) noexcept LOOPHOLE_NONBLOCKING;
  void leave() noexcept LOOPHOLE_NONBLOCKING;

  // [any-thread] but the audio thread: while one lives, code of this node's plugin runs on this thread. Works without a PluginWords.
  class At {
   public:
    explicit At(std::string_view node) noexcept;
    ~At();
    At(const At&) = delete;
    At& operator=(const At&) = delete;
  };

 private:
  static constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  static void handle(int signal) noexcept;

  session::LastWords words_;
  std::array<struct sigaction, kFatal.size()> before_{};
  std::atomic<bool> dying_{false};
};

}  // namespace loophole::reference_signal
