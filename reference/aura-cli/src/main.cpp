// aura-cli: the scriptable user interface of a Loophole session.
#include "app/front.hpp"
#include "app/output.hpp"

int main(int argc, char** argv) {
  using namespace loophole::cli;
  Front front(Front::Place::program);
  if (const auto code = front.read({argv + 1, argv + argc})) return *code;
  const auto done = front.act();
  return code_of_output(done ? *done : report(front.options(), done.error()));
}
