#pragma once
// FlushToZero: while one lives, this thread computes denormal numbers as zero. They are inaudible and slow arithmetic down a hundredfold
// on some processors, which a decaying filter would otherwise turn into a drop-out.

#include <cstdint>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::signal::rt {

class FlushToZero {
 public:
  // [audio-thread]
  FlushToZero() noexcept LOOPHOLE_NONBLOCKING : before_(read()) { write(before_ | kBits); }
  ~FlushToZero() { write(before_); }
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;

 private:
#if defined(__SSE__)
  using Word = std::uint32_t;
  static constexpr Word kBits = 0x8040;  // FTZ and DAZ
  static Word read() noexcept {
    return _mm_getcsr();
  }
  static void write(Word word) noexcept {
    _mm_setcsr(word);
  }
#elif defined(__aarch64__)
  using Word = std::uint64_t;
  static constexpr Word kBits = Word{1} << 24;  // FZ
  static Word read() noexcept {
    Word word = 0;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void write(Word word) noexcept {
    asm volatile("msr fpcr, %0" : : "r"(word));
  }
#else
  using Word = std::uint32_t;
  static constexpr Word kBits = 0;
  static Word read() noexcept {
    return 0;
  }
  static void write(Word) noexcept {}
#endif
  Word before_;
};

}  // namespace loophole::signal::rt
