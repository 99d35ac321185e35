// loophole-conformance: judges a peer of the Loophole protocol from the wire.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/expected.hpp"
#include "cli/show.hpp"
#include "fault.hpp"
#include "peer/engine_program.hpp"
#include "peer/process.hpp"
#include "report/report.hpp"
#include "runner/runner.hpp"
#include "selftest.hpp"

namespace {

using namespace loophole::conformance;

constexpr int kUsage = 2;
constexpr int kSuiteFault = 4;

struct CommandLine {
  std::string program;
  std::string role = "signal";
  std::string level = "required";
  std::string topology = "ipc";
  double patience = 5;  // seconds
  std::string attach;
  std::vector<std::string> patterns;
  std::string expected_file;
  std::string json_file, junit_file, tap_file, html_file;
  std::vector<std::string> badge_files;
  std::vector<std::string> peer;
  std::size_t jobs = 1;
  bool as_json = false;
  std::string case_id;
  std::vector<std::string> merge;
  SelftestOrder selftest;
};

int usage(const std::string& what) {
  std::cerr << "loophole-conformance: " << what << "\n";
  return kUsage;
}

bool write(const std::string& file, const std::string& text) {
  if (file.empty()) return true;
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return true;
  std::cerr << "loophole-conformance: '" << file << "' cannot be written\n";
  return false;
}

// What would be in the way of writing a report, which is better known before a run than after it.
std::optional<std::string> fault_of_outputs(const CommandLine& line) {
  std::vector<std::string> files = line.badge_files;
  files.insert(files.end(), {line.json_file, line.junit_file, line.tap_file, line.html_file});
  for (const std::string& file : files) {
    if (file.empty()) continue;
    const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
    const bool there = access(file.c_str(), F_OK) == 0;
    if (std::filesystem::is_directory(file)) return "'" + file + "' is a folder; name a file in it";
    if (access(there ? file.c_str() : folder.c_str(), W_OK) != 0) return "'" + file + "' cannot be written: " + std::strerror(errno);
  }
  return std::nullopt;
}

bool write_all(const CommandLine& line, const RunResult& result) {
  for (const std::string& file : line.badge_files)
    if (!write(file, file.ends_with(".svg") ? report::badge_svg(result) : report::badge_json(result))) return false;
  return write(line.json_file, report::json(result)) && write(line.junit_file, report::junit(result)) &&
         write(line.tap_file, report::tap(result)) && write(line.html_file, report::html(result));
}

std::optional<std::string> read_expected(const std::string& file, std::vector<Expected>& expected, std::string_view role) {
  if (file.empty()) return std::nullopt;
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return "'" + file + "' cannot be read";
  ExpectedFailures found = parse_expected(text.str(), role);
  if (!found.error.empty()) return file + ": " + found.error;
  expected = std::move(found.list);
  return std::nullopt;
}

int run_cases(const CommandLine& line) {
  Order order{.role = line.role, .level = *level_named(line.level), .setting = {}, .selection = {.patterns = line.patterns}};
  order.setting.topology = line.topology == "tcp" ? Topology::tcp : Topology::ipc;
  order.jobs = line.jobs;
  order.setting.patience = Milliseconds(static_cast<std::int64_t>(line.patience * 1'000));
  order.setting.case_limit = std::max(order.setting.case_limit, 12 * order.setting.patience);
  order.repeat = {line.program, "run", "--role", line.role, "--level", line.level};
  if (line.patience != CommandLine{}.patience)
    order.repeat.insert(order.repeat.end(), {"--patience", CLI::detail::to_string(line.patience)});
  if (!line.attach.empty()) {
    if (!line.peer.empty()) return usage("give either a command or --attach, not both");
    if (line.role != "signal") return usage("--attach is for engines: the suite starts a peer of the role " + line.role + " itself");
    order.setting.attached = attached_endpoints(line.attach);
    if (!order.setting.attached)
      return usage("--attach takes control=ENDPOINT,stream=ENDPOINT,telemetry=ENDPOINT, each with ipc:// or tcp://");
    order.repeat.insert(order.repeat.end(), {"--attach", line.attach});
  } else {
    if (const auto fault = fault_of(line.peer, line.role)) return usage(*fault);
    order.setting.command = line.peer;
    if (line.topology != "ipc") order.repeat.insert(order.repeat.end(), {"--topology", line.topology});
    order.repeat_after = {"--"};
    order.repeat_after.insert(order.repeat_after.end(), line.peer.begin(), line.peer.end());
  }
  if (const auto fault = fault_of_outputs(line)) return usage(*fault);
  if (const auto fault = read_expected(line.expected_file, order.expected, line.role)) return usage(*fault);
  const Selected selected = select(cases_of(order.role, order.level), order.selection);
  if (!selected.unmatched.empty())
    return usage("'" + selected.unmatched.front() + "' is no case, check or requirement of " + line.role + " at level " + line.level +
                 "; see loophole-conformance list");
  const report::Colours colours{.on = isatty(STDOUT_FILENO) == 1};
  const RunResult result = run(order, [&](const CaseResult& one) {
    std::cout << report::terminal_case(one, colours) << std::flush;
    if (!std::cout) interrupted = true;  // nobody listens any more
  });
  std::cout << report::terminal_end(result, colours) << std::flush;
  if (!write_all(line, result)) return kSuiteFault;
  const int code = exit_code(judge(result).verdict);
  if (std::cout || code != 0) return code;
  std::cerr << "loophole-conformance: standard output cannot be written\n";
  return kSuiteFault;
}

int merge_reports(const CommandLine& line) {
  std::vector<RunResult> runs;
  for (const std::string& file : line.merge) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    std::string error;
    auto one = report::parse_json(text.str(), error);
    if (!in || !one) return usage(file + ": " + (in ? error : "cannot be read"));
    if (const auto fault = misfit(*one)) return usage(file + " is no whole report: " + *fault);
    runs.push_back(*std::move(one));
  }
  const Merged merged = merge(runs);
  if (!merged.run) return usage(merged.error);
  std::cout << report::terminal_end(*merged.run, {.on = isatty(STDOUT_FILENO) == 1});
  if (!write_all(line, *merged.run)) return kSuiteFault;
  return exit_code(judge(*merged.run).verdict);
}

void add_reports(CLI::App& app, CommandLine& line) {
  app.add_option("--json", line.json_file, "Write the report as JSON, for report --merge")->type_name("FILE");
  app.add_option("--junit", line.junit_file, "Write a JUnit report")->type_name("FILE");
  app.add_option("--tap", line.tap_file, "Write a TAP report")->type_name("FILE");
  app.add_option("--html", line.html_file, "Write a page that shows each message and frame")->type_name("FILE");
  app.add_option("--badge", line.badge_files, "Write a badge with role, level and verdict: FILE.svg, or FILE.json as shields.io reads it")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->check([](const std::string& file) {
        return file.ends_with(".svg") || file.ends_with(".json") ? std::string() : "'" + file + "' ends in neither .svg nor .json";
      });
}

void add_role(CLI::App& app, CommandLine& line) {
  app.add_option("--role", line.role, "The seat of the peer")->check(CLI::IsMember(roles_with_cases()))->capture_default_str();
  app.add_option("--level", line.level,
                 "wire: what it says is well formed; required: every MUST; strict: and every SHOULD; stress: and under load")
      ->check(CLI::IsMember(std::vector<std::string>(kLevels.begin(), kLevels.end())))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line{.program = argv[0]};
  CLI::App app("Judges a peer of the Loophole protocol from the wire.", "loophole-conformance");
  app.footer(
      "  loophole-conformance run --role signal -- ./my-engine --control {control} --stream {stream} --telemetry {telemetry}\n"
      "  loophole-conformance run --role pulse -- ./my-pulse --listen {project} --signal {engine}\n"
      "  loophole-conformance run --role aura -- ./my-ui --session {session} --driver {driver}\n"
      "Exit codes: 0 conformant, 1 not conformant, 2 wrong arguments, 3 the peer did not start, 4 fault of the suite, 5 incomplete.");
  app.set_version_flag("--version", std::string("loophole-conformance ") + LOOPHOLE_VERSION);
  app.require_subcommand(1);

  CLI::App* run_command = app.add_subcommand("run", "Judge a peer");
  add_role(*run_command, line);
  run_command
      ->add_option("--case", line.patterns,
                   "Only cases with this id, check or requirement; * stands for any text. The verdict is then `incomplete` at best")
      ->type_name("ID")
      ->allow_extra_args(false);
  run_command->add_option("--topology", line.topology, "Endpoints for a peer that is started: ipc or tcp")
      ->check(CLI::IsMember({"ipc", "tcp"}))
      ->capture_default_str();
  run_command
      ->add_option("--patience", line.patience,
                   "How long the peer may take for its start and for each answer, on a machine at rest; more for one in a debugger")
      ->check(CLI::Range(0.1, 3'600.0))
      ->type_name("SECONDS")
      ->capture_default_str();
  run_command->add_option("--attach", line.attach, "An engine that runs already: control=ENDPOINT,stream=ENDPOINT,telemetry=ENDPOINT")
      ->type_name("ENDPOINTS");
  run_command
      ->add_option("--expected", line.expected_file,
                   "Known failures, one a line: check, reason. They still run and never change the verdict")
      ->type_name("FILE");
  run_command
      ->add_option("--jobs", line.jobs,
                   "So many cases at once, each with a peer of its own; not for peers that need something of which there is only one")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->type_name("N");
  add_reports(*run_command, line);
  run_command->add_option(
      "COMMAND", line.peer,
      "The peer, after --. An engine: {control}, {stream} and {telemetry} become endpoints. A Pulse: {project} becomes its "
      "endpoint, {engine} the program to start as its engine. A user interface: {session} becomes the session in which it finds "
      "Pulse, {project} the endpoint of Pulse, {driver} the descriptor by which it is told what to do");

  CLI::App* list_command = app.add_subcommand("list", "List the cases");
  add_role(*list_command, line);
  list_command->add_flag("--json", line.as_json, "As JSON");

  CLI::App* explain_command =
      app.add_subcommand("explain", "Explain a case: steps, checks, and what the specification says; or list what checks a requirement");
  explain_command->add_option("CASE", line.case_id, "Id of the case, of one of its checks, or of a requirement")->required();

  CLI::App* report_command = app.add_subcommand("report", "Make reports of reports");
  report_command->add_option("--merge", line.merge, "Reports in JSON of parts of a run; of each check the worst outcome counts")
      ->required()
      ->type_name("FILE");
  add_reports(*report_command, line);

  CLI::App* selftest_command = app.add_subcommand("selftest",
                                                  "Prove the suite: a good peer passes, odd and legal ones too, peers that are none score "
                                                  "nothing, planted faults turn red what is declared");
  selftest_command->add_option("--role", line.selftest.role, "The seat of the peer")
      ->check(CLI::IsMember(roles_with_cases()))
      ->capture_default_str();
  selftest_command->add_option("--fault", line.selftest.faults, "Only this fault, with the peers that are none")
      ->type_name("ID")
      ->allow_extra_args(false);
  selftest_command->add_flag("--legal", line.selftest.legal_only,
                             "Only peers that use the freedoms of the specification: they are conformant, whatever they look like");
  selftest_command->add_flag("--whole", line.selftest.whole_scope,
                             "Ask all cases that can notice a fault, not only those that are declared");
  selftest_command->add_option("--jobs", line.selftest.jobs, "So many faults at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->type_name("N");
  selftest_command
      ->add_option("--accept", line.selftest.accept,
                   "Write what turned red into this file, in the place of what it has of these faults, instead of comparing")
      ->type_name("FILE");
  selftest_command->add_option("COMMAND", line.selftest.peer, "A good peer, after --, as for run")->required();

  // The parts of the proof: this program is also the proxy, the peers that are none, and the engine that a Pulse starts.
  const std::string part = argc > 2 ? argv[1] : "";
  if (part.starts_with("play-")) {
    const std::vector<std::string> words(argv + 3, argv + argc);
    if (part == "play-engine") return play_engine(argv[2], words);
    if (part == "play-fault") return faults::play_fault(argv[2], words);
    if (part == "play-pulse-fault") return faults::play_pulse_fault(argv[2], words);
    if (part == "play-engine-fault") return faults::play_engine_fault(argv[2], words);
    if (part == "play-aura-fault") return faults::play_aura_fault(argv[2], words);
    if (part == "play-dead-aura") return faults::play_dead_aura(argv[2], words);
    if (part == "play-dead") return faults::play_dead(argv[2], words);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : kUsage;
  }
  try {
    if (list_command->parsed()) {
      if (list_command->count("--level") == 0) line.level = "stress";  // all there is
      std::cout << (line.as_json ? list_json(line.role, *level_named(line.level)) : list_text(line.role, *level_named(line.level)));
      return 0;
    }
    if (explain_command->parsed()) {
      const auto text = explain(line.case_id);
      if (!text) return usage("'" + line.case_id + "' is no case, check or requirement; see loophole-conformance list");
      std::cout << *text;
      return 0;
    }
    if (report_command->parsed()) return merge_reports(line);
    if (const auto faults = faults_of(catalogue()); !faults.empty())
      throw std::logic_error(faults.front() + " (" + std::to_string(faults.size()) + " faults of the catalogue)");
    adopt_orphans();
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
      if (std::signal(number, [](int) { interrupted = true; }) == SIG_IGN) std::signal(number, SIG_IGN);  // as nohup wants it
    std::signal(SIGPIPE, SIG_IGN);
    if (selftest_command->parsed()) {
      if (const auto fault = fault_of(line.selftest.peer, line.selftest.role)) return usage(*fault);
      for (const std::string& id : line.selftest.faults)
        if (faults::find(line.selftest.role, id) == nullptr) return usage("there is no fault '" + id + "'");
      line.selftest.program = std::filesystem::read_symlink("/proc/self/exe").string();
      return selftest(line.selftest);
    }
    return run_cases(line);
  } catch (const std::exception& fault) {
    std::cerr << "loophole-conformance: fault of the suite: " << fault.what() << "\n";
    return kSuiteFault;
  }
}
