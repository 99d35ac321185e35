# Generated C++: message types, their tables and frames, by loophole-schema from schemas/.
#
# loophole_generate(OUT_DIR dir SOURCES var FRAME_SOURCES var HEADERS var)
#   OUT_DIR        where include/ and src/ are made
#   SOURCES        variable that gets the list of .cpp files of messages
#   FRAME_SOURCES  the same of frames
#   HEADERS        variable that gets the list of headers
# Files whose content did not change keep their time stamp, so that an edit of one schema compiles little.

function(loophole_generate)
  cmake_parse_arguments(arg "" "OUT_DIR;SOURCES;FRAME_SOURCES;HEADERS" "" ${ARGN})
  set(schemas "${PROJECT_SOURCE_DIR}/schemas")
  file(GLOB control CONFIGURE_DEPENDS "${schemas}/control/*.schema.json")
  file(GLOB frames CONFIGURE_DEPENDS "${schemas}/stream/*.fbs" "${schemas}/telemetry/*.fbs")

  set(include "${arg_OUT_DIR}/include/loophole")
  set(headers "")
  foreach(shared registry topology errors all)
    list(APPEND headers "${include}/messages/${shared}.hpp")
  endforeach()
  set(sources "${arg_OUT_DIR}/src/registry.cpp" "${arg_OUT_DIR}/src/errors.cpp")
  foreach(schema ${control})
    get_filename_component(domain "${schema}" NAME_WE)
    # lowerCamel file, snake_case header: as naming.cpp has it.
    string(REGEX REPLACE "([A-Z])" "_\\1" domain "${domain}")
    string(TOLOWER "${domain}" domain)
    list(APPEND headers "${include}/messages/${domain}.hpp")
    list(APPEND sources "${arg_OUT_DIR}/src/${domain}.cpp")
  endforeach()
  list(APPEND headers "${include}/frames/all.hpp" "${include}/frames/kind.hpp")
  set(frame_sources "${arg_OUT_DIR}/src/frames/kind.cpp")
  foreach(frame ${frames})
    get_filename_component(name "${frame}" NAME_WE)
    list(APPEND headers "${include}/frames/${name}.hpp")
    list(APPEND frame_sources "${arg_OUT_DIR}/src/frames/${name}.cpp")
  endforeach()

  # generate lints first, so a faulty schema stops the build here with its faults.
  add_custom_command(
    OUTPUT "${arg_OUT_DIR}/messages.stamp"
    BYPRODUCTS ${sources} ${frame_sources} ${headers} "${arg_OUT_DIR}/src/tables.hpp" "${arg_OUT_DIR}/src/thunks.hpp"
    COMMAND loophole-schema generate cpp "${schemas}" --out "${arg_OUT_DIR}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${arg_OUT_DIR}/messages.stamp"
    DEPENDS loophole-schema ${control} ${frames} "${schemas}/topology.json" "${schemas}/errors.json"
    COMMENT "Generating C++ from schemas/"
    VERBATIM)
  add_custom_target(loophole_generated DEPENDS "${arg_OUT_DIR}/messages.stamp")

  set(${arg_SOURCES} ${sources} PARENT_SCOPE)
  set(${arg_FRAME_SOURCES} ${frame_sources} PARENT_SCOPE)
  set(${arg_HEADERS} ${headers} PARENT_SCOPE)
endfunction()

# loophole_flatc(OUT_DIR dir): the target loophole_flatc, whoever links it can #include "flatc/NAME_generated.h", which flatc makes from
# the same files. For tests and benchmarks, that compare.
function(loophole_flatc)
  cmake_parse_arguments(arg "" "OUT_DIR" "" ${ARGN})
  set(schemas "${PROJECT_SOURCE_DIR}/schemas")
  file(GLOB frames CONFIGURE_DEPENDS "${schemas}/stream/*.fbs" "${schemas}/telemetry/*.fbs")
  set(headers "")
  foreach(frame ${frames})
    get_filename_component(name "${frame}" NAME_WE)
    list(APPEND headers "${arg_OUT_DIR}/flatc/${name}_generated.h")
  endforeach()
  add_custom_command(
    OUTPUT ${headers}
    COMMAND flatbuffers::flatc --cpp --cpp-std c++17 --scoped-enums -o "${arg_OUT_DIR}/flatc" ${frames}
    DEPENDS ${frames}
    COMMENT "Generating frames by flatc from schemas/"
    VERBATIM)
  add_custom_target(loophole_flatc_generated DEPENDS ${headers})
  add_library(loophole_flatc INTERFACE)
  target_include_directories(loophole_flatc INTERFACE "${arg_OUT_DIR}")
  target_link_libraries(loophole_flatc INTERFACE flatbuffers::flatbuffers)
  add_dependencies(loophole_flatc loophole_flatc_generated)
endfunction()
