#include "app/argument_names.hpp"

#include <array>
#include <cctype>
#include <utility>

namespace loophole::cli {
namespace {

// Where the word on the command line is another one than that of the schema.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOtherWords{{
    {"path", "file"},
    {"tempo", "bpm"},
    {"gain", "db"},
    {"position", "seconds"},
    {"start", "seconds"},
    {"start", "from"},
    {"end", "to"},
    {"length", "to"},
}};

std::string letters(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c))) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "sampleRateHz": samplerate; "points": point.
std::string member_word(std::string_view member) {
  for (const std::string_view unit : {"Frames", "Ratio", "Bpm", "Hz", "Db", "Ns", "Ms", "Id", "s"})
    if (member.size() > unit.size() && member.ends_with(unit)) {
      member.remove_suffix(unit.size());
      break;
    }
  return letters(member);
}

bool means(const std::string& option, const std::string& member) {
  if (option == member || (option.size() > member.size() && option == "new" + member)) return true;
  for (const auto& [word, other] : kOtherWords)
    if (word == member && other == option) return true;
  return false;
}

}  // namespace

std::optional<std::string> argument_of(const CLI::App& command, std::string_view pointer) {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string_view member = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(member.size());
    const std::string word = member_word(member);
    for (const CLI::Option* option : command.get_options()) {
      const std::string name = option->get_positional() ? option->get_name(true) : option->get_name();
      if (!word.empty() && means(letters(name), word)) return name;
    }
  }
  return {};
}

}  // namespace loophole::cli
