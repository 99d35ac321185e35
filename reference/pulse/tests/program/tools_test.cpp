// inspect and status, and the log as JSON: what people and scripts learn from a loophole-pulse.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "document/document.hpp"
#include "edits/edits.hpp"
#include "support/random_edits.hpp"
#include "support/running_program.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using nlohmann::json;

namespace {

std::pair<int, std::string> run(std::vector<std::string> arguments) {
  Running program(std::move(arguments));
  const int code = program.wait_for_end();
  return {code, program.seen};
}

std::unique_ptr<Document> make_song(const std::filesystem::path& path) {
  auto document = Document::create({.path = path, .name = "Song"}).value();
  const auto added = edits::plan(document->edit_context(), track::Add{.name = "Voice", .index = {}}).value();
  do_edit(*document, added.edit);
  do_edit(*document,
          edits::plan(
              document->edit_context(),
              node::Add{.channel_id = added.reply.channel_id, .kind = node::NodeKind::filter, .plugin = {}, .name = "Warm", .index = {}})
              .value()
              .edit);
  do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "Drums", .index = {}}).value().edit);
  do_undo(*document);
  return document;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("inspect prints what is in a file and leaves it alone") {
  const RuntimeFolder folder;
  const auto path = folder / "song.loophole";
  make_song(path).reset();
  const std::string before = bytes_in(path);
  const auto text = run({"inspect", path.string()});
  CAPTURE(text.second);
  CHECK(text.first == 0);
  for (const char* part : {"Song", "revision 4", "48000 Hz", "120 bpm", "format 2", "integrity    ok", "Voice: 0 clips; Warm",
                           "3 steps, 2 done", "Add Track \"Drums\" (undone)"})
    CHECK_MESSAGE(has(text.second, part), part);
  const json all = json::parse(run({"inspect", path.string(), "--json"}).second);
  CHECK(all["fileFormat"] == 2);
  CHECK(all["revision"] == 4);
  CHECK(all["integrity"] == "ok");
  CHECK(all["openInProcess"].is_null());
  CHECK(all["project"]["tracks"].size() == 1);
  CHECK(all["project"]["tracks"][0]["nodes"][0]["name"] == "Warm");
  CHECK(all["history"]["position"] == 2);
  CHECK(bytes_in(path) == before);
  CHECK(!std::filesystem::exists(path.string() + "-wal"));
}

TEST_CASE("inspect of a file in use: what is durable in it, and who has it open") {
  const RuntimeFolder folder;
  const auto path = folder / "song.loophole";
  auto document = make_song(path);  // its transactions are in the log
  const json all = json::parse(run({"inspect", "--json", path.string()}).second);
  CHECK(all["revision"] == 4);
  CHECK(all["logBytes"] > 0);
  CHECK(all["openInProcess"] == ::getpid());
  // It took no lock, and let go of none.
  do_redo(*document);
  CHECK(json::parse(run({"inspect", "--json", path.string()}).second)["revision"] == 5);
}

TEST_CASE("inspect of what is no project, or a damaged one: code 1, and why") {
  const RuntimeFolder folder;
  CHECK(run({"inspect", (folder / "none").string()}).first == 1);
  const auto path = folder / "song.loophole";
  make_song(path).reset();
  std::string bytes = bytes_in(path);
  bytes[bytes.find("Voice")] = 'N';
  write_bytes(path, bytes);
  const auto damaged = run({"inspect", path.string()});
  CHECK(damaged.first == 1);
  CHECK(has(damaged.second, "project.fileUnreadable"));
  CHECK(has(damaged.second, path.string()));
  CHECK(!has(damaged.second, "loophole-inspect"));  // the copy is nobody's business
}

TEST_CASE("status: code 3 where nobody serves the session; else session, process, project, engine, counters") {
  const RuntimeFolder folder;
  const auto none = run({"status", "--session", "one"});
  CHECK(none.first == 3);
  CHECK(has(none.second, "session.notFound"));
  const auto path = folder / "song.loophole";
  make_song(path).reset();
  Running pulse({"--session", "one", "--no-engine", "--project", path.string()});
  pulse.wait_for("is served at");
  const auto text = run({"status", "--session", "one"});
  CAPTURE(text.second);
  CHECK(text.first == 0);
  for (const char* part : {"session one", "project Song at revision 4, 1 track", "engine absent", "messages received"})
    CHECK_MESSAGE(has(text.second, part), part);
  const json all = json::parse(run({"--session", "one", "status", "--json"}).second);
  CHECK(all["session"] == "one");
  CHECK(all["processId"] == pulse.id());
  CHECK(all["project"]["path"] == path.string());
  CHECK(all["project"]["revision"] == 4);
  CHECK(all["engine"]["state"] == "absent");
  CHECK(all["counters"]["controlReceived"] > 0);
}

TEST_CASE("the log as JSON: each line an object with time, level, process, event and fields") {
  const RuntimeFolder folder;
  Running pulse({"--session", "one", "--no-engine", "--log-format", "json", "--project", (folder / "so\"ng.loophole").string()});
  pulse.wait_for("is served at");
  pulse.send(SIGTERM);
  CHECK(pulse.wait_for_end() == 0);
  std::istringstream lines(pulse.seen);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json object = json::parse(line);
    CHECK(object["ts"].get<std::string>().size() == 24);
    CHECK(object["level"] == "info");
    CHECK(object["process"] == "loophole-pulse");
    CHECK(!object["event"].get<std::string>().empty());
    CHECK(object["fields"]["pid"] == pulse.ended_id());
    CHECK(object["fields"]["session"] == "one");
  }
  CHECK(count >= 3);
}
