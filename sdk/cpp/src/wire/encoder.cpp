#include "encoder.hpp"

#include <charconv>

#include "json_text.hpp"
#include "loophole/core/text.hpp"
#include "loophole/messages/topology.hpp"

namespace loophole::wire::detail {

std::string Encoder::pointer() const {
  std::string pointer(prefix_);
  for (const auto& step : path_) {
    if (const auto* name = std::get_if<std::string_view>(&step)) {
      append_segment(pointer, *name);
    } else {
      append_segment(pointer, std::to_string(std::get<std::size_t>(step)));
    }
  }
  return pointer;
}

bool Encoder::fail(std::string_view rule, std::string expected, std::string found) {
  fault_ = {pointer(), rule, std::move(expected), std::move(found)};
  return false;
}

bool Encoder::newer(std::string_view what, Version since) {
  if (audience_.newer == Audience::Newer::leave_out) {
    ++withheld_;
    return true;
  }
  fault_ = newer_fault(pointer(), what, since, audience_.effective);
  return false;
}

bool Encoder::enter() {
  if (++depth_ <= topology::kMaxDepth) return true;
  return fail(rule::kDepth, "nested at most " + std::to_string(topology::kMaxDepth) + " deep", "more");
}

void Encoder::begin_member(std::string_view name, bool& first) {
  if (!first) out_ += ',';
  first = false;
  append_quoted(out_, name);
  out_ += ':';
}

bool Encoder::value(const TypeDesc& type, const void* value) {
  switch (type.shape) {
    case Shape::object:
      return object(type, value, {});
    case Shape::array:
      return array(type, value);
    case Shape::map:
      return map(type, value);
    case Shape::tagged:
      return object(*type.alternatives[type.alternative(value)].type, type.held(value), type.tag);
    default:
      return leaf(type, value);
  }
}

bool Encoder::leaf(const TypeDesc& type, const void* value) {
  switch (type.shape) {
    case Shape::boolean:
      out_ += *static_cast<const bool*>(value) ? "true" : "false";
      return true;
    case Shape::integer: {
      const std::int64_t integer = *static_cast<const std::int64_t*>(value);
      if (const auto broken = check_integer(type, integer); !broken.empty()) return fail(type, broken, std::to_string(integer));
      char digits[24];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, integer).ptr);
      return true;
    }
    case Shape::number: {
      const double number = *static_cast<const double*>(value);
      if (const auto broken = check_number(type, number); !broken.empty()) return fail(type, broken, sample_of(Scalar::of(number)));
      append_number(out_, number);
      return true;
    }
    case Shape::string:
      return text(type, *static_cast<const std::string*>(value));
    case Shape::enumeration:
      return label(type, type.label(value));
    default:
      return fail(type, rule::kType, {});
  }
}

bool Encoder::label(const TypeDesc& type, std::size_t index) {
  if (index >= type.labels.size()) {
    // What came in as a label that is not known may be passed on to who only reads it. Nobody can be asked for it.
    const bool readers = audience_.newer == Audience::Newer::leave_out;
    if (!readers || !type.open || index > type.labels.size()) return fail(type, rule::kEnum, std::string(kUnknownLabel));
    append_quoted(out_, kUnknownLabel);
    return true;
  }
  if (!type.label_since.empty() && type.label_since[index] > audience_.effective) {
    if (!newer(quoted_sample(type.labels[index]), type.label_since[index])) return false;
    append_quoted(out_, kUnknownLabel);
    return true;
  }
  append_quoted(out_, type.labels[index]);
  return true;
}

bool Encoder::text(const TypeDesc& type, std::string_view text) {
  const auto length = count_code_points(text);
  if (!length) return fail(rule::kSyntax, "text in UTF-8", quoted_sample(text));
  if (const auto broken = check_text(type, text, *length); !broken.empty()) return fail(type, broken, quoted_sample(text));
  append_quoted(out_, text);
  return true;
}

bool Encoder::newer_member(const FieldDesc& field, const void* object) {
  if (field.peek == nullptr || field.peek(object) == nullptr) return true;
  if (field.initial != nullptr && field.initial(object)) return true;  // a peer without the member means the same
  path_.emplace_back(field.name);
  if (!newer("a member", field.since)) return false;
  path_.pop_back();
  return true;
}

bool Encoder::member(const FieldDesc& field, const void* object, bool& first) {
  if (field.since > audience_.effective) return newer_member(field, object);
  if (field.peek == nullptr) {
    begin_member(field.name, first);
    append_quoted(out_, field.constant);
    return true;
  }
  const void* const content = field.peek(object);
  if (content == nullptr) return true;
  begin_member(field.name, first);
  path_.emplace_back(field.name);
  if (!value(*field.type, content)) return false;
  path_.pop_back();
  return true;
}

bool Encoder::members(const TypeDesc& type, const void* object) {
  bool first = true;
  for (const FieldDesc& field : type.fields)
    if (!member(field, object, first)) return false;
  return true;
}

// The tag goes first, so that the receiver knows at once what it decodes.
bool Encoder::object(const TypeDesc& type, const void* object, std::string_view tag) {
  if (!enter()) return false;
  out_ += '{';
  bool first = true;
  for (const FieldDesc& field : type.fields)
    if (!tag.empty() && field.name == tag && !member(field, object, first)) return false;
  for (const FieldDesc& field : type.fields)
    if ((tag.empty() || field.name != tag) && !member(field, object, first)) return false;
  out_ += '}';
  --depth_;
  return true;
}

bool Encoder::array(const TypeDesc& type, const void* vector) {
  const std::size_t size = type.size(vector);
  if (size < type.min_items) return fail(type, rule::kMinItems, std::to_string(size));
  if (size > type.max_items) return fail(type, rule::kMaxItems, std::to_string(size));
  if (!enter()) return false;
  out_ += '[';
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out_ += ',';
    path_.emplace_back(i);
    if (!value(*type.element, type.at(vector, i))) return false;
    path_.pop_back();
  }
  out_ += ']';
  --depth_;
  return true;
}

bool Encoder::map(const TypeDesc& type, const void* map) {
  const std::size_t size = type.size(map);
  if (size < type.min_items) return fail(type, rule::kMinProperties, std::to_string(size));
  if (size > type.max_items) return fail(type, rule::kMaxProperties, std::to_string(size));
  if (!enter()) return false;
  struct Walk {
    Encoder& encoder;
    const TypeDesc& type;
    bool first = true;
    bool good = true;
  } walk{*this, type};
  out_ += '{';
  type.each(map, &walk, [](void* context, std::string_view key, const void* content) {
    auto& [encoder, map_type, first, good] = *static_cast<Walk*>(context);
    if (!good) return;
    const auto length = count_code_points(key);
    if (!length) {
      good = encoder.fail(rule::kSyntax, "names in UTF-8", quoted_sample(key));
    } else if (*length > map_type.max_length) {
      good = encoder.fail(map_type, rule::kPropertyNames, quoted_sample(key));
    } else {
      encoder.begin_member(key, first);
      encoder.path_.emplace_back(key);
      good = encoder.value(*map_type.element, content);
      if (good) encoder.path_.pop_back();
    }
  });
  if (!walk.good) return false;
  out_ += '}';
  --depth_;
  return true;
}

}  // namespace loophole::wire::detail
