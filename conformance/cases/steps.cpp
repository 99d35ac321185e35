#include "steps.hpp"

namespace loophole::conformance {

bool soon(Trial& t, const std::function<bool()>& holds, std::optional<Milliseconds> bound) {
  const auto deadline = std::chrono::steady_clock::now() + (bound ? *bound : t.patience());
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    t.pass(Milliseconds(5));
  }
  return true;
}

std::string command_text(Role origin, Role target, std::string_view id, std::string_view name, std::string_view payload) {
  return R"({"v":1,"id":")" + std::string(id) + R"(","ts":"2026-01-31T12:00:00.000Z","origin":")" + std::string(to_string(origin)) +
         R"(","target":")" + std::string(to_string(target)) + R"(","kind":"command","name":")" + std::string(name) + R"(","payload":)" +
         std::string(payload) + "}";
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw SuiteFault("'" + std::string(from) + "' is not in " + text);
  return text.replace(at, from.size(), to);
}

std::string padded(std::string text, std::size_t size) {
  text.insert(text.size() - 1, std::string(size - text.size(), ' '));
  return text;
}

std::string nested(const std::string& command, std::size_t depth) {
  const std::size_t arrays = depth - 1;  // the outermost object is 1
  return with(command, R"("payload":{})", R"("payload":{},"x":)" + std::string(arrays, '[') + std::string(arrays, ']'));
}

OtherRun run_other(Trial& t, const std::vector<std::string>& command, const std::filesystem::path& runtime_folder) {
  std::string error;
  const auto process = PeerProcess::start(command, {"LOOPHOLE_RUNTIME_DIR=" + runtime_folder.string()}, error);
  if (process == nullptr) throw CaseEnded("another one does not start: " + error);
  if (!t.wait([&] { return process->ended().has_value(); })) return {.ended = {}, .text = "it still runs"};
  const Ended how = *process->ended();
  process->kill_all();
  return {.ended = how, .text = "it " + how.text() + (process->output().empty() ? "" : ": " + process->output())};
}

Answer said(Client& who, const std::string& id, const std::string& text, Meant meant) {
  who.send_text(text, meant);
  return who.answer(id);
}

session::CountersReply counters(Client& who) {
  const Answer answer = who.call(session::Counters{});
  const auto* reply = answer.as<session::CountersReply>();
  if (reply == nullptr) throw CaseEnded("session.counters is not answered: " + answer.text());
  return *reply;
}

bool lower(const session::CountersReply& a, const session::CountersReply& b) {
  return b.control_received < a.control_received || b.control_sent < a.control_sent || b.malformed < a.malformed || b.refused < a.refused ||
         b.newer < a.newer || b.withheld < a.withheld || b.duplicates < a.duplicates || b.overflows < a.overflows ||
         b.stream_frames_seen < a.stream_frames_seen || b.telemetry_frames_sent < a.telemetry_frames_sent;
}

Milliseconds lease_of(Client& who) {
  return Milliseconds(who.reply().lease_ms);
}

}  // namespace loophole::conformance
