#include "script/condition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <string_view>

#include "app/names.hpp"
#include "view/meter_bars.hpp"

namespace loophole::cli {
namespace {

constexpr std::array<std::string_view, 7> kComparisons{"=", "!=", "<", "<=", ">", ">=", "contains"};
constexpr std::array<std::string_view, 3> kNamed{"meter", "parameter", "held"};
constexpr std::array<std::string_view, 5> kUnits{"dB", "Hz", "s", "ms", "bpm"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view word) {
  return std::ranges::find(all, word) != all.end();
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

using Reply = Result<std::string>;
using Subject = std::function<Reply(aura::Client&, const std::string& name, const session::CallOptions&)>;

template <class C>
Reply ask(aura::Client& client, C command, const session::CallOptions& options,
          const std::function<std::string(const typename C::Reply&)>& tell) {
  auto reply = client.call(std::move(command), options);
  if (!reply) return std::move(reply).error();
  return tell(*reply);
}

Reply meter(aura::Client& client, const std::string& name, const session::CallOptions&) {
  client.telemetry().subscribe(aura::Telemetry::Topic::meters);
  if (client.project() == nullptr) return std::string("nothing");
  const auto channel = find_channel(*client.project(), name);
  if (!channel) return channel.error();
  const aura::MetersView meters = client.telemetry().meters();
  double peak = 0;
  bool any = false;
  for (const std::uint32_t side : {0U, 1U}) {
    const aura::Level* level = meters.find((*channel)->meter_handle, side);
    if (level == nullptr) continue;
    any = true;
    peak = std::max(peak, static_cast<double>(level->peak));
  }
  return any ? fmt::format("{:.2f}", decibels(peak)) : "nothing";
}

Reply parameter_value(aura::Client& client, const std::string& name, const session::CallOptions&) {
  if (client.project() == nullptr) return std::string("nothing");
  const auto found = find_parameter(*client.project(), name);
  if (!found) return found.error();
  return fmt::format("{}", (*found)->value);
}

Reply held_value(aura::Client& client, const std::string& name, const session::CallOptions& options) {
  if (client.project() == nullptr) return std::string("nothing");
  const auto found = find_parameter(*client.project(), name);
  if (!found) return found.error();
  return ask(client, parameter::Get{.parameter_id = (*found)->id}, options, [](const parameter::GetReply& reply) {
    return reply.engine_value ? fmt::format("{}", *reply.engine_value) : std::string("nothing");
  });
}

const std::map<std::string, Subject>& subjects() {
  using Call = const session::CallOptions&;
  static const std::map<std::string, Subject> all{
      {"revision", [](aura::Client& client, const std::string&, Call) -> Reply { return std::to_string(client.revision()); }},
      {"project",
       [](aura::Client& client, const std::string&, Call) -> Reply {
         return client.project() == nullptr ? "none" : client.project()->name;
       }},
      {"tracks",
       [](aura::Client& client, const std::string&, Call) -> Reply {
         return client.project() == nullptr ? "0" : std::to_string(client.project()->tracks.size());
       }},
      {"engine",
       [](aura::Client& client, const std::string&, Call options) -> Reply {
         return ask(client, engine::Status{}, options,
                    [](const engine::StatusReply& reply) { return std::string(to_string(reply.state)); });
       }},
      {"graph",
       [](aura::Client& client, const std::string&, Call options) -> Reply {
         return ask(client, engine::Status{}, options, [](const engine::StatusReply& reply) {
           if (!reply.model_digest || !reply.engine_digest) return std::string("none");
           return std::string(reply.model_digest == reply.engine_digest ? "equal" : "different");
         });
       }},
      {"transport",
       [](aura::Client& client, const std::string&, Call options) -> Reply {
         return ask(client, transport::State{}, options,
                    [](const transport::StateReply& reply) { return std::string(reply.playing ? "playing" : "stopped"); });
       }},
      {"position",
       [](aura::Client& client, const std::string&, Call options) -> Reply {
         const double rate = client.project() == nullptr ? 48'000 : static_cast<double>(client.project()->sample_rate_hz);
         return ask(client, transport::State{}, options, [rate](const transport::StateReply& reply) {
           return fmt::format("{}", static_cast<double>(reply.position_frames) / rate);
         });
       }},
      {"meter", meter},
      {"parameter", parameter_value},
      {"held", held_value},
  };
  return all;
}

}  // namespace

std::string Condition::text() const {
  return fmt::format("{}{}{} {} {}", subject, name.empty() ? "" : " ", name, comparison, value);
}

Result<bool> compare(const std::string& left, const std::string& comparison, const std::string& right) {
  const auto a = number(left);
  const auto b = number(right);
  if (comparison == "contains") return left.find(right) != std::string::npos;
  if (comparison == "=") return a && b ? *a == *b : left == right;
  if (comparison == "!=") return a && b ? *a != *b : left != right;
  if (!b) return make_error(errors::kPayloadInvalid, "'" + right + "' is no number; " + comparison + " compares numbers");
  if (!a) return false;  // there is nothing to compare yet
  if (comparison == "<") return *a < *b;
  if (comparison == "<=") return *a <= *b;
  return comparison == ">" ? *a > *b : *a >= *b;
}

Result<Condition> parse_condition(const std::vector<std::string>& words) {
  const auto fault = [] {
    return make_error(errors::kPayloadInvalid,
                      "a condition is SUBJECT [NAME] [COMPARISON] VALUE [UNIT] [within SECONDS], such as `meter Synth > -30 dB within 5`");
  };
  Condition condition;
  std::vector<std::string> rest = words;
  if (rest.size() > 2 && rest[rest.size() - 2] == "within") {
    condition.within_s = number(rest.back());
    if (!condition.within_s || *condition.within_s < 0) return fault();
    rest.resize(rest.size() - 2);
  }
  if (rest.size() > 2 && is_one_of(kUnits, rest.back())) rest.pop_back();
  if (rest.size() < 2) return fault();
  std::size_t at = 1;
  condition.subject = rest.front();
  if (is_one_of(kNamed, condition.subject)) condition.name = rest[at++];
  condition.comparison = condition.subject == "revision" ? ">=" : "=";
  if (at < rest.size() && is_one_of(kComparisons, rest[at])) condition.comparison = rest[at++];
  if (at + 1 != rest.size()) return fault();
  condition.value = rest[at];
  return condition;
}

Result<Finding> check_condition(aura::Client& client, const Condition& condition, const session::CallOptions& options) {
  // Its answer comes behind every change that was told before it, to whomever.
  if (auto told = client.call(session::Counters{}, options); !told) return std::move(told).error();
  const auto subject = subjects().find(condition.subject);
  Reply found = subject == subjects().end() ? Reply(condition.subject) : subject->second(client, condition.name, options);
  if (!found) return std::move(found).error();
  auto met = compare(*found, condition.comparison, condition.value);
  if (!met) return std::move(met).error();
  return Finding{.met = *met, .found = *std::move(found)};
}

}  // namespace loophole::cli
