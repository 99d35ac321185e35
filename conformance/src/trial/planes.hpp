#pragma once
// The suite in the seat of an Aura, towards an engine: a hand that sends samples, and a watcher of telemetry.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

class Hand {
 public:
  Hand(Trial& trial, std::uint64_t stream_id, std::unique_ptr<Lane> lane);

  // One frame with these samples, numbered on from the last one.
  void move(const std::vector<frames::ParameterSample>& samples);
  void move(std::uint32_t handle, double value) { move({{.value = value, .handle = handle}}); }
  // A frame with any header; `wrong` says that it is meant to be refused as a whole.
  void frame(const frames::ParameterStreamHeader& header, const std::vector<frames::ParameterSample>& samples, bool wrong);
  void bytes(const std::string& raw);  // wrong on purpose
  void parts(const Parts& parts);      // wrong on purpose

  frames::ParameterStreamHeader header;

 private:
  void send(const Parts& parts, std::string text, bool wrong);
  Trial& trial_;
  std::unique_ptr<Lane> lane_;
};

class Watcher {
 public:
  Watcher(Trial& trial, std::unique_ptr<Lane> lane);

  void subscribe(std::string_view topic);
  void unsubscribe(std::string_view topic);

  struct Meters {
    frames::MetersHeader header;
    std::vector<frames::MeterReading> readings;
  };
  struct Spectrum {
    frames::SpectrumHeader header;
    std::vector<float> magnitudes_db;
  };
  // What arrived, by topic as it was sent; the newest 4096 each.
  std::map<std::string, std::vector<Meters>, std::less<>> meters;
  std::map<std::string, std::vector<frames::TransportPosition>, std::less<>> positions;
  std::map<std::string, std::vector<frames::EngineStats>, std::less<>> stats;
  std::map<std::string, std::vector<Spectrum>, std::less<>> spectra;
  [[nodiscard]] std::size_t count(std::string_view topic) const;

  // The reading of a meter's left channel in the newest frame of `meters` that has it; nothing where none has.
  [[nodiscard]] std::optional<frames::MeterReading> reading(std::uint32_t handle) const;

 private:
  friend class Trial;
  void pump();
  Trial& trial_;
  std::unique_ptr<Lane> lane_;
  std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace loophole::conformance
