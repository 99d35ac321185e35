# One way to define a library, a program and a test: warnings as errors and sanitizers are set here and nowhere else.

set(LOOPHOLE_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined or thread")

add_library(loophole_options INTERFACE)
target_compile_options(loophole_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
                                                  -Woverloaded-virtual -Werror
                                                  # gcc 12 warns of its own std::string operator+ (GCC bug 105651)
                                                  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(LOOPHOLE_SANITIZE)
  target_compile_options(loophole_options INTERFACE -fsanitize=${LOOPHOLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(loophole_options INTERFACE -fsanitize=${LOOPHOLE_SANITIZE})
endif()

if(LOOPHOLE_SANITIZE STREQUAL realtime)  # what the sanitizer finds when it runs, the compiler finds where it can see it
  target_compile_options(loophole_options INTERFACE -Wfunction-effects
                         -Wno-c2y-extensions         # doctest counts with __COUNTER__
                         -Wno-deprecated-declarations)  # std::stable_sort of libstdc++ 12
endif()

option(LOOPHOLE_FUZZ "Build the fuzzers; needs clang with libFuzzer" OFF)
if(LOOPHOLE_FUZZ)  # what is fuzzed tells the fuzzer which way it took
  target_compile_options(loophole_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(loophole_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(LOOPHOLE_CCACHE ccache)
if(LOOPHOLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)  # the two words let it remember what is compiled with precompiled headers
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${LOOPHOLE_CCACHE}")
endif()

option(LOOPHOLE_UNITY "Compile libraries several sources at a time: faster from nothing, slower after an edit" OFF)

# loophole_library(NAME sources…)
function(loophole_library name)
  add_library(${name} STATIC ${ARGN})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD ${LOOPHOLE_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:loophole_options>)
endfunction()

# loophole_program(NAME sources…): lands in build/bin
function(loophole_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE loophole_options)
endfunction()

# loophole_test(NAME SOURCES … LINK … [PRECOMPILE headers…] [TIMEOUT seconds]): a doctest program and its CTest entry. Most of the time that a
# small test takes to compile goes into the headers; from three sources on it pays to read them once.
function(loophole_test name)
  if(NOT LOOPHOLE_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;PRECOMPILE;ENVIRONMENT" ${ARGN})
  if(NOT TARGET loophole_doctest_main) # compiled once, for all test programs
    add_library(loophole_doctest_main OBJECT "${PROJECT_SOURCE_DIR}/cmake/doctest_main.cpp")
    target_link_libraries(loophole_doctest_main PRIVATE loophole_options doctest::doctest)
  endif()
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:loophole_doctest_main>)
  target_link_libraries(${name} PRIVATE loophole_options doctest::doctest ${arg_LINK})
  # Optimising what a test itself says takes a third of its compile time and proves nothing; what it tests is optimised.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O0>)
  if(arg_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE <doctest/doctest.h> ${arg_PRECOMPILE})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()
