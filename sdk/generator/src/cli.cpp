#include "cli.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "breaking.hpp"
#include "canonical.hpp"
#include "emit.hpp"
#include "lint.hpp"
#include "load.hpp"
#include "prose_cli.hpp"
#include "publish.hpp"
#include "rules.hpp"

namespace loophole::schema {
namespace {

namespace fs = std::filesystem;

constexpr int kOk = 0;
constexpr int kFaults = 1;
constexpr int kUsage = 2;

struct Arguments {
  std::vector<std::string> words;
  std::optional<std::string> out;
  std::vector<std::string> against;
  bool list = false;
  bool check = false;
  bool help = false;
  bool version = false;
};

void print_help(std::ostream& to) {
  to << "loophole-schema: checks the schemas of Loophole IPC and generates from them.\n"
        "\n"
        "Usage:\n"
        "  loophole-schema lint SCHEMAS                             check; prints every fault\n"
        "  loophole-schema model SCHEMAS                            print the compiled model as JSON, with its fingerprint\n"
        "  loophole-schema generate WHAT SCHEMAS --out DIR          write the files whose content differs\n"
        "  loophole-schema generate WHAT SCHEMAS --list             print their paths, relative to DIR, and write nothing\n"
        "  loophole-schema publish SCHEMAS --out DIR                write all that is committed (DIR is protocol/), remove what is stale\n"
        "  loophole-schema publish SCHEMAS --out DIR --check        write nothing; print each file that is not what the schemas say\n"
        "  loophole-schema breaking SCHEMAS --against FILE          print what breaks peers of a released version\n"
        "  loophole-schema prose SCHEMAS PROTOCOL [DOCS...]         check the examples, names, links and requirements of Markdown pages\n"
        "  loophole-schema requirements PROTOCOL [--out FILE]       print or write the requirements of the prose as JSON\n"
        "  loophole-schema rules                                    print the rules that faults and breaking changes name\n"
        "  loophole-schema --version [SCHEMAS]                      print the version of the tool, and of the protocol in SCHEMAS\n"
        "\n"
        "SCHEMAS is the folder with topology.json, errors.json, control/, stream/ and telemetry/.\n"
        "FILE is what model printed of a released version, such as protocol/released/1.0.json; --against may be given several times.\n"
        "WHAT is one of these; in the second column where publish keeps its files, - for those that it does not:\n";
  for (const EmitterEntry& entry : emitters()) {
    const auto padded = [](std::string text, std::size_t columns) {
      text.resize(std::max(text.size() + 1, columns), ' ');
      return text;
    };
    const std::string place = entry.published.empty() ? "-" : entry.published == "." ? "DIR" : "DIR/" + std::string{entry.published};
    to << "  " << padded(std::string{entry.name}, 12) << padded(place, 18) << entry.summary << "\n";
  }
  to << "\n"
        "A fault is printed as FILE: JSON-POINTER: rule: what is wrong and what to do; of the prose as FILE:LINE: rule: ….\n"
        "Exit code: 0 done, 1 faults in the schemas, breaking changes, or a file that cannot be written or is not what the schemas say,\n"
        "2 wrong usage.\n";
}

constexpr std::string_view kVerbs = "lint, model, generate, publish, breaking, prose, requirements, rules";

std::string targets() {
  std::string list;
  for (const EmitterEntry& entry : emitters()) list += (list.empty() ? "" : ", ") + std::string{entry.name};
  return list;
}

// Better one line than a fault for each file that is not there.
bool is_folder(const std::string& folder, std::ostream& err) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return true;
  err << "loophole-schema: there is no folder " << folder << "\n";
  return false;
}

int usage(std::ostream& err, const std::string& message) {
  err << "loophole-schema: " << message << "\nTry 'loophole-schema --help'.\n";
  return kUsage;
}

bool of_examples(const Fault& fault) {
  return fault.rule == "example-valid" || fault.rule == "example-invalid";
}

enum class Examples { checked, ignored };

// The model; nothing when it has faults, which are printed.
std::optional<Model> load_clean(const std::string& folder, std::ostream& err, Examples examples = Examples::checked) {
  Loaded loaded = load(read_folder(folder));
  for (Fault& fault : lint(loaded.model)) loaded.faults.push_back(std::move(fault));
  if (examples == Examples::ignored) std::erase_if(loaded.faults, of_examples);
  if (loaded.faults.empty()) return std::move(loaded.model);
  sort_faults(loaded.faults);
  for (const Fault& fault : loaded.faults) err << folder << "/" << to_line(fault) << "\n";
  err << loaded.faults.size() << (loaded.faults.size() == 1 ? " fault\n" : " faults\n");
  return std::nullopt;
}

int generate(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.words.size() != 3) return usage(err, "generate takes WHAT and SCHEMAS");
  if (!arguments.list && !arguments.out) return usage(err, "generate needs --out DIR or --list");
  const EmitterEntry* chosen = nullptr;
  for (const EmitterEntry& entry : emitters())
    if (entry.name == arguments.words[1]) chosen = &entry;
  if (chosen == nullptr) return usage(err, "nothing is known about generating '" + arguments.words[1] + "'; WHAT is one of " + targets());
  if (!is_folder(arguments.words[2], err)) return kUsage;

  const auto model = load_clean(arguments.words[2], err);
  if (!model) return kFaults;
  for (const OutputFile& file : chosen->emit(*model)) {
    if (arguments.list) {
      out << file.path << "\n";
    } else if (const fs::path path = fs::path{*arguments.out} / file.path; !write_if_different(path, file.text)) {
      err << "loophole-schema: cannot write " << path.string() << "\n";
      return kFaults;
    }
  }
  return kOk;
}

int publish_all(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.words.size() != 2) return usage(err, "publish takes the folder of the schemas");
  if (!arguments.out || arguments.list) return usage(err, "publish needs --out DIR, and takes no --list");
  const std::string& schemas = arguments.words[1];
  if (!is_folder(schemas, err)) return kUsage;
  const auto model = load_clean(schemas, err);
  if (!model) return kFaults;
  if (!arguments.check) return publish(*model, *arguments.out, out, err) ? kOk : kFaults;
  const std::string command = "loophole-schema publish " + schemas + " --out " + *arguments.out;
  return check_published(*model, *arguments.out, command, err) ? kOk : kFaults;
}

std::string version_of(const nlohmann::json& model) {
  return model["protocol"]["major"].dump() + "." + model["protocol"]["maxMinor"].dump();
}

// The schemas against one released model.
int compare(const nlohmann::json& now, const std::string& folder, const std::string& file, std::ostream& out, std::ostream& err) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return usage(err, "cannot read " + file);
  const Released released = read_released(std::string{std::istreambuf_iterator<char>{in}, {}});
  if (!released.error.empty()) return usage(err, file + " is no released model: " + released.error);
  try {
    const Faults found = find_breaks(released.model, now);
    const std::string then_version = version_of(released.model);
    for (const Fault& fault : found) err << folder << "/" << to_line(fault) << "\n";
    if (!found.empty()) {
      err << found.size() << (found.size() == 1 ? " change breaks" : " changes break") << " peers of version " << then_version << " ("
          << file << "); protocol/versioning.md says what may change\n";
      return kFaults;
    }
    if (now["protocol"]["major"] > released.model["protocol"]["major"]) {
      out << folder << ": nothing was compared: the major version rises from " << then_version << " to " << version_of(now) << "\n";
    } else {
      out << folder << ": version " << version_of(now) << " works with peers of " << then_version << "\n";
    }
    return kOk;
  } catch (const nlohmann::json::exception& error) {
    return usage(err, file + " is no released model as this loophole-schema knows them: " + error.what());
  }
}

int breaking(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.words.size() != 2 || arguments.against.empty())
    return usage(err, "breaking takes the folder of the schemas and --against FILE");
  const std::string& folder = arguments.words[1];
  if (!is_folder(folder, err)) return kUsage;
  // Examples are on no wire.
  const auto model = load_clean(folder, err, Examples::ignored);
  if (!model) return kFaults;
  const nlohmann::json now = canonical(*model);
  int worst = kOk;
  for (const std::string& file : arguments.against) worst = std::max(worst, compare(now, folder, file, out, err));
  return worst;
}

int print_version(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.words.size() > 1) return usage(err, "--version takes at most the folder of the schemas");
  std::string protocol;
  if (!arguments.words.empty()) {
    if (!is_folder(arguments.words[0], err)) return kUsage;
    const auto model = load_clean(arguments.words[0], err);
    if (!model) return kFaults;
    protocol = ", protocol " + version_of(canonical(*model));
  }
  out << "loophole-schema " LOOPHOLE_VERSION << protocol << "\n";
  return kOk;
}

void print_rules(std::ostream& out) {
  for (const Rule& rule : rules()) out << rule.id << ": " << rule.asks << "\n";
  for (const Rule& rule : prose_rules()) out << rule.id << ": " << rule.asks << "\n";
  out << "\nOf changes since a released version:\n";
  for (const BreakingRule& rule : breaking_rules()) out << rule.id << ": " << rule.asks << " " << rule.instead << "\n";
}

}  // namespace

int run(std::span<const std::string> words, std::ostream& out, std::ostream& err) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--version") {
      arguments.version = true;
    } else if (word == "--list") {
      arguments.list = true;
    } else if (word == "--check") {
      arguments.check = true;
    } else if (word == "--out") {
      if (i + 1 == words.size()) return usage(err, "--out needs a folder");
      arguments.out = words[++i];
    } else if (word == "--against") {
      if (i + 1 == words.size()) return usage(err, "--against needs a file");
      arguments.against.push_back(words[++i]);
    } else if (word.starts_with('-')) {
      return usage(err, "unknown option '" + word + "'");
    } else {
      arguments.words.push_back(word);
    }
  }
  if (arguments.help) {
    print_help(out);
    return kOk;
  }
  if (arguments.version) return print_version(arguments, out, err);
  if (arguments.words.empty()) return usage(err, "say what to do: " + std::string{kVerbs});

  const std::string& verb = arguments.words[0];
  if (verb == "publish") return publish_all(arguments, out, err);
  if (arguments.check) return usage(err, "--check belongs to publish");
  if (!arguments.against.empty() && verb != "breaking") return usage(err, "--against belongs to breaking");
  if (verb == "generate") return generate(arguments, out, err);
  if (verb == "breaking") return breaking(arguments, out, err);
  if (verb == "rules") {
    print_rules(out);
    return kOk;
  }
  if (verb == "prose") {
    if (arguments.words.size() < 3 || arguments.list || arguments.out)
      return usage(err, "prose takes SCHEMAS, PROTOCOL and folders of pages");
    for (const std::string& path : std::span{arguments.words}.subspan(1)) {
      if (fs::exists(path)) continue;
      err << "loophole-schema: there is no " << path << "\n";
      return kUsage;
    }
    const auto model = load_clean(arguments.words[1], err);
    return model && check_prose_folders(*model, std::span{arguments.words}.subspan(2), err) ? kOk : kFaults;
  }
  if (verb == "requirements") {
    if (arguments.words.size() != 2 || arguments.list) return usage(err, "requirements takes the folder of the protocol's prose");
    return write_requirements(arguments.words[1], arguments.out, out, err) ? kOk : kFaults;
  }
  if (verb != "lint" && verb != "model") return usage(err, "unknown command '" + verb + "'; it is one of " + std::string{kVerbs});
  if (arguments.words.size() != 2) return usage(err, verb + " takes the folder of the schemas");
  if (arguments.list || arguments.out) return usage(err, "--out and --list belong to generate and requirements");
  if (!is_folder(arguments.words[1], err)) return kUsage;
  const auto model = load_clean(arguments.words[1], err);
  if (!model) return kFaults;
  if (verb == "model") out << canonical_text(*model);
  return kOk;
}

}  // namespace loophole::schema
