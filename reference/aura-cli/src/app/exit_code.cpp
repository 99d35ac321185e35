#include "app/exit_code.hpp"

namespace loophole::cli {

int exit_code(envelope::Category category) noexcept {
  using envelope::Category;
  switch (category) {
    case Category::invalid:
      return 10;
    case Category::denied:
      return 11;
    case Category::conflict:
      return 12;
    case Category::unavailable:
      return 13;
    case Category::overloaded:
      return 14;
    case Category::unsupported:
      return 15;
    case Category::internal:
      return 16;
  }
  return 16;
}

}  // namespace loophole::cli
