#include <algorithm>
#include <set>

#include "lint.hpp"
#include "naming.hpp"
#include "validate.hpp"

namespace loophole::schema {
namespace {

constexpr const char* kTopologyFile = "topology.json";
constexpr const char* kErrorsFile = "errors.json";

class MessageRules {
 public:
  MessageRules(const Model& model, const Domain& domain, const Message& message, Faults& faults)
      : model_(model), domain_(domain), message_(message), faults_(faults) {}

  void run() {
    if (message_.summary.empty()) fault("", "documentation", "The message has no summary; add a sentence.");
    if (domain_.name == "scalars" || domain_.name == "envelope")
      fault("", "message-name", "The domain " + domain_.name + " has types only; move the message to another domain.");
    payload();
    reply();
    routes();
    errors();
    const auto most = model_.topology.max_message_bytes;
    if (message_.max_bytes < 1024 || (most != 0 && message_.max_bytes > most))
      fault("/maxBytes", "message-limit", "maxBytes must be from 1024 to " + std::to_string(most) + ", the limit in topology.json.");
    examples();
  }

 private:
  void fault(const std::string& below, const char* rule, std::string text) {
    faults_.push_back({{message_.where.file, message_.where.pointer + below}, rule, std::move(text)});
  }

  void payload() {
    if (message_.payload.name.empty()) return;
    const TypeRef wanted = payload_type(message_);
    if (!is_empty_payload(message_.payload) && message_.payload != wanted) {
      return fault("/payload", "payload-name",
                   "The payload must be #/$defs/" + wanted.name + ", named after the message, or envelope.schema.json#/$defs/Empty.");
    }
    need_object("/payload", message_.payload);
  }

  void reply() {
    if (message_.reply && !message_.reply->name.empty()) need_object("/reply", *message_.reply);
  }

  void need_object(const std::string& below, const TypeRef& ref) {
    const Type* type = model_.find(ref);
    if (type == nullptr) {
      if (auto message = model_.unresolved(ref)) fault(below + "/$ref", "ref-unresolved", *std::move(message));
      return;
    }
    if (type->shape != Shape::object) fault(below, "payload-form", "Payloads and replies are objects; wrap " + ref.name + " in one.");
  }

  void routes() {
    if (message_.routes.empty()) fault("/routes", "route-topology", "The message has no route; name at least one.");
    std::set<Route> seen;
    for (std::size_t i = 0; i < message_.routes.size(); ++i) {
      const Route& route = message_.routes[i];
      const std::string below = "/routes/" + std::to_string(i);
      const bool legal = model_.unread.contains(kTopologyFile) || std::ranges::any_of(model_.topology.edges, [&](const Edge& edge) {
                           return edge.from == route.from && edge.to == route.to && edge.plane == "control";
                         });
      if (!legal) fault(below, "route-topology", no_edge(route));
      if (!seen.insert(route).second) fault(below, "route-topology", "The route is listed twice; remove one.");
    }
  }

  // What there is instead, so that the next try is right.
  [[nodiscard]] std::string no_edge(const Route& route) const {
    std::string roles;
    for (const Label& role : model_.topology.roles) roles += (roles.empty() ? "" : ", ") + role.name;
    for (const std::string& role : {route.from, route.to})
      if (std::ranges::find(model_.topology.roles, role, &Label::name) == model_.topology.roles.end())
        return "'" + role + "' is no role; topology.json has " + roles + ".";
    std::string edges;
    for (const Edge& edge : model_.topology.edges)
      if (edge.plane == "control") edges += (edges.empty() ? "" : ", ") + edge.from + " to " + edge.to;
    return "There is no control edge from '" + route.from + "' to '" + route.to + "'; topology.json has " + edges + ".";
  }

  void errors() {
    if (model_.unread.contains(kErrorsFile)) return;
    std::set<std::string> seen;
    std::vector<std::string> known_codes;
    for (const ErrorCode& error : model_.errors) known_codes.push_back(error.code);
    for (std::size_t i = 0; i < message_.errors.size(); ++i) {
      const std::string& code = message_.errors[i];
      const std::string below = "/errors/" + std::to_string(i);
      if (std::ranges::find(model_.errors, code, &ErrorCode::code) == model_.errors.end())
        fault(below, "error-unknown",
              "errors.json has no '" + code + "'; add it there or correct the spelling." + did_you_mean(code, known_codes));
      if (!seen.insert(code).second) fault(below, "error-unknown", "'" + code + "' is listed twice; remove one.");
      if (const auto known = std::ranges::find(model_.errors, code, &ErrorCode::code);
          known != model_.errors.end() && known->scope == ErrorScope::local)
        fault(below, "error-scope", "'" + code + "' is local in errors.json: no peer sends it; remove it here, or its scope there.");
    }
  }

  void examples() {
    const Type* type = model_.find(message_.payload);
    if (type == nullptr) return;
    for (const ValidExample& example : message_.valid) {
      const auto breach = validate(model_, *type, example.payload, Side::sender);
      if (breach)
        faults_.push_back({{example.where.file, example.where.pointer + breach->pointer},
                           "example-valid",
                           "The value " + breach->message + " (" + breach->rule + ")."});
    }
    for (const InvalidExample& example : message_.invalid) {
      const auto breach = validate(model_, *type, example.payload, Side::receiver);
      if (!breach) {
        faults_.push_back(
            {example.where, "example-invalid", "The payload is valid; make it break " + example.rule + " at '" + example.pointer + "'."});
      } else if (breach->pointer != example.pointer || breach->rule != example.rule) {
        faults_.push_back({example.where, "example-invalid",
                           "The first fault is " + breach->rule + " at '" + breach->pointer + "', not " + example.rule + " at '" +
                               example.pointer + "'."});
      }
    }
  }

  const Model& model_;
  const Domain& domain_;
  const Message& message_;
  Faults& faults_;
};

void lint_register(const Model& model, Faults& faults) {
  std::set<std::string_view> listed;
  for (const Domain& domain : model.domains)
    for (const Message& message : domain.messages) listed.insert(message.errors.begin(), message.errors.end());
  const Type* category = model.find({"envelope", "Category"});
  for (const ErrorCode& error : model.errors) {
    if (error.scope == ErrorScope::listed && !listed.contains(error.code) && !model.domains.empty() && model.domains_read())
      faults.push_back({error.where, "error-scope",
                        "No message lists '" + error.code +
                            "'; add it to the errors of those that give it, or a scope: any (any command may get it) or local."});
    if (error.summary.empty())
      faults.push_back({error.where, "documentation", "The error has no summary; say what it means and what to do."});
    if (category == nullptr) continue;
    if (std::ranges::none_of(category->labels, [&](const Label& label) { return label.name == error.category; }))
      faults.push_back({{error.where.file, pointer_to(error.where.pointer, "category")},
                        "error-category",
                        "'" + error.category + "' is no label of envelope.Category."});
  }
}

}  // namespace

void lint_messages(const Model& model, Faults& faults) {
  for (const Domain& domain : model.domains)
    for (const Message& message : domain.messages) MessageRules{model, domain, message, faults}.run();
  lint_register(model, faults);
}

}  // namespace loophole::schema
