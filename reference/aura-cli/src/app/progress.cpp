#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "view/text.hpp"

namespace loophole::cli {

std::shared_ptr<ProgressLine> ProgressLine::of_standard_error() {
  if (isatty(STDERR_FILENO) != 1) return nullptr;
  const char* kind = std::getenv("TERM");
  return std::shared_ptr<ProgressLine>(new ProgressLine(kind != nullptr && std::strcmp(kind, "dumb") != 0));
}

ProgressLine::~ProgressLine() {
  if (in_place_ && !step_.empty()) std::fputs("\r\x1b[K", stderr);
}

std::string ProgressLine::text(const operation::Progress& progress, std::size_t width) {
  constexpr std::size_t kCells = 20;
  if (!progress.done_ratio) return fitted({}, terminal_text(progress.step), width);
  const auto done = static_cast<std::size_t>(std::lround(*progress.done_ratio * static_cast<double>(kCells)));
  const std::string bar =
      fmt::format("  [{}{}] {:3.0f} %", std::string(done, '#'), std::string(kCells - done, '-'), *progress.done_ratio * 100);
  return fitted({}, terminal_text(progress.step), width > bar.size() + 1 ? width - bar.size() : 1) + bar;
}

void ProgressLine::show(const operation::Progress& progress) {
  if (in_place_) {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    std::fprintf(stderr, "\r\x1b[K%s", text(progress, (known ? size.ws_col : 80U) - 1U).c_str());
  } else if (progress.step != step_) {
    std::fprintf(stderr, "%s\n", terminal_text(progress.step).c_str());
  }
  step_ = progress.step;
}

}  // namespace loophole::cli
