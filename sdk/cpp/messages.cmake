# loophole_messages: messages as generated from schemas/, as a library; frames go into loophole_wire. Included by sdk/cpp/CMakeLists.txt.

include(LoopholeGenerate)

set(LOOPHOLE_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
loophole_generate(OUT_DIR "${LOOPHOLE_GENERATED_DIR}" SOURCES loophole_message_sources FRAME_SOURCES loophole_frame_sources HEADERS loophole_message_headers)

loophole_library(loophole_messages ${loophole_message_sources})
target_include_directories(loophole_messages PUBLIC
  "$<BUILD_INTERFACE:${LOOPHOLE_GENERATED_DIR}/include>"
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/sdk/cpp/include>")
target_compile_features(loophole_messages PUBLIC cxx_std_20) # also of who adds this project to theirs
# Whoever links loophole_messages compiles after the headers are there.
add_dependencies(loophole_messages loophole_generated)

loophole_flatc(OUT_DIR "${PROJECT_BINARY_DIR}/compare")
