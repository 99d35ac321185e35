#include "observe.hpp"

#include <algorithm>
#include <array>

#include "envelope_decoder.hpp"
#include "instances.hpp"

namespace evolution {
namespace {

using schema::Shape;
using schema::Type;
using schema::TypeRef;

// Whether what was read means what was sent; otherwise where they differ.
class Meaning {
 public:
  Meaning(const Peer& sender, const Peer& receiver)
      : sender_(sender.model()), receiver_(receiver.model()), effective_(effective(sender, receiver)) {}

  std::optional<std::string> differs(const Type& sent_type, const Json& sent, const Type& read_type, const Json& read) const {
    const Type& from = *sender_.resolve(sent_type);
    const Type& to = *receiver_.resolve(read_type);
    if (from.shape != to.shape) return sent == read ? std::nullopt : std::optional<std::string>{""};
    switch (from.shape) {
      case Shape::object:
        return object(from, sent, to, read);
      case Shape::tagged:
        return object(alternative(sender_, from, sent), sent, alternative(receiver_, to, read), read);
      case Shape::array:
      case Shape::map:
        return elements(from, sent, to, read);
      case Shape::enumeration:
        return label(from, sent, to, read);
      default:
        return sent == read ? std::nullopt : std::optional<std::string>{""};
    }
  }

 private:
  [[nodiscard]] bool newer(const schema::Version& since) const { return to_wire(since) > effective_; }

  std::optional<std::string> object(const Type& from, const Json& sent, const Type& to, const Json& read) const {
    for (const schema::Field& field : from.fields) {
      const auto known = std::ranges::find(to.fields, field.name, &schema::Field::name);
      if (known == to.fields.end()) {
        // Skipped; which is as it should be for what the receiver cannot know.
        if (sent.contains(field.name) && !newer(field.since)) return "/" + field.name;
        continue;
      }
      if (sent.contains(field.name) != read.contains(field.name)) return "/" + field.name;
      if (!sent.contains(field.name)) continue;
      if (const auto below = differs(field.type, sent.at(field.name), known->type, read.at(field.name))) return "/" + field.name + *below;
    }
    return std::nullopt;
  }

  static const Type& alternative(const schema::Model& model, const Type& type, const Json& value) {
    const auto found = std::ranges::find_if(type.alternatives, [&](const TypeRef& ref) {
      const auto& fields = model.find(ref)->fields;
      return std::ranges::find(fields, type.tag, &schema::Field::name)->type.constant == value.at(type.tag).get<std::string>();
    });
    return *model.find(*found);
  }

  std::optional<std::string> elements(const Type& from, const Json& sent, const Type& to, const Json& read) const {
    if (sent.size() != read.size()) return "";
    for (const auto& [key, value] : sent.items()) {
      if (read.is_object() && !read.contains(key)) return "/" + key;
      const Json& other = read.is_object() ? read.at(key) : read.at(static_cast<std::size_t>(std::stoul(key)));
      if (const auto below = differs(*from.element, value, *to.element, other)) return "/" + key + *below;
    }
    return std::nullopt;
  }

  std::optional<std::string> label(const Type& from, const Json& sent, const Type& to, const Json& read) const {
    if (sent == read) return std::nullopt;
    const auto said = std::ranges::find(from.labels, sent.get<std::string>(), &schema::Label::name);
    const bool known = std::ranges::find(to.labels, sent.get<std::string>(), &schema::Label::name) != to.labels.end();
    const bool may_be_unknown = read == "unknown" && !known && said != from.labels.end() && newer(said->since);
    return may_be_unknown ? std::nullopt : std::optional<std::string>{""};
  }

  const schema::Model& sender_;
  const schema::Model& receiver_;
  wire::Version effective_;
};

// One direction.
class Traffic {
 public:
  Traffic(const Peer& sender, const Peer& receiver, const Focus& focus)
      : sender_(sender),
        receiver_(receiver),
        effective_(effective(sender, receiver)),
        meaning_(sender, receiver),
        instances_(sender.model(), focus) {}

  std::optional<std::string> run() {
    // Envelopes first: they cost nothing, and what they show need not be looked for in all that is in them.
    for (const schema::Domain& domain : sender_.model().domains)
      for (const schema::Message& message : domain.messages)
        if (to_wire(message.since) <= effective_)  // else it is not sent
          if (auto found = envelope(message)) return found;
    for (const schema::Domain& domain : sender_.model().domains) {
      for (const schema::Message& message : domain.messages) {
        if (to_wire(message.since) > effective_) continue;
        if (auto found = body(message.payload, receiver_payload(message.name))) return message.name + " " + *found;
        if (!message.reply) continue;
        if (auto found = body(*message.reply, receiver_reply(message.name))) return "reply of " + message.name + " " + *found;
      }
      for (const schema::NamedType& type : domain.types)
        if (auto found = document({domain.name, type.name}, type.type)) return found;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] const schema::Message& find(const std::string& name) const {
    for (const schema::Domain& domain : receiver_.model().domains)
      for (const schema::Message& message : domain.messages)
        if (message.name == name) return message;
    throw std::logic_error{"the envelope was taken, but there is no message " + name};
  }
  [[nodiscard]] TypeRef receiver_payload(const std::string& name) const { return find(name).payload; }
  [[nodiscard]] TypeRef receiver_reply(const std::string& name) const { return find(name).reply.value(); }

  // Name, kind, routes and size, by the checks of the SDK's decoder.
  std::optional<std::string> envelope(const schema::Message& message) const {
    const wire::MessageDesc* const sent = sender_.message(message.name, effective_);
    const wire::MessageDesc* const desc = receiver_.message(message.name, effective_);
    for (const wire::Route& route : sent->routes) {
      loophole::envelope::Header header;
      header.name = message.name;
      header.kind = sent->kind;
      header.origin = route.from;
      header.target = route.to;
      if (const auto error = wire::detail::check_header(header, desc)) return "envelope of " + message.name + ": " + error->code;
      if (wire::detail::max_bytes_of(header, desc) < message.max_bytes) return message.name + " of " + std::to_string(message.max_bytes);
      if (sent->reply == nullptr) continue;
      header.kind = loophole::Kind::reply;
      header.cid = loophole::MessageId{"c"};
      std::swap(header.origin, header.target);
      if (const auto error = wire::detail::check_header(header, desc)) return "answer to " + message.name + ": " + error->code;
    }
    return std::nullopt;
  }

  std::optional<std::string> body(const TypeRef& sent_type, const TypeRef& read_type) {
    const bool untouched = sent_type == read_type && !instances_.touches(sent_type);
    if (untouched || !done_.insert({sent_type, read_type}).second) return std::nullopt;
    return values(sent_type, read_type, effective_, effective_, true);
  }

  // Files, and what every connection begins with. Nobody agrees on a version before a file is written.
  std::optional<std::string> document(const TypeRef& ref, const Type& type) {
    static constexpr auto kCore = std::to_array<std::string_view>({"Header", "Error", "Category", "Role", "Kind"});
    const bool core = (ref.domain == "envelope" || ref.domain == "scalars") && std::ranges::find(kCore, ref.name) != kCore.end();
    if (!type.document && !core) return std::nullopt;
    const Type* const other = receiver_.model().find(ref);
    if (other == nullptr || (type.document && !other->document)) return ref.domain + "." + ref.name + " is not read any more";
    if (!instances_.touches(ref)) return std::nullopt;
    // What every envelope is made of is sent before there is an agreement, and after it.
    if (core)
      if (auto found = values(ref, ref, effective_, effective_, true)) return found;
    return values(ref, ref, sender_.version(), receiver_.version(), false);
  }

  std::optional<std::string> values(const TypeRef& sent_type, const TypeRef& read_type, wire::Version written_for, wire::Version read_at,
                                    bool negotiated) {
    std::optional<std::string> found;
    instances_.each(sent_type, [&](const Json& value) {
      const std::string text = value.dump();
      std::string why;
      const auto sent = sender_.read(sent_type, text, sender_.version(), &why);
      if (!sent) throw std::logic_error{"a peer of its own version refuses " + text.substr(0, 200) + ": " + why};
      // As a sender writes that leaves out what is newer, and as one that does not. Not all senders write defaults out as ours does.
      found = differs(sent_type, *sent, read_type, text, read_at);
      if (!found && negotiated) found = differs(sent_type, *sent, read_type, sender_.write(sent_type, text, written_for), read_at);
      return found.has_value();
    });
    return found;
  }

  std::optional<std::string> differs(const TypeRef& sent_type, const Json& sent, const TypeRef& read_type, const std::string& text,
                                     wire::Version read_at) const {
    std::string why;
    const auto read = receiver_.read(read_type, text, read_at, &why);
    if (!read) return "refused: " + why + " in " + text.substr(0, 200);
    const auto where = meaning_.differs(*sender_.model().find(sent_type), sent, *receiver_.model().find(read_type), *read);
    if (!where) return std::nullopt;
    return "misread: " + *where + " in " + text.substr(0, 200);
  }

  const Peer& sender_;
  const Peer& receiver_;
  wire::Version effective_;
  Meaning meaning_;
  Instances instances_;
  std::set<std::pair<TypeRef, TypeRef>> done_;
};

}  // namespace

std::optional<std::string> observe(const Peer& then, const Peer& now) {
  const Focus focus = focus_on(then.model(), now.model());
  if (auto found = Traffic{then, now, focus}.run()) return "an old sender to a new receiver: " + *found;
  if (auto found = Traffic{now, then, focus}.run()) return "a new sender to an old receiver: " + *found;
  return std::nullopt;
}

}  // namespace evolution
