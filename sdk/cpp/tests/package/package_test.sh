#!/usr/bin/env bash
# The package as others use it: installs the build into an empty folder and builds the examples against it, outside of the tree.
#
#   package_test.sh SOURCE BUILD find-package|add-subdirectory|headers
set -euo pipefail
source=$1 build=$2 way=$3
folder=$(mktemp -d)
pulse=
clean() {
  [ -z "$pulse" ] || { kill "$pulse" 2>/dev/null && wait "$pulse"; } || true
  rm -rf "$folder"
}
trap clean EXIT
die() {
  printf '%s\n' "$*" >&2
  exit 1
}
prefix=$folder/prefix
cmake --install "$build" --prefix "$prefix" >"$folder/install.log" || die "$(cat "$folder/install.log")"

# A session of the installed programs, which the examples use.
serve() {
  export LOOPHOLE_RUNTIME_DIR=$folder/run
  mkdir -m 700 "$LOOPHOLE_RUNTIME_DIR"
  "$prefix/bin/loophole-pulse" --session package --project "$folder/song.loophole" --driver paced >"$folder/pulse.log" 2>&1 &
  pulse=$!
}
try() { # PROGRAM: does what the README shows
  [[ "$("$1" package)" == *" Hz at revision "* ]] || die "$1 did not drag the cutoff; $(cat "$folder/pulse.log")"
}
configure_and_build() { # NAME SOURCE TARGET options…
  local name=$1 from=$2 target=$3
  shift 3
  cmake -S "$from" -B "$folder/$name" -G Ninja -DCMAKE_BUILD_TYPE=Debug "$@" >"$folder/$name.log" 2>&1 || die "$(cat "$folder/$name.log")"
  cmake --build "$folder/$name" -j2 ${target:+--target $target} >"$folder/$name.log" 2>&1 || die "$(tail -n 40 "$folder/$name.log")"
}

# A vendor's project with the CTest helper: an engine that is good, and one that is none.
vendor() { # PREAMBLE options…
  local preamble=$1
  shift
  mkdir "$folder/vendor-source"
  cat >"$folder/vendor-source/CMakeLists.txt" <<EOT
cmake_minimum_required(VERSION 3.22)
project(Vendor LANGUAGES CXX)
$preamble
enable_testing()
set(words --control {control} --stream {stream} --telemetry {telemetry} --driver paced --log-level warn)
loophole_add_conformance_test(NAME good ROLE signal COMMAND $prefix/bin/loophole-signal \${words})
loophole_add_conformance_test(NAME none ROLE signal COMMAND /bin/true \${words})
EOT
  configure_and_build vendor "$folder/vendor-source" "" "$@"
  local status=0
  ctest --test-dir "$folder/vendor" >"$folder/vendor.log" 2>&1 || status=$?
  [ "$status" != 0 ] || die "a peer that exits at once passed: $(cat "$folder/vendor.log")"
  grep -E ' none \.+\*\*\*Failed' "$folder/vendor.log" >/dev/null || die "$(cat "$folder/vendor.log")"
  grep -E ' good \.+ +Passed' "$folder/vendor.log" >/dev/null ||
    die "the reference engine did not pass: $(cat "$folder/vendor.log"; grep -A 6 '<failure' "$folder/vendor/good.xml")"
  grep -F 'signal: conformant (required)' "$folder/vendor/good.svg" >/dev/null || die "the badge of a good engine is not green"
  grep -F 'did not start' "$folder/vendor/none.svg" >/dev/null || die "the badge of no engine says something else"
  [ -s "$folder/vendor/good.html" ] || die "there is no page"
}

case $way in
  find-package)
    ! grep -rlF -e "$source" -e "$build" "$prefix/include" "$prefix/lib/cmake" "$prefix/lib/pkgconfig" "$prefix/share/man" ||
      die "these files name the folder that they were built in"
    strangers=$(nm -DC --defined-only "$prefix"/lib/libloophole.so | grep -vE '^[0-9a-f]+ [A-Za-z] ((vtable|typeinfo|typeinfo name) for )?loophole::' || true)
    [ -z "$strangers" ] || die "libloophole.so lets out what is not its own: $strangers"
    readelf -d "$prefix"/lib/libloophole.so | grep 'SONAME.*libloophole\.so\.[0-9]' >/dev/null || die "libloophole.so has no soname with a version"
    for page in loophole-pulse loophole-signal aura-cli loophole-schema loophole-conformance; do
      [ -s "$prefix/share/man/man1/$page.1" ] || die "no manual page of $page"
    done
    [ -s "$prefix/share/loophole/vectors/manifest.json" ] || die "no golden vectors"

    serve
    configure_and_build static "$source/examples" "" -DCMAKE_PREFIX_PATH="$prefix"
    try "$folder/static/example-first_steps"
    configure_and_build shared "$source/examples" example-first_steps -DCMAKE_PREFIX_PATH="$prefix" -DBUILD_SHARED_LIBS=ON
    ldd "$folder/shared/example-first_steps" | grep -F "$prefix/lib/libloophole.so" >/dev/null || die "BUILD_SHARED_LIBS did not link the shared library"
    try "$folder/shared/example-first_steps"

    ! grep -aqF -e "$source" -e "$build" "$prefix/bin/loophole-conformance" || die "loophole-conformance names the folder that it was built in"
    vendor "find_package(Loophole REQUIRED COMPONENTS shared)" -DCMAKE_PREFIX_PATH="$prefix"

    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    by_pkg_config() { # NAME WORDS…: as docs/getting-started.md says
      local name=$1
      shift
      "${CXX:-c++}" -std=c++20 "$source/examples/first_steps/main.cpp" -o "$folder/$name" "$@"
      (unset LD_LIBRARY_PATH && try "$folder/$name")
    }
    # shellcheck disable=SC2046
    by_pkg_config by-pkg-config $(pkg-config --cflags --libs loophole-aura) -Wl,-rpath,"$prefix/lib"
    ldd "$folder/by-pkg-config" | grep -F "$prefix/lib/libloophole.so" >/dev/null || die "pkg-config did not link the shared library"
    # shellcheck disable=SC2046
    by_pkg_config by-pkg-config-static $(pkg-config --cflags --libs loophole-aura libzmq libsodium kissfft-float | sed 's/-lloophole/-l:libloophole.a/')
    ! ldd "$folder/by-pkg-config-static" | grep libloophole >/dev/null || die "the static library was not linked"
    ;;
  add-subdirectory)
    mkdir "$folder/consumer"
    cat >"$folder/consumer/CMakeLists.txt" <<EOT
cmake_minimum_required(VERSION 3.22)
project(Consumer LANGUAGES CXX)
add_subdirectory("$source" loophole)
add_executable(consumer "$source/examples/first_steps/main.cpp")
target_link_libraries(consumer PRIVATE Loophole::aura)
enable_testing()
loophole_add_conformance_test(NAME judged ROLE signal LEVEL strict COMMAND consumer --control {control})
EOT
    configure_and_build inside "$folder/consumer" consumer -DLOOPHOLE_SCHEMA_PROGRAM="$prefix/bin/loophole-schema" \
      -DLOOPHOLE_CONFORMANCE_PROGRAM="$prefix/bin/loophole-conformance"
    ctest --test-dir "$folder/inside" -N -V -R '^judged$' >"$folder/tests.log"
    grep -F -- " $prefix/bin/loophole-conformance \"run\" \"--role\" \"signal\" \"--level\" \"strict\"" "$folder/tests.log" >/dev/null &&
      grep -F -- "\"--\" \"$folder/inside/consumer\" \"--control\" \"{control}\"" "$folder/tests.log" >/dev/null || die "$(cat "$folder/tests.log")"
    serve
    try "$folder/inside/consumer"
    ;;
  headers) # each by itself, as installed
    cd "$prefix/include"
    find . -name '*.hpp' -print0 | xargs -0 -P 2 -I {} sh -c 'echo "#include \"{}\"" | "$0" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I . -x c++ - || { echo "{} does not compile alone" >&2; exit 1; }' "${CXX:-c++}"
    ;;
  *) die "unknown way '$way'" ;;
esac
