// The golden files compiled: what the codec relies on when it reads and writes values by their tables.
// clang-format off
#include "loophole/messages/topology.hpp"  // first, to show that it compiles alone; the other headers are first in their .cpp
// clang-format on

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "loophole/frames/all.hpp"
#include "loophole/messages/all.hpp"

namespace lp = loophole;
using lp::wire::describe;
using lp::wire::Shape;
using lp::wire::TypeDesc;

static const lp::wire::FieldDesc& field(const TypeDesc& type, std::string_view name) {
  for (const auto& found : type.fields)
    if (found.name == name) return found;
  FAIL("no such field");
  return type.fields[0];
}

static_assert(lp::wire::CommandType<lp::thing::Add> && !lp::wire::EventType<lp::thing::Add>);
static_assert(lp::wire::EventType<lp::thing::Changed> && !lp::wire::CommandType<lp::thing::Changed>);
static_assert(lp::wire::RoutedBetween<lp::thing::Add, lp::Role::aura, lp::Role::pulse>);
static_assert(!lp::wire::RoutedBetween<lp::thing::Add, lp::Role::pulse, lp::Role::aura>);
static_assert(!lp::wire::RoutedBetween<lp::thing::Part, lp::Role::pulse, lp::Role::aura>);
static_assert(std::is_same_v<lp::thing::ListFlush::Reply, lp::envelope::Empty>);
static_assert(lp::topology::allows(lp::Role::pulse, lp::Role::aura, lp::topology::Plane::telemetry));
static_assert(!lp::topology::allows(lp::Role::aura, lp::Role::pulse, lp::topology::Plane::telemetry));
static_assert(lp::topology::kMaxDepth == 8);
static_assert(lp::wire::kProtocolMajor == 1 && lp::wire::kProtocolMinor == 1 && lp::wire::kProtocolMinMinor == 0);

TEST_CASE("structs are aggregates with defaults") {
  const lp::thing::Add add{
      .name = "Lamp", .take_over = true, .parts = {{.id = lp::ThingId{"p"}, .gain_db = -6.0, .mode = lp::thing::Mode::filter}}};
  CHECK(add.colour == lp::thing::Colour::default_);
  CHECK(add.tempo_bpm == 120.0);
  CHECK(add.start_frames == -1);
  CHECK_FALSE(add.note);
  CHECK(add == lp::thing::Add{add});
  CHECK_FALSE(add == lp::thing::Add{});
}

TEST_CASE("required, optional and defaulted members") {
  const TypeDesc& type = describe<lp::thing::Add>();
  CHECK(type.shape == Shape::object);
  CHECK(type.name == "thing.Add");
  lp::thing::Add add;

  CHECK(field(type, "name").required);
  *static_cast<std::string*>(field(type, "name").slot(&add)) = "Lamp";
  CHECK(add.name == "Lamp");
  CHECK(field(type, "name").peek(&add) == &add.name);

  const auto& note = field(type, "note");
  CHECK_FALSE(note.required);
  CHECK(note.since == lp::wire::Version{1, 1});
  CHECK(note.peek(&add) == nullptr);
  *static_cast<std::string*>(note.slot(&add)) = "old";
  CHECK(add.note == "old");
  CHECK(note.peek(&add) == &*add.note);

  CHECK_FALSE(field(type, "tempoBpm").required);
  CHECK(field(type, "tempoBpm").peek(&add) == &add.tempo_bpm);
  CHECK((field(type, "tempoBpm").initial == nullptr));  // every peer knows it

  const auto& loud = field(type, "loud");
  CHECK(loud.since == lp::wire::Version{1, 1});
  CHECK(loud.initial(&add));
  add.loud = true;
  CHECK_FALSE(loud.initial(&add));
}

TEST_CASE("identifiers are read and written as their text") {
  lp::thing::Add add;
  const auto& parent = field(describe<lp::thing::Add>(), "parent");
  CHECK(parent.type == &describe<lp::ThingId>());
  *static_cast<std::string*>(parent.slot(&add)) = "t-1";
  CHECK(add.parent == lp::ThingId{"t-1"});
  CHECK(*static_cast<const std::string*>(parent.peek(&add)) == "t-1");
  CHECK(describe<lp::ThingId>().alphabet == "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("arrays and maps") {
  lp::thing::Add add;
  const TypeDesc& parts = *field(describe<lp::thing::Add>(), "parts").type;
  auto* part = static_cast<lp::thing::Part*>(parts.append(&add.parts));
  part->gain_db = 3;
  CHECK(parts.size(&add.parts) == 1);
  CHECK(parts.at(&add.parts, 0) == &add.parts[0]);
  CHECK(parts.element == &describe<lp::thing::Part>());
  CHECK(parts.max_items == 8);

  const TypeDesc& levels = *field(describe<lp::thing::Add>(), "levels").type;
  CHECK(levels.shape == Shape::map);
  CHECK(levels.max_length == 32);
  *static_cast<double*>(levels.insert(&add.levels, "left")) = 0.5;
  CHECK(levels.size(&add.levels) == 1);
  std::string seen;
  levels.each(&add.levels, &seen, [](void* context, std::string_view key, const void* value) {
    CHECK(*static_cast<const double*>(value) == 0.5);
    *static_cast<std::string*>(context) += key;
  });
  CHECK(seen == "left");
}

TEST_CASE("enumerations") {
  const TypeDesc& mode = describe<lp::thing::Mode>();
  CHECK(mode.open);
  lp::thing::Mode value{};
  mode.set_label(&value, mode.labels.size());
  CHECK(value == lp::thing::Mode::unknown);
  using Versions = std::vector<lp::wire::Version>;
  CHECK((Versions(mode.label_since.begin(), mode.label_since.end()) == Versions{{1, 0}, {1, 0}, {1, 1}}));
  CHECK(describe<lp::thing::Colour>().label_since.empty());
  mode.set_label(&value, 1);
  CHECK(value == lp::thing::Mode::filter);
  CHECK(mode.label(&value) == 1);

  CHECK(to_string(lp::thing::Mode::test_tone) == "testTone");
  CHECK(to_string(lp::thing::Mode::unknown) == "unknown");
  CHECK(to_string(lp::thing::Colour::default_) == "default");
  CHECK(lp::from_string<lp::thing::Mode>("filter") == lp::thing::Mode::filter);
  CHECK_FALSE(lp::from_string<lp::thing::Mode>("unknown"));
  CHECK(lp::from_string<lp::Role>("pulse") == lp::Role::pulse);
}

TEST_CASE("tagged unions") {
  const TypeDesc& change = describe<lp::thing::Change>();
  CHECK(change.tag == "type");
  REQUIRE(change.alternatives.size() == 2);
  CHECK(change.alternatives[1].tag == "thing.removed");
  lp::thing::Change value;
  auto* removed = static_cast<lp::thing::Removed*>(change.alternatives[1].emplace(&value));
  removed->thing_id = lp::ThingId{"t"};
  CHECK(change.alternative(&value) == 1);
  CHECK(change.held(&value) == removed);
  CHECK(std::get<lp::thing::Removed>(value).thing_id == lp::ThingId{"t"});

  const auto& tag = field(describe<lp::thing::Removed>(), "type");
  CHECK(tag.constant == "thing.removed");
  CHECK((tag.slot == nullptr));
  CHECK((tag.peek == nullptr));
  CHECK(tag.required);
}

TEST_CASE("messages are found by name, each with a payload type of its own") {
  CHECK(lp::wire::find_message("thing.add") == &lp::wire::MessageOf<lp::thing::Add>::desc());
  for (const char* name : {"", "thing.ad", "thing.addd", "zzz"}) CHECK(lp::wire::find_message(name) == nullptr);

  std::set<const TypeDesc*> payloads;
  std::string before;
  for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) {
    CHECK(before < desc->name);
    before = desc->name;
    CHECK(payloads.insert(desc->payload).second);
    CHECK(desc->make_payload() != nullptr);
    CHECK((desc->reply != nullptr) == (desc->kind == lp::Kind::command));
    CHECK((desc->make_reply != nullptr) == (desc->reply != nullptr));
  }
  CHECK(payloads.size() == 3);
  CHECK_FALSE(payloads.contains(&describe<lp::envelope::Empty>()));

  const auto& add = *lp::wire::find_message("thing.add");
  CHECK(add.allows(lp::Role::aura, lp::Role::pulse));
  CHECK_FALSE(add.allows(lp::Role::pulse, lp::Role::aura));
  CHECK(add.undoable);
  CHECK_FALSE(add.idempotent);
  CHECK(add.errors.size() == 1);
  CHECK(lp::wire::find_message("thing.list.flush")->since == lp::wire::Version{1, 1});
}

TEST_CASE("the register of errors") {
  REQUIRE(lp::errors::all().size() == 2);
  const auto* busy = lp::errors::find("thing.busy");
  REQUIRE(busy != nullptr);
  CHECK(busy->text == lp::errors::kThingBusy.text);
  CHECK(busy->category == lp::envelope::Category::conflict);
  CHECK(busy->summary == "Another client \"holds\" the thing.");
  CHECK(lp::errors::find("thing.gone") == nullptr);
}

TEST_CASE("a builder writes every byte, into any memory that is large enough") {
  const lp::frames::ThingLevel levels[] = {{.handle = 7, .peak = 0.5F}, {.handle = 9, .peak = 1.0F}};
  const lp::frames::ThingLevelsHeader header{.length_frames = 1, .coldest = -2, .things_changed = true, .time_ns = 3, .load_ratio = 0.25};
  constexpr std::size_t kBytes = lp::frames::thing_levels_bytes(2);
  std::array<std::byte, kBytes + 1> zeros{};
  std::array<std::byte, kBytes + 1> ones{};
  ones.fill(std::byte{0xFF});
  const lp::Bytes first = lp::frames::write_thing_levels(std::span(zeros).subspan(1), header, levels);
  const lp::Bytes second = lp::frames::write_thing_levels(ones, header, levels);
  REQUIRE(first.size() == kBytes);
  CHECK(first.data() == zeros.data() + 1);
  CHECK(std::ranges::equal(first, second));
  CHECK(ones.back() == std::byte{0xFF});
  CHECK(std::ranges::equal(first, lp::frames::make_thing_levels(header, levels)));
}

TEST_CASE("a builder writes nothing where a frame does not fit or has too many items") {
  std::array<std::byte, lp::frames::thing_levels_bytes(1)> to{};
  const std::vector<lp::frames::ThingLevel> levels(lp::frames::kThingLevelsMaxLevels + 1);
  CHECK(lp::frames::write_thing_levels(to, {}, std::span(levels).first(1)).size() == to.size());
  CHECK(lp::frames::write_thing_levels(std::span(to).first(to.size() - 1), {}, std::span(levels).first(1)).empty());
  std::vector<std::byte> large(lp::frames::thing_levels_bytes(levels.size()));
  CHECK(lp::frames::write_thing_levels(large, {}, levels).empty());
  CHECK(lp::frames::make_thing_levels({}, levels).empty());
}
