#include "drivers/jack_loss.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <list>

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::milliseconds kPause{5};

struct Client {
  void* client;
  void (*told)(void*);  // what PortAudio wants called at the server's end
  void* whom;
  bool gone = false;    // its server
  bool ending = false;  // PortAudio lets go of it, and of `whom`
};
struct Clients {
  std::mutex mutex;
  std::list<Client> all;  // they stay where they are
};
// Never destroyed: threads of JACK may outlive main().
Clients& clients() {
  static Clients* const all = new Clients;
  return *all;
}
thread_local bool opening = false;

// [thread of JACK]
void server_ended(void* client) {
  auto& ended = *static_cast<Client*>(client);
  const std::lock_guard none_goes(clients().mutex);
  ended.gone = true;
  if (!ended.ending) ended.told(ended.whom);
}

bool is_of_portaudio(const void* client) {
  const std::lock_guard lock(clients().mutex);
  return std::ranges::any_of(clients().all, [&](const Client& known) { return known.client == client; });
}

// JACK's own function of that name; nullptr: there is no JACK.
template <class Function>
Function* of_jack(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

constexpr int kNoJack = -1;

}  // namespace

JackClientOfPortAudio::JackClientOfPortAudio() noexcept {
  opening = true;
}
JackClientOfPortAudio::~JackClientOfPortAudio() {
  opening = false;
}

JackReminder::JackReminder() : thread_([this] { remind(); }) {}

JackReminder::~JackReminder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void JackReminder::remind() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPause, [this] { return ending_; })) {
    const std::lock_guard none_goes(clients().mutex);
    for (const Client& client : clients().all)
      if (client.gone && !client.ending) client.told(client.whom);
  }
}

}  // namespace loophole::reference_signal

// As <jack/jack.h> declares them; that header is not asked for, because PortAudio may be without JACK.
struct _jack_client;
struct _jack_port;
extern "C" {

using loophole::reference_signal::clients;
using loophole::reference_signal::is_of_portaudio;
using loophole::reference_signal::kNoJack;
using loophole::reference_signal::of_jack;

[[gnu::visibility("default")]] void jack_on_shutdown(_jack_client* client, void (*callback)(void*), void* whom);
[[gnu::visibility("default")]] int jack_port_unregister(_jack_client* client, _jack_port* port);
[[gnu::visibility("default")]] int jack_deactivate(_jack_client* client);
[[gnu::visibility("default")]] int jack_client_close(_jack_client* client);

void jack_on_shutdown(_jack_client* client, void (*callback)(void*), void* whom) {
  const auto next = of_jack<void(void*, void (*)(void*), void*)>("jack_on_shutdown");
  if (next == nullptr) return;
  if (!loophole::reference_signal::opening) return next(client, callback, whom);
  void* known = nullptr;
  {
    const std::lock_guard lock(clients().mutex);
    known = &clients().all.emplace_back(loophole::reference_signal::Client{.client = client, .told = callback, .whom = whom});
  }
  next(client, loophole::reference_signal::server_ended, known);
}

int jack_port_unregister(_jack_client* client, _jack_port* port) {
  const auto next = of_jack<int(void*, void*)>("jack_port_unregister");
  const int done = next == nullptr ? kNoJack : next(client, port);
  return is_of_portaudio(client) ? 0 : done;
}

int jack_deactivate(_jack_client* client) {
  const auto next = of_jack<int(void*)>("jack_deactivate");
  {
    const std::lock_guard lock(clients().mutex);
    for (auto& known : clients().all) known.ending = known.ending || known.client == client;
  }
  const int done = next == nullptr ? kNoJack : next(client);
  return is_of_portaudio(client) ? 0 : done;
}

int jack_client_close(_jack_client* client) {
  const auto next = of_jack<int(void*)>("jack_client_close");
  const bool was_of_portaudio = is_of_portaudio(client);
  const int done = next == nullptr ? kNoJack : next(client);
  const std::lock_guard lock(clients().mutex);
  std::erase_if(clients().all, [&](const auto& known) { return known.client == client; });
  return was_of_portaudio ? 0 : done;
}
}
