#include "app/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace loophole::cli {
namespace {
volatile std::sig_atomic_t flag = 0;
extern "C" void set_flag(int) {
  flag = 1;
}
}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = set_flag;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

bool interrupted() noexcept {
  return flag != 0;
}

}  // namespace loophole::cli
