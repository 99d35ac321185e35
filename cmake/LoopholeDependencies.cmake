# Every library that Loophole uses, as an imported target. What is missing is named together with its Debian package.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

macro(loophole_require package debian)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} is missing: install the Debian package ${debian} (./dev setup does it)")
  endif()
endmacro()

macro(loophole_require_pc target module debian)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "${module} is missing: install the Debian package ${debian} (./dev setup does it)")
  endif()
endmacro()

macro(loophole_require_program variable program debian)
  find_program(${variable} ${program})
  if(NOT ${variable})
    message(FATAL_ERROR "${program} is missing: install the Debian package ${debian} (./dev setup does it)")
  endif()
endmacro()

loophole_require(cppzmq cppzmq-dev)
loophole_require(FlatBuffers "libflatbuffers-dev and flatbuffers-compiler-dev")
loophole_require(nlohmann_json nlohmann-json3-dev)
loophole_require_pc(libzmq libzmq libzmq3-dev)
loophole_require_pc(libsodium libsodium libsodium-dev)  # PkgConfig::libsodium: SHA-256, random identifiers
loophole_require_pc(kissfft kissfft-float libkissfft-dev)  # PkgConfig::kissfft: spectra

if(LOOPHOLE_BUILD_TESTS)
  loophole_require(doctest doctest-dev)
endif()

if(LOOPHOLE_BUILD_REFERENCE OR LOOPHOLE_BUILD_CONFORMANCE)
  loophole_require(CLI11 libcli11-dev)
endif()

if(LOOPHOLE_BUILD_REFERENCE)
  loophole_require(fmt libfmt-dev)
  loophole_require(spdlog libspdlog-dev)
  loophole_require(SQLite3 libsqlite3-dev)
  loophole_require_pc(portaudio portaudio-2.0 portaudio19-dev)
  loophole_require_pc(sndfile sndfile libsndfile1-dev)
  loophole_require_pc(libedit libedit libedit-dev)  # lines typed into aura-cli
  loophole_require_pc(samplerate samplerate libsamplerate0-dev)
  loophole_require_pc(lilv lilv-0 liblilv-dev)  # brings the LV2 headers
  if(LOOPHOLE_BUILD_TESTS AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    loophole_require_pc(alsa alsa libasound2-dev)  # the sound card of the tests
    loophole_require_pc(jack jack libjack-jackd2-dev)  # and their JACK
    loophole_require_program(LOOPHOLE_JACKD jackd jackd2)
  endif()
endif()
