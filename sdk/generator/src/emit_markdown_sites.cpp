#include <algorithm>
#include <functional>

#include "emit_markdown.hpp"
#include "naming.hpp"
#include "since.hpp"

namespace loophole::schema::markdown {
namespace {

std::string key_of(const TypeRef& ref) {
  return "type " + ref.domain + "." + ref.name;
}

// Headings of one page, in order; gives each the anchor that a viewer gives it.
class Headings {
 public:
  explicit Headings(std::string page) : page_(std::move(page)) {}

  std::string add(std::string_view heading) {
    const std::string anchor = slug(heading);
    const unsigned seen = seen_[anchor]++;
    return page_ + "#" + (seen == 0 ? anchor : anchor + "-" + std::to_string(seen));
  }

 private:
  std::string page_;
  std::map<std::string, unsigned> seen_;
};

void each_reference(const Type& type, const std::function<void(const TypeRef&)>& visit) {
  if (type.shape == Shape::reference) visit(type.reference);
  for (const TypeRef& alternative : type.alternatives) visit(alternative);
  for (const Field& field : type.fields) each_reference(field.type, visit);
  if (type.element) each_reference(*type.element, visit);
}

}  // namespace

std::string slug(std::string_view heading) {
  std::string out;
  for (const char c : heading) {
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if (c == ' ') {
      out += '-';
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
      out += c;
    }
  }
  return out;
}

std::string page_of(const Domain& domain) {
  return domain.name + ".md";
}

// Not the name alone: a type of the same name would get another anchor.
std::string title(const Domain& domain) {
  return "Domain " + domain.name;
}

std::string heading(const Edge& edge) {
  return edge.from + " to " + edge.to + ": " + edge.plane;
}

Sites::Sites(const Model& model) : ages_(ages(model)) {
  note_users(model);
  Headings index{"README.md"};
  for (const char* title : {"How to read the pages", "Domains", "Messages"}) index.add(title);
  for (const Domain& domain : model.domains) {
    Headings headings{page_of(domain)};
    headings.add(title(domain));
    if (!domain.messages.empty()) {
      places_["domain " + domain.name] = index.add(domain.name);
      headings.add("Messages");
    }
    for (const Message& message : domain.messages) places_["message " + message.name] = headings.add(message.name);
    if (std::ranges::any_of(domain.types, [&](const NamedType& named) { return has_section({domain.name, named.name}); }))
      headings.add("Types");
    for (const NamedType& named : domain.types)
      if (const TypeRef ref{domain.name, named.name}; has_section(ref)) places_[key_of(ref)] = headings.add(named.name);
  }
  // Shown with their message, so that is where links to them lead.
  for (const auto& [ref, users] : users_)
    if (!has_section(ref)) places_[key_of(ref)] = places_.at("message " + users.front().message->name);

  Headings errors{"errors.md"};
  for (const char* title : {"Errors", "Any command"}) errors.add(title);
  std::string domain;
  for (const ErrorCode& error : model.errors) {
    if (domain_of(error.code) != domain) errors.add(domain = domain_of(error.code));
    places_["error " + error.code] = errors.add(error.code);
  }
  Headings topology{"topology.md"};
  topology.add("Topology");
  for (const Edge& edge : model.topology.edges) places_["edge " + heading(edge)] = topology.add(heading(edge));
  Headings frames{"frames.md"};
  frames.add("Frames");
  for (const Frame& frame : model.frames) places_["frame " + frame.root] = frames.add(frame.root);
}

void Sites::note_users(const Model& model) {
  const auto note = [&](const TypeRef& ref, const User& user) {
    auto& users = users_[ref];
    if (std::ranges::find(users, user) == users.end()) users.push_back(user);
  };
  for (const Domain& domain : model.domains) {
    for (const Message& message : domain.messages) {
      note(message.payload, {&message, {}});
      if (message.reply) note(*message.reply, {&message, {}});
    }
    for (const NamedType& named : domain.types) {
      if (named.type.document) documents_.insert({domain.name, named.name});
      each_reference(named.type, [&](const TypeRef& ref) { note(ref, {nullptr, {domain.name, named.name}}); });
    }
  }
}

const std::vector<User>& Sites::users(const TypeRef& ref) const {
  static const std::vector<User> kNone;
  const auto found = users_.find(ref);
  return found == users_.end() ? kNone : found->second;
}

bool Sites::has_section(const TypeRef& ref) const {
  const std::vector<User>& all = users(ref);
  const bool shown_there = all.size() == 1 && all.front().message != nullptr && domain_of(all.front().message->name) == ref.domain;
  return !shown_there || documents_.contains(ref);
}

std::string Sites::link(const std::string& key, std::string_view words, std::string_view from) const {
  std::string place = places_.at(key);
  // A link within a page is an anchor alone.
  if (const std::size_t hash = place.find('#'); hash != std::string::npos && place.substr(0, hash) == from) place.erase(0, hash);
  return "[" + std::string{words} + "](" + place + ")";
}

std::string Sites::message(std::string_view name, std::string_view from) const {
  return message(name, code(name), from);
}

std::string Sites::message(std::string_view name, std::string_view words, std::string_view from) const {
  return link("message " + std::string{name}, words, from);
}

std::string Sites::domain(const Domain& domain) const {
  return link("domain " + domain.name, domain.name, "README.md");
}

std::vector<std::string> Sites::user_links(const TypeRef& ref, std::string_view from) const {
  std::vector<std::string> out;
  for (const User& user : users(ref)) {
    const Message* by = user.message != nullptr ? user.message : has_section(user.type) ? nullptr : users(user.type).front().message;
    std::string link = by != nullptr ? message(by->name, from) : type(user.type, from);
    if (std::ranges::find(out, link) == out.end()) out.push_back(std::move(link));
  }
  return out;
}

Version Sites::age(const TypeRef& ref) const {
  const auto found = ages_.find(ref);
  return found == ages_.end() ? Version{} : found->second;
}

std::string Sites::type(const TypeRef& ref, std::string_view from) const {
  return link(key_of(ref), ref.name, from);
}

std::string Sites::error(std::string_view code_name, std::string_view from) const {
  return link("error " + std::string{code_name}, code(code_name), from);
}

std::string Sites::edge(const Edge& edge, std::string_view from) const {
  return link("edge " + heading(edge), arrow(edge.from, edge.to), from);
}

std::string Sites::frame(const Frame& frame, std::string_view from) const {
  return link("frame " + frame.root, code(frame.root), from);
}

}  // namespace loophole::schema::markdown
