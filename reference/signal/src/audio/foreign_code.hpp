#pragma once
// LOOPHOLE_FOREIGN_CODE(call): a call of code that does not say whether it blocks, from the audio thread: a plugin, or a function that is
// known not to block but is not marked. Compilers that check function effects take our word for it; RealtimeSanitizer does not.

#if defined(__clang__) && defined(__has_warning)
#if __has_warning("-Wfunction-effects")
#define LOOPHOLE_FOREIGN_CODE(call) \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"") call _Pragma("clang diagnostic pop")
#endif
#endif
#ifndef LOOPHOLE_FOREIGN_CODE
#define LOOPHOLE_FOREIGN_CODE(call) call
#endif
