#pragma once
// What PortAudio 19.6 needs so that it outlives a JACK server. By itself it does not:
//
//   Pa_AbortStream    waits ten minutes for a callback that will not come: it looks for word of the server's end only while it waits
//   Pa_CloseStream    asserts that ports can be unregistered, and takes the process down
//   Pa_Terminate      asserts that its client can be deactivated and closed, likewise
//
// So three functions of JACK that end things, and the one by which its end is heard of, are also defined here, in the program, which the
// linker asks first. They pass everything on. For the client of PortAudio the three always succeed, as its server may have ended a moment
// ago; and word of the end can be given once more, to a PortAudio that has begun to wait.

#include <condition_variable>
#include <mutex>
#include <thread>

namespace loophole::reference_signal {

// While one lives on the thread that calls Pa_Initialize(): the client that JACK is asked for is PortAudio's. Clients of others, say of a
// plugin, are left alone.
class JackClientOfPortAudio {
 public:
  JackClientOfPortAudio() noexcept;
  ~JackClientOfPortAudio();
  JackClientOfPortAudio(const JackClientOfPortAudio&) = delete;
  JackClientOfPortAudio& operator=(const JackClientOfPortAudio&) = delete;
};

// While one lives, PortAudio is told every few milliseconds that its JACK server has ended, where it has. Around what may wait for one.
class JackReminder {
 public:
  JackReminder();
  ~JackReminder();
  JackReminder(const JackReminder&) = delete;
  JackReminder& operator=(const JackReminder&) = delete;

 private:
  void remind();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace loophole::reference_signal
