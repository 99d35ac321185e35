// The Pulse as a program: protocol/framing.md, protocol/security.md.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "loophole/wire/codec.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// The session file below the run-time directory; empty where there is none.
std::filesystem::path session_file(Trial& t) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(t.runtime_folder(), ignored))
    if (std::filesystem::exists(entry.path() / "session.json")) return entry.path() / "session.json";
  return {};
}

std::optional<session::SessionFile> told_in(const std::filesystem::path& file) {
  auto decoded = wire::from_json<session::SessionFile>(bytes_of_file(file));
  if (!decoded) return std::nullopt;
  return *std::move(decoded);
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 07777U;
}

std::string octal(unsigned mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", mode);
  return text;
}

// Where a Pulse beside the one that is judged has its engine: it says nothing to this suite's.
std::filesystem::path other_engine(Trial& t) {
  auto folder = t.folder() / "other-engine";
  std::filesystem::create_directory(folder);
  return folder;
}

}  // namespace

void add_process_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.process.session-file",
      .title = "session.json says where the Pulse is, from when it can be greeted until it ends",
      .steps = "Wait until the engine runs; read session.json; greet at the endpoint that it tells; end the process.",
      .level = Level::required,
      .checks = {{"there", {"FRM-15"}, "it is there when a hello is answered, in a folder of the name of the session"},
                 {"valid", {"FRM-15", "FRM-16"}, "it has name, process and endpoint, by its schema"},
                 {"reached", {"FRM-15"}, "the Pulse answers a hello at this endpoint"},
                 {"modes", {"SEC-1", "SEC-3"}, "the folder has mode 0700, session.json and socket files 0600"},
                 {"removed", {"FRM-15"}, "it is gone when the process has ended"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            const auto file = session_file(t);
            t.require("there", !file.empty(), "there is no session.json below " + t.runtime_folder().string());
            const auto told = told_in(file);
            t.require("valid", told && told->name == file.parent_path().filename().string() && told->process_id > 0, bytes_of_file(file));
            const Answer greeted = t.join_at(told->project_endpoint).hello();
            t.check("reached", greeted.as<session::HelloReply>() != nullptr, told->project_endpoint + ": " + greeted.text());
            t.check("modes", mode_of(file.parent_path()) == 0700, octal(mode_of(file.parent_path())) + " of the folder");
            t.check("modes", mode_of(file) == 0600, octal(mode_of(file)) + " of session.json");
            for (const auto& entry : std::filesystem::directory_iterator(file.parent_path()))
              if (entry.is_socket())
                t.check("modes", mode_of(entry.path()) == 0600, octal(mode_of(entry.path())) + " of " + entry.path().string());
            t.expect_end();
            t.process()->ask_to_end();
            if (!t.wait_for_end(t.patience())) throw CaseEnded("the process does not end");
            t.check("removed", !std::filesystem::exists(file), "it is still there");
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.one-step",
      .title = "session.json is replaced in one step",
      .steps = "Read session.json all the time while the engine is restarted five times.",
      .level = Level::required,
      .checks = {{"whole", {"FRM-16"}, "each time it is whole"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            const auto file = session_file(t);
            if (file.empty()) throw CaseEnded("there is no session.json");
            for (int i = 0; i < 5; ++i) {
              const std::string id = t.aura().send(engine::Restart{});
              (void)t.wait([&] {
                for (int n = 0; n < 20; ++n) t.check("whole", told_in(file).has_value(), bytes_of_file(file));
                return t.aura().answer(id, Milliseconds(0)).came();
              });
            }
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.terminate",
      .title = "A Pulse that ends in order says goodbye to both sides, and ends its engine",
      .steps = "Greet with two user interfaces; edit; end the process; open the project with another one.",
      .level = Level::required,
      .checks = {{"auras", {"HELLO-36"}, "both user interfaces get a goodbye"},
                 {"engine", {"HELLO-36"}, "so does the engine"},
                 {"term", {"FRM-43"}, "the engine is asked to end by SIGTERM"},
                 {"ends", {"HELLO-36"}, "the process ends"},
                 {"project", {"MODEL-4", "MODEL-27"}, "the project can be opened again, as it was"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            (void)voice(t);
            Aura& aura = t.aura();
            Aura& other = second_aura(t);
            const auto before = snapshot(aura);
            t.expect_end();
            t.process()->ask_to_end();
            t.check("auras", t.wait([&] { return aura.goodbye().has_value() && other.goodbye().has_value(); }), "no goodbye");
            // An engine that does not end has time to, before it is killed (FRM-43).
            t.require("ends", t.wait_for_end(t.patience_after(Milliseconds(10'000))), "it still runs");
            t.check("engine", t.signal().heard_goodbye(), "no goodbye");
            t.check("term", t.signal().start().asked_to_end(), "no SIGTERM");
            t.restart_peer();
            (void)done(t, project::Open{.path = song(t).string()});
            t.check("project", snapshot(t.aura()).project == before.project, "another project");
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.engine-arguments",
      .title = "The program of the engine is started with the options of the specification, and a file for its last words",
      .steps = "Look at the arguments with which the engine was started, and at the file.",
      .level = Level::required,
      .checks = {{"options", {"FRM-38"}, "--control, --stream and --telemetry come first, each with an endpoint"},
                 {"last-words", {"FRM-38"}, "then --last-words with a file"},
                 {"file", {"FRM-44"}, "the file has 256 bytes, all NUL"},
                 {"mode", {"FRM-44", "SEC-3"}, "and mode 0600, in the folder of the session"},
                 {"planes", {"FRM-4"}, "nobody connects to the stream and telemetry endpoints"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            const auto& arguments = t.signal().start().arguments();
            const bool first =
                arguments.size() >= 6 && arguments[0] == "--control" && arguments[2] == "--stream" && arguments[4] == "--telemetry";
            t.require("options", first, "others");
            t.require("last-words", arguments.size() >= 8 && arguments[6] == "--last-words", "not there");
            const std::filesystem::path file = arguments[7];
            t.check("file", bytes_of_file(file) == std::string(256, '\0'), std::to_string(bytes_of_file(file).size()) + " bytes");
            const auto session = session_file(t);
            t.check("mode", mode_of(file) == 0600 && (session.empty() || file.parent_path() == session.parent_path()),
                    octal(mode_of(file)));
            t.check("planes", t.signal().connections_to_planes() == 0, "somebody does");
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.in-use",
      .title = "An endpoint that is served is not taken away",
      .steps = "Start a Pulse and greet it; start another one at the same endpoint and session.",
      .level = Level::required,
      .checks = {{"ends", {"FRM-18"}, "the second one ends with an error"},
                 {"unhurt", {"FRM-18"}, "the first one still serves, also those who come later"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Endpoints same = t.endpoints();
            const EngineDesk desk(other_engine(t));
            same.engine = desk.program();
            const OtherRun second = run_other(t, substitute(t.setting().command, same), t.runtime_folder());
            t.check("ends", second.refused(), second.text);
            const Answer edit = t.aura().call(track::Add{.name = "Drums"});
            t.check("unhurt", edit.is_reply(), edit.text());
            const Answer late = t.join().hello();
            t.check("unhurt", late.as<session::HelloReply>() != nullptr, late.text());
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.runtime-dir",
      .title = "A run-time directory that others can use is refused",
      .steps = "Start a Pulse with a run-time directory of mode 0777, and with one that is a symbolic link.",
      .level = Level::required,
      .checks = {{"open", {"SEC-2"}, "the one that others can use: it ends, and serves nobody"},
                 {"link", {"SEC-2"}, "so with a symbolic link"}},
      .run =
          [](Trial& t) {
            (void)t.aura();
            const auto open = t.folder() / "open";
            std::filesystem::create_directory(open);
            std::filesystem::permissions(open, std::filesystem::perms::all);
            const auto link = t.folder() / "link";
            const auto real = t.folder() / "real";
            std::filesystem::create_directory(real);
            std::filesystem::permissions(real, std::filesystem::perms::owner_all);
            std::filesystem::create_directory_symlink(real, link);
            const EngineDesk desk(other_engine(t));
            for (const auto& [check, folder] : {std::pair{"open", open}, std::pair{"link", link}}) {
              Endpoints at = t.other_endpoints();
              at.engine = desk.program();
              const OtherRun other = run_other(t, substitute(t.setting().command, at), folder);
              t.check(check, other.refused(), other.text);
            }
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.beyond-this-machine",
      .title = "Without keys nothing is bound beyond this machine",
      .steps = "Start a Pulse at a free port of tcp://0.0.0.0, and one at tcp://[::], without a word of the user's that allows it.",
      .level = Level::required,
      .checks = {{"ends", {"SEC-6", "SEC-7"}, "it ends with an error"}},
      .run =
          [](Trial& t) {
            (void)t.aura();
            const auto runtime = t.folder() / "other-run";
            std::filesystem::create_directory(runtime);
            std::filesystem::permissions(runtime, std::filesystem::perms::owner_all);
            const EngineDesk desk(other_engine(t));
            for (const char* everywhere : {"0.0.0.0", "[::]"}) {
              Endpoints at = new_endpoints(Topology::tcp, t.folder());
              at.engine = desk.program();
              at.project = with(at.project, "127.0.0.1", everywhere);
              const OtherRun other = run_other(t, substitute(t.setting().command, at), runtime);
              t.check("ends", other.refused(), at.project + ": " + other.text);
            }
          },
      .starts_peer = true,
  });
  cases.push_back({
      .id = "pulse.process.instance",
      .title = "Each run of the program has an instanceId of its own",
      .steps = "Look at the instanceId in the answer to a hello and in the hello to the engine; start another one.",
      .level = Level::required,
      .checks = {{"engine", {"HELLO-5"}, "the engine is greeted with at least 48 bits of it, another one each run"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            const std::string first = t.signal().hellos().back().instance_id.value;
            t.restart_peer();
            running_engine(t);
            const std::string second = t.signal().hellos().back().instance_id.value;
            t.check("engine", first != second && second.size() >= 8, first + " and " + second);
          },
      .starts_peer = true,
  });
}

}  // namespace loophole::conformance::pulse_cases
