#include "emit_json_schema.hpp"

#include "json_schema.hpp"

namespace loophole::schema {
namespace {

OutputFile file(const Model& model, const std::string& name, const Json& envelope, const SchemaOptions& options) {
  const std::string path = std::string(options.form == Side::sender ? "sender/" : "receiver/") + name;
  Json out = Json::object();
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["$comment"] = "Generated from schemas/ by loophole-schema; do not edit.";
  out.update(envelope);
  out["$defs"] = definitions(model, envelope, options);
  return {path + ".json", neat_text(out)};
}

}  // namespace

std::vector<OutputFile> emit_json_schema(const Model& model) {
  std::vector<OutputFile> files;
  for (const Side form : {Side::receiver, Side::sender}) {
    // A command asks for what its sender means; only what is told may be `unknown`.
    const SchemaOptions asks{.form = form};
    const SchemaOptions tells{.form = form, .unknown_labels = true};
    files.push_back(file(model, "error", error_schema(model, tells), tells));
    for (const Domain& domain : model.domains) {
      for (const Message& message : domain.messages) {
        const bool command = message.kind == MessageKind::command;
        const SchemaOptions& options = command ? asks : tells;
        files.push_back(file(model, message.name, envelope_schema(model, message, Envelope::message, options), options));
        if (command) files.push_back(file(model, message.name + ".reply", envelope_schema(model, message, Envelope::reply, tells), tells));
      }
    }
  }
  return files;
}

}  // namespace loophole::schema
