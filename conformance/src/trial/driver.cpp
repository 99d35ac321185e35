#include "trial/driver.hpp"

#include <nlohmann/json.hpp>

#include "loophole/wire/codec.hpp"

namespace loophole::conformance {
namespace {

using Json = nlohmann::json;

std::string members(const Json& object) {
  const std::string text = object.dump();
  return text.size() <= 2 ? std::string() : "," + text.substr(1, text.size() - 2);
}

std::optional<std::uint64_t> number(const Json& in, const char* name) {
  const auto found = in.find(name);
  if (found == in.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

std::uint64_t Driver::send(std::string_view what, const std::string& more) {
  const std::uint64_t id = ++next_;
  const std::string text = "{\"id\":" + std::to_string(id) + ",\"do\":\"" + std::string(what) + "\"" + more + "}";
  trial_.note("driver", "sent", "suite", text);
  if (!channel_.send(text)) throw CaseEnded("the peer does not read its driver channel, or has closed it");
  return id;
}

std::uint64_t Driver::call(std::string_view name, const std::string& payload) {
  return send("call", ",\"name\":\"" + std::string(name) + "\",\"payload\":" + payload);
}

std::uint64_t Driver::step(const ParameterId& id, double by) {
  return send("step", members({{"parameterId", id.value}, {"by", by}}));
}

std::uint64_t Driver::begin(const std::string& gesture, const std::vector<ParameterId>& parameters, bool take_over) {
  Json ids = Json::array();
  for (const ParameterId& id : parameters) ids.push_back(id.value);
  return send("begin", members({{"gesture", gesture}, {"parameterIds", ids}, {"takeOver", take_over}}));
}

std::uint64_t Driver::move(const std::string& gesture, const std::vector<std::pair<ParameterId, double>>& values) {
  Json list = Json::array();
  for (const auto& [id, value] : values) list.push_back({{"parameterId", id.value}, {"value", value}});
  return send("move", members({{"gesture", gesture}, {"values", list}}));
}

std::uint64_t Driver::end(const std::string& gesture) {
  return send("end", members({{"gesture", gesture}}));
}
std::uint64_t Driver::cancel(const std::string& gesture) {
  return send("cancel", members({{"gesture", gesture}}));
}

std::uint64_t Driver::watch(const std::vector<std::string>& topics) {
  return send("watch", members({{"topics", topics}}));
}

void Driver::pump() {
  while (const auto text = channel_.receive()) {
    trial_.note("driver", "received", "suite", *text);
    const Json answer = Json::parse(*text, nullptr, false);
    const auto id = answer.is_object() ? number(answer, "id") : std::nullopt;
    if (id) answers_[*id] = *text;
  }
}

bool Driver::answered(std::uint64_t id, std::optional<Milliseconds> bound) {
  return trial_.wait([&] { return answers_.contains(id); }, bound);
}

bool Driver::done(std::uint64_t id, std::optional<Milliseconds> bound) {
  if (!answered(id, bound)) return false;
  const Json answer = Json::parse(answers_[id], nullptr, false);
  return answer.is_object() && answer.contains("ok") && answer["ok"] == true;
}

std::optional<Belief> Driver::ask() {
  const std::uint64_t id = ask_only();
  if (!done(id)) return std::nullopt;
  const Json answer = Json::parse(answers_[id], nullptr, false);
  Belief belief{
      .connected = false, .revision = 0, .project = {}, .gestures = {}, .meters_sequence = {}, .meters_epoch = {}, .text = answers_[id]};
  belief.connected = answer.contains("connected") && answer["connected"] == true;
  belief.revision = static_cast<Revision>(number(answer, "revision").value_or(0));
  if (const auto found = answer.find("project"); found != answer.end())
    if (auto project = wire::from_json<project::Project>(found->dump())) belief.project = *std::move(project);
  if (const auto found = answer.find("gestures"); found != answer.end() && found->is_array())
    for (const Json& one : *found)
      if (one.is_string()) belief.gestures.push_back(one.get<std::string>());
  if (const auto found = answer.find("meters"); found != answer.end() && found->is_object()) {
    belief.meters_sequence = number(*found, "sequence");
    belief.meters_epoch = number(*found, "epoch");
  }
  return belief;
}

}  // namespace loophole::conformance
