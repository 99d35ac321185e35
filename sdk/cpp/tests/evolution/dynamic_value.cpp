#include "dynamic_value.hpp"

#include <array>
#include <utility>

namespace evolution {

using wire::Shape;

Value::Value(const wire::TypeDesc& type) : type_(static_cast<const DynamicType*>(&type)) {
  if (type.shape == Shape::tagged) {
    parts_.push_back(std::make_unique<Value>(*type.alternatives.front().type));
  } else if (type.shape == Shape::object) {
    parts_.resize(type.fields.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const wire::FieldDesc& field = type.fields[i];
      // A required member is there in a struct, whatever was read.
      if (field.slot != nullptr && (field.required || type_->defaults[i] != nullptr)) parts_[i] = std::make_unique<Value>(*field.type);
      if (type_->defaults[i] != nullptr) parts_[i]->set(*type_->defaults[i]);
    }
  }
}

void* Value::address() {
  switch (type_->shape) {
    case Shape::boolean:
      return &boolean_;
    case Shape::integer:
      return &integer_;
    case Shape::number:
      return &number_;
    case Shape::string:
      return &text_;
    default:
      return this;
  }
}

void Value::set(const Json& scalar) {
  switch (type_->shape) {
    case Shape::boolean:
      boolean_ = scalar.get<bool>();
      break;
    case Shape::integer:
      integer_ = scalar.get<std::int64_t>();
      break;
    case Shape::number:
      number_ = scalar.get<double>();
      break;
    case Shape::string:
      text_ = scalar.get<std::string>();
      break;
    default:
      while (label_ < type_->labels.size() && type_->labels[label_] != scalar.get<std::string>()) ++label_;
  }
}

Json Value::json() const {
  switch (type_->shape) {
    case Shape::boolean:
      return boolean_;
    case Shape::integer:
      return integer_;
    case Shape::number:
      return number_;
    case Shape::string:
      return text_;
    case Shape::enumeration:
      return label_ < type_->labels.size() ? std::string{type_->labels[label_]} : std::string{"unknown"};
    case Shape::tagged:
      return parts_.front()->json();
    case Shape::array: {
      Json out = Json::array();
      for (const auto& part : parts_) out.push_back(part->json());
      return out;
    }
    case Shape::map: {
      Json out = Json::object();
      for (const auto& [key, value] : entries_) out[key] = value->json();
      return out;
    }
    case Shape::object:
      break;
  }
  Json out = Json::object();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const wire::FieldDesc& field = type_->fields[i];
    if (field.slot == nullptr) {
      out[std::string{field.name}] = std::string{field.constant};
    } else if (parts_[i]) {
      out[std::string{field.name}] = parts_[i]->json();
    }
  }
  return out;
}

// ---- thunks ----

template <std::size_t I>
struct Value::Thunk {
  static void* slot(void* object) {
    auto& self = *static_cast<Value*>(object);
    auto& part = self.parts_[I];
    if (!part) part = std::make_unique<Value>(*self.type().fields[I].type);
    return part->address();
  }
  static const void* peek(const void* object) {
    const auto& part = static_cast<const Value*>(object)->parts_[I];
    return part ? std::as_const(*part).address() : nullptr;
  }
  static bool initial(const void* object) {
    const auto& self = *static_cast<const Value*>(object);
    return self.parts_[I]->json() == *self.type().defaults[I];
  }
  static void* emplace(void* variant) {
    auto& self = *static_cast<Value*>(variant);
    self.chosen_ = I;
    self.parts_.front() = std::make_unique<Value>(*self.type().alternatives[I].type);
    return self.parts_.front().get();
  }
};

// A member of each Thunk<0> … Thunk<kMost - 1>.
#define EVOLUTION_FAMILY(member)                    \
  []<std::size_t... I>(std::index_sequence<I...>) { \
    return std::array{&Thunk<I>::member...};        \
  }                                                 \
  (std::make_index_sequence<kMost>())

void Value::connect(wire::FieldDesc& field, std::size_t index, bool with_default) {
  static constexpr auto kSlots = EVOLUTION_FAMILY(slot);
  static constexpr auto kPeeks = EVOLUTION_FAMILY(peek);
  static constexpr auto kInitials = EVOLUTION_FAMILY(initial);
  field.slot = kSlots.at(index);
  field.peek = kPeeks.at(index);
  if (with_default) field.initial = kInitials.at(index);
}

void Value::connect(wire::AlternativeDesc& alternative, std::size_t index) {
  static constexpr auto kEmplaces = EVOLUTION_FAMILY(emplace);
  alternative.emplace = kEmplaces.at(index);
}

#undef EVOLUTION_FAMILY

void Value::connect(DynamicType& type) {
  type.set_label = [](void* value, std::size_t index) { static_cast<Value*>(value)->label_ = index; };
  type.label = [](const void* value) { return static_cast<const Value*>(value)->label_; };
  type.append = [](void* array) {
    auto& self = *static_cast<Value*>(array);
    return self.parts_.emplace_back(std::make_unique<Value>(*self.type().element))->address();
  };
  type.at = [](const void* array, std::size_t index) -> const void* {
    return std::as_const(*static_cast<const Value*>(array)->parts_[index]).address();
  };
  type.insert = [](void* map, std::string_view key) {
    auto& self = *static_cast<Value*>(map);
    auto found = self.entries_.find(key);
    if (found == self.entries_.end()) found = self.entries_.emplace(std::string{key}, std::make_unique<Value>(*self.type().element)).first;
    return found->second->address();
  };
  type.each = [](const void* map, void* context, void (*visit)(void*, std::string_view, const void*)) {
    for (const auto& [key, value] : static_cast<const Value*>(map)->entries_) visit(context, key, std::as_const(*value).address());
  };
  type.size = [](const void* container) {
    const auto& self = *static_cast<const Value*>(container);
    return self.type().shape == Shape::map ? self.entries_.size() : self.parts_.size();
  };
  type.alternative = [](const void* variant) { return static_cast<const Value*>(variant)->chosen_; };
  type.held = [](const void* variant) -> const void* { return static_cast<const Value*>(variant)->parts_.front().get(); };
}

}  // namespace evolution
