// The engine as a program: protocol/framing.md, protocol/security.md.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOptions{
    {{"--control", "{control}"}, {"--stream", "{stream}"}, {"--telemetry", "{telemetry}"}}};

// The command of the peer with only these of the options of an engine, in this order, in the places where they are.
std::vector<std::string> command_with(Trial& t, std::vector<std::string_view> names) {
  const auto& command = t.setting().command;
  std::vector<std::string> made;
  std::size_t found = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const auto option = std::ranges::find_if(
        kOptions, [&](const auto& one) { return i + 1 < command.size() && command[i] == one.first && command[i + 1] == one.second; });
    if (option == kOptions.end()) {
      made.push_back(command[i]);
      continue;
    }
    ++i;
    if (found++ >= names.size()) continue;
    const auto wanted = std::ranges::find(kOptions, names[found - 1], &std::pair<std::string_view, std::string_view>::first);
    made.emplace_back(wanted->first);
    made.emplace_back(wanted->second);
  }
  if (found != kOptions.size())
    throw CaseEnded(
        "the command of the peer does not have --control {control}, --stream {stream} and --telemetry {telemetry}, as Pulse starts an "
        "engine");
  return made;
}

// Ends in time with this code, and never answers at its endpoint.
void ends_with(Trial& t, std::string_view check, const std::vector<std::string>& command, int code) {
  const OtherRun other = run_other(t, substitute(command, t.other_endpoints()), t.runtime_folder());
  t.check(check, other.exited(code), other.text);
}

}  // namespace

void add_process_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.process.terminate",
      .title = "SIGTERM ends an engine in order",
      .steps = "Play a tone with a greeted Pulse; send SIGTERM.",
      .level = Level::required,
      .checks = {{"goodbye", {"FRM-42", "HELLO-36"}, "a goodbye comes"},
                 {"ends", {"FRM-42"}, "the process ends"},
                 {"code", {"FRM-41", "FRM-42"}, "with exit code 0"},
                 {"endpoints", {"FRM-42"}, "another engine can be started at the same endpoints"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            Pulse& pulse = t.pulse();
            t.expect_end();
            t.process()->ask_to_end();
            t.check("goodbye", t.wait([&] { return pulse.goodbye().has_value(); }), "no goodbye");
            t.require("ends", t.wait_for_end(t.patience()), "it still runs");
            t.check("code", t.process()->ended()->code == 0, "it " + t.process()->ended()->text());
            t.restart_with(substitute(t.setting().command, t.endpoints()), Endpoints(t.endpoints()));
            const Answer greeted = t.connect().hello();
            t.check("endpoints", greeted.as<session::HelloReply>() != nullptr, greeted.text());
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.options",
      .title = "The options for the endpoints come in any order",
      .steps = "Start the engine with the options as given, then with --telemetry, --stream, --control.",
      .level = Level::required,
      .checks = {{"order", {"FRM-39"}, "it is greeted at the endpoints that were given, and tells them"},
                 {"bound", {"FRM-21", "FRM-39"}, "all three planes are served there"}},
      .run =
          [](Trial& t) {
            (void)t.pulse();
            const auto command = command_with(t, {"--telemetry", "--stream", "--control"});
            const Endpoints at = t.other_endpoints();
            t.restart_with(substitute(command, at), at);
            const auto& reply = t.pulse().reply();
            t.check("order", reply.engine->stream_endpoint == at.stream && reply.engine->telemetry_endpoint == at.telemetry,
                    "other endpoints");
            playing_hand(t).move(kGain, -20);
            t.check("bound", shows(t, kToneDb - 20), shown(t));
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.wrong-arguments",
      .title = "Wrong arguments end the program with exit code 2",
      .steps = "Start the engine; then with an unknown option, without --control, without --telemetry, and with --stream without a value.",
      .level = Level::required,
      .checks = {{"unknown", {"FRM-40"}, "an unknown option: exit code 2"},
                 {"no-control", {"FRM-40"}, "no --control: exit code 2"},
                 {"no-telemetry", {"FRM-40"}, "no --telemetry: exit code 2"},
                 {"no-value", {"FRM-40"}, "an option without its value: exit code 2"}},
      .run =
          [](Trial& t) {
            (void)t.pulse();
            std::vector<std::string> unknown = t.setting().command;
            unknown.emplace_back("--no-such-option-of-any-engine");
            ends_with(t, "unknown", unknown, 2);
            ends_with(t, "no-control", command_with(t, {"--stream", "--telemetry"}), 2);
            ends_with(t, "no-telemetry", command_with(t, {"--control", "--stream"}), 2);
            // Another option follows where its value should be.
            std::vector<std::string> value = command_with(t, {"--control", "--stream", "--telemetry"});
            value.erase(std::ranges::find(value, "{stream}"));
            ends_with(t, "no-value", value, 2);
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.in-use",
      .title = "An endpoint that is served is not taken away",
      .steps = "Start an engine and greet it; start another one at the same endpoints.",
      .level = Level::required,
      .checks = {{"code", {"FRM-41"}, "the second one ends with exit code 3"}, {"unhurt", {"FRM-18"}, "the first one still serves"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            const OtherRun second = run_other(t, substitute(t.setting().command, t.endpoints()), t.runtime_folder());
            t.check("code", second.exited(3), second.text);
            const std::string after = digest(t);
            t.check("unhurt", after == before, "digest " + after);
            Pulse& other = t.connect();
            other.be(t.pulse().instance());
            const Answer greeted = other.hello();
            t.check("unhurt", greeted.as<session::HelloReply>() != nullptr, greeted.text());
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.epochs",
      .title = "Each start has an epoch of its own",
      .steps = "Start the engine three times.",
      .level = Level::required,
      .checks = {{"differ", {"ENG-7"}, "the epochs are above 0 and all different"},
                 {"instances", {"ENG-7"}, "and so are the instance ids"}},
      .run =
          [](Trial& t) {
            std::vector<std::uint64_t> epochs;
            std::vector<std::string> instances;
            for (int i = 0; i < 3; ++i) {
              if (i > 0) t.restart_peer();
              instances.push_back(t.pulse().reply().instance_id.value);
              epochs.push_back(t.epoch());
            }
            const auto differ = [](const auto& list) { return list[0] != list[1] && list[1] != list[2] && list[0] != list[2]; };
            t.check("differ", differ(epochs) && std::ranges::find(epochs, 0U) == epochs.end(),
                    std::to_string(epochs[0]) + ", " + std::to_string(epochs[1]));
            t.check("instances", differ(instances), instances[0] + ", " + instances[1]);
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.files",
      .title = "Socket files are for their owner alone",
      .steps = "Start the engine on ipc:// endpoints and look at the modes of the files.",
      .level = Level::required,
      .checks = {{"mode", {"SEC-3"}, "each has the mode 0600"}},
      .run =
          [](Trial& t) {
            (void)t.pulse();
            Endpoints at = t.endpoints();
            if (!at.control.starts_with("ipc://")) {  // whatever the topology of the run
              at = new_endpoints(Topology::ipc, t.folder());
              t.restart_with(substitute(t.setting().command, at), at);
              (void)t.pulse();
            }
            for (const std::string* endpoint : {&at.control, &at.stream, &at.telemetry}) {
              struct stat about {};
              const bool there = ::stat(endpoint->c_str() + std::string_view("ipc://").size(), &about) == 0;
              char mode[16];
              std::snprintf(mode, sizeof mode, "%04o", about.st_mode & 07777U);
              t.check("mode", there && (about.st_mode & 07777U) == 0600U,
                      *endpoint + (there ? std::string(" has ") + mode : " is not there"));
            }
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.beyond",
      .title = "Nothing is bound beyond this machine without keys",
      .steps = "Start the engine; then others of which one endpoint, each in turn, is a free port at tcp://0.0.0.0 and at tcp://[::].",
      .level = Level::required,
      .checks = {{"refused", {"SEC-6", "SEC-7", "FRM-41"}, "each of them ends by itself, with an exit code other than 0"}},
      .run =
          [](Trial& t) {
            (void)t.pulse();
            for (std::string Endpoints::*plane : {&Endpoints::control, &Endpoints::stream, &Endpoints::telemetry})
              for (const char* everywhere : {"0.0.0.0", "[::]"}) {
                Endpoints at = t.other_endpoints();
                at.*plane = with(new_endpoints(Topology::tcp, t.folder()).control, "127.0.0.1", everywhere);
                const OtherRun other = run_other(t, substitute(t.setting().command, at), t.runtime_folder());
                t.check("refused", other.refused(), at.*plane + ": " + other.text);
              }
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.replay",
      .title = "An engine that was started again comes to the same graph",
      .steps = "Put a graph and set values; start the engine again; put the graph with these values.",
      .level = Level::required,
      .checks = {{"digest", {"ENG-59", "DIG-1"}, "the digest is the one of before"}, {"fresh", {"ENG-7"}, "before that it had no graph"}},
      .run =
          [](Trial& t) {
            configure(t);
            put(t, voice());
            (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = kGain, .value = -7.25}}});
            const std::string before = digest(t);
            t.restart_peer();
            configure(t);
            const auto none = query(t);
            t.check("fresh", none.revision == 0 && !none.digest, "revision " + std::to_string(none.revision));
            const std::string after = put(t, voice(-7.25), 9);
            t.check("digest", after == before, after + " instead of " + before);
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "signal.process.last-words",
      .title = "The file of the last words stays as Pulse made it",
      .steps = "Make a file of 256 NUL; start the engine with --last-words; play a tone; end it.",
      .level = Level::required,
      .checks = {{"taken", {"FRM-39"}, "the engine takes the option"},
                 {"file", {"FRM-46"}, "the file is the same one, of the same size, all NUL while no plugin runs"}},
      .run =
          [](Trial& t) {
            (void)t.pulse();
            const auto file = t.folder() / "last-words";
            write_file(file, std::string(256, '\0'));
            struct stat before {};
            (void)::stat(file.c_str(), &before);
            const Endpoints at = t.other_endpoints();
            std::vector<std::string> command = substitute(t.setting().command, at);
            command.insert(command.end(), {"--last-words", file.string()});
            t.restart_with(command, at);
            play(t, voice());
            watch_meters(t);
            t.check("taken", shows(t, kToneDb), shown(t));
            struct stat after {};
            (void)::stat(file.c_str(), &after);
            std::string content(static_cast<std::size_t>(after.st_size), '?');
            std::ifstream(file, std::ios::binary).read(content.data(), after.st_size);
            t.check("file", after.st_ino == before.st_ino && content == std::string(256, '\0'), std::to_string(after.st_size) + " bytes");
          },
      .starts_peer = true,
  });
}

}  // namespace loophole::conformance::signal_cases
