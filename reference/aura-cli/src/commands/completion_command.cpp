#include <memory>

#include "app/completion.hpp"
#include "app/front.hpp"
#include "commands/commands.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::cli {
namespace {

// The scripts ask the program itself, which has the tree of its commands and can ask the session: they are never behind it.
constexpr const char* kBash = R"(# Completion of aura-cli for bash: source <(aura-cli completion bash)
_aura_cli() {
  local answer word current=${COMP_WORDS[COMP_CWORD]} before= one
  mapfile -t answer < <("$1" complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  COMPREPLY=()
  [ "${#answer[@]}" -gt 0 ] || return 0
  word=${answer[0]}
  # bash replaces what is behind the last : or = only.
  case $current in
    : | =) before=$word ;;
    *) [ -n "$current" ] && [[ $word == *"$current" ]] && before=${word%"$current"} ;;
  esac
  for one in "${answer[@]:1}"; do
    if [ "$one" = :files ]; then
      compopt -o default -o filenames
      continue
    fi
    one=${one#"$before"}
    case $current in
      [\"\']*) ;;
      *) printf -v one %q "$one" ;;
    esac
    COMPREPLY+=("$one")
  done
}
complete -F _aura_cli aura-cli)";

constexpr const char* kZsh = R"(#compdef aura-cli
# Completion of aura-cli for zsh: source <(aura-cli completion zsh), or this file as _aura-cli in a folder of $fpath.
_aura_cli() {
  local -a answer
  local found=1 program=${(Q)words[1]} line="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"
  program=${~program} # ~/bin/aura-cli
  answer=("${(@f)$("$program" complete "$line" 2>/dev/null)}")
  answer=("${(@)answer[2,-1]}")
  if (( ${answer[(Ie):files]} )); then
    _files && found=0
    answer=("${(@)answer:#:files}")
  fi
  (( ${#answer} )) && compadd -M 'm:{a-zA-Z}={A-Za-z}' -a answer && found=0
  return found
}
if [ "$funcstack[1]" = "_aura_cli" ] || [ "$funcstack[1]" = "_aura-cli" ]; then
  _aura_cli "$@"
else
  compdef _aura_cli aura-cli
fi)";

// Which session a line that is being typed is about.
Options options_in(const Options& options, const std::vector<std::string>& words) {
  Options out = options;
  out.timeout_s = 1;  // somebody waits at the keyboard
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = [&](std::string_view name) -> std::string {
      if (words[i] == name && i + 1 < words.size()) return words[i + 1];
      return words[i].starts_with(std::string(name) + "=") ? words[i].substr(name.size() + 1) : "";
    };
    for (const char* name : {"-s", "--session"})
      if (const std::string session = value(name); !session.empty()) out.session = session;
    if (const std::string endpoint = value("--connect"); !endpoint.empty()) out.endpoint = endpoint;
  }
  return out;
}

Result<int> complete_line(const Options& options, const std::string& text) {
  LineWords line = split_line(text);
  if (!line.words.empty()) line.words.erase(line.words.begin());  // the program
  if (line.words.empty()) line.inside = false;
  const Options wanted = options_in(options, line.words);
  std::optional<aura::Client> client;
  const Asker ask = [&](std::string_view what) {
    // Connected when something is to be asked, and only where somebody is.
    if (!client && (!wanted.endpoint.empty() || session::find(wanted.session))) {
      if (auto connected = connect(wanted)) client.emplace(*std::move(connected));
    }
    return ask_client(client ? &*client : nullptr, wanted)(what);
  };
  const Front front(Front::Place::program);
  const Completions found = complete(front.app(), line, ask);
  std::string out = found.word;
  for (const std::string& one : found.candidates) out += "\n" + one;
  if (found.files) out += "\n:files";
  print_line(out);
  return 0;
}

}  // namespace

void add_completion_commands(CLI::App& app, Actions& actions) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Prints what a shell needs to complete commands, names and ids of aura-cli");
  command->add_option("SHELL", *shell, "Which shell")->required()->check(CLI::IsMember({"bash", "zsh"}));
  command->footer("bash: source <(aura-cli completion bash)\nzsh:  source <(aura-cli completion zsh)");
  actions.bind(command, [shell](const Options&) -> Result<int> {
    print_line(*shell == "bash" ? kBash : kZsh);
    return 0;
  });

  // Asked by these scripts: the word at the end of a line, then what it may become, one a line.
  auto line = std::make_shared<std::string>();
  CLI::App* asked = app.add_subcommand("complete", "Completes a line, for the scripts of `completion`")->group("");
  asked->add_option("LINE", *line, "The line up to the cursor")->required();
  actions.bind(asked, [line](const Options& options) { return complete_line(options, *line); });
}

}  // namespace loophole::cli
