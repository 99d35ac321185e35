# Generated C++: message types and tables by loophole-schema, frames by flatc, from schemas/.
#
# loophole_generate(OUT_DIR dir SOURCES var HEADERS var)
#   OUT_DIR   where include/ and src/ are made
#   SOURCES   variable that gets the list of .cpp files
#   HEADERS   variable that gets the list of headers
# Files whose content did not change keep their time stamp, so that an edit of one schema compiles little.

function(loophole_generate)
  cmake_parse_arguments(arg "" "OUT_DIR;SOURCES;HEADERS" "" ${ARGN})
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
  set(frame_headers "")
  foreach(frame ${frames})
    get_filename_component(name "${frame}" NAME_WE)
    list(APPEND frame_headers "${include}/frames/${name}_generated.h")
  endforeach()

  # generate lints first, so a faulty schema stops the build here with its faults.
  add_custom_command(
    OUTPUT "${arg_OUT_DIR}/messages.stamp"
    BYPRODUCTS ${sources} ${headers} "${arg_OUT_DIR}/src/tables.hpp" "${arg_OUT_DIR}/src/thunks.hpp"
    COMMAND loophole-schema generate cpp "${schemas}" --out "${arg_OUT_DIR}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${arg_OUT_DIR}/messages.stamp"
    DEPENDS loophole-schema ${control} ${frames} "${schemas}/topology.json" "${schemas}/errors.json"
    COMMENT "Generating C++ from schemas/"
    VERBATIM)
  add_custom_command(
    OUTPUT ${frame_headers}
    COMMAND flatbuffers::flatc --cpp --cpp-std c++17 --scoped-enums -o "${include}/frames" ${frames}
    DEPENDS ${frames}
    COMMENT "Generating frames from schemas/"
    VERBATIM)
  add_custom_target(loophole_generated DEPENDS "${arg_OUT_DIR}/messages.stamp" ${frame_headers})

  set(${arg_SOURCES} ${sources} PARENT_SCOPE)
  set(${arg_HEADERS} ${headers} ${frame_headers} PARENT_SCOPE)
endfunction()
