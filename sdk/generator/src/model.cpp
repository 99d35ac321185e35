#include "model.hpp"

#include <algorithm>

#include "naming.hpp"

namespace loophole::schema {

const Domain* Model::domain(std::string_view name) const {
  for (const Domain& domain : domains)
    if (domain.name == name) return &domain;
  return nullptr;
}

const Type* Model::find(const TypeRef& ref) const {
  const Domain* owner = domain(ref.domain);
  if (owner == nullptr) return nullptr;
  for (const NamedType& named : owner->types)
    if (named.name == ref.name) return &named.type;
  return nullptr;
}

const Type* Model::resolve(const Type& type) const {
  const Type* found = &type;
  // A named type is never a reference itself (the loader sees to it), so one step is enough.
  if (found->shape == Shape::reference) found = find(found->reference);
  return found != nullptr && found->shape == Shape::reference ? nullptr : found;
}

const FrameType* Frame::type(std::string_view type_name) const {
  for (const FrameType& found : types)
    if (found.name == type_name) return &found;
  return nullptr;
}

const FrameEnum* Frame::enumeration(std::string_view enum_name) const {
  for (const FrameEnum& found : enums)
    if (found.name == enum_name) return &found;
  return nullptr;
}

bool is_empty_payload(const TypeRef& ref) {
  return ref.domain == "envelope" && ref.name == "Empty";
}

TypeRef payload_type(const Message& message) {
  return {domain_of(message.name), message_type(message.name)};
}

std::optional<std::string> Model::unresolved(const TypeRef& ref) const {
  if (ref.name.empty() || find(ref) != nullptr) return std::nullopt;
  if (unread.contains("control/" + ref.domain + ".schema.json")) return std::nullopt;
  std::vector<std::string> known;
  for (const Domain& each : domains)
    for (const NamedType& named : each.types)
      if (each.name == ref.domain || named.name == ref.name) known.push_back(each.name + "." + named.name);
  return "There is no type " + ref.domain + "." + ref.name + "; correct the reference." + did_you_mean(ref.domain + "." + ref.name, known);
}

bool Model::domains_read() const {
  return std::ranges::none_of(unread, [](const std::string& file) { return file.starts_with("control/"); });
}

}  // namespace loophole::schema
