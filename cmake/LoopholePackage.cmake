# What is installed: the SDK as one static and one shared library, its headers, a CMake package with a CTest helper, pkg-config files, the
# schemas and the specification, the programs and their manual pages.
#
# Other projects link Loophole::aura, Loophole::pulse or Loophole::signal, however they got the SDK: find_package(Loophole) or
# add_subdirectory.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(LOOPHOLE_LAYERS messages core wire model transport session aura pulse signal)
set(LOOPHOLE_ROLES aura pulse signal)

foreach(role ${LOOPHOLE_ROLES})
  add_library(Loophole::${role} ALIAS loophole_${role})
endforeach()

set(installs ${PROJECT_IS_TOP_LEVEL})
if(LOOPHOLE_SANITIZE OR LOOPHOLE_FUZZ)
  set(installs OFF)
endif()
option(LOOPHOLE_INSTALL "Install the SDK, and the programs where they are built" ${installs})
if(NOT LOOPHOLE_INSTALL)
  return()
endif()

set(objects "")
foreach(layer ${LOOPHOLE_LAYERS})
  list(APPEND objects $<TARGET_OBJECTS:loophole_${layer}>)
endforeach()

# One archive: who uses one role links the objects of that role alone.
add_library(loophole_static STATIC ${objects})
add_library(loophole_shared SHARED ${objects})
set(exports "${CMAKE_CURRENT_LIST_DIR}/loophole.map")
target_link_options(loophole_shared PRIVATE "LINKER:--version-script=${exports}" "LINKER:--no-undefined")
set_target_properties(loophole_shared PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} # until 1.0 each minor version may change the ABI
  LINK_DEPENDS "${exports}")
foreach(kind static shared)
  set_target_properties(loophole_${kind} PROPERTIES OUTPUT_NAME loophole EXPORT_NAME loophole_${kind} LINKER_LANGUAGE CXX)
  target_include_directories(loophole_${kind} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(loophole_${kind} INTERFACE cxx_std_20)
  foreach(layer ${LOOPHOLE_LAYERS})
    add_dependencies(loophole_${kind} loophole_${layer})
  endforeach()
endforeach()
target_link_libraries(loophole_shared PRIVATE PkgConfig::libzmq PkgConfig::libsodium PkgConfig::kissfft Threads::Threads)
# By pkg-config's names; the package config finds them again.
target_link_libraries(loophole_static
  INTERFACE "$<INSTALL_INTERFACE:PkgConfig::loophole_dependencies>" "$<INSTALL_INTERFACE:Threads::Threads>")

install(TARGETS loophole_static loophole_shared EXPORT LoopholeTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/cpp/include/" "${PROJECT_BINARY_DIR}/generated/include/"
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/Loophole")
install(EXPORT LoopholeTargets NAMESPACE Loophole:: DESTINATION ${package})
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/LoopholeConfig.cmake.in" "${PROJECT_BINARY_DIR}/LoopholeConfig.cmake"
                              INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/LoopholeConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/LoopholeConfig.cmake" "${PROJECT_BINARY_DIR}/LoopholeConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/LoopholeConformance.cmake" DESTINATION ${package})

file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" up "${up}")
set(for_aura "user interfaces")
set(for_pulse "project servers")
set(for_signal "engines")
foreach(role ${LOOPHOLE_ROLES})
  set(audience "${for_${role}}")
  configure_file("${CMAKE_CURRENT_LIST_DIR}/loophole.pc.in" "${PROJECT_BINARY_DIR}/loophole-${role}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/loophole-${role}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# For authors in other languages, and for who generates code of their own.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/schemas" "${PROJECT_SOURCE_DIR}/protocol" "${PROJECT_SOURCE_DIR}/conformance/vectors"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/loophole PATTERN "*.pyc" EXCLUDE)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/loophole)

# loophole_install_program(NAME PURPOSE): the program, where it is built, and, where help2man is, the manual page that its --help makes.
find_program(LOOPHOLE_HELP2MAN help2man)
function(loophole_install_program name purpose)
  if(NOT TARGET ${name})
    return()
  endif()
  get_target_property(imported ${name} IMPORTED)
  if(imported) # LOOPHOLE_SCHEMA_PROGRAM: somebody else's to install
    return()
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  if(NOT LOOPHOLE_HELP2MAN)
    return()
  endif()
  set(page "${PROJECT_BINARY_DIR}/man/${name}.1")
  add_custom_command(
    OUTPUT "${page}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${PROJECT_BINARY_DIR}/man"
    COMMAND "${LOOPHOLE_HELP2MAN}" --no-info --name "${purpose}" --source "Loophole ${PROJECT_VERSION}" --output "${page}" "$<TARGET_FILE:${name}>"
    DEPENDS ${name}
    COMMENT "Manual page of ${name}"
    VERBATIM)
  add_custom_target(${name}-man ALL DEPENDS "${page}")
  install(FILES "${page}" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()
