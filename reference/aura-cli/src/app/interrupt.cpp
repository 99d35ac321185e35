#include "app/interrupt.hpp"

#include <csignal>
#include <initializer_list>

#include "app/output.hpp"

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
  ::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept {
  return interrupt_flag != 0 || ended();
}

bool ended() noexcept {
  return end_flag != 0 || output_lost();
}

void forget_interrupt() noexcept {
  interrupt_flag = 0;
}

}  // namespace loophole::cli
