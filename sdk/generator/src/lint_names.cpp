#include <algorithm>
#include <array>
#include <map>

#include "lint.hpp"
#include "naming.hpp"

namespace loophole::schema {
namespace {

// Namespaces, headers and pages of the reference that are not a domain's.
constexpr auto kReservedDomains =
    std::to_array<std::string_view>({"all", "detail", "errors", "fb", "frames", "registry", "tables", "thunk", "topology", "wire"});

// Reports the second of two names that become one in C++.
class Distinct {
 public:
  Distinct(std::string what, Faults& faults) : what_(std::move(what)), faults_(faults) {}

  void add(const std::string& written, const std::string& cpp, const Where& where) {
    const auto [known, fresh] = seen_.try_emplace(cpp, written);
    if (fresh) return;
    faults_.push_back(
        {where, "name-collision", what_ + " '" + written + "' and '" + known->second + "' both become " + cpp + " in C++; rename one."});
  }

 private:
  std::string what_;
  Faults& faults_;
  std::map<std::string, std::string> seen_;
};

void lint_field_names(const Type& type, Faults& faults) {
  Distinct distinct{"The fields", faults};
  for (const Field& field : type.fields) {
    const Where& where = field.type.where;
    const std::string cpp = snake(field.name);
    if (!is_lower_camel(field.name))
      faults.push_back({where, "field-name", "'" + field.name + "' is not lowerCamel with one capital a word, such as trackId."});
    if (is_cpp_keyword(cpp)) faults.push_back({where, "cpp-keyword", "'" + cpp + "' is a word of C++; choose another name."});
    distinct.add(field.name, cpp, where);
  }
}

void lint_labels(const Type& type, Faults& faults) {
  Distinct distinct{"The labels", faults};
  for (std::size_t i = 0; i < type.labels.size(); ++i) {
    const Where where{type.where.file, pointer_to(pointer_to(type.where.pointer, "enum"), std::to_string(i))};
    const std::string& name = type.labels[i].name;
    if (!is_lower_camel(name)) faults.push_back({where, "label-name", "'" + name + "' is not lowerCamel, such as testTone."});
    if (name == "unknown" && type.open)
      faults.push_back({where, "label-name", "'unknown' stands for labels that a receiver does not know; choose another name."});
    distinct.add(name, enumerator(name), where);
  }
}

void lint_domain(const Domain& domain, Faults& faults) {
  const Where where{domain.file, ""};
  if (!is_lower_camel(domain.name)) faults.push_back({where, "domain-name", "'" + domain.name + "' is not lowerCamel."});
  if (std::ranges::find(kReservedDomains, domain.name) != kReservedDomains.end())
    faults.push_back({where, "domain-name",
                      "'" + domain.name + "' is a namespace or header of the SDK, or a page of the reference; choose another name."});
  if (is_cpp_keyword(snake(domain.name)))
    faults.push_back({where, "cpp-keyword", "'" + domain.name + "' is a word of C++; choose another name."});

  Distinct types{"The types", faults};
  for (const NamedType& named : domain.types) {
    if (!is_pascal(named.name)) faults.push_back({named.type.where, "type-name", "'" + named.name + "' is not Pascal, such as TrackId."});
    if (named.name == "Reply")
      faults.push_back({named.type.where, "type-name", "'Reply' is what every command calls its answer; choose a longer name."});
    types.add(named.name, named.name, named.type.where);
  }
  // Payloads that are types of $defs are there already; the others become types of their own.
  std::map<std::string, std::string> payloads;
  for (const Message& message : domain.messages) {
    if (!is_dotted(message.name) || domain_of(message.name) != domain.name) {
      faults.push_back({message.where, "message-name",
                        "'" + message.name + "' is not lowerCamel words with dots between them, the first being '" + domain.name + "'."});
      continue;
    }
    const std::string type = message_type(message.name);
    const auto [known, fresh] = payloads.try_emplace(type, message.name);
    if (!fresh) {
      faults.push_back({message.where, "name-collision",
                        "The messages '" + message.name + "' and '" + known->second + "' both become " + type + " in C++; rename one."});
    } else if (is_empty_payload(message.payload)) {
      types.add(message.name, type, message.where);
    }
  }
}

}  // namespace

void lint_names(const Model& model, Faults& faults) {
  for (const Domain& domain : model.domains) lint_domain(domain, faults);
  each_type(model, [&](const Domain&, const Type& type, const Field*) {
    lint_field_names(type, faults);
    lint_labels(type, faults);
  });

  Distinct constants{"The errors", faults};
  for (const ErrorCode& error : model.errors) {
    if (!is_dotted(error.code) || std::ranges::count(error.code, '.') != 1)
      faults.push_back({error.where, "error-name", "'" + error.code + "' has not the form domain.reason, both lowerCamel."});
    constants.add(error.code, constant(error.code), error.where);
  }
}

}  // namespace loophole::schema
