#pragma once
// Hub: the open project, the engine and the clients, and the one way in which they change together.
//
//   command --> plan --> submit() ... (more of the same batch) ... flush(): one write to the disk
//                                                                    |-- failed: all taken back, all answered project.fileUnwritable
//                                                                    `-- durable: for each, gestures, engine, project.changed, answer
//
// So the answer of an edit comes after its event, and only when it is durable. All functions are [owner-thread].

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "document/document.hpp"
#include "engine/engine.hpp"
#include "engine/keeper.hpp"
#include "gestures/gestures.hpp"
#include "loophole/session/server.hpp"
#include "service/plugin_watch.hpp"

namespace loophole::pulse {

class Hub final : public ModelView {
 public:
  // `loop` and `server` must outlive the hub. Registers the handlers of all commands.
  Hub(net::Loop& loop, session::Server& server);
  ~Hub() override;

  // ---- the project ----
  // Paths are absolute.
  [[nodiscard]] Result<project::OpenReply> new_project(const project::New& command);
  [[nodiscard]] Result<project::OpenReply> open_project(const std::filesystem::path& path, const OpenProgress& progress = {});
  [[nodiscard]] Result<project::SaveReply> save_project();
  // The new file is the open one then; everybody is told project.opened.
  [[nodiscard]] Result<project::SaveReply> save_project_as(const project::SaveAs& command);
  // As much as fits into one message, or project.revisionUnavailable.
  [[nodiscard]] Result<project::ChangesReply> changes_since(const project::Changes& command);
  [[nodiscard]] Result<void> close_project();

  // nullptr or project.none when none is open.
  [[nodiscard]] Document* document() const noexcept { return document_.get(); }
  [[nodiscard]] Result<Document*> need_document() const;

  // Applies an edit; `done` is called with its revision when it is durable, or with the error. `command` is the one that caused it. An edit
  // that changes nothing makes no transaction; its revision is the present one, told when that is durable.
  void submit(Edit edit, Provenance provenance, std::optional<MessageId> command, std::function<void(Result<Revision>)> done);
  // Makes what was submitted durable and tells everybody. Whoever reads the model for an answer does this first.
  void flush();

  // ---- the engine ----
  [[nodiscard]] Engine& engine() noexcept { return engine_; }
  [[nodiscard]] const PluginWatch& plugins() const noexcept { return plugins_; }
  [[nodiscard]] Gestures& gestures() noexcept { return *gestures_; }
  // From now on this keeper says how the engine is, and is asked to start it anew; it must live until the engine is detached.
  // `on_state` is called after each change of the engine's state.
  void keep_engine(EngineKeeper& keeper, std::function<void()> on_state = {});
  // nullptr: this Pulse runs without an engine.
  [[nodiscard]] const EngineKeeper* engine_keeper() const noexcept { return keeper_; }
  // The state of the engine changed.
  void engine_state(engine::EngineState state, const std::string& reason);
  // An event of the engine.
  void engine_event(const wire::Message& event);
  // Tells everybody where the transport is; `command` is the one that moved it.
  void tell_transport(const engine::TransportState& state, std::optional<MessageId> command);
  // Errors: engine.unavailable (there is none, or it is not ours to start), engine.programMissing.
  [[nodiscard]] Result<void> restart_engine();
  // Tells every client what is known of the engine.
  void tell_engine(const std::string& reason);

  [[nodiscard]] session::Server& server() noexcept { return server_; }

  // ModelView
  [[nodiscard]] const project::Project* project() const override;
  [[nodiscard]] const parameter::Parameter* parameter(const ParameterId& id) const override;
  [[nodiscard]] Revision revision() const override;

 private:
  struct Pending {
    Revision revision = 0;
    std::optional<project::Changed> transaction;  // absent: the edit changed nothing
    std::optional<MessageId> command;
    std::function<void(Result<Revision>)> done;
  };
  [[nodiscard]] Result<project::OpenReply> opened(std::unique_ptr<Document> document);
  void tell_opened();

  void deliver(const std::vector<Pending>& pending);

  session::Server& server_;
  std::unique_ptr<Document> document_;
  std::vector<Pending> pending_;
  bool delivering_ = false;
  Engine engine_;
  std::unique_ptr<Gestures> gestures_;
  PluginWatch plugins_;
  EngineKeeper* keeper_ = nullptr;
};

// Handlers of the commands of Auras, by domain.
void serve_project(Hub& hub);
void serve_edits(Hub& hub);
void serve_history(Hub& hub);
void serve_parameters(Hub& hub);
void serve_transport(Hub& hub);
void serve_engine(Hub& hub);
void serve_plugins(Hub& hub);
void serve_devices(Hub& hub);

}  // namespace loophole::pulse
