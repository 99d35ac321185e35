// The audio callback allocates nothing and takes no lock. malloc and its kin, and pthread_mutex_lock, are replaced in this program; on an
// armed thread each call is counted.

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <thread>

#include "realtime_scene.hpp"

namespace {

thread_local int armed = 0;
std::atomic<int> allocations{0};
std::atomic<int> locks{0};

void note(std::atomic<int>& count) noexcept {
  if (armed > 0) count.fetch_add(1);
}

struct Armed {
  Armed() { ++armed; }
  ~Armed() { --armed; }
};

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) {
  note(allocations);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  note(allocations);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  note(allocations);
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  note(allocations);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  note(allocations);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  note(allocations);
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? 12 : 0;
}
void free(void* memory) {
  if (memory != nullptr) note(allocations);
  __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const Lock real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  note(locks);
  return real(mutex);
}
}

namespace loophole::test {
namespace {

TEST_CASE("the trap traps") {
  const int before_allocations = allocations;
  const int before_locks = locks;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  {
    const Armed trap;
    void* volatile memory = std::malloc(10);
    std::free(memory);
    const std::unique_ptr<std::vector<int>> made(new std::vector<int>(10));
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  CHECK(allocations >= before_allocations + 6);
  CHECK(locks == before_locks + 1);
}

TEST_CASE("rendering allocates nothing and locks nothing, while graphs, gestures, transport and meters go on") {
  RealtimeScene scene;
  constexpr int kBlocks = 3'000;
  std::atomic<int> blocks{0};
  std::atomic<bool> silent{true};
  allocations = 0;
  locks = 0;
  AudioCallback& callback = *scene.stage.desk.callback;
  std::thread audio([&] {
    std::vector<float> out(512);
    for (int block = 0; block < kBlocks; ++block) {
      {
        const Armed trap;
        callback.render(out, static_cast<std::uint64_t>(block));
      }
      for (const float sample : out)
        if (sample != 0) silent = false;
      ++blocks;
      std::this_thread::yield();
    }
  });
  int rounds = 0;
  while (blocks < kBlocks) scene.disturb(++rounds);
  audio.join();
  scene.disturb(1);
  CHECK(allocations == 0);
  CHECK(locks == 0);
  CHECK_FALSE(silent);
  CHECK(rounds > 1);
  CHECK(scene.batches > 0);
  CHECK(scene.readings > 0);
  CHECK(scene.loads > 0);
  CHECK(scene.runs > 0);
  MESSAGE(kBlocks << " blocks, " << rounds << " rounds of edits, " << allocations.load() << " allocations, " << locks.load() << " locks");
}

}  // namespace
}  // namespace loophole::test
