#pragma once
// For tests on JACK: a server of the test's own with JACK's dummy back end, which takes audio at real time and has no device; and an ear, a
// client that hears what the one called PortAudio plays.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "../transport/support.hpp"

namespace loophole::test {

// There is one at a time, also where two programs of this test run at once: while this lives, the name of the server is ours.
class JackName {
 public:
  JackName() : lock_(open(file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    REQUIRE(lock_ >= 0);
    REQUIRE(flock(lock_, LOCK_EX) == 0);
  }
  ~JackName() { close(lock_); }
  JackName(const JackName&) = delete;
  JackName& operator=(const JackName&) = delete;

 private:
  static std::string file() { return (std::filesystem::temp_directory_path() / ("loophole-jack-" + std::to_string(getuid()))).string(); }
  int lock_;
};

class JackServer {
 public:
  JackServer(int rate, int period_frames) {
    const std::string hz = std::to_string(rate);
    const std::string frames = std::to_string(period_frames);
    const std::string file = (folder_.path() / "jackd.log").string();
    const int log = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(log >= 0);
    // Waits for its clients, however late they are: a machine that tests run on is no studio.
    const char* const command[] = {LOOPHOLE_JACKD, "--no-realtime", "--no-mlock", "--sync",   "--timeout", "10000",        "--name", name(),
                                   "-d",           "dummy",         "-r",         hz.c_str(), "-p",        frames.c_str(), nullptr};
    const pid_t parent = getpid();
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // also where this program is killed
      if (getppid() != parent || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) _exit(1);
      execv(command[0], const_cast<char* const*>(command));
      _exit(1);
    }
    close(log);
    jack_set_error_function([](const char*) {});  // it speaks of each try
    REQUIRE_MESSAGE(poll_until([&] { return is_up() || has_ended(); }), "jackd does not start");
    REQUIRE_MESSAGE(pid_ > 0, "jackd ended: " << said(file));
  }
  ~JackServer() {
    end(SIGKILL);
    // What a killed server leaves behind.
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", ignored))
      if (entry.path().filename().string().find(name()) != std::string::npos) std::filesystem::remove_all(entry.path(), ignored);
  }
  JackServer(const JackServer&) = delete;
  JackServer& operator=(const JackServer&) = delete;

  void end(int signal) {
    if (pid_ <= 0) return;
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  // Of every server: JACK remembers the names of servers that were killed, and has room for eight.
  static constexpr const char* name() { return "loophole-test"; }

 private:
  static bool is_up() {
    jack_client_t* const client = jack_client_open("door", JackNoStartServer, nullptr);
    if (client == nullptr) return false;
    jack_client_close(client);
    return true;
  }
  bool has_ended() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ <= 0;
  }
  static std::string said(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TempFolder folder_;
  pid_t pid_ = -1;
};

class Ear {
 public:
  // Listens to the left of what PortAudio plays. `most` frames are kept from the first that is not silence.
  explicit Ear(std::size_t most) : heard_(most), client_(jack_client_open("ear", JackNoStartServer, nullptr), jack_client_close) {
    REQUIRE(client_ != nullptr);
    port_ = jack_port_register(client_.get(), "in", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    REQUIRE(port_ != nullptr);
    jack_set_process_callback(
        client_.get(), [](jack_nframes_t frames, void* self) { return static_cast<Ear*>(self)->hear(frames); }, this);
    REQUIRE(jack_activate(client_.get()) == 0);
    const std::unique_ptr<const char*, void (*)(void*)> from(
        jack_get_ports(client_.get(), "PortAudio", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput), jack_free);
    REQUIRE(from != nullptr);
    REQUIRE(jack_connect(client_.get(), from.get()[0], jack_port_name(port_)) == 0);
  }

  [[nodiscard]] bool is_full() const { return count_ == heard_.size(); }
  // When it is full.
  [[nodiscard]] const std::vector<float>& heard() const { return heard_; }

 private:
  int hear(jack_nframes_t frames) {
    const auto* const samples = static_cast<const float*>(jack_port_get_buffer(port_, frames));
    std::size_t count = count_;
    for (jack_nframes_t i = 0; i < frames && count < heard_.size(); ++i)
      if (count > 0 || samples[i] != 0) heard_[count++] = samples[i];
    count_ = count;
    return 0;
  }

  std::vector<float> heard_;
  std::atomic<std::size_t> count_{0};
  jack_port_t* port_ = nullptr;
  std::unique_ptr<jack_client_t, int (*)(jack_client_t*)> client_;
};

}  // namespace loophole::test
