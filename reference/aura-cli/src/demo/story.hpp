#pragma once
// Story: the steps of the demo. Each does what a user would do, waits for what must follow, and writes down what it saw.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "demo/pulse_process.hpp"
#include "demo/report.hpp"
#include "demo/stage.hpp"
#include "loophole/aura.hpp"

namespace loophole::cli {

struct StoryOptions {
  std::filesystem::path out;          // folder for project, recording and log
  std::filesystem::path runtime_dir;  // private, of this run
  std::filesystem::path pulse{};      // program; empty: beside aura-cli
  std::filesystem::path signal{};     // program; empty: Pulse's choice
  std::vector<std::filesystem::path> audio{};
};

class Story {
 public:
  Story(StoryOptions options, Stage& stage, Report& report);
  ~Story();

  // [owner-thread] Plays the story; what it saw is in the report.
  void play();

 private:
  // The steps, in their order. False: the story cannot go on.
  bool start();
  bool make_project();
  bool go_live();
  bool listen();
  bool move_cutoff();
  bool undo_and_redo();
  bool kill_engine();
  bool reopen();
  bool finish();
  // What the recording says of the speech and the sweep.
  void listen_to_recording();

  // Writes a check down; gives its verdict back.
  bool check(std::string id, bool ok, std::string detail);
  void conclude(Check check);
  bool fail(std::string id, const Error& error);

  // Polls until `done`; false: not before the deadline, or interrupted.
  bool wait(std::chrono::milliseconds deadline, const std::function<bool()>& done);
  // Asks for the engine's status again and again until it is as wanted; the newest one. Says which it was in `ok`.
  Result<engine::StatusReply> status_when(std::chrono::milliseconds deadline, const std::function<bool(const engine::StatusReply&)>& wanted,
                                          bool& ok);
  // The same for a parameter: until model and engine have a value.
  Result<parameter::GetReply> value_when(std::chrono::milliseconds deadline, double wanted, bool& ok);
  // A command whose failure is a failed check of this id.
  template <class C>
  std::optional<typename C::Reply> call(const char* id, C command) {
    auto reply = client_->call(std::move(command));
    if (reply) return *std::move(reply);
    fail(id, reply.error());
    return {};
  }

  [[nodiscard]] std::string log_tail() const;
  void follow(const aura::MetersView& view);

  // What was loudest at a meter since the last reset, in decibels.
  struct Loudness {
    double voice_db = -120;
    double synth_db = -120;
    double master_db = -120;
    std::uint64_t frames = 0;
  };

  StoryOptions options_;
  Stage& stage_;
  Report& report_;
  std::optional<PulseProcess> pulse_;
  std::optional<aura::Client> client_;
  Loudness loudness_;
  ParameterId cutoff_;
  double cutoff_before_ = 0;
  double cutoff_after_ = 0;
  TrackId voice_;
  TrackId synth_;
  std::vector<pid_t> engines_;
  std::filesystem::path recording_;
  std::int64_t played_from_ = 0;  // the frame of the engine, and of the recording, at which the timeline began
  std::int64_t sweep_begin_ = 0;  // frames of the engine
  std::int64_t sweep_end_ = 0;
};

}  // namespace loophole::cli
