// What does it cost to write a frame and to verify, check and read it again? Beside two others, in the same run: the floor, which only
// copies the bytes there and back, and FlatBufferBuilder with flatc's verifier and accessors, which checks less.
//
//   loophole-bench-frames [--json FILE]
//
// All are measured in turns, so that what disturbs one disturbs the others. One sample is the mean of a batch of about 50 us.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "flatc/meters_generated.h"
#include "flatc/parameter_stream_generated.h"
#include "flatc/spectrum_generated.h"
#include "loophole/frames/all.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using loophole::bench::keep;
namespace fr = loophole::frames;
namespace fb = loophole::fb;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr int kSamples = 1000;
constexpr double kBatchNs = 50'000;

using Work = std::function<void()>;
struct Case {
  std::string name;
  std::string title;
  std::size_t bytes = 0;
  Work ours, flatbuffers, copy;
};
double time_batch(const Work& work, int repeats) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) work();
  return Nanoseconds(std::chrono::steady_clock::now() - begin).count() / repeats;
}

bench::Measurement measure(const Case& test) {
  const Work* works[] = {&test.ours, &test.flatbuffers, &test.copy};
  int repeats[3] = {};
  std::vector<double> samples[3];
  for (int w = 0; w < 3; ++w) repeats[w] = std::max(1, static_cast<int>(kBatchNs / time_batch(*works[w], 100)));
  for (int i = 0; i < kSamples; ++i)
    for (int w = 0; w < 3; ++w) samples[w].push_back(time_batch(*works[w], repeats[w]));
  return {.name = test.name,
          .what = "write, verify, read " + test.title + ", " + std::to_string(test.bytes) + " bytes",
          .unit = "ns",
          .ours = bench::distribution_of("ours", std::move(samples[0])),
          .floor = bench::distribution_of("the bytes copied there and back", std::move(samples[2])),
          .beside = {bench::distribution_of("FlatBufferBuilder and flatc's verifier", std::move(samples[1]))}};
}

// The frame there and back, and nothing else.
Work copy_of(std::size_t bytes) {
  return [there = lp::Buffer(bytes), back = lp::Buffer(bytes)]() mutable {
    std::memcpy(there.data(), back.data(), there.size());
    keep(there);
    std::memcpy(back.data(), there.data(), back.size());
    keep(back);
  };
}

template <class Table>
const Table& verified(const flatbuffers::FlatBufferBuilder& builder, const char* identifier) {
  flatbuffers::Verifier verifier(builder.GetBufferPointer(), builder.GetSize());
  if (!verifier.VerifyBuffer<Table>(identifier)) std::abort();
  return *flatbuffers::GetRoot<Table>(builder.GetBufferPointer());
}

Case stream_case() {
  const std::size_t bytes = fr::parameter_stream_bytes(1);
  return {
      .name = "frame-parameter-stream",
      .title = "a ParameterStream of 1 sample",
      .bytes = bytes,
      .ours =
          [buffer = lp::Buffer(bytes), sequence = std::uint64_t{0}]() mutable {
            const fr::ParameterSample sample{.value = 440.25, .time_ns = sequence, .handle = 7};
            const lp::Bytes frame = fr::write_parameter_stream(buffer, {.stream_id = 1, .epoch = 2, .sequence = sequence++}, {&sample, 1});
            keep(buffer);
            const auto view = fr::read_parameter_stream(frame);
            if (!view) std::abort();
            const double sum = view->samples[0].value + static_cast<double>(view->header.sequence);
            keep(sum);
          },
      .flatbuffers =
          [builder = std::make_shared<flatbuffers::FlatBufferBuilder>(1024), sequence = std::uint64_t{0}]() mutable {
            builder->Clear();
            const fb::ParameterSample sample(440.25, sequence, 7, 0);
            fb::FinishParameterStreamBuffer(
                *builder, fb::CreateParameterStream(*builder, 1, 2, sequence++, builder->CreateVectorOfStructs(&sample, 1)));
            keep(*builder);
            const auto& table = verified<fb::ParameterStream>(*builder, fb::ParameterStreamIdentifier());
            const double sum = table.samples()->Get(0)->value() + static_cast<double>(table.sequence());
            keep(sum);
          },
      .copy = copy_of(bytes)};
}

Case meters_case() {
  constexpr std::size_t kReadings = 512;
  const std::size_t bytes = fr::meters_bytes(kReadings);
  const std::vector<fr::MeterReading> readings(kReadings, {.handle = 1, .channel = 1, .peak = 0.5F, .rms = 0.25F});
  return {.name = "frame-meters",
          .title = "Meters, 256 in stereo",
          .bytes = bytes,
          .ours =
              [buffer = lp::Buffer(bytes), readings]() mutable {
                const lp::Bytes frame = fr::write_meters(buffer, {.epoch = 2, .sequence = 3}, readings);
                keep(buffer);
                const auto view = fr::read_meters(frame);
                if (!view) std::abort();
                keep(view->readings.back());
              },
          .flatbuffers =
              [builder = std::make_shared<flatbuffers::FlatBufferBuilder>(1024),
               items = std::vector<fb::MeterReading>(kReadings, fb::MeterReading(1, 1, 0, 0.5F, 0.25F))] {
                builder->Clear();
                fb::FinishMetersBuffer(*builder, fb::CreateMeters(*builder, 2, 3, 0, 0, 0, builder->CreateVectorOfStructs(items)));
                keep(*builder);
                keep(*verified<fb::Meters>(*builder, fb::MetersIdentifier()).readings()->Get(kReadings - 1));
              },
          .copy = copy_of(bytes)};
}

Case spectrum_case() {
  constexpr std::size_t kBins = 1025;
  const std::size_t bytes = fr::spectrum_bytes(kBins);
  const std::vector<float> magnitudes(kBins, -60.5F);
  return {.name = "frame-spectrum",
          .title = "a Spectrum of 1,025 bins",
          .bytes = bytes,
          .ours =
              [buffer = lp::Buffer(bytes), magnitudes]() mutable {
                const lp::Bytes frame = fr::write_spectrum(buffer, {.epoch = 2, .sequence = 3, .handle = 4}, magnitudes);
                keep(buffer);
                const auto view = fr::read_spectrum(frame);
                if (!view) std::abort();
                keep(view->magnitudes_db.back());
              },
          .flatbuffers =
              [builder = std::make_shared<flatbuffers::FlatBufferBuilder>(1024), magnitudes] {
                builder->Clear();
                const auto vector = builder->CreateVector(magnitudes);
                fb::FinishSpectrumBuffer(*builder,
                                         fb::CreateSpectrum(*builder, 2, 3, 0, 0, 4, -1, fb::SpectrumWindow::hann, 48'000, 2'048, vector));
                keep(*builder);
                const float last = verified<fb::Spectrum>(*builder, fb::SpectrumIdentifier()).magnitudes_db()->Get(kBins - 1);
                keep(last);
              },
          .copy = copy_of(bytes)};
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-frames");
  bench::Run run("frames", arguments);
  for (const Case& test : {stream_case(), meters_case(), spectrum_case()}) run.add(measure(test));
  return run.finish();
}
