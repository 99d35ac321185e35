// A sound card for tests: an ALSA plugin that takes samples at real time, by the monotonic clock, and writes what it was given into a file.
// An ALSA configuration names it:
//
//   pcm_type.soundcard { lib "/path/to/this/module.so" }
//   pcm.card { type soundcard folder "/path/to/a/folder" }
//
// The folder is its front panel:
//   played.f32   what it was given, interleaved stereo of 32-bit floats; it appends
//   pulled       while there is a file of this name the card is gone: it cannot be opened, and what is open fails
//   xrun         it takes this file away and has one underrun
//   rate         the one sample rate that it has, in decimal; without it, 44100 and 48000
//   lock         one program at a time has the card, as with real ones

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr unsigned kChannels = 2;
constexpr std::size_t kFrameBytes = kChannels * sizeof(float);

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

struct Card {
  snd_pcm_ioplug_t io{};
  std::string folder;
  int timer = -1;
  int lock = -1;
  int played = -1;
  bool running = false;
  std::uint64_t started_ns = 0;
  std::uint64_t written = 0;  // frames since the last prepare

  ~Card() {
    for (const int fd : {timer, lock, played})
      if (fd >= 0) close(fd);
  }
  [[nodiscard]] std::string file(const char* name) const { return folder + "/" + name; }
  [[nodiscard]] bool pulled() const { return access(file("pulled").c_str(), F_OK) == 0; }
  [[nodiscard]] std::uint64_t taken() const { return running ? (now_ns() - started_ns) * io.rate / kSecond : 0; }
};

Card& card_of(snd_pcm_ioplug_t* io) {
  return *static_cast<Card*>(io->private_data);
}

int prepare(snd_pcm_ioplug_t* io) {
  Card& card = card_of(io);
  if (card.pulled()) return -ENODEV;
  card.running = false;
  card.written = 0;
  return 0;
}

int start(snd_pcm_ioplug_t* io) {
  Card& card = card_of(io);
  if (card.pulled()) return -ENODEV;
  // Four looks in a period.
  const auto interval = static_cast<long>(io->period_size * kSecond / io->rate / 4);
  const itimerspec every{.it_interval = {.tv_sec = 0, .tv_nsec = interval}, .it_value = {.tv_sec = 0, .tv_nsec = interval}};
  if (timerfd_settime(card.timer, 0, &every, nullptr) != 0) return -errno;
  card.started_ns = now_ns();
  card.running = true;
  return 0;
}

int stop(snd_pcm_ioplug_t* io) {
  Card& card = card_of(io);
  card.running = false;
  const itimerspec never{};
  timerfd_settime(card.timer, 0, &never, nullptr);
  return 0;
}

snd_pcm_sframes_t pointer(snd_pcm_ioplug_t* io) {
  Card& card = card_of(io);
  if (card.pulled()) return -ENODEV;
  if (card.running && unlink(card.file("xrun").c_str()) == 0) return -EPIPE;
  const std::uint64_t taken = card.taken();
  if (taken > card.written) return -EPIPE;  // it had nothing to play
  return static_cast<snd_pcm_sframes_t>(taken % io->buffer_size);
}

snd_pcm_sframes_t transfer(snd_pcm_ioplug_t* io, const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  Card& card = card_of(io);
  if (card.pulled()) return -ENODEV;
  const char* from = static_cast<const char*>(areas->addr) + (areas->first + areas->step * offset) / 8;
  const auto bytes = static_cast<ssize_t>(size * kFrameBytes);
  if (write(card.played, from, static_cast<std::size_t>(bytes)) != bytes) return -EIO;
  card.written += size;
  return static_cast<snd_pcm_sframes_t>(size);
}

int poll_revents(snd_pcm_ioplug_t* io, pollfd* polled, unsigned, unsigned short* revents) {
  Card& card = card_of(io);
  std::uint64_t expirations = 0;
  if ((polled->revents & POLLIN) != 0 && read(card.timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) return -errno;
  const std::uint64_t taken = card.taken();
  const bool room = taken >= card.written || io->buffer_size - (card.written - taken) >= io->period_size;
  *revents = card.pulled() ? POLLOUT | POLLERR : room ? POLLOUT : 0;
  return 0;
}

int close_card(snd_pcm_ioplug_t* io) {
  delete &card_of(io);
  return 0;
}

constexpr snd_pcm_ioplug_callback_t callbacks() {
  snd_pcm_ioplug_callback_t calls{};
  calls.start = start;
  calls.stop = stop;
  calls.pointer = pointer;
  calls.transfer = transfer;
  calls.prepare = prepare;
  calls.poll_revents = poll_revents;
  calls.close = close_card;
  return calls;
}
constexpr snd_pcm_ioplug_callback_t kCallbacks = callbacks();

int constrain(Card& card) {
  std::vector<unsigned> rates{44'100, 48'000};
  unsigned only = 0;
  if (std::ifstream(card.file("rate")) >> only) rates = {only};
  const unsigned access[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED};
  const unsigned format[] = {SND_PCM_FORMAT_FLOAT_LE};
  int fault = snd_pcm_ioplug_set_param_list(&card.io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
  if (fault >= 0) fault = snd_pcm_ioplug_set_param_list(&card.io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
  if (fault >= 0) fault = snd_pcm_ioplug_set_param_minmax(&card.io, SND_PCM_IOPLUG_HW_CHANNELS, kChannels, kChannels);
  if (fault >= 0)
    fault = snd_pcm_ioplug_set_param_list(&card.io, SND_PCM_IOPLUG_HW_RATE, static_cast<unsigned>(rates.size()), rates.data());
  if (fault >= 0) fault = snd_pcm_ioplug_set_param_minmax(&card.io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64 * kFrameBytes, 4'096 * kFrameBytes);
  // A deep buffer: machines that tests run on wake late.
  if (fault >= 0)
    fault = snd_pcm_ioplug_set_param_minmax(&card.io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 4'096 * kFrameBytes, 16'384 * kFrameBytes);
  return fault;
}

int open_card(snd_pcm_t** pcm, const char* name, const std::string& folder, snd_pcm_stream_t stream, int mode) {
  if (stream != SND_PCM_STREAM_PLAYBACK) return -ENODEV;
  auto card = std::make_unique<Card>();
  card->folder = folder;
  if (card->pulled()) return -ENODEV;
  card->lock = open(card->file("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (card->lock < 0) return -errno;
  if (flock(card->lock, LOCK_EX | LOCK_NB) != 0) return -EBUSY;
  card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  card->played = open(card->file("played.f32").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (card->timer < 0 || card->played < 0) return -errno;
  card->io.version = SND_PCM_IOPLUG_VERSION;
  card->io.name = "Loophole test sound card";
  card->io.callback = &kCallbacks;
  card->io.private_data = card.get();
  card->io.poll_fd = card->timer;
  card->io.poll_events = POLLIN;
  if (const int fault = snd_pcm_ioplug_create(&card->io, name, stream, mode); fault < 0) return fault;
  Card& made = *card.release();  // close_card() destroys it from here on
  if (const int fault = constrain(made); fault < 0) {
    snd_pcm_ioplug_delete(&made.io);
    return fault;
  }
  *pcm = made.io.pcm;
  return 0;
}

}  // namespace

extern "C" {

int _snd_pcm_soundcard_open(snd_pcm_t** pcm, const char* name, snd_config_t*, snd_config_t* conf, snd_pcm_stream_t stream, int mode);
int _snd_pcm_soundcard_open(snd_pcm_t** pcm, const char* name, snd_config_t*, snd_config_t* conf, snd_pcm_stream_t stream, int mode) {
  snd_config_t* entry = nullptr;
  const char* folder = nullptr;
  if (snd_config_search(conf, "folder", &entry) < 0 || snd_config_get_string(entry, &folder) < 0) {
    SNDERR("the sound card needs a folder");
    return -EINVAL;
  }
  return open_card(pcm, name, folder, stream, mode);
}
SND_PCM_PLUGIN_SYMBOL(soundcard)
}
