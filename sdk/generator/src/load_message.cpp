#include <algorithm>

#include "load.hpp"

namespace loophole::schema {
namespace {

void load_examples(const Cursor& at, Message& message) {
  at.allow({"valid", "invalid"});
  if (const auto valid = at.need("valid")) {
    valid->each_element([&](const Cursor& example) { message.valid.push_back({example.value(), example.where()}); });
    if (message.valid.empty()) valid->fault("example-valid", "A message has at least one valid example; add one.");
  }
  if (const auto invalid = at.need("invalid")) {
    invalid->each_element([&](const Cursor& example) {
      example.allow({"payload", "pointer", "rule"});
      const auto payload = example.need("payload");
      const auto pointer = example.need("pointer");
      const auto rule = example.need("rule");
      if (payload && pointer && rule) message.invalid.push_back({payload->value(), pointer->text(), rule->text(), example.where()});
    });
  }
}

std::optional<TypeRef> load_payload(const Cursor& at, const std::string& domain) {
  at.allow({"$ref"});
  if (!at.need("$ref")) return std::nullopt;
  return load_reference(at, domain);
}

std::vector<Label> load_labels(const Cursor& at) {
  std::vector<Label> labels;
  at.each_member([&](const std::string& name, const Cursor& text) { labels.push_back({name, text.text()}); });
  return labels;
}

}  // namespace

Message load_message(const Cursor& at, const std::string& name, const std::string& domain) {
  Message message;
  message.name = name;
  message.where = at.where();
  const auto kind = at.need("kind");
  const std::string kind_name = kind ? kind->text() : "event";
  if (kind_name == "command") {
    message.kind = MessageKind::command;
    at.allow({"kind", "summary", "routes", "payload", "reply", "errors", "since", "deprecated", "maxBytes", "idempotent", "undoable",
              "examples"});
    if (const auto reply = at.need("reply")) message.reply = load_payload(*reply, domain);
    if (const auto errors = at.need("errors")) errors->each_element([&](const Cursor& code) { message.errors.push_back(code.text()); });
    if (const auto idempotent = at.need("idempotent")) message.idempotent = idempotent->boolean();
    if (const auto undoable = at.need("undoable")) message.undoable = undoable->boolean();
  } else {
    if (kind_name != "event")
      kind->fault("keyword-type", "The kind must be command or event; replies and errors are named by their command.");
    at.allow({"kind", "summary", "routes", "payload", "since", "deprecated", "maxBytes", "examples"});
  }
  message.summary = at.text("summary");
  if (const auto routes = at.need("routes")) {
    routes->each_element([&](const Cursor& route) {
      route.allow({"from", "to"});
      message.routes.push_back({route.text("from"), route.text("to")});
    });
  }
  if (const auto payload = at.need("payload")) message.payload = load_payload(*payload, domain).value_or(TypeRef{});
  if (const auto since = at.need("since")) message.since = since->version();
  if (const auto deprecated = at.get("deprecated")) {
    (void)deprecated->version();  // for its fault
    message.deprecated = deprecated->text();
  }
  if (const auto most = at.need("maxBytes")) message.max_bytes = most->count().value_or(0);
  if (const auto examples = at.need("examples")) load_examples(*examples, message);
  return message;
}

Topology load_topology(const Cursor& at) {
  at.allow({"title", "description", "roles", "planes", "edges", "limits"});
  Topology topology;
  topology.file = at.where().file;
  if (const auto roles = at.need("roles")) topology.roles = load_labels(*roles);
  if (const auto planes = at.need("planes")) topology.planes = load_labels(*planes);
  const auto known = [](const std::vector<Label>& labels, const std::string& name) {
    return std::ranges::any_of(labels, [&](const Label& label) { return label.name == name; });
  };
  if (const auto edges = at.need("edges")) {
    edges->each_element([&](const Cursor& edge) {
      edge.allow({"from", "to", "plane"});
      Edge loaded{edge.text("from"), edge.text("to"), edge.text("plane")};
      if (!known(topology.roles, loaded.from) || !known(topology.roles, loaded.to) || !known(topology.planes, loaded.plane))
        edge.fault("topology-form", "The edge names a role or plane that is not listed above; correct the spelling.");
      topology.edges.push_back(std::move(loaded));
    });
  }
  if (const auto limits = at.need("limits")) {
    limits->allow({"maxMessageBytes", "maxDepth", "maxFrameBytes"});
    const auto limit = [&](const char* name) -> std::uint64_t {
      const auto value = limits->need(name);
      return value ? value->count().value_or(0) : 0;
    };
    topology.max_message_bytes = limit("maxMessageBytes");
    topology.max_depth = limit("maxDepth");
    topology.max_frame_bytes = limit("maxFrameBytes");
  }
  return topology;
}

std::vector<ErrorCode> load_errors(const Cursor& at) {
  at.allow({"title", "description", "codes"});
  std::vector<ErrorCode> errors;
  const auto codes = at.need("codes");
  if (!codes) return errors;
  codes->each_member([&](const std::string& name, const Cursor& code) {
    code.allow({"category", "since", "scope", "summary"});
    ErrorCode loaded{.code = name,
                     .where = code.where(),
                     .category = code.text("category"),
                     .scope = ErrorScope::listed,
                     .since = {},
                     .summary = code.text("summary")};
    if (const auto scope = code.get("scope")) {
      const std::string label = scope->text();
      loaded.scope = label == "any" ? ErrorScope::any : label == "local" ? ErrorScope::local : ErrorScope::listed;
      if (loaded.scope == ErrorScope::listed)
        scope->fault("keyword-type", "The scope must be any or local; leave it out where messages list the error.");
    }
    if (const auto since = code.need("since")) loaded.since = since->version();
    errors.push_back(std::move(loaded));
  });
  std::ranges::sort(errors, {}, &ErrorCode::code);
  return errors;
}

}  // namespace loophole::schema
