#include "emit_markdown.hpp"

#include <algorithm>

#include "since.hpp"

namespace loophole::schema {

std::vector<OutputFile> emit_markdown(const Model& model) {
  const markdown::Sites sites{model};
  std::vector<OutputFile> files;
  files.push_back(markdown::index_page(model, sites));
  for (const Domain& domain : model.domains) files.push_back(markdown::domain_page(model, sites, domain));
  files.push_back(markdown::errors_page(model, sites));
  files.push_back(markdown::topology_page(model, sites));
  files.push_back(markdown::frames_page(model, sites));
  return files;
}

namespace markdown {
namespace {

std::size_t count_of(const Domain& domain, MessageKind kind) {
  return static_cast<std::size_t>(std::ranges::count(domain.messages, kind, &Message::kind));
}

std::string amount(std::size_t count) {
  return count == 0 ? "" : std::to_string(count);
}

void write_words(Lines& out) {
  out("## How to read the pages");
  out();
  out("| words | what goes over the wire |");
  out("|---|---|");
  out("| text | a JSON string; its length is counted in Unicode code points. What follows as in `[a-z-]` lists the characters it may have "
      "|");
  out("| integer | a JSON number without a fraction, within -(2^53-1) … 2^53-1 so that a double holds it exactly |");
  out("| number | a JSON number, finite; without bounds any of them |");
  out("| label | a JSON string, one of a list. Where the list is open, take labels that you do not know as a label of their own |");
  out("| array, map | a JSON array; a JSON object whose keys are data |");
  out("| in frames, ns, ms, Hz, dB, bpm, beats, as a ratio | the unit, which ends the member's name too: `startFrames`, `gainDb`. Frames "
      "are sample "
      "frames |");
  out("| in the parameter's unit | a plain value of a parameter, as its own description (`unit`, `minimum`, `maximum`) says |");
  out("| required, optional, default | whether a sender may leave the member out, and what it then means. Never send `null` |");
  out("| since | the protocol version that brought it. What names none is as old as what it is part of |");
  out("| idempotent | a command that may be sent again with a new `id` without doing more |");
  out("| undoable | a command that makes a step in the history |");
  out("| at most | the size of the whole message in bytes of UTF-8; 1 KiB is 1024 bytes |");
  out();
  out("Senders send only what these pages have; receivers ignore members that they do not know. In C++ the message "
      "`parameter.gesture.begin` is");
  out("`loophole::parameter::GestureBegin`, the member `trackId` is `track_id`, the error `track.notFound` is "
      "`loophole::errors::kTrackNotFound`.");
  out();
}

}  // namespace

OutputFile index_page(const Model& model, const Sites& sites) {
  constexpr std::string_view kPage = "README.md";
  Lines out;
  write_head(out, "", "Protocol reference, version " + to_text(model.protocol), kPage);
  out("Every message, type, error and frame, from the schemas. What they cannot say (sockets, order, life cycles) is in the");
  out("[specification](../README.md); the same as data is in [protocol.json](../protocol.json).");
  out();
  out("| page | what it has |");
  out("|---|---|");
  for (const Domain& domain : model.domains)
    if (domain.messages.empty()) out("| [", domain.name, "](", page_of(domain), ") | ", cell(domain.description), " |");
  out("| [errors](errors.md) | every error code: what happened and what the caller does |");
  out("| [topology](topology.md) | roles, planes, sockets, limits, and what runs between which roles |");
  out("| [frames](frames.md) | the binary frames of streams and telemetry, field by field |");
  out();
  out("For machines: [JSON Schemas](../json-schema) of every message, strict for senders and lenient for receivers; AsyncAPI of");
  std::string documents;
  for (const Label& role : model.topology.roles)
    documents += (documents.empty() ? "" : ", ") + ("[" + role.name + "](../asyncapi/" + role.name + ".json)");
  out(documents, "; [test data](../test-data): instances that must be taken and refused.");
  out();
  write_words(out);
  out("## Domains");
  out();
  out("| domain | about | commands | events |");
  out("|---|---|---|---|");
  for (const Domain& domain : model.domains) {
    if (domain.messages.empty()) continue;
    out("| ", sites.domain(domain), " | ", cell(domain.description), " | ", amount(count_of(domain, MessageKind::command)), " | ",
        amount(count_of(domain, MessageKind::event)), " |");
  }
  out();
  out("## Messages");
  for (const Domain& domain : model.domains) {
    if (domain.messages.empty()) continue;
    out();
    out("### ", domain.name);
    out();
    out("| message | kind | from → to | since | summary |");
    out("|---|---|---|---|---|");
    for (const Message& message : domain.messages)
      out("| ", sites.message(message.name, kPage), " | ", message.kind == MessageKind::command ? "command" : "event", " | ",
          routes(message.routes), " | ", to_text(message.since), " | ", cell(message.summary), " |");
  }
  return {std::string{kPage}, out.take()};
}

}  // namespace markdown
}  // namespace loophole::schema
