#include <map>
#include <set>

#include "lint.hpp"

namespace loophole::schema {
namespace {

// References of a type, with their places.
void each_reference(const Type& type, const std::function<void(const TypeRef&, const Where&)>& visit) {
  if (type.shape == Shape::reference) visit(type.reference, type.where);
  for (std::size_t i = 0; i < type.alternatives.size(); ++i)
    visit(type.alternatives[i], {type.where.file, pointer_to(pointer_to(type.where.pointer, "oneOf"), std::to_string(i))});
  for (const Field& field : type.fields) each_reference(field.type, visit);
  if (type.element) each_reference(*type.element, visit);
}

// Depth-first search that reports the reference that closes a cycle.
class Recursion {
 public:
  Recursion(const Model& model, Faults& faults) : model_(model), faults_(faults) {}

  void visit(const TypeRef& ref) {
    const Type* type = model_.find(ref);
    if (type == nullptr || done_.contains(ref)) return;
    open_.insert(ref);
    each_reference(*type, [&](const TypeRef& next, const Where& where) {
      if (open_.contains(next)) {
        faults_.push_back(
            {where, "recursion",
             "The type " + next.domain + "." + next.name + " contains itself by this; messages have a bounded depth, so use ids."});
      } else {
        visit(next);
      }
    });
    open_.erase(ref);
    done_.insert(ref);
  }

 private:
  const Model& model_;
  Faults& faults_;
  std::set<TypeRef> open_;
  std::set<TypeRef> done_;
};

// Domains become headers that include each other, which works without cycles only.
class DomainCycle {
 public:
  DomainCycle(const Model& model, Faults& faults) : faults_(faults) {
    for (const Domain& domain : model.domains) {
      auto& edges = edges_[domain.name];
      const auto add = [&](const TypeRef& ref, const Where& where) {
        if (ref.domain != domain.name && model.domain(ref.domain) != nullptr) edges.try_emplace(ref.domain, where);
      };
      for (const NamedType& named : domain.types) each_reference(named.type, add);
      for (const Message& message : domain.messages)
        if (message.reply) add(*message.reply, message.where);
      // Messages have routes between roles, so their headers need that of scalars.
      if (!domain.messages.empty()) add({"scalars", "Role"}, {domain.file, "/x-messages"});
    }
  }

  void run() {
    for (const auto& [name, edges] : edges_) visit(name);
  }

 private:
  void visit(const std::string& name) {
    if (done_.contains(name)) return;
    open_.insert(name);
    for (const auto& [next, where] : edges_[name]) {
      if (open_.contains(next)) {
        faults_.push_back(
            {where, "domain-cycle", "The domains " + name + " and " + next + " need each other by this; move the type to one of them."});
      } else {
        visit(next);
      }
    }
    open_.erase(name);
    done_.insert(name);
  }

  Faults& faults_;
  std::map<std::string, std::map<std::string, Where>> edges_;
  std::set<std::string> open_;
  std::set<std::string> done_;
};

void lint_unused(const Model& model, Faults& faults) {
  std::set<TypeRef> used;
  const std::function<void(const TypeRef&)> use = [&](const TypeRef& ref) {
    if (!used.insert(ref).second) return;
    if (const Type* type = model.find(ref)) each_reference(*type, [&](const TypeRef& next, const Where&) { use(next); });
  };
  // The SDK itself uses these.
  for (const TypeRef& ref : {TypeRef{"envelope", "Header"},
                             {"envelope", "Error"},
                             {"envelope", "Category"},
                             {"envelope", "Empty"},
                             {"scalars", "Role"},
                             {"scalars", "Kind"}})
    use(ref);
  for (const Domain& domain : model.domains) {
    for (const Message& message : domain.messages) {
      use(message.payload);
      if (message.reply) use(*message.reply);
    }
    for (const NamedType& named : domain.types)
      if (named.type.document) use({domain.name, named.name});
  }
  if (!model.domains_read()) return;  // what could not be read may use them
  for (const Domain& domain : model.domains)
    for (const NamedType& named : domain.types)
      if (!used.contains({domain.name, named.name}))
        faults.push_back({named.type.where, "unused-type", "No message uses " + named.name + "; remove it."});
}

}  // namespace

void lint_graph(const Model& model, Faults& faults) {
  Recursion recursion{model, faults};
  for (const Domain& domain : model.domains)
    for (const NamedType& named : domain.types) recursion.visit({domain.name, named.name});
  DomainCycle{model, faults}.run();
  lint_unused(model, faults);
}

}  // namespace loophole::schema
