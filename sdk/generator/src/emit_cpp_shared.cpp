// Files of no one domain: src/tables.hpp, registry, topology, errors, all.
#include <algorithm>

#include "canonical.hpp"
#include "emit_cpp.hpp"
#include "naming.hpp"

namespace loophole::schema::cpp {
namespace {

std::vector<const Message*> sorted_messages(const Model& model) {
  std::vector<const Message*> out;
  for (const Domain& domain : model.domains)
    for (const Message& message : domain.messages) out.push_back(&message);
  std::ranges::sort(out, {}, &Message::name);
  return out;
}

OutputFile registry_header(const Model& model) {
  Lines out;
  banner(out, "**");
  out("#pragma once");
  out("// The registry: every message of the protocol, by name; and the routes of messages at compile time.");
  out();
  out("#include <concepts>");
  out("#include <cstdint>");
  out("#include <span>");
  out("#include <string_view>");
  out();
  out("#include \"loophole/messages/scalars.hpp\"");
  out("#include \"loophole/wire/message_desc.hpp\"");
  out();
  out("namespace loophole::wire {");
  out();
  out("// SHA-256 of the compiled model, as `loophole-schema model` prints it. For logs and diagnosis, never a gate.");
  out("inline constexpr std::string_view kModelFingerprint = ", literal(fingerprint(model)), ";");
  out();
  out("// Protocol versions that this SDK speaks.");
  out("inline constexpr std::uint16_t kProtocolMajor = ", std::to_string(model.protocol.major), ";");
  out("inline constexpr std::uint16_t kProtocolMinor = ", std::to_string(model.protocol.minor), ";");
  out("inline constexpr std::uint16_t kProtocolMinMinor = ", std::to_string(model.min_minor), ";");
  out("inline constexpr Version kNewestProtocol{kProtocolMajor, kProtocolMinor};");
  out("inline constexpr Version kOldestProtocol{kProtocolMajor, kProtocolMinMinor};");
  out();
  out("// [any-thread] What the registry says about a message; nullptr for a name that is not known.");
  out("[[nodiscard]] const MessageDesc* find_message(std::string_view name) noexcept;");
  out();
  out("// [any-thread] All messages, by name.");
  out("[[nodiscard]] std::span<const MessageDesc* const> all_messages() noexcept;");
  out();
  out(R"concepts(// Concepts over message types, so that a command that the topology forbids does not compile.
template <class M>
concept MessageType = requires {
  { M::kName } -> std::convertible_to<std::string_view>;
  M::kRoutes;
};
template <class M>
concept CommandType = MessageType<M> && (M::kKind == Kind::command) && requires { typename M::Reply; };
template <class M>
concept EventType = MessageType<M> && (M::kKind == Kind::event);

// [any-thread] Whether a message may be sent so.
template <MessageType M>
[[nodiscard]] consteval bool is_routed(Role from, Role to) {
  for (const Route& route : M::kRoutes)
    if (route == Route{from, to}) return true;
  return false;
}
template <class M, Role From, Role To>
concept RoutedBetween = MessageType<M> && is_routed<M>(From, To);)concepts");
  out();
  out("}  // namespace loophole::wire");
  return {"include/loophole/messages/registry.hpp", out.take()};
}

OutputFile registry_source(const Model& model) {
  Lines out;
  banner(out, "**");
  out("#include \"loophole/messages/registry.hpp\"");
  out();
  out("#include <algorithm>");
  out();
  out("#include \"tables.hpp\"");
  out();
  out("namespace loophole::wire {");
  out("namespace {");
  out();
  out("constexpr const MessageDesc* kMessages[] = {");
  const auto messages = sorted_messages(model);
  for (const Message* message : messages)
    out("    &tables::", snake(domain_of(message->name)), "::kMessage_", message_type(message->name), ",  // ", message->name);
  if (messages.empty()) out("    nullptr,");
  out("};");
  out();
  out("}  // namespace");
  out();
  out("std::span<const MessageDesc* const> all_messages() noexcept { return std::span{kMessages}.first(", std::to_string(messages.size()),
      "); }");
  out();
  out("const MessageDesc* find_message(std::string_view name) noexcept {");
  out("  const auto all = all_messages();");
  out("  const auto found = std::ranges::lower_bound(all, name, {}, [](const MessageDesc* desc) { return desc->name; });");
  out("  return found != all.end() && (*found)->name == name ? *found : nullptr;");
  out("}");
  out();
  out("}  // namespace loophole::wire");
  return {"src/registry.cpp", out.take()};
}

OutputFile topology_header(const Model& model) {
  const Topology& topology = model.topology;
  Lines out;
  banner(out, topology.file);
  out("#pragma once");
  out("// Which roles may talk to which on which plane, and the limits of what they may say.");
  out();
  out("#include <cstddef>");
  out("#include <cstdint>");
  out();
  out("#include \"loophole/messages/scalars.hpp\"");
  out();
  out("namespace loophole::topology {");
  out();
  out("// What a connection is for.");
  out("enum class Plane : std::uint8_t {");
  for (const Label& plane : topology.planes) {
    comment(out, "  ", plane.description);
    out("  ", enumerator(plane.name), ",");
  }
  out("};");
  out();
  out("// Who sends to whom.");
  out("struct Edge {");
  out("  Role from;    // who");
  out("  Role to;      // to whom");
  out("  Plane plane;  // on which connection");
  out("  friend bool operator==(const Edge&, const Edge&) = default;");
  out("};");
  out();
  out("// All that there are.");
  out("inline constexpr Edge kEdges[] = {");
  for (const Edge& edge : topology.edges)
    out("    {Role::", enumerator(edge.from), ", Role::", enumerator(edge.to), ", Plane::", enumerator(edge.plane), "},");
  out("};");
  out();
  out("// [any-thread] Whether anything may be sent from one role to another on a plane.");
  out("[[nodiscard]] constexpr bool allows(Role from, Role to, Plane plane) noexcept {");
  out("  for (const Edge& edge : kEdges)");
  out("    if (edge.from == from && edge.to == to && edge.plane == plane) return true;");
  out("  return false;");
  out("}");
  out();
  out("inline constexpr std::size_t kMaxMessageBytes = ", std::to_string(topology.max_message_bytes), ";  // a control message");
  out("inline constexpr std::size_t kMaxDepth = ", std::to_string(topology.max_depth),
      ";  // nesting of a control message; the outermost object is 1");
  out("inline constexpr std::size_t kMaxFrameBytes = ", std::to_string(topology.max_frame_bytes), ";  // a stream or telemetry frame");
  out();
  out("}  // namespace loophole::topology");
  return {"include/loophole/messages/topology.hpp", out.take()};
}

OutputFile errors_header(const Model& model) {
  Lines out;
  banner(out, "errors.json");
  out("#pragma once");
  out("// The register of error codes. loophole/core/error.hpp makes errors of them.");
  out();
  out("#include <span>");
  out("#include <string_view>");
  out();
  out("#include \"loophole/messages/envelope.hpp\"");
  out();
  out("namespace loophole::errors {");
  out();
  out("// A code of the register.");
  out("struct Code {");
  out("  std::string_view text;          // domain.reason");
  out("  envelope::Category category{};  // what the caller does about it");
  out("  std::string_view summary;       // for people");
  out("};");
  for (const ErrorCode& error : model.errors) {
    out();
    comment(out, "", error.summary);
    out("inline constexpr Code ", constant(error.code), "{", literal(error.code), ", envelope::Category::", enumerator(error.category),
        ",");
    out("    ", literal(error.summary), "};");
  }
  out();
  out("// [any-thread] A code of the register by its text; nullptr for one that is not in it.");
  out("[[nodiscard]] const Code* find(std::string_view text) noexcept;");
  out();
  out("// [any-thread] The register, by text.");
  out("[[nodiscard]] std::span<const Code> all() noexcept;");
  out();
  out("}  // namespace loophole::errors");
  return {"include/loophole/messages/errors.hpp", out.take()};
}

OutputFile errors_source(const Model& model) {
  Lines out;
  banner(out, "errors.json");
  out("#include \"loophole/messages/errors.hpp\"");
  out();
  out("#include <algorithm>");
  out();
  out("namespace loophole::errors {");
  out("namespace {");
  out();
  out("constexpr Code kCodes[] = {");
  for (const ErrorCode& error : model.errors) out("    ", constant(error.code), ",");
  if (model.errors.empty()) out("    {},");
  out("};");
  out();
  out("}  // namespace");
  out();
  out("std::span<const Code> all() noexcept { return std::span{kCodes}.first(", std::to_string(model.errors.size()), "); }");
  out();
  out("const Code* find(std::string_view text) noexcept {");
  out("  const auto codes = all();");
  out("  const auto found = std::ranges::lower_bound(codes, text, {}, &Code::text);");
  out("  return found != codes.end() && found->text == text ? &*found : nullptr;");
  out("}");
  out();
  out("}  // namespace loophole::errors");
  return {"src/errors.cpp", out.take()};
}

OutputFile all_header(const Model& model) {
  Lines out;
  banner(out, "**");
  out("#pragma once");
  out("// Every message type, the registry, the topology and the register of errors.");
  out();
  std::vector<std::string> names{"errors", "registry", "topology"};
  for (const Domain& domain : model.domains) names.push_back(snake(domain.name));
  std::ranges::sort(names);
  for (const std::string& name : names) out("#include \"loophole/messages/", name, ".hpp\"");
  return {"include/loophole/messages/all.hpp", out.take()};
}

}  // namespace

OutputFile tables_header(const Model& model) {
  Lines out;
  banner(out, "control/*.schema.json");
  out("#pragma once");
  out("// Tables of all types and messages, so that those of one domain can point to those of another. Private to the generated sources.");
  out();
  out("#include \"loophole/wire/message_desc.hpp\"");
  for (const Domain& domain : model.domains) {
    out();
    out("namespace loophole::tables::", snake(domain.name), " {");
    for (const Item& item : items(model, domain)) {
      out("extern const wire::TypeDesc k", item.name, ";");
      if (item.message != nullptr) out("extern const wire::MessageDesc kMessage_", item.name, ";");
    }
    out("}  // namespace loophole::tables::", snake(domain.name));
  }
  return {"src/tables.hpp", out.take()};
}

std::vector<OutputFile> shared_files(const Model& model) {
  return {registry_header(model), registry_source(model), topology_header(model),
          errors_header(model),   errors_source(model),   all_header(model)};
}

}  // namespace loophole::schema::cpp
