#include "emit_test_data.hpp"

#include "instances.hpp"

namespace loophole::schema {
namespace {

// An array with one element a line, so that a change of a schema is a change of a few lines.
void list(Lines& out, const char* name, const std::vector<Json>& elements, const char* end) {
  if (elements.empty()) return out("  \"", name, "\": []", end);
  out("  \"", name, "\": [");
  for (std::size_t i = 0; i < elements.size(); ++i) out("    ", elements[i].dump(), i + 1 < elements.size() ? "," : "");
  out("  ]", end);
}

Json line_of(const Instance& instance) {
  const ValueCase& content = instance.content;
  Json out = {{"schema", instance.schema}, {"about", content.about}, {"at", content.pointer}, {"valid", content.rule.empty()}};
  if (!content.rule.empty()) out["rule"] = content.rule;
  if (!content.sendable) out["sendable"] = false;
  out["instance"] = content.value;
  return out;
}

Json line_of(const LeftOutInstance& left_out) {
  const LeftOut& content = left_out.content;
  Json out = {{"schema", left_out.schema}, {"about", content.about}, {"at", content.pointer}, {"valid", content.rule.empty()}};
  if (!content.rule.empty()) out["rule"] = content.rule;
  out["why"] = content.why;
  return out;
}

OutputFile file_of(const DomainInstances& domain) {
  Lines out;
  out("{");
  out("  \"comment\": [");
  out("    \"Generated from schemas/ by loophole-schema; do not edit.\",");
  out("    \"instance: a whole envelope. schema: its JSON Schema, <form>/<schema>.json. about: why it is here. at: JSON pointer from "
      "the\",");
  out("    \"envelope to what it is about; where it is not valid, the pointer of the fault. rule: the keyword that it breaks. "
      "sendable:\",");
  out("    \"false where receivers take it (an unknown member or label) but the sender's form of the schema refuses it.\",");
  out("    \"omitted: what was derived as well, but is too long to be kept.\"");
  out("  ],");
  out("  \"domain\": ", Json(domain.domain).dump(), ",");
  std::vector<Json> lines;
  for (const LeftOutInstance& one : domain.left_out) lines.push_back(line_of(one));
  list(out, "omitted", lines, ",");
  lines.clear();
  for (const Instance& one : domain.instances) lines.push_back(line_of(one));
  list(out, "instances", lines, "");
  out("}");
  return {domain.domain + ".json", out.take()};
}

}  // namespace

std::vector<OutputFile> emit_test_data(const Model& model) {
  std::vector<OutputFile> files;
  for (const DomainInstances& domain : instances(model)) files.push_back(file_of(domain));
  return files;
}

}  // namespace loophole::schema
