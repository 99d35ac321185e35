#include "naming.hpp"

#include <doctest/doctest.h>

using namespace loophole::schema;

TEST_CASE("lowerCamel has one capital a word") {
  for (const char* name : {"a", "trackId", "maxMessageBytes", "v2", "port2Name"}) CHECK_MESSAGE(is_lower_camel(name), name);
  for (const char* name : {"", "TrackId", "trackID", "track_id", "track-id", "2nd", "trackI", "a.b",
                           "tr\xc3\xa4"
                           "ck"})
    CHECK_FALSE_MESSAGE(is_lower_camel(name), name);
}

TEST_CASE("Pascal and snake_case") {
  CHECK(is_pascal("TrackId"));
  CHECK_FALSE(is_pascal("trackId"));
  CHECK_FALSE(is_pascal("TRACK"));
  CHECK_FALSE(is_pascal("Track_Id"));
  CHECK_FALSE(is_pascal("T"));
  CHECK(is_snake("time_ns"));
  CHECK_FALSE(is_snake("time__ns"));
  CHECK_FALSE(is_snake("time_"));
  CHECK_FALSE(is_snake("timeNs"));
  CHECK_FALSE(is_snake("_time"));
}

TEST_CASE("dotted names have two segments or more") {
  CHECK(is_dotted("track.add"));
  CHECK(is_dotted("parameter.gesture.begin"));
  for (const char* name : {"", "track", "track.", ".add", "track..add", "Track.add", "track.Add", "track add.x"})
    CHECK_FALSE_MESSAGE(is_dotted(name), name);
}

TEST_CASE("snake_case of a lowerCamel name maps back to it") {
  for (const char* name : {"trackId", "v", "maxMessageBytes", "port2Name", "a1B2c"}) {
    REQUIRE(is_lower_camel(name));
    CHECK(lower_camel(snake(name)) == name);
  }
  CHECK(snake("meterHandle") == "meter_handle");
}

TEST_CASE("names of messages and errors") {
  CHECK(message_type("parameter.gesture.begin") == "GestureBegin");
  CHECK(message_type("project.saveAs") == "SaveAs");
  CHECK(domain_of("parameter.gesture.begin") == "parameter");
  CHECK(constant("track.notFound") == "kTrackNotFound");
}

TEST_CASE("a label that C++ has gets an underscore") {
  CHECK(enumerator("testTone") == "test_tone");
  CHECK(enumerator("float") == "float_");
  CHECK(enumerator("default") == "default_");
}

TEST_CASE("unit suffixes") {
  CHECK(unit_suffix("positionFrames") == "Frames");
  CHECK(unit_suffix("framesReceived") == "");
  CHECK(unit_suffix("sampleRateHz") == "Hz");
  CHECK(is_unit("Parameter"));
  CHECK_FALSE(is_unit("Seconds"));
}

TEST_CASE("alphabet of a pattern") {
  CHECK(alphabet("^[0-9a-f]+$") == "0123456789abcdef");
  CHECK(alphabet("^[a_.-]+$") == "-._a");
  CHECK(alphabet("^[-a]+$") == "-a");
  CHECK(alphabet("^[aab]+$") == "ab");
  CHECK(alphabet("^[\\]\\\\\\-a]+$") == "-\\]a");
  for (const char* pattern :
       {"", "^a+$", "[a]+", "^[a]*$", "^[]+$", "^[^a]+$", "^[z-a]+$", "^[\\d]+$", "^[a][b]+$", "^[a]+$|x", "^[\xc3\xa4]+$"})
    CHECK_FALSE_MESSAGE(alphabet(pattern).has_value(), pattern);
}
