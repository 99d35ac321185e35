// The pages that belong to no domain: errors and topology.
#include <algorithm>

#include "emit_markdown.hpp"
#include "naming.hpp"
#include "since.hpp"
#include "sockets.hpp"

namespace loophole::schema::markdown {
namespace {

// What the caller does about a category, from envelope.Category, to stand in a sentence.
std::string advice(const Model& model, std::string_view category) {
  const Type* type = model.find({"envelope", "Category"});
  if (type == nullptr) return {};
  for (const Label& label : type->labels)
    if (label.name == category) return label.description;
  return {};
}

std::vector<std::string> answering(const Model& model, const Sites& sites, const ErrorCode& error) {
  std::vector<std::string> out;
  for (const Domain& domain : model.domains)
    for (const Message& message : domain.messages)
      if (std::ranges::find(message.errors, error.code) != message.errors.end()) out.push_back(sites.message(message.name, "errors.md"));
  return out;
}

// Links of the messages of one kind that run over an edge, by what their names have after the domain.
std::string links(const Sites& sites, const Domain& domain, const Edge& edge, MessageKind kind) {
  std::string out;
  for (const Message& message : domain.messages) {
    if (message.kind != kind || std::ranges::find(message.routes, Route{edge.from, edge.to}) == message.routes.end()) continue;
    out += (out.empty() ? "" : ", ") + sites.message(message.name, message.name.substr(domain.name.size() + 1), "topology.md");
  }
  return out;
}

void write_control_edge(Lines& out, const Model& model, const Sites& sites, const Edge& edge) {
  out("| domain | commands | events |");
  out("|---|---|---|");
  for (const Domain& domain : model.domains) {
    const std::string commands = links(sites, domain, edge, MessageKind::command);
    const std::string events = links(sites, domain, edge, MessageKind::event);
    if (!commands.empty() || !events.empty()) out("| [", domain.name, "](", page_of(domain), ") | ", commands, " | ", events, " |");
  }
}

void write_frame_edge(Lines& out, const Model& model, const Sites& sites, const Edge& edge) {
  const bool topics = edge.plane == "telemetry";
  out("| frame | identifier |", topics ? " topic |" : "", " what it is |");
  out("|---|---|", topics ? "---|" : "", "---|");
  for (const Frame& frame : model.frames) {
    if (frame.plane != edge.plane) continue;
    const FrameType* root = frame.type(frame.root);
    out("| ", sites.frame(frame, "topology.md"), " | ", code(frame.identifier), " |", topics ? " " + code(frame.topic) + " |" : "", " ",
        cell(root == nullptr ? "" : root->description), " |");
  }
}

void write_scope(Lines& out, const Model& model, const Sites& sites, ErrorScope scope, std::string_view title, std::string_view sentence) {
  if (std::ranges::none_of(model.errors, [&](const ErrorCode& error) { return error.scope == scope; })) return;
  out("## ", title);
  out();
  out(sentence);
  out();
  out("| code | category |");
  out("|---|---|");
  for (const ErrorCode& error : model.errors)
    if (error.scope == scope) out("| ", sites.error(error.code, "errors.md"), " | ", code(error.category), " |");
  out();
}

}  // namespace

OutputFile errors_page(const Model& model, const Sites& sites) {
  constexpr std::string_view kPage = "errors.md";
  Lines out;
  write_head(out, "errors.json", "Errors", kPage);
  out("A failed command is answered by an envelope of kind `error` with the command's `id` as `cid`. Programs decide by `category`, which "
      "says");
  out("what the caller does, and by `code`; `message` is for people. Where a schema was broken, `pointer`, `rule`, `expected` and `found` "
      "say how.");
  out("A code that you do not know is treated by its category.");
  out();
  out("| category | what the caller does |");
  out("|---|---|");
  if (const Type* categories = model.find({"envelope", "Category"}))
    for (const Label& label : categories->labels) out("| ", code(label.name), " | ", cell(label.description), " |");
  out();
  write_scope(out, model, sites, ErrorScope::any, "Any command",
              "Any command may be answered with these, besides the errors that it lists.");
  write_scope(out, model, sites, ErrorScope::local, "Never sent",
              "No peer sends these: an SDK says them to its own caller, so that all failures have one form.");
  std::string domain;
  for (const ErrorCode& error : model.errors) {
    out();
    if (domain_of(error.code) != domain) {
      domain = domain_of(error.code);
      out("## ", domain);
      out();
    }
    out("### ", error.code);
    out();
    out(error.summary);
    out();
    out("Category ", code(error.category), ": ", advice(model, error.category), " Since ", to_text(error.since), ".");
    const std::vector<std::string> messages = answering(model, sites, error);
    if (messages.empty()) continue;
    std::string line;
    for (const std::string& message : messages) line += (line.empty() ? "" : ", ") + message;
    out();
    out("Can answer ", line, ".");
  }
  return {std::string{kPage}, out.take()};
}

OutputFile topology_page(const Model& model, const Sites& sites) {
  constexpr std::string_view kPage = "topology.md";
  const Topology& topology = model.topology;
  Lines out;
  write_head(out, "topology.json", "Topology", kPage);
  out("Who may say what to whom. What is not on this page is refused with `envelope.wrongRoute`.");
  out();
  out("| role | what it is |");
  out("|---|---|");
  for (const Label& role : topology.roles) out("| ", code(role.name), " | ", cell(role.description), " |");
  out();
  out("| plane | what it carries |");
  out("|---|---|");
  for (const Label& plane : topology.planes) out("| ", code(plane.name), " | ", cell(plane.description), " |");
  out();
  out("| edge | plane | sender | receiver | parts of a message |");
  out("|---|---|---|---|---|");
  for (const Edge& edge : topology.edges) {
    const Sockets sockets = sockets_of(topology, edge);
    out("| ", sites.edge(edge, kPage), " | ", edge.plane, " | ", sockets.from, sockets.sender_binds ? ", binds" : ", connects", " | ",
        sockets.to, sockets.sender_binds ? ", connects" : ", binds", " | ", sockets.parts, " |");
  }
  out();
  out("An answer goes back over the connection of its command. Both directions of the control plane between two roles share one pair of "
      "sockets.");
  out();
  out("| limit | value | of |");
  out("|---|---|---|");
  out("| `maxMessageBytes` | ", bytes(topology.max_message_bytes),
      " | a message of the control plane, envelope included; many have a lower limit |");
  out("| `maxDepth` | ", std::to_string(topology.max_depth), " | nesting of objects and arrays, counted from the envelope |");
  out("| `maxFrameBytes` | ", bytes(topology.max_frame_bytes), " | a frame |");
  for (const Edge& edge : topology.edges) {
    out();
    out("## ", heading(edge));
    out();
    if (edge.plane == "control") {
      write_control_edge(out, model, sites, edge);
    } else {
      write_frame_edge(out, model, sites, edge);
    }
  }
  return {std::string{kPage}, out.take()};
}

}  // namespace loophole::schema::markdown
