#pragma once
// A peer that speaks the protocol of a model, with the SDK's own codec: what a program built from those schemas would send and read.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dynamic_value.hpp"
#include "loophole/wire/message_desc.hpp"
#include "model.hpp"

namespace evolution {

namespace schema = loophole::schema;

class Peer {
 public:
  explicit Peer(schema::Model model);  // without faults
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] const schema::Model& model() const { return model_; }
  [[nodiscard]] wire::Version version() const;
  // Of a message that is in `effective`; nullptr: this peer has no such message.
  [[nodiscard]] const wire::MessageDesc* message(const std::string& name, wire::Version effective) const;

  // What the peer reads of a text; nothing where it refuses, and then `why`, when given, says the pointer and the rule.
  [[nodiscard]] std::optional<Json> read(const schema::TypeRef& type, const std::string& text, wire::Version effective,
                                         std::string* why = nullptr) const;
  // What the peer sends to one with which `effective` is in effect, as a reply or event, when it has the value that `text` says.
  [[nodiscard]] std::string write(const schema::TypeRef& type, const std::string& text, wire::Version effective) const;

 private:
  const DynamicType& table(const schema::TypeRef& ref);
  const DynamicType& table(const schema::Type& type);
  void fill(DynamicType& out, const schema::Type& type);
  void fill_object(DynamicType& out, const schema::Type& type);
  void fill_union(DynamicType& out, const schema::Type& type);
  void add(const schema::Message& message);

  const schema::Model model_;
  std::map<schema::TypeRef, DynamicType> named_;
  std::deque<DynamicType> inline_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> labels_;
  std::deque<std::vector<wire::Version>> versions_;
  std::deque<std::vector<wire::FieldDesc>> fields_;
  std::deque<std::vector<wire::AlternativeDesc>> alternatives_;
  std::deque<std::vector<wire::Route>> routes_;
  std::map<std::string, wire::MessageDesc> messages_;
};

// The version that is in effect between two peers.
[[nodiscard]] wire::Version effective(const Peer& one, const Peer& other);

[[nodiscard]] wire::Version to_wire(const schema::Version& version);

}  // namespace evolution
