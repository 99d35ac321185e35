#include "peer.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "encoder.hpp"
#include "loophole/wire/codec.hpp"
#include "naming.hpp"

namespace evolution {

using schema::TypeRef;
using wire::Shape;

Peer::Peer(schema::Model model) : model_(std::move(model)) {
  for (const schema::Domain& domain : model_.domains) {
    for (const schema::NamedType& type : domain.types) static_cast<void>(table(TypeRef{domain.name, type.name}));
    for (const schema::Message& message : domain.messages) add(message);
  }
}

wire::Version to_wire(const schema::Version& version) {
  return {static_cast<std::uint16_t>(version.major), static_cast<std::uint16_t>(version.minor)};
}

wire::Version Peer::version() const {
  return to_wire(model_.protocol);
}

wire::Version effective(const Peer& one, const Peer& other) {
  return std::min(one.version(), other.version());
}

// ---- tables ----

const DynamicType& Peer::table(const TypeRef& ref) {
  const auto [place, fresh] = named_.try_emplace(ref);
  if (fresh) {
    texts_.push_back(ref.domain + "." + ref.name);
    place->second.name = texts_.back();
    fill(place->second, *model_.find(ref));
  }
  return place->second;
}

const DynamicType& Peer::table(const schema::Type& type) {
  if (type.shape == schema::Shape::reference) return table(type.reference);
  DynamicType& out = inline_.emplace_back();
  fill(out, type);
  return out;
}

void Peer::fill(DynamicType& out, const schema::Type& type) {
  Value::connect(out);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  out.min_integer = type.min_integer.value_or(0);
  out.max_integer = type.max_integer.value_or(0);
  out.min_number = type.min_number.value_or(-kInfinity);
  out.max_number = type.max_number.value_or(kInfinity);
  out.min_length = type.min_length;
  out.max_length = type.max_length.value_or(0);
  out.min_items = type.min_items;
  out.max_items = type.max_items.value_or(0);
  switch (type.shape) {
    case schema::Shape::boolean:
      out.shape = Shape::boolean;
      break;
    case schema::Shape::integer:
      out.shape = Shape::integer;
      break;
    case schema::Shape::number:
      out.shape = Shape::number;
      break;
    case schema::Shape::constant:  // a member without a value; its table is never looked at
    case schema::Shape::string:
      out.shape = Shape::string;
      out.pattern = type.pattern;
      if (!type.pattern.empty()) out.alphabet = texts_.emplace_back(schema::alphabet(type.pattern).value());
      break;
    case schema::Shape::enumeration: {
      out.shape = Shape::enumeration;
      auto& labels = labels_.emplace_back();
      auto& versions = versions_.emplace_back();
      for (const schema::Label& label : type.labels) {
        labels.emplace_back(label.name);
        versions.push_back(to_wire(label.since));
      }
      out.labels = labels;
      out.label_since = versions;
      out.open = type.open;
      break;
    }
    case schema::Shape::array:
      out.shape = Shape::array;
      out.element = &table(*type.element);
      break;
    case schema::Shape::map:
      out.shape = Shape::map;
      out.element = &table(*type.element);
      break;
    case schema::Shape::object:
      fill_object(out, type);
      break;
    case schema::Shape::tagged:
      fill_union(out, type);
      break;
    case schema::Shape::reference:
      throw std::logic_error{"a type is a reference"};
  }
}

void Peer::fill_object(DynamicType& out, const schema::Type& type) {
  out.shape = Shape::object;
  std::vector<wire::FieldDesc> fields;
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const schema::Field& field = type.fields[i];
    wire::FieldDesc desc{.name = field.name,
                         .type = &table(field.type),
                         .required = field.required,
                         .since = to_wire(field.since),
                         .slot = nullptr,
                         .peek = nullptr};
    if (field.type.shape == schema::Shape::constant) {
      desc.constant = field.type.constant;
    } else {
      Value::connect(desc, i, field.default_value.has_value());
    }
    fields.push_back(desc);
    out.defaults.push_back(field.default_value ? &*field.default_value : nullptr);
  }
  out.fields = fields_.emplace_back(std::move(fields));
}

void Peer::fill_union(DynamicType& out, const schema::Type& type) {
  out.shape = Shape::tagged;
  out.tag = type.tag;
  std::vector<wire::AlternativeDesc> alternatives;
  for (std::size_t i = 0; i < type.alternatives.size(); ++i) {
    const auto& fields = model_.find(type.alternatives[i])->fields;
    const auto tag = std::ranges::find(fields, type.tag, &schema::Field::name);
    wire::AlternativeDesc desc{.tag = tag->type.constant, .type = &table(type.alternatives[i]), .emplace = nullptr};
    Value::connect(desc, i);
    alternatives.push_back(desc);
  }
  out.alternatives = alternatives_.emplace_back(std::move(alternatives));
}

void Peer::add(const schema::Message& message) {
  std::vector<wire::Route> routes;
  const auto role = [](const std::string& name) { return loophole::from_string<loophole::Role>(name).value(); };
  for (const schema::Route& route : message.routes) routes.push_back({role(route.from), role(route.to)});
  const bool command = message.kind == schema::MessageKind::command;
  messages_.emplace(message.name, wire::MessageDesc{.name = message.name,
                                                    .kind = command ? loophole::Kind::command : loophole::Kind::event,
                                                    .summary = message.summary,
                                                    .routes = routes_.emplace_back(std::move(routes)),
                                                    .payload = &table(message.payload),
                                                    .reply = message.reply ? &table(*message.reply) : nullptr,
                                                    .make_payload = nullptr,
                                                    .make_reply = nullptr,
                                                    .errors = {},
                                                    .since = to_wire(message.since),
                                                    .max_bytes = message.max_bytes,
                                                    .idempotent = message.idempotent,
                                                    .undoable = message.undoable});
}

// ---- traffic ----

const wire::MessageDesc* Peer::message(const std::string& name, wire::Version effective) const {
  const auto found = messages_.find(name);
  return found == messages_.end() || found->second.since > effective ? nullptr : &found->second;
}

std::optional<Json> Peer::read(const TypeRef& type, const std::string& text, wire::Version effective, std::string* why) const {
  const DynamicType& table = named_.at(type);
  Value value{table};
  const auto done = wire::decode_value(table, text, value.address(), {.effective = effective});
  if (done) return value.json();
  if (why != nullptr) *why = done.error().pointer.value_or("") + " " + done.error().rule.value_or("");
  return std::nullopt;
}

std::string Peer::write(const TypeRef& type, const std::string& text, wire::Version effective) const {
  const DynamicType& table = named_.at(type);
  Value value{table};
  if (!wire::decode_value(table, text, value.address(), {.effective = version()})) throw std::logic_error{"a peer refuses what it sends"};
  std::string out;
  wire::detail::Encoder encoder{out, {effective, wire::detail::Audience::Newer::leave_out}};
  if (!encoder.value(table, std::as_const(value).address())) throw std::logic_error{"a peer cannot encode what it has read"};
  return out;
}

}  // namespace evolution
