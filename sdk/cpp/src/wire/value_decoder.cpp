#include "value_decoder.hpp"

#include <algorithm>
#include <utility>

namespace loophole::wire::detail {
namespace {

constexpr std::size_t kBits = 64;

std::size_t words_for(std::size_t fields) {
  return (fields + kBits - 1) / kBits;
}

std::string_view key_of(const FieldDesc* field) {
  return field == nullptr ? std::string_view{} : field->name;
}

}  // namespace

void list(Ignored& ignored, std::string_view pointer) {
  ++ignored.count;
  if (ignored.pointers.size() < Ignored::kMaxListed) ignored.pointers.push_back(shortened_pointer(pointer));
}

ValueDecoder::ValueDecoder(const TypeDesc& type, void* value, const Reading& reading, std::string_view prefix)
    : target_{Target::Action::store, &type, value}, reading_(reading), prefix_(prefix) {
  frames_.reserve(8);
}

// ---- frames ----

void ValueDecoder::push(Frame::Kind kind, const TypeDesc& type, void* object) {
  frames_.push_back({.kind = kind, .type = &type, .object = object});
  if (kind == Frame::Kind::map || kind == Frame::Kind::undecided) keys_.emplace_back();
}

void ValueDecoder::push_object(const TypeDesc& type, void* object) {
  push(Frame::Kind::object, type, object);
  frames_.back().seen = seen_.size();
  seen_.resize(seen_.size() + words_for(type.fields.size()), 0);
}

void ValueDecoder::pop() {
  const Frame& frame = frames_.back();
  if (frame.kind == Frame::Kind::object) seen_.resize(frame.seen);
  if (frame.kind == Frame::Kind::map || frame.kind == Frame::Kind::undecided) keys_.pop_back();
  frames_.pop_back();
}

// ---- members ----

// Senders write members in the order of the table, so the search begins where the last one was found.
const FieldDesc* ValueDecoder::find_field(Frame& frame, std::string_view name) const {
  const auto fields = frame.type->fields;
  std::size_t index = frame.next;
  for (std::size_t i = 0; i < fields.size(); ++i, ++index) {
    if (index >= fields.size()) index = 0;
    if (fields[index].name != name) continue;
    frame.next = index + 1;
    return &fields[index];
  }
  return nullptr;
}

void ValueDecoder::member_of_object(Frame& frame, std::string_view name) {
  const FieldDesc* const field = find_field(frame, name);
  if (field == nullptr || field->since > reading_.effective) {
    ignore_member(name);
    target_.action = Target::Action::skip;
    return;
  }
  const auto index = static_cast<std::size_t>(field - frame.type->fields.data());
  std::uint64_t& word = seen_[frame.seen + index / kBits];
  const std::uint64_t bit = std::uint64_t{1} << (index % kBits);
  if ((word & bit) != 0) {
    mode_ = Mode::repeated;
    return;
  }
  word |= bit;
  frame.field = field;
  if (field->slot == nullptr) {
    target_ = {Target::Action::constant, nullptr, nullptr};
  } else {
    target_ = {Target::Action::store, field->type, field->slot(frame.object)};
  }
}

void ValueDecoder::ignore_member(std::string_view name) {
  ++ignored_;
  if (reading_.ignored == nullptr) return;
  std::string place = pointer(frames_.size() - 1);
  append_segment(place, name);
  list(*reading_.ignored, place);
}

void ValueDecoder::ignore_label() {
  ++ignored_;
  if (reading_.ignored != nullptr) list(*reading_.ignored, pointer(frames_.size()));
}

void ValueDecoder::member_of_map(Frame& frame, std::string_view name) {
  const TypeDesc& type = *frame.type;
  if (length_of(name) > type.max_length) {
    fail(frames_.size() - 1, rule::kPropertyNames, expected_by(type, rule::kPropertyNames), quoted_sample(name));
    return;
  }
  keys_.back().assign(name);
  const std::size_t before = type.size(frame.object);
  void* const slot = type.insert(frame.object, name);
  const std::size_t after = type.size(frame.object);
  if (after == before) {
    mode_ = Mode::repeated;
  } else if (after > type.max_items) {
    fail(frames_.size() - 1, rule::kMaxProperties, expected_by(type, rule::kMaxProperties), "more");
  } else {
    target_ = {Target::Action::store, type.element, slot};
  }
}

void ValueDecoder::member_of_union(std::string_view name) {
  keys_.back().assign(name);
  if (name == frames_.back().type->tag) {
    target_.action = Target::Action::tag;
  } else {
    tape_.key(name);
    target_.action = Target::Action::record;
  }
}

// The tag is known: from here on the union is the object that it names, beginning with what was recorded.
void ValueDecoder::choose(const Scalar& tag) {
  const TypeDesc& type = *frames_.back().type;
  if (tag.kind != Scalar::Kind::text) {
    fail(frames_.size(), rule::kType, "a string", sample_of(tag));
    return;
  }
  const auto chosen = std::ranges::find(type.alternatives, tag.text, &AlternativeDesc::tag);
  if (chosen == type.alternatives.end()) {
    fail(frames_.size(), rule::kEnum, expected_by(type, rule::kEnum), quoted_sample(tag.text));
    return;
  }
  void* const object = chosen->emplace(frames_.back().object);
  pop();
  push_object(*chosen->type, object);
  frames_.back().tag = type.tag;
  key(type.tag);
  scalar(tag);
  // Moved out, because a member may be such a union again.
  const Tape waiting = std::exchange(tape_, {});
  waiting.replay(*this);
}

// ---- values ----

// Finds the target of an element; other targets are known since their key.
bool ValueDecoder::begin_value() {
  if (frames_.empty() || frames_.back().kind != Frame::Kind::array) return true;
  Frame& array = frames_.back();
  const TypeDesc& type = *array.type;
  if (array.next >= type.max_items) {
    fail(frames_.size() - 1, rule::kMaxItems, expected_by(type, rule::kMaxItems), "more");
    return false;
  }
  ++array.next;
  target_ = {Target::Action::store, type.element, type.append(array.object)};
  return true;
}

void ValueDecoder::store_leaf(const Scalar& value) {
  const TypeDesc& type = *target_.type;
  if (const std::string_view broken = store(type, value, target_.object); !broken.empty())
    return fail(frames_.size(), broken, expected_by(type, broken), sample_of(value));
  if (!type.open) return;
  const std::size_t label = type.label(target_.object);
  if (label == type.labels.size()) {
    if (value.text != kUnknownLabel) ignore_label();
  } else if (!type.label_since.empty() && type.label_since[label] > reading_.effective) {
    type.set_label(target_.object, type.labels.size());
    ignore_label();
  }
}

void ValueDecoder::scalar(const Scalar& value) {
  switch (mode_) {
    case Mode::decoding:
      break;
    case Mode::recording:
      tape_.scalar(value);
      return;
    case Mode::skipping:
    case Mode::failed:
    case Mode::repeated:
      return;
  }
  if (!begin_value()) return;
  switch (target_.action) {
    case Target::Action::store:
      store_leaf(value);
      break;
    case Target::Action::skip:
      break;
    case Target::Action::record:
      tape_.scalar(value);
      break;
    case Target::Action::tag:
      choose(value);
      break;
    case Target::Action::constant: {
      const std::string_view wanted = frames_.back().field->constant;
      if (value.kind != Scalar::Kind::text) {
        fail(frames_.size(), rule::kType, "a string", sample_of(value));
      } else if (value.text != wanted) {
        fail(frames_.size(), rule::kConst, quoted_sample(wanted), sample_of(value));
      }
      break;
    }
  }
}

void ValueDecoder::start_container(bool object) {
  switch (target_.action) {
    case Target::Action::skip:
      mode_ = Mode::skipping;
      nested_ = 1;
      return;
    case Target::Action::record:
      mode_ = Mode::recording;
      nested_ = 1;
      object ? tape_.start_object() : tape_.start_array();
      return;
    case Target::Action::tag:
    case Target::Action::constant:
      fail(frames_.size(), rule::kType, "a string", object ? "an object" : "an array");
      follow_start();
      return;
    case Target::Action::store:
      break;
  }
  const TypeDesc& type = *target_.type;
  if (object && type.shape == Shape::object) return push_object(type, target_.object);
  if (object && type.shape == Shape::map) return push(Frame::Kind::map, type, target_.object);
  if (object && type.shape == Shape::tagged) return push(Frame::Kind::undecided, type, target_.object);
  if (!object && type.shape == Shape::array) return push(Frame::Kind::array, type, target_.object);
  fail(frames_.size(), rule::kType, expected_by(type, rule::kType), object ? "an object" : "an array");
  follow_start();
}

void ValueDecoder::start_object() {
  switch (mode_) {
    case Mode::decoding:
      if (begin_value()) {
        start_container(true);
      } else {
        follow_start();
      }
      break;
    case Mode::recording:
      tape_.start_object();
      ++nested_;
      break;
    case Mode::skipping:
      ++nested_;
      break;
    case Mode::failed:
      follow_start();
      break;
    case Mode::repeated:
      break;
  }
}

void ValueDecoder::start_array() {
  switch (mode_) {
    case Mode::decoding:
      if (begin_value()) {
        start_container(false);
      } else {
        follow_start();
      }
      break;
    case Mode::recording:
      tape_.start_array();
      ++nested_;
      break;
    case Mode::skipping:
      ++nested_;
      break;
    case Mode::failed:
      follow_start();
      break;
    case Mode::repeated:
      break;
  }
}

void ValueDecoder::key(std::string_view name) {
  switch (mode_) {
    case Mode::decoding: {
      Frame& frame = frames_.back();
      if (frame.kind == Frame::Kind::object) {
        member_of_object(frame, name);
      } else if (frame.kind == Frame::Kind::map) {
        member_of_map(frame, name);
      } else {
        member_of_union(name);
      }
      break;
    }
    case Mode::recording:
      tape_.key(name);
      break;
    case Mode::failed:
      follow_key(name);
      break;
    case Mode::skipping:
    case Mode::repeated:
      break;
  }
}

// What can only be said at the end of an object, map or array.
bool ValueDecoder::complete(const Frame& frame) {
  const TypeDesc& type = *frame.type;
  const std::size_t above = frames_.size() - 1;
  switch (frame.kind) {
    case Frame::Kind::object:
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const bool seen = (seen_[frame.seen + i / kBits] >> (i % kBits) & 1U) != 0;
        if (seen || !type.fields[i].required) continue;
        fail(above, rule::kRequired, "the member " + std::string(type.fields[i].name), "");
        return false;
      }
      return true;
    case Frame::Kind::undecided:
      fail(above, rule::kRequired, "the member " + std::string(type.tag), "");
      return false;
    case Frame::Kind::map:
      if (type.size(frame.object) >= type.min_items) return true;
      fail(above, rule::kMinProperties, expected_by(type, rule::kMinProperties), std::to_string(type.size(frame.object)));
      return false;
    case Frame::Kind::array:
      if (frame.next >= type.min_items) return true;
      fail(above, rule::kMinItems, expected_by(type, rule::kMinItems), std::to_string(frame.next));
      return false;
  }
  return true;
}

void ValueDecoder::end_object() {
  switch (mode_) {
    case Mode::decoding:
      if (complete(frames_.back())) {
        pop();
      } else {
        follow_end();
      }
      break;
    case Mode::recording:
      tape_.end_object();
      if (--nested_ == 0) mode_ = Mode::decoding;
      break;
    case Mode::skipping:
      if (--nested_ == 0) mode_ = Mode::decoding;
      break;
    case Mode::failed:
      follow_end();
      break;
    case Mode::repeated:
      break;
  }
}

void ValueDecoder::end_array() {
  if (mode_ != Mode::recording) return end_object();
  tape_.end_array();
  if (--nested_ == 0) mode_ = Mode::decoding;
}

// ---- faults ----

std::string ValueDecoder::pointer(std::size_t frames) const {
  std::string text(prefix_);
  std::size_t named = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const Frame& frame = frames_[i];
    switch (frame.kind) {
      case Frame::Kind::object:
        append_segment(text, key_of(frame.field));
        break;
      case Frame::Kind::array:
        append_segment(text, std::to_string(frame.next - 1));
        break;
      case Frame::Kind::map:
      case Frame::Kind::undecided:
        append_segment(text, keys_[named++]);
        break;
    }
  }
  return text;
}

// `frames`: the fault is in the current member of that many containers, or in the last of them itself.
void ValueDecoder::fail(std::size_t frames, std::string_view rule, std::string expected, std::string found) {
  fault_ = Fault{pointer(frames), rule, std::move(expected), std::move(found)};
  std::size_t named = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const Frame& frame = frames_[i];
    switch (frame.kind) {
      case Frame::Kind::object:
        path_.push_back({std::string(key_of(frame.field)), frame.tag});
        break;
      case Frame::Kind::array:
        path_.push_back({});
        break;
      case Frame::Kind::map:
      case Frame::Kind::undecided:
        path_.push_back({keys_[named++], {}});
        break;
    }
  }
  alive_ = path_.size();
  open_ = frames_.size();
  mode_ = Mode::failed;
}

void ValueDecoder::follow_end() noexcept {
  if (open_ > 0) --open_;
  alive_ = std::min(alive_, open_);
}

void ValueDecoder::follow_key(std::string_view name) {
  if (open_ != alive_ || open_ == 0) return;
  const Step& step = path_[open_ - 1];
  if (step.member == name || (!step.tag.empty() && step.tag == name)) mode_ = Mode::repeated;
}

}  // namespace loophole::wire::detail
