// Last words name the plugin that died, on whatever thread, while another one runs on the audio thread.

#include "plugins/plugin_words.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

using reference_signal::PluginWords;

struct Dying {
  TempFolder folder;
  std::filesystem::path file = folder.path() / "words";
  Dying() { REQUIRE(session::make_last_words(file)); }

  // How a process ends that does this, and which node it names.
  int status_of(const std::function<void(PluginWords&)>& deed) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(signal, SIG_DFL);  // doctest has handlers of its own
      PluginWords words(session::LastWords::map(file).value());
      deed(words);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
  }
  [[nodiscard]] std::optional<GraphNodeId> named() const { return session::read_last_words(file); }
};

TEST_CASE("a plugin that dies beside the audio thread is named, although another one runs there") {
  int signal = SIGABRT;
  SUBCASE("abort") {}
  SUBCASE("a bad address") {
    signal = SIGSEGV;
  }
  for (int round = 0; round < 20; ++round) {
    Dying dying;
    const int status = dying.status_of([signal, round](PluginWords& words) {
      std::atomic<int> runs{0};  // of the other plugin
      std::thread beside([&] {
        const PluginWords::At at("culprit");
        while (runs < 100 * (round + 1)) std::this_thread::yield();
        ::raise(signal);
      });
      for (;; ++runs) {  // the audio thread
        words.enter("bystander");
        words.leave();
      }
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    REQUIRE(dying.named() == GraphNodeId("culprit"));
  }
}

TEST_CASE("a plugin that is killed on the audio thread is named, and nobody is when it had returned") {
  Dying dying;
  std::string in;
  SUBCASE("within") {
    in = "culprit";
  }
  SUBCASE("after") {}
  const int status = dying.status_of([&in](PluginWords& words) {
    words.enter("culprit");
    if (in.empty()) words.leave();
    ::raise(SIGKILL);
  });
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(dying.named().has_value() == !in.empty());
}

TEST_CASE("a plugin that is called beside the audio thread is named even where the process is killed or ends at once") {
  bool killed = true;
  SUBCASE("killed") {}
  SUBCASE("ends") {
    killed = false;
  }
  for (int round = 0; round < 20; ++round) {
    Dying dying;
    const int status = dying.status_of([killed, round](PluginWords& words) {
      std::atomic<int> runs{0};  // of the other plugin
      std::thread beside([&] {
        const PluginWords::Call call("culprit");
        const int begin = runs;
        while (runs < begin + 100 * (round + 1)) std::this_thread::yield();
        if (killed) ::raise(SIGKILL);
        ::_exit(3);
      });
      for (;; ++runs) {  // the audio thread
        words.enter("bystander");
        words.leave();
      }
    });
    CHECK(WIFSIGNALED(status) == killed);
    REQUIRE(dying.named() == GraphNodeId("culprit"));
  }
}

TEST_CASE("a plugin that dies on the audio thread is named, although another one is called beside") {
  Dying dying;
  const int status = dying.status_of([](PluginWords& words) {
    const PluginWords::Call call("bystander");
    words.enter("culprit");
    ::raise(SIGSEGV);
  });
  CHECK(WTERMSIG(status) == SIGSEGV);
  CHECK(dying.named() == GraphNodeId("culprit"));
}

TEST_CASE("after a call of a plugin it is not named, and the audio thread writes again") {
  Dying dying;
  std::string in;
  SUBCASE("within another") {
    in = "culprit";
  }
  SUBCASE("outside") {}
  const int status = dying.status_of([&in](PluginWords& words) {
    { const PluginWords::Call call("innocent"); }
    if (!in.empty()) words.enter(in);
    ::raise(SIGKILL);
  });
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(dying.named().has_value() == !in.empty());
  if (!in.empty()) CHECK(dying.named() == GraphNodeId(in));
}

TEST_CASE("a thread that died without a plugin on it names nobody") {
  Dying dying;
  const int status = dying.status_of([](PluginWords&) {
    { const PluginWords::At at("innocent"); }
    std::abort();
  });
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK_FALSE(dying.named().has_value());
}

}  // namespace
}  // namespace loophole::test
