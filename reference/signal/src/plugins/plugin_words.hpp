#pragma once
// PluginWords: who was at work when the process died, for the last words. Plugins run on the audio thread, and while they start, save or
// work on the side on others; the file has room for one. The audio thread writes it at every call. Each thread remembers its plugin, and a
// fatal signal on it writes that down:
//
//   audio thread     enter(B) … leave()  enter(B) … leave()  |        (no longer writes)
//   another thread   At(A): SIGSEGV ------------------------ | dying: file says A | the process ends
//
// SIGKILL and _exit() run no handler. While a plugin is waited for that starts, saves, restores or ends, the file says that one, because
// such a call takes memory and runs code that was never run before; the audio thread writes nothing meanwhile, and only remembers:
//
//   who waits        Call(A): file says A --------- SIGKILL: the process ends, the file says A
//   audio thread              enter(B) … SIGSEGV -- dying: file says B

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

  // [plugin-thread] While one lives, this node's plugin is waited for. One at a time. Works without a PluginWords.
  class Call {
   public:
    explicit Call(std::string_view node);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    PluginWords* words_;
  };

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
  // Once dying_ or calling_ is set: the audio thread does not write from here on.
  void let_audio_finish() const noexcept;

  session::LastWords words_;
  std::array<struct sigaction, kFatal.size()> before_{};
  std::atomic<bool> dying_{false};
  std::atomic<bool> calling_{false};
  std::atomic<bool> writing_{false};  // the audio thread may be writing right now
};

}  // namespace loophole::reference_signal
