#pragma once
// overloaded{…}: one visitor of several lambdas.

namespace loophole::pulse {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace loophole::pulse
