#pragma once
// JSON Schema (2020-12) of types and envelopes, for the emitters whose output holds schemas.
//
// The receiver form says what must be taken: members and labels of open enumerations that nobody knows yet are. The sender form says what
// may be sent: nothing but what is in it. Both give the same verdict in validators of Python and of ECMAScript, which read patterns
// differently. What JSON Schema has no word for stands in x- keywords, which validators ignore.

#include <string>

#include "model.hpp"
#include "validate.hpp"

namespace loophole::schema {

struct SchemaOptions {
  Side form = Side::receiver;
  std::string references = "#/$defs/";  // before the name of a type, "track.Add"; AsyncAPI has "#/components/schemas/"
  // Sender's form: open enumerations have the reserved label `unknown` too, as in replies and events.
  bool unknown_labels = false;
};

enum class Envelope { message, reply };

// One type; types in it that have a name are references.
[[nodiscard]] Json type_schema(const Model& model, const Type& type, const SchemaOptions& options);

// The whole envelope of a command or an event, or of the reply to a command, with title, description and limits.
[[nodiscard]] Json envelope_schema(const Model& model, const Message& message, Envelope envelope, const SchemaOptions& options);
// The envelope of every error.
[[nodiscard]] Json error_schema(const Model& model, const SchemaOptions& options);

// The types that `schema` refers to, and those that they refer to: an object by "domain.Type", sorted.
[[nodiscard]] Json definitions(const Model& model, const Json& schema, const SchemaOptions& options);

// Indented by two; what fits in a line of 140 columns stands on one, without spaces inside brackets of lists.
[[nodiscard]] std::string neat_text(const Json& value);
// The same for a part of a text of so many columns: lines after the first are indented, `before` columns are taken on the first.
[[nodiscard]] std::string neat_value(const Json& value, std::size_t columns, std::size_t indent = 0, std::size_t before = 0);

}  // namespace loophole::schema
