#include <algorithm>

#include "emit_markdown.hpp"
#include "json_schema.hpp"
#include "naming.hpp"
#include "since.hpp"

namespace loophole::schema::markdown {
namespace {

constexpr std::size_t kOneLine = 1'000'000;

std::string yes(bool value) {
  return value ? "yes" : "no";
}

class DomainPage {
 public:
  DomainPage(const Model& model, const Sites& sites, const Domain& domain)
      : model_(model), sites_(sites), domain_(domain), page_(page_of(domain)) {}

  std::string write() {
    write_head(out_, domain_.file, title(domain_), page_);
    out_(domain_.description);
    out_();
    if (!domain_.messages.empty()) messages();
    types();
    return out_.take();
  }

 private:
  void messages() {
    out_("## Messages");
    out_();
    out_("| message | kind | from → to | summary |");
    out_("|---|---|---|---|");
    for (const Message& message : domain_.messages)
      out_("| ", sites_.message(message.name, page_), " | ", kind(message), " | ", routes(message.routes), " | ", cell(message.summary),
           " |");
    for (const Message& message : domain_.messages) one(message);
  }

  static std::string_view kind(const Message& message) { return message.kind == MessageKind::command ? "command" : "event"; }

  void one(const Message& message) {
    out_();
    out_("### ", message.name);
    out_();
    out_(message.summary);
    out_();
    if (!message.deprecated.empty()) {
      out_("Deprecated since ", message.deprecated, ".");
      out_();
    }
    facts(message);
    part("Payload", message.payload);
    if (message.reply) part("Reply", *message.reply);
    std::vector<std::string> errors;
    for (const std::string& code : message.errors) errors.push_back(sites_.error(code, page_));
    if (message.kind == MessageKind::command) {
      errors.emplace_back("what [any command](errors.md#any-command) can meet");
      write_list(out_, "Errors", errors);
    }
    examples(message);
  }

  void facts(const Message& message) {
    const bool command = message.kind == MessageKind::command;
    out_("| kind | from → to | since | at most |", command ? " idempotent | undoable |" : "");
    out_("|---|---|---|---|", command ? "---|---|" : "");
    out_("| ", kind(message), " | ", routes(message.routes), " | ", to_text(message.since), " | ", bytes(message.max_bytes), " |",
         command ? " " + yes(message.idempotent) + " | " + yes(message.undoable) + " |" : "");
    out_();
  }

  void part(std::string_view label, const TypeRef& ref) {
    const Type* type = model_.find(ref);
    if (type == nullptr) return;
    const std::string name = is_empty_payload(ref) ? "" : sites_.has_section(ref) ? " " + sites_.type(ref, page_) : " " + code(ref.name);
    if (type->fields.empty()) {
      out_("**", label, "**", name, ": no members, `{}`.");
      out_();
      return;
    }
    out_("**", label, "**", name, ": ", type->description);
    out_();
    write_type(out_, model_, sites_, ref, page_);
    out_();
  }

  // As it goes over the wire, with a reply; of further valid payloads the payload alone.
  void examples(const Message& message) {
    const bool command = message.kind == MessageKind::command;
    for (std::size_t i = 0; i < message.valid.size(); ++i) {
      const Json& payload = message.valid[i].payload;
      if (i < 2) {
        out_(i == 0 ? command ? "**Example**, and a reply:" : "**Example:**" : "Other payloads that are valid:");
        out_();
      }
      out_(i == 0 ? "```json" : "```json payload=" + message.name);
      out_(i == 0 ? message_example(message, payload) : neat_value(payload, kColumns));
      out_("```");
      out_();
      if (i > 0 || !command) continue;
      out_("```json");
      out_(reply_example(model_, message));
      out_("```");
      out_();
    }
    refused(message);
    out_("JSON Schema: ", schema_link(message, ""), command ? ", " + schema_link(message, ".reply") : "", ".");
  }

  void refused(const Message& message) {
    if (message.invalid.empty()) return;
    out_("**Refused**; the error names this place in the message, and the rule:");
    out_();
    out_("| payload | pointer | rule |");
    out_("|---|---|---|");
    for (const InvalidExample& example : message.invalid)
      out_("| ", code(cell(neat_value(example.payload, kOneLine))), " | ", code(Json("/payload" + example.pointer).dump()), " | ",
           code(example.rule), " |");
    out_();
  }

  static std::string schema_link(const Message& message, std::string_view suffix) {
    const std::string name = message.name + std::string{suffix};
    return "[" + name + "](../json-schema/receiver/" + name + ".json)";
  }

  void types() {
    std::vector<const NamedType*> shown;
    for (const NamedType& named : domain_.types)
      if (sites_.has_section({domain_.name, named.name})) shown.push_back(&named);
    if (shown.empty()) return;
    if (!domain_.messages.empty()) out_();
    out_("## Types");
    for (const NamedType* named : shown) {
      out_();
      out_("### ", named->name);
      out_();
      const TypeRef ref{domain_.name, named->name};
      const bool later = sites_.age(ref) > Version{};
      out_(named->type.description, later ? " Since " + to_text(sites_.age(ref)) + "." : "");
      out_();
      write_type(out_, model_, sites_, ref, page_);
      if (const std::string used = users(ref); !used.empty()) {
        out_();
        out_("Used by ", used, ".");
      }
    }
  }

  // Some types are everywhere; a list of more than this says nothing.
  std::string users(const TypeRef& ref) {
    constexpr std::size_t kMost = 12;
    const std::vector<std::string> all = sites_.user_links(ref, page_);
    std::string out;
    for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) out += (i == 0 ? "" : ", ") + all[i];
    return all.size() > kMost ? out + " and " + std::to_string(all.size() - kMost) + " more" : out;
  }

  const Model& model_;
  const Sites& sites_;
  const Domain& domain_;
  const std::string page_;
  Lines out_;
};

}  // namespace

OutputFile domain_page(const Model& model, const Sites& sites, const Domain& domain) {
  return {page_of(domain), DomainPage{model, sites, domain}.write()};
}

}  // namespace loophole::schema::markdown
