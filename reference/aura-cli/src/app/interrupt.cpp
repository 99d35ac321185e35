#include "app/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace loophole::cli {
namespace {
volatile std::sig_atomic_t interrupt_flag = 0;
volatile std::sig_atomic_t end_flag = 0;
extern "C" void set_flag(int number) {
  (number == SIGINT ? interrupt_flag : end_flag) = 1;
}
}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = set_flag;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

bool interrupted() noexcept {
  return interrupt_flag != 0 || end_flag != 0;
}

bool ended() noexcept {
  return end_flag != 0;
}

void forget_interrupt() noexcept {
  interrupt_flag = 0;
}

}  // namespace loophole::cli
