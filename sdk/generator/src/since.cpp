#include "since.hpp"

#include <algorithm>

namespace loophole::schema {
namespace {

class Ages {
 public:
  explicit Ages(const Model& model) : model_(model) {}

  std::map<TypeRef, Version> run() {
    constexpr Version kFirst{};
    for (const Domain& domain : model_.domains) {
      for (const NamedType& named : domain.types)
        if (named.type.document || domain.name == "envelope") use({domain.name, named.name}, kFirst);
      for (const Message& message : domain.messages) {
        use(message.payload, message.since);
        if (message.reply) use(*message.reply, message.since);
      }
    }
    // Ages only fall, and there are few, so this ends.
    while (changed_) {
      changed_ = false;
      for (const Domain& domain : model_.domains)
        for (const NamedType& named : domain.types) pass_on({domain.name, named.name}, named.type);
    }
    return std::move(ages_);
  }

 private:
  void use(const TypeRef& ref, const Version& since) {
    const auto [place, is_new] = ages_.try_emplace(ref, since);
    changed_ = changed_ || is_new || since < place->second;
    place->second = std::min(place->second, since);
  }

  void use(const Type& type, const Version& since) {
    if (type.shape == Shape::reference) use(type.reference, since);
    for (const TypeRef& alternative : type.alternatives) use(alternative, since);
    if (type.element) use(*type.element, since);
  }

  void pass_on(const TypeRef& name, const Type& type) {
    const auto found = ages_.find(name);
    if (found == ages_.end()) return;
    const Version age = found->second;
    use(type, age);
    for (const Field& field : type.fields) use(field.type, std::max(age, field.since));
  }

  const Model& model_;
  std::map<TypeRef, Version> ages_;
  bool changed_ = false;
};

}  // namespace

std::map<TypeRef, Version> ages(const Model& model) {
  return Ages{model}.run();
}

void date(Model& model) {
  const auto known = ages(model);
  for (Domain& domain : model.domains) {
    for (NamedType& named : domain.types) {
      const auto found = known.find({domain.name, named.name});
      const Version age = found == known.end() ? Version{} : found->second;
      for (Field& field : named.type.fields)
        if (field.since == kUndated) field.since = age;
      for (Label& label : named.type.labels)
        if (label.since == kUndated) label.since = age;
    }
  }
}

std::string to_text(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace loophole::schema
