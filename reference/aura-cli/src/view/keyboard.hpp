#pragma once
// Keyboard: the keys of a live view, each when it is pressed and without showing it. Ctrl-C stays what it is.

#include <termios.h>

#include <string>
#include <vector>

namespace loophole::cli {

enum class Key { up, down, page_up, page_down, home, end, clear, quit };

// [any-thread] The keys that bytes from a terminal mean, also as vi and less have them; unknown ones are left out. What may be the begin of
// a key stays in `bytes`.
[[nodiscard]] std::vector<Key> keys_in(std::string& bytes);

class Keyboard {
 public:
  // No keys come where nobody types: without a terminal as standard input, or in the background.
  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  [[nodiscard]] bool is_there() const noexcept { return there_; }
  // [owner-thread] What was pressed since. Never waits.
  [[nodiscard]] std::vector<Key> pressed();
  // [owner-thread] Before the program stops as a job, and when it goes on.
  void give_back();
  void take();

 private:
  bool there_ = false;
  termios before_{};
  std::string bytes_;
};

}  // namespace loophole::cli
