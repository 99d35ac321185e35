#pragma once
// Terminal: what standard output can do, and a block of lines at its end that is drawn again in place.

#include <string>
#include <vector>

namespace loophole::cli {

struct TerminalTraits {
  bool live = false;     // a terminal that understands cursor movement; otherwise one plain line after another
  bool colour = false;   // live, and NO_COLOR is not set
  bool unicode = false;  // the locale's encoding is UTF-8
  int width = 80;
  int height = 24;
};

// [any-thread] Of standard output, as it is now.
[[nodiscard]] TerminalTraits terminal_traits();

// Styles a text where there is colour.
enum class Style { plain, bold, dim, good, bad, accent };
[[nodiscard]] std::string styled(const TerminalTraits& traits, Style style, const std::string& text);

// Text that scrolls away above, and a block below it that stays. Without a live terminal there is no block.
class LiveBlock {
 public:
  explicit LiveBlock(const TerminalTraits& traits) : traits_(traits) {}
  ~LiveBlock();
  LiveBlock(const LiveBlock&) = delete;
  LiveBlock& operator=(const LiveBlock&) = delete;

  // [owner-thread] Prints above the block.
  void print(const std::string& line);
  // [owner-thread] The block from now on.
  void draw(std::vector<std::string> lines);
  // [owner-thread] Takes the block off the screen.
  void clear();

 private:
  void erase(std::string& out) const;
  void write_block(std::string& out);
  static void flush(const std::string& out);

  TerminalTraits traits_;
  std::vector<std::string> lines_;
  std::size_t drawn_ = 0;  // lines of the block on the screen
  bool cursor_hidden_ = false;
};

}  // namespace loophole::cli
