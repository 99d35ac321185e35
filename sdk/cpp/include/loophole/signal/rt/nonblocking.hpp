#pragma once
// LOOPHOLE_NONBLOCKING marks a function that an audio callback may call: it does not allocate, lock, wait or enter the kernel. Compilers
// that know function effects (clang 20 and later) check it; for others it is empty.
//
//   void process(std::span<float> samples) noexcept LOOPHOLE_NONBLOCKING;

#if defined(__clang__) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
#define LOOPHOLE_NONBLOCKING [[clang::nonblocking]]
#endif
#endif
#ifndef LOOPHOLE_NONBLOCKING
#define LOOPHOLE_NONBLOCKING
#endif
