// Faults of a Pulse in its project: files, edits, history, gestures.
#include <filesystem>
#include <memory>

#include "message_hooks.hpp"

namespace loophole::conformance::faults {
namespace {

// The change of a transaction that has this type; nullptr: there is none.
Json* change_of(Json& message, std::string_view type) {
  if (!is(message, "event", "project.changed")) return nullptr;
  for (Json& change : message["payload"]["changes"])
    if (change["type"] == type) return &change;
  return nullptr;
}

}  // namespace

void add_pulse_project_faults(std::vector<Fault>& faults) {
  const auto add = [&faults](Fault fault, std::vector<std::string> scope) {
    fault.role = "pulse";
    fault.scope = std::move(scope);
    faults.push_back(std::move(fault));
  };
  const auto says = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .from_peer = std::move(hook)}, std::move(scope));
  };
  const auto takes = [&](std::string_view id, std::string_view does, Hook hook, std::vector<std::string> scope) {
    add({.id = id, .does = does, .to_peer = std::move(hook)}, std::move(scope));
  };

  // --- Files
  says("opened-untold", "does not tell that a project was opened", swallow("event", "project.opened"),
       {"pulse.project.open-close", "pulse.project.save-as"});
  takes("writes-over", "writes new projects over what is there", edit([](Json& m) {
          if (!command(m, "project.new") && !command(m, "project.saveAs")) return false;
          std::error_code ignored;
          std::filesystem::remove(m["payload"].value("path", ""), ignored);
          return false;
        }),
        {"pulse.project.files"});
  {
    const auto opened = std::make_shared<bool>(false);
    add({.id = "loses-the-last-edit",
         .does = "has a project that it opens without its last track",
         .from_peer = edit([opened](Json& m) {
           if (!*opened || !is(m, "reply", "project.snapshot") || !m["payload"].contains("project")) return false;
           Json& tracks = m["payload"]["project"]["tracks"];
           if (tracks.empty()) return false;
           tracks.erase(tracks.size() - 1);
           return true;
         }),
         .to_peer = watch([opened](const Json& m) { *opened = *opened || command(m, "project.open"); })},
        {"pulse.project.durable", "pulse.project.open-close", "pulse.refusals.durable"});
  }
  says("stale-snapshots", "answers every other project.snapshot with the one before",
       [before = Json(), count = 0](const std::string& text) mutable -> Texts {
         Json message = parsed(text);
         if (message.is_null() || !is(message, "reply", "project.snapshot")) return {text};
         const Json now = message["payload"];
         if (++count % 2 == 0) message["payload"] = before;
         before = now;
         return {message.dump()};
       },
       {"pulse.project.snapshot-order"});
  says("forgets-transactions", "keeps a hundred transactions for project.changes", edit([](Json& m) {
         if (!is(m, "reply", "project.changes") || m["payload"]["transactions"].size() <= 100) return false;
         Json& all = m["payload"]["transactions"];
         all.erase(all.begin(), all.end() - 100);
         return true;
       }),
       {"pulse.project.thousand"});

  // --- Edits and refusals
  says("clips-a-frame-late", "tells clips that were moved a frame later than they are", edit([](Json& m) {
         Json* change = change_of(m, "clip.changed");
         if (change == nullptr) change = change_of(m, "clip.moved");
         if (change == nullptr) return false;
         Json& clip = change->contains("clip") ? (*change)["clip"] : *change;
         clip["startFrames"] = clip["startFrames"].get<std::int64_t>() + 1;
         return true;
       }),
       {"pulse.edits.clips"});
  says("nodes-in-front", "tells each node that is added as the first of its chain", edit([](Json& m) {
         Json* change = change_of(m, "node.added");
         if (change == nullptr || (*change)["index"] == 0) return false;
         (*change)["index"] = 0;
         return true;
       }),
       {"pulse.edits.nodes"});
  says("revision-for-nothing", "says another revision where nothing was changed",
       [last = std::int64_t{-1}](const std::string& text) mutable -> Texts {
         Json message = parsed(text);
         if (message.is_null() || member(message, "kind") != "reply" || !message["payload"].contains("revision") ||
             is(message, "reply", "project.snapshot"))
           return {text};
         const auto revision = message["payload"]["revision"].get<std::int64_t>();
         if (revision == last) message["payload"]["revision"] = revision + 7;
         last = revision;
         return {message.dump()};
       },
       {"pulse.edits.nothing", "pulse.gestures.nothing", "pulse.gestures.revert"});
  says("one-not-found", "has one code for everything that is not there", edit([](Json& m) {
         if (!m.contains("error") || !member(m["error"], "code").ends_with(".notFound")) return false;
         m["error"]["code"] = "track.notFound";
         return true;
       }),
       {"pulse.refusals.not-found"});
  says("vague-refusals", "refuses what cannot be with payload.invalid", edit([](Json& m) {
         if (!has_code(m, "clip.outOfRange") && !has_code(m, "automation.invalidPoints") && !has_code(m, "routing.cycle")) return false;
         m["error"]["code"] = "payload.invalid";
         return true;
       }),
       {"pulse.refusals.things", "pulse.gestures.automation"});
  says("no-project-not-found", "says that a file is missing where there is no project", edit([](Json& m) {
         if (!has_code(m, "project.none")) return false;
         m["error"]["code"] = "project.fileNotFound";
         m["error"]["category"] = "invalid";
         return true;
       }),
       {"pulse.refusals.no-project"});

  // --- History
  {
    const auto played = std::make_shared<int>(0);
    says("transport-as-steps", "lists starts of the transport as steps", edit([played](Json& m) {
           if (is(m, "reply", "transport.play")) ++*played;
           if (!is(m, "reply", "history.list") || m["payload"]["entries"].empty() || *played == 0) return false;
           Json step = m["payload"]["entries"].back();
           step["label"] = "Play";
           m["payload"]["entries"].push_back(step);
           return true;
         }),
         {"pulse.history.not-steps"});
  }
  says("handles-again", "gives handles again", edit([](Json& m) {
         Json* change = change_of(m, "track.added");
         if (change == nullptr) return false;
         (*change)["track"]["channel"]["gain"]["handle"] = 4'000;
         return true;
       }),
       {"pulse.history.ids", "pulse.edits.tracks"});
  says("undo-unlocked", "finds nothing to undo while a gesture is open", edit([](Json& m) {
         if (!has_code(m, "history.gestureOpen")) return false;
         m["error"]["code"] = is(m, "error", "history.undo") ? "history.nothingToUndo" : "history.nothingToRedo";
         return true;
       }),
       {"pulse.endings.undo-meanwhile"});

  // --- Gestures and parameters
  says("short-stream-ids", "gives streams ids of 32 bits", edit([](Json& m) {
         if (!is(m, "reply", "parameter.gesture.begin")) return false;
         m["payload"]["streamId"] = "00000000" + m["payload"]["streamId"].get<std::string>().substr(8);
         return true;
       }),
       {"pulse.gestures.stream-ids"});
  takes("rounds-ints", "rounds what is set to a parameter of whole numbers", edit([](Json& m) {
          if (!command(m, "parameter.set") || m["payload"]["value"] != 2.5) return false;
          m["payload"]["value"] = 2;
          return true;
        }),
        {"pulse.plugins.parameters"});
  takes("forgets-written-points", "does not write the automation of a gesture", edit([](Json& m) {
          if (!command(m, "parameter.gesture.end") || !m["payload"].contains("automation")) return false;
          m["payload"].erase("automation");
          return true;
        }),
        {"pulse.gestures.automation", "pulse.plugins.parameters"});
  {
    const auto starting = std::make_shared<bool>(true);
    const auto refused = [starting](const Json& m) { return !m.is_null() && *starting && command(m, "parameter.gesture.begin"); };
    add({.id = "refuses-at-once",
         .does = "refuses to begin a gesture while the engine is being started",
         .from_peer = watch([starting](const Json& m) {
           if (is(m, "event", "engine.changed") || is(m, "reply", "engine.status")) *starting = m["payload"]["state"] != "running";
         }),
         .to_peer = [refused](const std::string& text) -> Texts { return refused(parsed(text)) ? Texts{} : Texts{text}; },
         .answers = [refused](const std::string& text) -> Texts {
           const Json m = parsed(text);
           return refused(m) ? Texts{refusal_text(m, "engine.unavailable", "unavailable")} : Texts{};
         }},
        {"pulse.gestures.no-engine"});
  }
}

}  // namespace loophole::conformance::faults
