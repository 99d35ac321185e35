#include "script/script.hpp"

#include <fmt/format.h>

#include <cctype>
#include <utility>

#include "app/exit_code.hpp"
#include "app/front.hpp"
#include "app/interrupt.hpp"
#include "app/line_words.hpp"
#include "loophole/core/clock.hpp"
#include "script/condition.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

using nlohmann::json;

bool is_name(const std::string& word) {
  if (word.empty() || std::isdigit(static_cast<unsigned char>(word.front()))) return false;
  for (const char c : word)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  return true;
}

// The member at "a.b.0"; nullptr: there is none.
const json* member(const json& value, std::string_view path) {
  const json* at = &value;
  while (!path.empty()) {
    const std::string key(path.substr(0, path.find('.')));
    path.remove_prefix(std::min(path.size(), key.size() + 1));
    if (at->is_object() && at->contains(key))
      at = &at->at(key);
    else if (at->is_array() && !key.empty() && key.find_first_not_of("0123456789") == std::string::npos && key.size() < 9 &&
             std::stoul(key) < at->size())
      at = &at->at(std::stoul(key));
    else
      return nullptr;
  }
  return at;
}

std::vector<std::string> without_first(const std::vector<std::string>& all, std::size_t count) {
  return {all.begin() + static_cast<std::ptrdiff_t>(count), all.end()};
}

}  // namespace

int Script::run(std::istream& lines) {
  std::string text;
  for (int number = 1; std::getline(lines, text); ++number) {
    const Outcome failure = line(text);
    if (interrupted()) return kInterrupted;
    if (!failure) continue;
    fmt::print(stderr, "aura-cli: {}:{}: {}\n  {}\n", name_, number,
               terminal_lines(failure->reason.empty() ? "this line failed" : failure->reason), terminal_text(text));
    return failure->code;
  }
  return kSuccess;
}

Script::Outcome Script::line(const std::string& text) {
  LineWords split = split_line(text);
  if (split.quote != 0) return Failure{kUsage, fmt::format("the quotes {} are not closed", split.quote)};
  if (split.words.empty()) return {};
  if (auto failure = substitute(split.words)) return failure;
  return words(std::move(split.words));
}

Script::Outcome Script::words(Words all) {
  if (all.size() > 1 && all[1] == "=" && is_name(all[0])) {
    if (all.size() == 2) return Failure{kUsage, "behind = comes a command"};
    return keep(all[0], without_first(all, 2));
  }
  if (all[0] == "wait") return wait(without_first(all, 1));
  if (all[0] == "expect") return expect(without_first(all, 1));
  if (all[0] == "print") {
    print_text(fmt::format("{}", fmt::join(all.begin() + 1, all.end(), " ")));
    return {};
  }
  return command(all);
}

// $name and $name.member.0 inside of any word; what they stand for is no longer split.
Script::Outcome Script::substitute(Words& all) const {
  for (std::string& word : all) {
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] != '$') {
        out += word[i];
        continue;
      }
      if (i + 1 < word.size() && word[i + 1] == '$') {
        out += word[++i];
        continue;
      }
      std::size_t end = i + 1;
      while (end < word.size() && (std::isalnum(static_cast<unsigned char>(word[end])) || word[end] == '_' || word[end] == '.')) ++end;
      const std::string path = word.substr(i + 1, end - i - 1);
      const std::string name = path.substr(0, path.find('.'));
      const auto variable = variables_.find(name);
      if (variable == variables_.end())
        return Failure{kUsage, fmt::format("there is no variable '{}' yet; {} = COMMAND sets it", name, name)};
      const json* value = member(variable->second, std::string_view(path).substr(std::min(path.size(), name.size() + 1)));
      if (value == nullptr) return Failure{kFailed, fmt::format("${} is not in the reply: {}", path, variable->second.dump())};
      out += value->is_string() ? value->get<std::string>() : value->dump();
      i = end - 1;
    }
    word = std::move(out);
  }
  return {};
}

Script::Outcome Script::failed(const Error& error) const {
  return Failure{exit_code(error.category), to_string(error)};
}

Script::Outcome Script::command(const Words& all) const {
  Front front(Front::Place::line, options_);
  if (const auto code = front.read(all)) return *code == kSuccess ? Outcome() : Failure{*code, ""};
  const auto done = front.act();
  if (!done) return failed(done.error());
  return *done == kSuccess ? Outcome() : Failure{*done, fmt::format("the command ended with code {}", *done)};
}

Script::Outcome Script::keep(const std::string& variable, const Words& all) {
  const bool json_before = std::exchange(options_.json, true);
  const KeptOutput output;
  const Outcome failure = command(all);
  options_.json = json_before;
  if (failure) return failure;
  json reply = json::parse(output.text(), nullptr, false);
  if (reply.is_discarded()) return Failure{kUsage, "the command prints no single JSON object, which could be kept"};
  variables_[variable] = std::move(reply);
  return {};
}

Result<aura::Client*> Script::client() {
  if (!client_ || !client_->is_connected()) {
    client_.reset();
    auto connected = connect(options_);
    if (!connected) return std::move(connected).error();
    client_.emplace(*std::move(connected));
  }
  return &*client_;
}

Script::Outcome Script::wait(const Words& all) {
  constexpr std::chrono::milliseconds kLookAgain{20};
  auto condition = parse_condition(all);
  if (!condition) return Failure{kUsage, condition.error().message};
  const auto limit =
      condition->within_s ? std::chrono::duration<double>(*condition->within_s) : std::chrono::duration<double>(options_.timeout_s);
  const auto end = Clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(limit);
  std::string found = "nothing";
  while (!interrupted()) {
    auto at = client();
    if (!at) return failed(at.error());
    auto finding = check_condition(**at, *condition, options_.call());
    // A thing that is not there yet may come; a Pulse that has gone may come back.
    if (finding && finding->met) return {};
    if (!finding && finding.error().category == Category::invalid && is(finding.error(), errors::kPayloadInvalid))
      return Failure{kUsage, finding.error().message};
    found = finding ? finding->found : finding.error().message;
    if (Clock::now() >= end) break;
    (*at)->poll(kLookAgain);
  }
  return Failure{kFailed, fmt::format("waited {:g} s in vain for {}: it is {}", limit.count(), condition->text(), found)};
}

Script::Outcome Script::expect(const Words& all) {
  if (all.size() > 2 && all[0] == "error") return expect_error(all[1], without_first(all, 2));
  auto condition = parse_condition(all);
  if (!condition) return Failure{kUsage, condition.error().message};
  auto at = client();
  if (!at) return failed(at.error());
  auto finding = check_condition(**at, *condition, options_.call());
  if (!finding) return failed(finding.error());
  if (finding->met) return {};
  return Failure{kFailed, fmt::format("expected {}, found {}", condition->text(), finding->found)};
}

Script::Outcome Script::expect_error(const std::string& code, const Words& all) const {
  Front front(Front::Place::line, options_);
  if (const auto usage = front.read(all)) return Failure{*usage, "the command could not be read"};
  const KeptOutput output;
  const auto done = front.act();
  if (done) return Failure{kFailed, fmt::format("expected error {}, but the command was done", code)};
  if (done.error().code == code || to_string(done.error().category) == code) return {};
  return Failure{kFailed, fmt::format("expected error {}, found {}", code, to_string(done.error()))};
}

}  // namespace loophole::cli
