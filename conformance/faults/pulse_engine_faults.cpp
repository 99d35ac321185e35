// Faults of a Pulse with its engine, and as a program.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

// After the option of this name.
std::string* argument_of(Texts& arguments, std::string_view option) {
  const auto found = std::ranges::find(arguments, option);
  return found == arguments.end() || std::next(found) == arguments.end() ? nullptr : &*std::next(found);
}

std::filesystem::path session_file() {
  const char* runtime = std::getenv("LOOPHOLE_RUNTIME_DIR");
  std::error_code ignored;
  if (runtime != nullptr)
    for (const auto& entry : std::filesystem::directory_iterator(runtime, ignored))
      if (std::filesystem::exists(entry.path() / "session.json", ignored)) return entry.path() / "session.json";
  return {};
}

// Writes the session file again and again, each time from its first byte on.
void rewrite_session_file() {
  const auto file = session_file();
  if (file.empty()) return;
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  for (int i = 0; i < 100 && !text.empty(); ++i) {
    std::ofstream out(file, std::ios::trunc);
    out << text.substr(0, text.size() / 2) << std::flush << text.substr(text.size() / 2);
  }
}

}  // namespace

void add_pulse_engine_faults(std::vector<Fault>& faults) {
  const auto add = [&faults](Fault fault, std::vector<std::string> scope) {
    fault.role = "pulse";
    fault.scope = std::move(scope);
    faults.push_back(std::move(fault));
  };

  // --- What it tells of the engine
  add({.id = "status-incomplete", .does = "does not tell the latency of the engine", .from_peer = edit([](Json& m) {
                                                                                       if (!is(m, "reply", "engine.status") &&
                                                                                           !is(m, "event", "engine.changed"))
                                                                                         return false;
                                                                                       return m["payload"].erase("latencyFrames") > 0;
                                                                                     })},
      {"pulse.engine.start", "pulse.engine.starting", "pulse.engine.events"});
  add({.id = "digest-of-its-own", .does = "computes another digest of its graph", .from_peer = edit([](Json& m) {
                                                                                    if (!is(m, "reply", "engine.status") ||
                                                                                        !m["payload"].contains("modelDigest"))
                                                                                      return false;
                                                                                    m["payload"]["modelDigest"] = std::string(64, 'b');
                                                                                    m["payload"]["engineDigest"] = std::string(64, 'b');
                                                                                    return true;
                                                                                  })},
      {"pulse.engine.start", "pulse.engine.graph"});
  add({.id = "dies-with-its-engine",
       .does = "leaves user interfaces when the engine dies",
       .from_peer = [](const std::string& text) -> Texts {
         const Json m = parsed(text);
         if (m.is_null() || !is(m, "event", "engine.changed") || m["payload"]["state"] != "lost") return {text};
         return {text, event_text("with-it", "pulse", "aura", "session.goodbye", {{"reason", "closing"}})};
       }},
      {"pulse.restart.aura-stays"});
  add({.id = "keeps-to-itself-that-plugins-fail",
       .does = "does not tell that plugins fail",
       .from_peer = swallow("event", "plugin.failed")},
      {"pulse.plugins.failed"});

  // --- What it tells the engine
  add({.id = "no-heartbeats-to-engine", .does = "sends no heartbeats to the engine", .to_signal = swallow("event", "session.heartbeat")},
      {"pulse.life.heartbeats", "pulse.life.slow-command"});
  add({.id = "same-instance", .does = "is the same instance each time it is started", .to_signal = edit([](Json& m) {
                                                                                        if (!command(m, "session.hello")) return false;
                                                                                        m["payload"]["instanceId"] = "i-the-one-and-only";
                                                                                        return true;
                                                                                      })},
      {"pulse.process.instance"});
  add({.id = "waits-for-the-engine",
       .does = "does nothing more after a graph that the engine has not answered",
       .to_signal = [](const std::string& text) -> Texts {
         const Json m = parsed(text);
         return !m.is_null() && command(m, "engine.parameter.set") ? Texts{} : Texts{text};
       }},
      {"pulse.engine.no-wait", "pulse.engine.graph"});
  add({.id = "patches-first",
       .does = "sends a patch to an engine that has no graph yet",
       .to_signal = [](const std::string& text) -> Texts {
         const Json m = parsed(text);
         if (m.is_null() || !command(m, "graph.replace")) return {text};
         Json patch = m;
         patch["id"] = member(m, "id") + "-first";
         patch["name"] = "graph.patch";
         patch["payload"] = {
             {"baseRevision", 1}, {"revision", 2}, {"operations", Json::array({{{"type", "node.remove"}, {"id", "nod-none"}}})}};
         return {patch.dump(), text};
       },
       .from_signal = [](const std::string& text) -> Texts {
         return member(parsed(text), "cid").ends_with("-first") ? Texts{} : Texts{text};
       }},
      {"pulse.restart.no-repeat"});

  // --- What it hears of the engine
  const auto hears = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .from_signal = std::move(hook)}, std::move(scope));
  };
  const auto deaf_to = [](std::string code) -> Hook {
    return [code](const std::string& text) -> Texts { return has_code(parsed(text), code) ? Texts{} : Texts{text}; };
  };
  hears("deaf-to-wrong-base", "does not hear that a patch is of another graph", deaf_to("graph.wrongBase"), {"pulse.engine.wrong-base"});
  hears("deaf-to-files", "does not hear that a file cannot be read", deaf_to("clip.fileUnreadable"), {"pulse.engine.unreadable-file"});
  hears("any-engine", "takes every engine for one of its version", edit([](Json& m) {
          if (!is(m, "reply", "session.hello")) return false;
          m["payload"]["protocol"] = {{"major", 1}, {"minor", 0}};
          return true;
        }),
        {"pulse.engine.newer"});
  hears("deaf-after-garbage", "hears nothing more after a message of the engine that is no JSON",
        [deaf = false](const std::string& text) mutable -> Texts {
          deaf = deaf || parsed(text).is_null();
          return deaf ? Texts{} : Texts{text};
        },
        {"pulse.faults.engine"});
  {
    const auto owed = std::make_shared<int>(0);
    add({.id = "answers-its-engine",
         .does = "answers events of the engine that it does not know",
         .to_signal = [owed](const std::string& text) -> Texts {
           Texts all{text};
           for (; *owed > 0; --*owed)
             all.push_back(R"({"v":1,"id":"owed-)" + std::to_string(*owed) +
                           R"(","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"signal","kind":"error","name":"unknown",)"
                           R"("error":{"category":"unsupported","code":"envelope.unknownName","message":"no"}})");
           return all;
         },
         .from_signal = watch([owed](const Json& m) {
           if (is(m, "event", "engine.murmurs")) *owed = 1;
         })},
        {"pulse.stress.engine-floods"});
  }
  hears("deaf-to-silence", "takes no silence of the engine for a death", edit([](Json& m) {
          if (!is(m, "reply", "session.hello")) return false;
          m["payload"]["leaseMs"] = 600'000;
          return true;
        }),
        {"pulse.restart.silent-engine"});

  // --- The process
  add({.id = "keeps-engine", .does = "does not ask its engine to end", .keeps_engine = true},
      {"pulse.restart.on-request", "pulse.process.terminate"});
  add({.id = "hides-cuts", .does = "goes on with its engine on a connection that was made again, without a hello", .hides_cuts = true},
      {"pulse.restart.cut-connection"});
  add({.id = "kills-engine", .does = "kills its engine at once", .kills_engine = true},
      {"pulse.restart.stubborn-engine", "pulse.restart.on-request"});
  add({.id = "options-reordered",
       .does = "starts its engine with the options in another order",
       .engine_arguments =
           [](Texts& arguments) {
             std::string* words = argument_of(arguments, "--last-words");
             if (words == nullptr) return;
             const std::string file = *words;
             const auto at = std::ranges::find(arguments, "--last-words");
             arguments.erase(at, at + 2);
             arguments.insert(arguments.begin() + 1, {"--last-words", file});
           }},
      {"pulse.process.engine-arguments"});
  add({.id = "last-words-of-others",
       .does = "gives its engine a file of last words that has some",
       .engine_arguments =
           [](Texts& arguments) {
             if (const std::string* file = argument_of(arguments, "--last-words"))
               std::fstream(*file, std::ios::in | std::ios::out) << "nod-1";
           }},
      {"pulse.process.engine-arguments", "pulse.plugins.ended-as-asked"});
  add({.id = "session-file-in-parts", .does = "writes session.json in several steps", .meanwhile = &rewrite_session_file},
      {"pulse.process.one-step"});
  add({.id = "session-file-for-all",
       .does = "makes a session file that anybody may read",
       .meanwhile =
           [] {
             if (const auto file = session_file(); !file.empty()) (void)::chmod(file.c_str(), 0644);
           }},
      {"pulse.process.session-file"});
  add({.id = "waits-for-endpoints", .does = "waits for an endpoint that is served", .waits_for_endpoints = true}, {"pulse.process.in-use"});
  add({.id = "any-runtime-dir", .does = "is content with any run-time directory", .own_runtime_dir = true},
      {"pulse.process.runtime-dir", "pulse.process.session-file"});
}

}  // namespace loophole::conformance::faults
