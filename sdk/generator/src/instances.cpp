#include "instances.hpp"

#include <algorithm>
#include <set>

#include "sample_value.hpp"

namespace loophole::schema {
namespace {

// What one schema is for.
struct Subject {
  std::string schema;
  std::string kind;
  std::string name;
  std::vector<Route> routes;
  const Message* message = nullptr;  // nullptr: errors
  TypeRef body_type;
  std::uint64_t most_bytes = 0;

  [[nodiscard]] bool error() const { return kind == "error"; }
  [[nodiscard]] std::string body() const { return error() ? "error" : "payload"; }
};

std::vector<Route> turned(std::vector<Route> routes) {
  for (Route& route : routes) std::swap(route.from, route.to);
  return routes;
}

Subject subject_of(const Message& message) {
  const bool command = message.kind == MessageKind::command;
  return {message.name, command ? "command" : "event", message.name, message.routes, &message, message.payload, message.max_bytes};
}

Subject reply_of(const Model& model, const Message& message) {
  return {message.name + ".reply",         "reply",  message.name,
          turned(message.routes),          &message, message.reply.value_or(TypeRef{"envelope", "Empty"}),
          model.topology.max_message_bytes};
}

std::vector<Route> control_routes(const Model& model) {
  std::vector<Route> routes;
  for (const Edge& edge : model.topology.edges)
    if (edge.plane == "control") routes.push_back({edge.from, edge.to});
  return routes;
}

Subject error_of(const Model& model, const std::string& name) {
  return {"error", "error", name, control_routes(model), nullptr, {"envelope", "Error"}, model.topology.max_message_bytes};
}

class Cases {
 public:
  Cases(const Model& model, const Subject& subject, DomainInstances& out, std::set<std::string>& seen)
      : model_(model), subject_(subject), out_(out), seen_(seen) {}

  // What every message has of its own.
  void own() {
    body_values();
    examples();
    const Json whole = minimal();
    unsendable("unknown member of the envelope", "", with(whole, "aFutureMember", Json::array({Json::object()})));
    unsendable("error beside a payload, payload beside an error", "", with(whole, subject_.error() ? "payload" : "error", nullptr));
    Json turned_round = Json::object();
    for (auto member = whole.rbegin(); member != whole.rend(); ++member) turned_round[member.key()] = member.value();
    valid("members in another order", "", std::move(turned_round));
    invalid("without a body", "/" + subject_.body(), "required", without(whole, subject_.body()));
    invalid("another version of the envelope", "/v", "maximum", with(whole, "v", 2));
    cause(whole);
    kind(whole);
    routes(whole);
    size(whole);
  }

  // What the header has in all messages.
  void header() {
    const Json whole = minimal();
    const Type* header = model_.find({"envelope", "Header"});
    if (header == nullptr) return;
    invalid("list for an envelope", "", "type", Json::array());
    for (const Field& field : header->fields) {
      if (field.required) invalid("without " + field.name, "", "required", without(whole, field.name));
      const std::string at = "/" + field.name;
      if (field.name == "kind" || field.name == "name" || field.name == "origin" || field.name == "target") {
        invalid("null", at, "type", with(whole, field.name, nullptr));
        if (field.name != "name") invalid("unknown label", at, "enum", with(whole, field.name, "nobody"));
      } else if (field.name != "cid" || subject_.kind != "command") {
        take(value_cases(
            model_, field.type, at, [&](Json value) { return with(whole, field.name, std::move(value)); }, options()));
      }
    }
    names(whole);
    depth(whole);
  }

 private:
  [[nodiscard]] std::size_t most_bytes() const { return std::min<std::size_t>(kMostInstanceBytes, subject_.most_bytes); }

  [[nodiscard]] CaseOptions options() const { return {.most_bytes = most_bytes(), .unknown_labels = subject_.kind != "command"}; }

  [[nodiscard]] Json envelope(Json body, const Route& route) const {
    const std::string cid = subject_.kind == "reply" || subject_.error() ? "m-0" : "";
    Json out = header_value(model_, {subject_.kind, subject_.name, route, cid});
    out[subject_.body()] = std::move(body);
    return out;
  }
  [[nodiscard]] const Type& body_type() const {
    static const Type kNone;
    const Type* type = model_.find(subject_.body_type);
    return type == nullptr ? kNone : *type;
  }
  [[nodiscard]] Json minimal() const { return envelope(minimal_value(model_, body_type()), subject_.routes.front()); }

  static Json with(Json whole, const std::string& member, Json value) {
    whole[member] = std::move(value);
    return whole;
  }
  static Json without(Json whole, const std::string& member) {
    whole.erase(member);
    return whole;
  }

  void add(ValueCase one) {
    const std::string text = one.value.dump();
    // A text that is too long for its message is what rule size is about.
    if (text.size() > most_bytes() && one.rule != "size")
      return out_.left_out.push_back(
          {subject_.schema, {one.about, one.pointer, one.rule, "has about " + std::to_string(text.size()) + " bytes"}});
    if (seen_.insert(subject_.schema + text).second) out_.instances.push_back({subject_.schema, std::move(one)});
  }
  void valid(const std::string& about, const std::string& at, Json value) { add({about, at, "", true, std::move(value)}); }
  void unsendable(const std::string& about, const std::string& at, Json value) { add({about, at, "", false, std::move(value)}); }
  void invalid(const std::string& about, const std::string& at, const std::string& rule, Json value) {
    add({about, at, rule, true, std::move(value)});
  }
  void take(ValueCases cases) {
    for (ValueCase& one : cases.cases) add(std::move(one));
    for (LeftOut& one : cases.left_out) out_.left_out.push_back({subject_.schema, std::move(one)});
  }

  void body_values() {
    for (const Route& route : subject_.routes) valid("least", "", envelope(minimal_value(model_, body_type()), route));
    valid("every member", "", envelope(maximal_value(model_, body_type()), subject_.routes.front()));
    const Place place = [this](Json value) { return envelope(std::move(value), subject_.routes.front()); };
    take(value_cases(model_, body_type(), "/" + subject_.body(), place, options()));
  }

  void examples() {
    if (subject_.error() || subject_.kind == "reply") return;
    for (const ValidExample& example : subject_.message->valid) valid("example", "", envelope(example.payload, subject_.routes.front()));
    for (const InvalidExample& example : subject_.message->invalid)
      invalid("example", "/payload" + example.pointer, example.rule, envelope(example.payload, subject_.routes.front()));
  }

  void cause(const Json& whole) {
    if (subject_.kind == "command") {
      unsendable("a command with a cause", "/cid", with(whole, "cid", "m-0"));
    } else if (subject_.kind == "event") {
      valid("an event with a cause", "/cid", with(whole, "cid", "m-0"));
    } else if (subject_.kind == "reply") {
      invalid("a reply to nothing", "", "required", without(whole, "cid"));
    } else {
      valid("an error that answers nothing", "", without(whole, "cid"));
    }
  }

  void kind(const Json& whole) {
    if (subject_.error()) return;
    const bool event = subject_.kind == "event";
    invalid("wrong kind", "/kind", "enum", with(whole, "kind", event ? "command" : "event"));
    if (event) invalid("reply to an event", "/kind", "enum", with(with(whole, "kind", "reply"), "cid", "m-0"));
  }

  void routes(const Json& whole) {
    for (const Label& from : model_.topology.roles) {
      for (const Label& to : model_.topology.roles) {
        if (std::ranges::find(subject_.routes, Route{from.name, to.name}) != subject_.routes.end()) continue;
        invalid("wrong route", "/target", "route", with(with(whole, "origin", from.name), "target", to.name));
      }
    }
  }

  void size(const Json& whole) {
    if (subject_.most_bytes >= kMostInstanceBytes) return;
    invalid("too many bytes", "", "size", with(whole, "aFutureMember", std::string(subject_.most_bytes, 'x')));
  }

  void names(const Json& whole) {
    invalid("empty name", "/name", "minLength", with(whole, "name", ""));
    invalid("name with a space", "/name", "pattern", with(whole, "name", "no name"));
    invalid("name with a line feed", "/name", "pattern", with(whole, "name", subject_.name + "\n"));
    invalid("name too long", "/name", "maxLength", with(whole, "name", std::string(65, 'n')));
    if (subject_.error()) {
      valid("an error about a name that nobody knows", "/name", with(whole, "name", "no.such.message"));
    } else {
      invalid("unknown name", "/name", "enum", with(whole, "name", "no.such.message"));
    }
  }

  void depth(const Json& whole) {
    const auto nested = [](std::uint64_t levels) {
      Json value = 0;
      for (std::uint64_t i = 0; i < levels; ++i) value = Json::array({std::move(value)});
      return value;
    };
    const std::uint64_t below = model_.topology.max_depth - 1;
    unsendable("deepest nesting", "/aFutureMember", with(whole, "aFutureMember", nested(below)));
    invalid("nested too deep", "", "depth", with(whole, "aFutureMember", nested(below + 1)));
  }

  const Model& model_;
  const Subject& subject_;
  DomainInstances& out_;
  std::set<std::string>& seen_;
};

// A failed answer for each code that a command may give.
void add_errors(const Model& model, const Message& message, DomainInstances& out) {
  for (const std::string& code : message.errors) {
    const auto found = std::ranges::find(model.errors, code, &ErrorCode::code);
    if (found == model.errors.end()) continue;
    Json value = header_value(model, {"error", message.name, turned(message.routes).front(), "m-0"});
    value["error"] = Json{{"category", found->category}, {"code", code}, {"message", found->summary}};
    out.instances.push_back({"error", {"listed error", "", "", true, std::move(value)}});
  }
}

std::string some_name(const Model& model) {
  for (const Domain& domain : model.domains)
    if (!domain.messages.empty()) return domain.messages.front().name;
  return "no.such.message";
}

}  // namespace

std::vector<DomainInstances> instances(const Model& model) {
  std::vector<DomainInstances> all;
  for (const Domain& domain : model.domains) {
    DomainInstances out{.domain = domain.name, .instances = {}, .left_out = {}};
    std::set<std::string> seen;
    const auto add = [&](const Subject& subject, bool header) {
      Cases cases{model, subject, out, seen};
      cases.own();
      if (header) cases.header();
    };
    if (domain.name == "envelope") add(error_of(model, some_name(model)), true);
    for (const Message& message : domain.messages) {
      add(subject_of(message), &message == &domain.messages.front());
      if (message.kind != MessageKind::command) continue;
      add(reply_of(model, message), false);
      add_errors(model, message, out);
    }
    if (!out.instances.empty()) all.push_back(std::move(out));
  }
  return all;
}

std::vector<Seed> seeds(const Model& model) {
  std::vector<Seed> all;
  const auto add = [&](const Subject& subject) {
    const Type* type = model.find(subject.body_type);
    if (type == nullptr) return;
    const std::string cid = subject.kind == "reply" || subject.error() ? "m-0" : "";
    Json value = header_value(model, {subject.kind, subject.name, subject.routes.front(), cid});
    value[subject.body()] = maximal_value(model, *type);
    all.push_back({subject.schema, std::move(value)});
  };
  add(error_of(model, some_name(model)));
  for (const Domain& domain : model.domains) {
    for (const Message& message : domain.messages) {
      add(subject_of(message));
      if (message.kind == MessageKind::command) add(reply_of(model, message));
    }
  }
  return all;
}

}  // namespace loophole::schema
