// Projects and their files, snapshots and what came since: protocol/model.md.
#include <fstream>

#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {

void add_project_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.project.open-close",
      .title = "A project is made, closed and opened again, as it was",
      .steps = "Make a project; edit and undo; close; open it again.",
      .level = Level::required,
      .checks = {{"opened", {"ENV-16", "ENV-17"}, "project.opened comes before the answer, to both user interfaces, and says the same"},
                 {"closed", {"ENV-16"}, "project.closed comes to both, and the snapshot has no project"},
                 {"same", {"MODEL-27"}, "opened again it has the revision, ids, handles and the history that it had"},
                 {"already", {"MODEL-25"}, "while it is open, project.new and project.open are answered with project.alreadyOpen"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            Aura& other = second_aura(t);
            const auto made = done(t, project::New{.path = song(t).string(), .name = "Song"});
            for (Aura* one : {&aura, &other}) {
              const auto* opened = one->event<project::Opened>();
              t.check("opened",
                      opened != nullptr && opened->project_id == made.project_id && opened->path == made.path &&
                          opened->revision == made.revision,
                      "no such project.opened");
            }
            aura.follow();
            (void)voice(t);
            (void)done(t, track::Add{.name = "Two"});
            (void)done(t, history::Undo{});
            const auto before = snapshot(aura);
            const auto history = steps(aura);
            const Answer twice = aura.call(project::New{.path = song(t, "other").string()});
            t.check("already", twice.refused(errors::kProjectAlreadyOpen) && !std::filesystem::exists(song(t, "other")), twice.text());
            const Answer again = aura.call(project::Open{.path = song(t).string()});
            t.check("already", again.refused(errors::kProjectAlreadyOpen), again.text());
            (void)done(t, project::Close{});
            for (Aura* one : {&aura, &other}) {
              const auto* closed = one->event<project::Closed>();
              t.check("closed", closed != nullptr && closed->project_id == made.project_id && !snapshot(*one).project,
                      "no such project.closed");
            }
            const auto opened = done(t, project::Open{.path = song(t).string()});
            t.check("same",
                    opened.revision == before.revision && opened.project_id == made.project_id && snapshot(aura) == before &&
                        steps(aura) == history,
                    "another project, revision or history");
          },
  });
  cases.push_back({
      .id = "pulse.project.durable",
      .title = "An edit that was answered survives the death of Pulse",
      .steps = "Make 30 edits; kill the process when the last one is answered; open the file with another one.",
      .level = Level::required,
      .checks = {{"survives", {"MODEL-4"}, "the project is as it was told, to the last revision"},
                 {"history", {"MODEL-27", "MODEL-4"}, "so is its history, and undo goes on"},
                 {"ids", {"MODEL-10"}, "ids of new things are new"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            for (int i = 0; i < 30; ++i) (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 100.0 + i});
            const auto told = t.aura().mirror().project();
            const Revision revision = t.aura().mirror().revision();
            const auto history = steps(t.aura());
            t.restart_peer();
            (void)done(t, project::Open{.path = song(t).string()});
            t.aura().follow();
            t.check("survives", t.aura().mirror().project() == told && t.aura().mirror().revision() == revision,
                    "revision " + std::to_string(t.aura().mirror().revision()) + " of " + std::to_string(revision));
            t.check("history", steps(t.aura()) == history, "another history");
            (void)done(t, history::Undo{});
            t.check("history", parameter_of(t, v.cutoff).value == 128.0, "another step was undone");
            const auto added = done(t, track::Add{.name = "New"});
            t.check("ids", added.track_id != v.track && added.channel_id != v.channel, "an id was given again");
          },
  });
  cases.push_back({
      .id = "pulse.project.files",
      .title = "Files that exist are not written over, and files that are none are left as they are",
      .steps = "New and saveAs at a file that exists; open a file that is not there, and one that is no project.",
      .level = Level::required,
      .checks = {{"new", {"MODEL-26"}, "project.new at a file that exists is answered with project.fileExists"},
                 {"save-as", {"MODEL-26"}, "so is project.saveAs"},
                 {"left", {"MODEL-26", "MODEL-28"}, "the files have the bytes that they had"},
                 {"missing", {"ERR-8"}, "a file that is not there is answered with project.fileNotFound, and is not made"},
                 {"no-project", {"MODEL-28"}, "one that is no project is answered with project.fileUnreadable"}},
      .run =
          [](Trial& t) {
            const auto text = t.folder() / "notes.txt";
            write_file(text, "no project, but dear to somebody\n");
            const std::string bytes = bytes_of_file(text);
            Aura& aura = t.aura();
            const Answer made = aura.call(project::New{.path = text.string()});
            t.check("new", made.refused(errors::kProjectFileExists), made.text());
            const Answer missing = aura.call(project::Open{.path = song(t, "nothing").string()});
            t.check("missing", missing.refused(errors::kProjectFileNotFound) && !std::filesystem::exists(song(t, "nothing")),
                    missing.text());
            const Answer opened = aura.call(project::Open{.path = text.string()});
            t.check("no-project", opened.refused(errors::kProjectFileUnreadable), opened.text());
            (void)new_project(t);
            const Answer saved = aura.call(project::SaveAs{.path = text.string()});
            t.check("save-as", saved.refused(errors::kProjectFileExists), saved.text());
            t.check("left", bytes_of_file(text) == bytes, "other bytes");
          },
  });
  cases.push_back({
      .id = "pulse.project.save-as",
      .title = "After saveAs the new file is the open one, and everybody is told",
      .steps = "Edit; save as another file with another name; edit; close; open both files.",
      .level = Level::required,
      .checks = {{"told", {"MODEL-42"}, "project.opened with the new path and name comes to both user interfaces, before the answer"},
                 {"same", {"MODEL-42", "MODEL-27"}, "id, revision and history are those of before"},
                 {"old", {"MODEL-42"}, "the old file stays as it was"},
                 {"new", {"MODEL-4"}, "the later edit is in the new file"}},
      .run =
          [](Trial& t) {
            const auto made = new_project(t);
            Aura& other = second_aura(t);
            (void)done(t, track::Add{.name = "One"});
            const auto before = snapshot(t.aura());
            const auto history = steps(t.aura());
            for (Aura* one : {&t.aura(), &other})
              while (one->event<project::Opened>({}, Milliseconds(0)) != nullptr) {
              }
            const std::string id = t.aura().send(project::SaveAs{.path = song(t, "second").string(), .name = "Second"});
            const Answer answer = t.aura().answer(id);
            t.check("told", t.aura().event<project::Opened>({}, Milliseconds(0)) != nullptr,
                    "project.opened did not come before the answer");
            const auto* opened = other.event<project::Opened>();
            t.check("told",
                    opened != nullptr && opened->path == song(t, "second").string() && opened->name == "Second" &&
                        opened->project_id == made.project_id,
                    "no such project.opened");
            const auto after = snapshot(t.aura());
            t.check("same",
                    answer.is_reply() && after.revision == before.revision && after.project && before.project &&
                        after.project->tracks == before.project->tracks && after.project->id == before.project->id &&
                        steps(t.aura()) == history,
                    answer.text());
            (void)done(t, track::Add{.name = "Two"});
            (void)done(t, project::Close{});
            (void)done(t, project::Open{.path = song(t).string()});
            t.check("old", snapshot(t.aura()).revision == before.revision && snapshot(t.aura()).project == before.project,
                    "it has changed");
            (void)done(t, project::Close{});
            (void)done(t, project::Open{.path = song(t, "second").string()});
            t.check("new", project_of(t.aura()).tracks.size() == 2, "the edit is missing");
          },
  });
  cases.push_back({
      .id = "pulse.project.snapshot-order",
      .title = "A snapshot has a place in the order of transactions",
      .steps =
          "One user interface edits without pause while another one takes fifty snapshots; the mirror of each snapshot must follow on.",
      .level = Level::required,
      .checks = {{"before", {"MODEL-20"}, "the transactions up to its revision came before it, and the next one is the one after"},
                 {"whole", {"MODEL-19"}, "each snapshot is the state that the transactions lead to"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& watcher = second_aura(t);
            std::vector<std::string> edits;
            for (int i = 0; i < 50; ++i) {
              for (int n = 0; n < 4; ++n) edits.push_back(t.aura().send(transport::SetTempo{.tempo_bpm = 30.0 + i * 4 + n}));
              // Its mirror took all that came before the answer, so it must have come exactly there.
              const auto difference = watcher.differs();
              t.check("before", !difference || !difference->starts_with("the snapshot has revision"), difference.value_or(""));
              t.check("whole", !difference || difference->starts_with("the snapshot has revision"), difference.value_or(""));
            }
            for (const std::string& id : edits)
              if (!t.aura().answer(id).is_reply()) throw CaseEnded("an edit was refused");
          },
  });
  cases.push_back({
      .id = "pulse.project.changes",
      .title = "project.changes has the transactions since a revision, without a gap",
      .steps = "Make edits, an undo and a gesture; ask for the changes since each revision; since one of the future; of another project.",
      .level = Level::required,
      .checks = {{"complete", {"MODEL-21"}, "they begin with the first one after the revision and go on without a gap"},
                 {"same", {"MODEL-21", "MODEL-8"}, "they are the transactions that were told, with their causes"},
                 {"none", {"MODEL-21"}, "since the present revision there are none"},
                 {"future", {"MODEL-21"}, "since a revision that was not yet: project.revisionUnavailable"},
                 {"other", {"MODEL-44"}, "of another project: project.revisionUnavailable"}},
      .run =
          [](Trial& t) {
            const auto made = new_project(t);
            Aura& aura = t.aura();
            const Voice v = voice(t);
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -3});
            (void)done(t, history::Undo{});
            std::vector<project::Changed> told;
            while (const auto* one = aura.event<project::Changed>({}, Milliseconds(0))) told.push_back(*one);
            const Revision now = aura.mirror().revision();
            for (std::size_t i = 0; i <= told.size(); ++i) {
              std::vector<project::Changed> came;
              Revision since = told.empty() ? now : told.front().revision - 1 + static_cast<Revision>(i);
              while (since < now) {
                const Answer answer = aura.call(project::Changes{.project_id = made.project_id, .since_revision = since});
                const auto* reply = answer.as<project::ChangesReply>();
                t.require("complete", reply != nullptr && !reply->transactions.empty(), answer.text());
                for (const project::Changed& one : reply->transactions) {
                  t.check("complete", one.revision == since + 1,
                          "revision " + std::to_string(one.revision) + " after " + std::to_string(since));
                  since = one.revision;
                  came.push_back(one);
                }
              }
              t.check("same", came == std::vector<project::Changed>(told.begin() + static_cast<std::ptrdiff_t>(i), told.end()),
                      "others were told");
            }
            const auto none = done(t, project::Changes{.project_id = made.project_id, .since_revision = now});
            t.check("none", none.transactions.empty() && none.revision == now, std::to_string(none.transactions.size()) + " came");
            const Answer future = aura.call(project::Changes{.project_id = made.project_id, .since_revision = now + 1});
            t.check("future", future.refused(errors::kProjectRevisionUnavailable), future.text());
            const Answer other = aura.call(project::Changes{.project_id = ProjectId("prj-other"), .since_revision = now});
            t.check("other", other.refused(errors::kProjectRevisionUnavailable), other.text());
          },
  });
  cases.push_back({
      .id = "pulse.project.thousand",
      .title = "The newest thousand transactions are kept",
      .steps = "Make 1,000 edits; ask for the changes since the first of them, as often as needed.",
      .level = Level::strict,
      .checks = {{"kept", {"MODEL-22"}, "all of them come"}},
      .run =
          [](Trial& t) {
            const auto made = new_project(t);
            const Revision begin = t.aura().mirror().revision();
            std::vector<std::string> asked;
            for (int i = 0; i < 1'000; ++i) asked.push_back(t.aura().send(transport::SetTempo{.tempo_bpm = 60.0 + i % 300}));
            for (const std::string& id : asked)
              if (!t.aura().answer(id).is_reply()) throw CaseEnded("an edit was refused");
            Revision since = begin;
            while (since < t.aura().mirror().revision()) {
              const Answer answer = t.aura().call(project::Changes{.project_id = made.project_id, .since_revision = since});
              const auto* reply = answer.as<project::ChangesReply>();
              t.require("kept", reply != nullptr && !reply->transactions.empty() && reply->transactions.front().revision == since + 1,
                        answer.text());
              since = reply->transactions.back().revision;
            }
            t.check("kept", since == begin + 1'000, "revision " + std::to_string(since));
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
