#include "demo/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "demo/audio_files.hpp"
#include "demo/story.hpp"

namespace loophole::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  bool headless = false;
  std::string report;
  std::vector<std::string> audio;
  std::string out = "loophole-demo";
  std::string pulse;
  std::string signal;
};

// A private run-time directory that goes away with this object. Short, because socket paths are.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    std::string pattern = (fs::temp_directory_path() / "lpdemo-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateDirectory() {
    std::error_code fault;
    if (!path_.empty()) fs::remove_all(path_, fault);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

// The folder for what the demo leaves behind; what an earlier run left there is removed, by name.
Result<fs::path> prepare_folder(const std::string& name) {
  std::error_code fault;
  const fs::path folder = fs::absolute(name).lexically_normal();
  fs::create_directories(folder, fault);
  if (fault)
    return make_error(errors::kProjectFileUnwritable,
                      "cannot make the folder " + folder.string() + ": " + fault.message() + "; give another one with --out");
  for (const char* file : {"demo.loophole", "demo.loophole-wal", "demo.loophole-shm", "demo.loophole-journal", "demo.wav", "pulse.log"}) {
    fs::remove(folder / file, fault);
    if (fault)
      return make_error(errors::kProjectFileUnwritable,
                        "cannot replace " + (folder / file).string() + ": " + fault.message() + "; give another folder with --out");
  }
  return folder;
}

Result<std::vector<fs::path>> audio_files(const Arguments& arguments) {
  if (arguments.audio.empty()) return find_speech();
  std::vector<fs::path> files;
  for (const std::string& name : arguments.audio) {
    // Read here first: the message then comes before anything was started.
    if (auto level = measure_audio(name); !level) return std::move(level).error();
    files.push_back(fs::absolute(name).lexically_normal());
  }
  return files;
}

Result<int> demo(const Options& options, const Arguments& arguments) {
  auto audio = audio_files(arguments);
  if (!audio) return std::move(audio).error();
  auto folder = prepare_folder(arguments.out);
  if (!folder) return std::move(folder).error();
  const PrivateDirectory runtime;
  if (runtime.path().empty())
    return make_error(errors::kSessionRuntimeDir, "cannot make a private directory in " + fs::temp_directory_path().string());
  setenv("LOOPHOLE_RUNTIME_DIR", runtime.path().c_str(), 1);
  catch_interrupts();

  TerminalTraits traits = terminal_traits();
  if (arguments.headless) traits.live = traits.colour = false;
  Report report;
  {
    Stage stage(traits, options.json ? Stage::Voice::silent : Stage::Voice::spoken);
    {
      Story story({.out = *folder, .runtime_dir = runtime.path(), .pulse = arguments.pulse, .signal = arguments.signal, .audio = *audio},
                  stage, report);
      story.play();
      stage.clear_meters();
    }
    stage.report(report);
  }
  if (options.json) print_line(report.json());
  if (!arguments.report.empty()) {
    std::ofstream file(arguments.report, std::ios::trunc);
    file << report.json() << '\n';
    file.close();
    if (!file) return make_error(errors::kProjectFileUnwritable, "cannot write the report to " + arguments.report);
  }
  if (interrupted()) return kInterrupted;
  return report.ok() ? kSuccess : kFailed;
}

}  // namespace

void add_demo_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "demo", "Plays the whole story with three real processes: speech, a gesture, undo, an engine that is killed; checks every step");
  command->add_flag("--headless", arguments->headless, "Plain lines, no drawing");
  command->add_option("--report", arguments->report, "Write what was checked and measured to this file, as JSON");
  command
      ->add_option("--audio", arguments->audio,
                   "WAV or FLAC files to play; the spoken files of the Debian package alsa-utils where left out")
      ->expected(1, 64);
  command->add_option("--out,--keep", arguments->out, "Folder for project, recording and log, which stay; replaced by the next run")
      ->capture_default_str();
  command->add_option("--pulse", arguments->pulse, "Program of Pulse; loophole-pulse beside aura-cli where left out");
  command->add_option("--signal", arguments->signal, "Program of Signal; Pulse's own choice where left out");
  command->footer("Exit code 0: every check passed; 1: one failed; 130: interrupted. No process is left behind in any case.");
  actions.bind(command, [arguments](const Options& options) { return demo(options, *arguments); });
}

}  // namespace loophole::cli
