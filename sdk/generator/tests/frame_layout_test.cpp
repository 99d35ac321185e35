// What frame_layout() says about bytes; that real frames have them is tested with the SDK.
#include "frame_layout.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "support.hpp"

using namespace loophole::schema;

static const Frame& frame(const Model& model, const std::string& name) {
  for (const Frame& found : model.frames)
    if (found.name == name) return found;
  FAIL("no such frame");
  return model.frames.front();
}

TEST_CASE("every field of every frame is at its alignment, beside the others and within the table") {
  for (const Model& model : {test::model_of(test::good()), test::model_of(read_folder(LOOPHOLE_SCHEMAS))}) {
    for (const Frame& each : model.frames) {
      CAPTURE(each.name);
      const FrameLayout layout = frame_layout(each);
      CHECK(layout.table % 4 == 0);
      CHECK(layout.table >= layout.vtable + 4 + 2 * layout.vtable_places.size());
      std::uint32_t end = layout.table + 4;
      for (const FramePlace& place : layout.places) {
        CAPTURE(place.field->name);
        CHECK(place.offset % place.size == 0);
        CHECK(place.offset == end);
        CHECK(place.in_table == place.offset - layout.table);
        CHECK(layout.vtable_places[*place.field->id] == place.in_table);
        end = place.offset + place.size;
      }
      CHECK(layout.table_size == end - layout.table);
      if (layout.vector != nullptr) {
        CHECK(layout.vector_offset >= end);
        CHECK(layout.vector_offset % 4 == 0);
        CHECK(layout.fixed_bytes == layout.vector_offset + 4);
        CHECK(layout.fixed_bytes % layout.item_alignment == 0);
      } else {
        CHECK(layout.fixed_bytes >= end);
      }
    }
  }
}

TEST_CASE("larger fields come first, the deprecated have no place") {
  const Model model = test::model_of(test::good());
  const FrameLayout layout = frame_layout(frame(model, "thing_levels"));
  std::string order;
  for (const FramePlace& place : layout.places) order += place.field->name + " ";
  CHECK(order == "time_ns load_ratio length_frames levels coldest weighting things_changed ");
  CHECK(layout.vtable_places[3] == 0);
  CHECK(layout.vtable_places.size() == 8);
  CHECK(layout.item_size == 8);
}

TEST_CASE("the diagram of a frame") {
  const Model model = test::model_of(test::good());
  const std::string text = frame_diagram(frame(model, "thing_levels"));
  std::ifstream in{test::folder() / "golden" / "diagram" / "thing_levels.txt"};
  CHECK(text == std::string{std::istreambuf_iterator<char>{in}, {}});
}
