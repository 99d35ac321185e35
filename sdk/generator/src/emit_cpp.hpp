#pragma once
// The C++ emitter. Public headers go to include/loophole/messages/ and include/loophole/frames/, sources and two private headers to src/.

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_cpp(const Model& model);

namespace cpp {

// A type of a domain as C++ has it: of $defs, or the empty payload of a message.
struct Item {
  std::string name;
  const Type* type = nullptr;        // nullptr: empty payload
  const Message* message = nullptr;  // whose payload it is
};
// Every type of a domain, each after those that it needs.
[[nodiscard]] std::vector<Item> items(const Model& model, const Domain& domain);
// Whether describe<T>() exists: false for names of integers and other types that C++ cannot tell apart.
[[nodiscard]] bool is_distinct(const Item& item);

// Names. `from` is the domain in whose namespace the name is written; empty: fully qualified.
[[nodiscard]] std::string namespace_of(const std::string& domain);               // "loophole::track"
[[nodiscard]] std::string name_of(const TypeRef& ref, const std::string& from);  // "::loophole::track::Track"
[[nodiscard]] std::string name_of(const Type& type, const std::string& from);    // "std::vector<Track>"
[[nodiscard]] std::string table_of(const TypeRef& ref);                          // "tables::track::kTrack"
[[nodiscard]] std::string literal(std::string_view text);                        // a C++ string literal
[[nodiscard]] std::string number(double value);                                  // a C++ literal of type double
[[nodiscard]] std::string value_of(const Model& model, const Type& type, const Json& value, const std::string& from);

// "// text", wrapped.
void comment(Lines& out, std::string_view indent, std::string_view text);
// First lines of every generated file.
void banner(Lines& out, const std::string& source);

// Files.
[[nodiscard]] OutputFile domain_header(const Model& model, const Domain& domain);
[[nodiscard]] OutputFile domain_source(const Model& model, const Domain& domain);
[[nodiscard]] OutputFile tables_header(const Model& model);
[[nodiscard]] OutputFile thunks_header();
[[nodiscard]] std::vector<OutputFile> shared_files(const Model& model);  // registry, topology, errors, all
[[nodiscard]] std::vector<OutputFile> frame_files(const Model& model);   // frames, what tells them apart

}  // namespace cpp
}  // namespace loophole::schema
