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
    const SchemaOptions options{.form = form};
    files.push_back(file(model, "error", error_schema(model, options), options));
    for (const Domain& domain : model.domains) {
      for (const Message& message : domain.messages) {
        files.push_back(file(model, message.name, envelope_schema(model, message, Envelope::message, options), options));
        if (message.kind != MessageKind::command) continue;
        files.push_back(file(model, message.name + ".reply", envelope_schema(model, message, Envelope::reply, options), options));
      }
    }
  }
  return files;
}

}  // namespace loophole::schema
