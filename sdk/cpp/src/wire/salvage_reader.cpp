#include "salvage_reader.hpp"

#include "rules.hpp"

namespace loophole::wire::detail {
namespace {

// The table of a member of the header.
const TypeDesc* member_type(std::string_view name) {
  for (const FieldDesc& field : describe<envelope::Header>().fields)
    if (field.name == name) return field.type;
  return nullptr;
}

}  // namespace

void SalvageReader::scalar(const Scalar& value) {
  if (depth_ != 1) return;
  const TypeDesc* const type = member_type(key_);
  if (type == nullptr) return;
  if (key_ == "id") {
    MessageId id;
    if (store(*type, value, &id.value).empty()) salvage_.id = std::move(id);
  } else if (key_ == "cid") {
    MessageId cid;
    if (store(*type, value, &cid.value).empty()) salvage_.cid = std::move(cid);
  } else if (key_ == "name") {
    std::string name;
    if (store(*type, value, &name).empty()) salvage_.name = std::move(name);
  } else if (key_ == "kind") {
    Kind kind{};
    if (store(*type, value, &kind).empty()) salvage_.kind = kind;
  } else if (key_ == "origin") {
    Role origin{};
    if (store(*type, value, &origin).empty()) salvage_.origin = origin;
  }
}

}  // namespace loophole::wire::detail
