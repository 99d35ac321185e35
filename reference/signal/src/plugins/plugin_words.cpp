#include "plugins/plugin_words.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

#include "audio/foreign_code.hpp"

namespace loophole::reference_signal {
namespace {

std::atomic<PluginWords*> present{nullptr};
thread_local std::array<char, session::kLastWordsBytes> here{};
thread_local std::string_view on_audio;  // the plugin that the audio thread runs; its node outlives the call

}  // namespace

PluginWords::PluginWords(session::LastWords words) : words_(std::move(words)) {
  present.store(this);
  struct sigaction action {};
  action.sa_handler = &PluginWords::handle;
  for (std::size_t i = 0; i < kFatal.size(); ++i) sigaction(kFatal[i], &action, &before_[i]);
}

PluginWords::~PluginWords() {
  for (std::size_t i = 0; i < kFatal.size(); ++i) sigaction(kFatal[i], &before_[i], nullptr);
  present.store(nullptr);
}

void PluginWords::enter(std::string_view node) noexcept LOOPHOLE_NONBLOCKING {
  LOOPHOLE_FOREIGN_CODE(on_audio = node;)  // a variable of this thread
  writing_.store(true);
  if (!dying_.load() && !calling_.load()) LOOPHOLE_FOREIGN_CODE(words_.enter(node);)
  writing_.store(false, std::memory_order_release);
}

void PluginWords::leave() noexcept LOOPHOLE_NONBLOCKING {
  LOOPHOLE_FOREIGN_CODE(on_audio = {};)
  writing_.store(true);
  if (!dying_.load() && !calling_.load()) LOOPHOLE_FOREIGN_CODE(words_.leave();)
  writing_.store(false, std::memory_order_release);
}

// Either the audio thread saw that it was told, or it is seen here that it writes. Gives up where that thread does not get on at all.
void PluginWords::let_audio_finish() const noexcept {
  for (int i = 0; i < 10'000 && writing_.load(); ++i) {
    const timespec moment{.tv_sec = 0, .tv_nsec = 100'000};
    nanosleep(&moment, nullptr);
  }
}

PluginWords::Call::Call(std::string_view node) : words_(present.load()) {
  if (words_ == nullptr) return;
  words_->calling_.store(true);
  words_->let_audio_finish();
  words_->words_.enter(node);
}

PluginWords::Call::~Call() {
  if (words_ == nullptr || words_->dying_.load()) return;
  words_->words_.leave();
  words_->calling_.store(false);
}

PluginWords::At::At(std::string_view node) noexcept {
  const std::size_t length = std::min(node.size(), here.size() - 1);
  std::memcpy(here.data(), node.data(), length);
  std::memset(here.data() + length, 0, here.size() - length);
}

PluginWords::At::~At() {
  here.fill(0);
}

// Only what a signal handler may do: memory, nanosleep, sigaction, raise.
void PluginWords::handle(int signal) noexcept {
  PluginWords* const words = present.load();
  if (words == nullptr) return;
  words->dying_.store(true);
  if (here[0] != 0) {
    words->let_audio_finish();
    words->words_.enter(here.data());
  } else if (!on_audio.empty()) {
    words->words_.enter(on_audio);
  } else if (words->calling_.load()) {  // what dies is no plugin
    words->words_.leave();
  }
  for (std::size_t i = 0; i < kFatal.size(); ++i) sigaction(kFatal[i], &words->before_[i], nullptr);
  raise(signal);
}

}  // namespace loophole::reference_signal
