// Limits that no valid message can meet: a list or text at its full length, and everything else as short as it may be, fits into maxBytes.
#include <algorithm>
#include <map>
#include <string>

#include "lint.hpp"

namespace loophole::schema {
namespace {

// {"v":1,"id":"1","ts":"2026-01-31T12:00:00Z","origin":"aura","target":"pulse","kind":"event","name":"","payload":}
constexpr std::uint64_t kEnvelope = 113;
constexpr std::uint64_t kQuotes = 2;     // also braces and brackets
constexpr std::uint64_t kPerMember = 4;  // quotes of the name, colon, comma

std::uint64_t digits_of(double smallest) {
  return std::to_string(static_cast<std::int64_t>(std::clamp(smallest, -9e15, 9e15))).size();
}

// Of the numbers in a range, the one that is written with the fewest characters.
std::uint64_t shortest(std::optional<double> minimum, std::optional<double> maximum) {
  if (minimum && *minimum > 0) return digits_of(*minimum);
  if (maximum && *maximum < 0) return digits_of(*maximum);
  return 1;
}

class Sizes {
 public:
  explicit Sizes(const Model& model) : model_(model) {}

  // A value with one of its lists or texts at full length.
  struct Longest {
    std::uint64_t bytes = 0;
    const Type* type = nullptr;  // the list or text; nullptr: there is none
  };

  // Fewest bytes of a valid value, as compact JSON.
  std::uint64_t least(const Type& type) {
    const auto [place, is_new] = least_.try_emplace(&type, 0);
    if (!is_new) return place->second;  // a type that contains itself counts as nothing; `recursion` says it
    const std::uint64_t bytes = measure_least(type);
    return least_[&type] = bytes;
  }

  Longest most(const Type& type) {
    const auto [place, is_new] = most_.try_emplace(&type, Longest{});
    if (!is_new) return place->second;
    const Longest longest = measure_most(type);
    return most_[&type] = longest;
  }

 private:
  std::uint64_t measure_least(const Type& type) {
    switch (type.shape) {
      case Shape::boolean:
        return 4;
      case Shape::integer:
        return shortest(type.min_integer, type.max_integer);
      case Shape::number:
        return shortest(type.min_number, type.max_number);
      case Shape::string:
        return kQuotes + type.min_length;
      case Shape::constant:
        return kQuotes + type.constant.size();
      case Shape::enumeration: {
        const auto label = std::ranges::min_element(type.labels, {}, [](const Label& each) { return each.name.size(); });
        return kQuotes + (label == type.labels.end() ? 0 : label->name.size());
      }
      case Shape::object: {
        std::uint64_t bytes = kQuotes;
        for (const Field& field : type.fields)
          if (field.required) bytes += kPerMember + field.name.size() + least(field.type);
        return bytes == kQuotes ? bytes : bytes - 1;  // no comma after the last member
      }
      case Shape::array:
        return kQuotes + (type.element && type.min_items > 0 ? type.min_items * (least(*type.element) + 1) - 1 : 0);
      case Shape::map:
        return kQuotes;
      case Shape::tagged: {
        std::optional<std::uint64_t> fewest;
        for (const TypeRef& alternative : type.alternatives)
          if (const Type* found = model_.find(alternative)) fewest = std::min(fewest.value_or(UINT64_MAX), least(*found));
        return fewest.value_or(0);
      }
      case Shape::reference: {
        const Type* found = model_.find(type.reference);
        return found == nullptr ? 0 : least(*found);
      }
    }
    return 0;
  }

  Longest measure_most(const Type& type) {
    switch (type.shape) {
      case Shape::string:
        return {kQuotes + type.max_length.value_or(0), &type};
      case Shape::object: {
        Longest longest{least(type), nullptr};
        for (const Field& field : type.fields) {
          const Longest inner = most(field.type);
          const std::uint64_t rest = field.required ? least(type) - least(field.type) : least(type) + kPerMember + field.name.size();
          if (inner.type != nullptr) take(longest, {rest + inner.bytes, inner.type});
        }
        return longest;
      }
      case Shape::array:
      case Shape::map: {
        if (!type.element) return {};
        const std::uint64_t each = least(*type.element) + (type.shape == Shape::map ? kPerMember : 1);
        Longest longest{kQuotes + type.max_items.value_or(0) * each, &type};
        if (const Longest inner = most(*type.element); inner.type != nullptr) take(longest, {kQuotes + inner.bytes, inner.type});
        return longest;
      }
      case Shape::tagged: {
        Longest longest;
        for (const TypeRef& alternative : type.alternatives)
          if (const Type* found = model_.find(alternative)) take(longest, most(*found));
        return longest;
      }
      case Shape::reference: {
        const Type* found = model_.find(type.reference);
        return found == nullptr ? Longest{} : most(*found);
      }
      default:
        return {least(type), nullptr};
    }
  }

  static void take(Longest& longest, const Longest& other) {
    if (other.bytes > longest.bytes) longest = other;
  }

  const Model& model_;
  std::map<const Type*, std::uint64_t> least_;
  std::map<const Type*, Longest> most_;
};

}  // namespace

void lint_limits(const Model& model, Faults& faults) {
  Sizes sizes{model};
  for (const Domain& domain : model.domains) {
    for (const Message& message : domain.messages) {
      const Type* payload = model.find(message.payload);
      if (payload == nullptr || message.max_bytes < 1024) continue;  // of the latter: message-limit
      const Sizes::Longest longest = sizes.most(*payload);
      const std::uint64_t bytes = kEnvelope + message.name.size() + longest.bytes;
      if (longest.type == nullptr || bytes <= message.max_bytes) continue;
      const bool text = longest.type->shape == Shape::string;
      faults.push_back({{message.where.file, pointer_to(message.where.pointer, "maxBytes")},
                        "limit-unreachable",
                        "A message with the " + std::string(text ? "text" : "list") + " of " + longest.type->where.file + "#" +
                            longest.type->where.pointer + " at its full length has at least " + std::to_string(bytes) +
                            " bytes; raise maxBytes, or lower " +
                            (text                                ? "maxLength."
                             : longest.type->shape == Shape::map ? "maxProperties."
                                                                 : "maxItems.")});
    }
  }
}

}  // namespace loophole::schema
