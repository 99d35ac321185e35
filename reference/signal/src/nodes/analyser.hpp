#pragma once
// Analyser: hands on what passes it while somebody watches its spectrum, and changes nothing. No parameters.

#include "loophole/signal/rt/spectrum_board.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Analyser final : public Processor {
 public:
  // `board` must outlive it.
  Analyser(std::uint32_t handle, signal::rt::SpectrumBoard& board) : handle_(handle), board_(board) {}
  void process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override {
    if (board_.wanted(handle_)) board_.write(handle_, {audio.left, audio.frames}, {audio.right, audio.frames}, stretch.clock);
  }

 private:
  std::uint32_t handle_;
  signal::rt::SpectrumBoard& board_;
};

}  // namespace loophole::reference_signal
