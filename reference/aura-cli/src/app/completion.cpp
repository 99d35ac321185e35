#include "app/completion.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/command_words.hpp"
#include "app/names.hpp"
#include "app/protocol.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::cli {
namespace {

bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && std::equal(with.begin(), with.end(), text.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
         });
}

const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&name](const CLI::App* one) { return one->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// An option of this command, or a global one.
const CLI::Option* find_option(const CLI::App* app, const std::string& name) {
  for (; app != nullptr; app = app->get_parent())
    if (const CLI::Option* option = app->get_option_no_throw(name)) return option;
  return nullptr;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

const CLI::Option* positional(const CLI::App& app, std::size_t index) {
  const auto all = app.get_options([](const CLI::Option* option) { return option->get_positional(); });
  if (index < all.size()) return all[index];
  return all.empty() || all.back()->get_items_expected_max() <= 1 ? nullptr : all.back();  // the last one may be given many times
}

// The choices that an option is checked for: CLI11 writes them into the name of its type, TEXT:{one,other}.
std::vector<std::string> choices(const std::string& type) {
  std::vector<std::string> out;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return out;
  std::string word;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (type[i] == ',' || i == close)
      out.push_back(std::exchange(word, {}));
    else
      word += type[i];
  }
  return out;
}

// What an option wants: its name in the place of an argument, else that of its type, else its own: --track wants a TRACK.
std::string what_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  const std::string type = option.get_type_name();
  if (type != "TEXT" && !type.empty()) return type;
  if (option.get_lnames().empty()) return {};
  std::string name = option.get_lnames().front();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  return name;
}

void add_values(Completions& out, const CLI::Option& option, const std::string& typed, const std::string& before, const Asker& ask) {
  std::vector<std::string> values = choices(option.get_type_name());
  const std::string what = what_of(option);
  if (values.empty()) {
    out.files = what == "FILE" || what == "=FILE";
    values = ask(what);
  }
  for (const std::string& value : values)
    if (begins(value, typed)) out.candidates.push_back(before + value);
}

void add_options(Completions& out, const CLI::App* app) {
  for (; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames())
        if (begins("--" + name, out.word)) out.candidates.push_back("--" + name);
}

}  // namespace

Completions complete(const CLI::App& tree, const LineWords& line, const Asker& ask) {
  Completions out;
  std::vector<std::string> done = line.words;
  if (line.inside) {
    out.word = done.back();
    done.pop_back();
  }
  const CLI::App* app = &tree;
  const CLI::Option* waiting = nullptr;  // for its value
  std::size_t given = 0;
  for (const std::string& word : done) {
    if (waiting != nullptr) {
      waiting = nullptr;
    } else if (word.size() > 1 && word.front() == '-') {
      const CLI::Option* option = find_option(app, word.substr(0, word.find('=')));
      if (option != nullptr && takes_value(*option) && option->get_expected_min() > 0 && word.find('=') == std::string::npos)
        waiting = option;
    } else if (const CLI::App* next = given == 0 ? subcommand(*app, word) : nullptr) {
      app = next;
    } else {
      ++given;
    }
  }
  const std::size_t equals = out.word.find('=');
  if (waiting != nullptr) {
    add_values(out, *waiting, out.word, "", ask);
  } else if (out.word.size() > 1 && out.word.front() == '-' && equals != std::string::npos) {
    if (const CLI::Option* option = find_option(app, out.word.substr(0, equals)))
      add_values(out, *option, out.word.substr(equals + 1), out.word.substr(0, equals + 1), ask);
  } else if (!out.word.empty() && out.word.front() == '-') {
    add_options(out, app);
  } else {
    if (given == 0)
      for (const CLI::App* one : app->get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); }))
        if (begins(one->get_name(), out.word)) out.candidates.push_back(one->get_name());
    if (const CLI::Option* option = positional(*app, given)) add_values(out, *option, out.word, "", ask);
  }
  std::sort(out.candidates.begin(), out.candidates.end());
  out.candidates.erase(std::unique(out.candidates.begin(), out.candidates.end()), out.candidates.end());
  return out;
}

std::vector<std::string> names_in(const project::Project& project, std::string_view what) {
  std::vector<std::string> out;
  const bool all_channels = what == "CHANNEL";
  const auto strip = [&](const std::string& name, const channel::Channel& channel) {
    if (all_channels) out.push_back(name);
    if (what == "NODE")
      for (const node::Node& node : channel.nodes) out.insert(out.end(), {name + "/" + node.name, node.id.str()});
    if (what != "SEND") return;
    for (const channel::Send& send : channel.sends)
      for (const routing::Bus& bus : project.buses)
        if (bus.id == send.bus_id) out.insert(out.end(), {name + "/" + bus.name, send.id.str()});
  };
  for (const track::Track& track : project.tracks) {
    if (what == "TRACK") out.insert(out.end(), {track.name, track.id.str()});
    if (what == "CLIP")
      for (const clip::Clip& clip : track.clips) out.insert(out.end(), {track.name + "/" + clip.name, clip.id.str()});
    strip(track.name, track.channel);
  }
  for (const routing::Bus& bus : project.buses) {
    if (what == "BUS") out.insert(out.end(), {bus.name, bus.id.str()});
    strip(bus.name, bus.channel);
  }
  strip("Master", project.master);
  if (what == "ANALYSER")
    for (const NamedNode& one : all_analysers(project)) out.insert(out.end(), {one.name, one.node->id.str()});
  if (what == "PARAMETER")
    for (const NamedParameter& one : all_parameters(project)) out.insert(out.end(), {one.name, one.parameter->id.str()});
  return out;
}

Asker ask_client(aura::Client* client, const Options& options) {
  return [client, options](std::string_view what) -> std::vector<std::string> {
    std::vector<std::string> out;
    if (what == "MESSAGE") return message_names();
    if (what == "SESSION") {
      if (const auto sessions = session::list())
        for (const session::SessionFile& file : *sessions) out.push_back(file.name);
    } else if (client == nullptr) {
      return out;
    } else if (what == "PLUGIN") {
      if (const auto list = client->call(plugin::List{}, options.call()))
        for (const plugin::PluginBrief& brief : list->plugins) out.push_back(brief.plugin.str());
    } else if (what == "DEVICE") {
      if (const auto list = client->call(device::List{}, options.call()))
        for (const device::Device& device : list->devices) out.push_back(device.id.str());
    } else if (client->project() != nullptr) {
      return names_in(*client->project(), what);
    }
    return out;
  };
}

}  // namespace loophole::cli
