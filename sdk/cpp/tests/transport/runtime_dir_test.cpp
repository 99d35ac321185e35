// The run-time directory is private or refused.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support.hpp"

using namespace loophole;
using test::Environment;
using test::TempFolder;
namespace fs = std::filesystem;

namespace {
unsigned mode_of(const fs::path& path) {
  struct stat found {};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}
}  // namespace

TEST_CASE("a missing run-time directory is made with mode 0700, with its parents") {
  const TempFolder folder;
  const fs::path wanted = folder.path() / "a" / "b";
  const Environment environment("LOOPHOLE_RUNTIME_DIR", wanted.string());
  const auto made = net::runtime_dir();
  REQUIRE(made);
  CHECK(*made == wanted);
  CHECK(mode_of(wanted) == 0700);
  CHECK(net::runtime_dir());  // and used again
}

TEST_CASE("a run-time directory that others can read is refused") {
  const TempFolder folder;
  const fs::path open = folder.path() / "open";
  REQUIRE(::mkdir(open.c_str(), 0755) == 0);
  REQUIRE(::chmod(open.c_str(), 0755) == 0);
  const Environment environment("LOOPHOLE_RUNTIME_DIR", open.string());
  const auto refused = net::runtime_dir();
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kSessionRuntimeDir));
  CHECK(refused.error().message.find("chmod 700 " + open.string()) != std::string::npos);
}

TEST_CASE("a symbolic link is no run-time directory") {
  const TempFolder folder;
  const fs::path real = folder.path() / "real";
  REQUIRE(::mkdir(real.c_str(), 0700) == 0);
  fs::create_symlink(real, folder.path() / "link");
  for (const char* spelling : {"link", "link/"}) {
    CAPTURE(spelling);
    const Environment environment("LOOPHOLE_RUNTIME_DIR", (folder.path() / spelling).string());
    const auto refused = net::runtime_dir();
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kSessionRuntimeDir));
    CHECK(refused.error().message.find("symbolic link") != std::string::npos);
  }
}

TEST_CASE("a file is no run-time directory") {
  const TempFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const Environment environment("LOOPHOLE_RUNTIME_DIR", (folder.path() / "file").string());
  const auto refused = net::runtime_dir();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("not a directory") != std::string::npos);
}

TEST_CASE("a directory of another user is refused") {
  if (::geteuid() != 0) {
    MESSAGE("left out: only root can give a directory away");
    return;
  }
  const TempFolder folder;
  const fs::path foreign = folder.path() / "foreign";
  REQUIRE(::mkdir(foreign.c_str(), 0700) == 0);
  REQUIRE(::chown(foreign.c_str(), 12345, 12345) == 0);
  const Environment environment("LOOPHOLE_RUNTIME_DIR", foreign.string());
  const auto refused = net::runtime_dir();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("another user") != std::string::npos);
}

TEST_CASE("the directory is found by environment, in the order that is told") {
  const TempFolder folder;
  const Environment none("LOOPHOLE_RUNTIME_DIR", std::nullopt);
  const Environment temporary("TMPDIR", folder.path().string());
  SUBCASE("below XDG_RUNTIME_DIR") {
    const Environment xdg("XDG_RUNTIME_DIR", folder.path().string());
    CHECK(net::runtime_dir().value() == folder.path() / "loophole");
  }
  SUBCASE("below the temporary directory when there is no XDG_RUNTIME_DIR") {
    const Environment xdg("XDG_RUNTIME_DIR", std::nullopt);
    CHECK(net::runtime_dir().value() == folder.path() / ("loophole-" + std::to_string(::geteuid())));
  }
  SUBCASE("below the temporary directory when XDG_RUNTIME_DIR leads nowhere") {
    const Environment xdg("XDG_RUNTIME_DIR", (folder.path() / "missing").string());
    CHECK(net::runtime_dir().value() == folder.path() / ("loophole-" + std::to_string(::geteuid())));
  }
}

TEST_CASE("sessions have a private folder each") {
  const test::TempRuntime runtime;
  const auto folder = net::session_dir("my-session_1");
  REQUIRE(folder);
  CHECK(*folder == runtime.path() / "my-session_1");
  CHECK(mode_of(*folder) == 0700);
}

TEST_CASE("session names are checked before they become part of a path") {
  const test::TempRuntime runtime;
  CHECK(net::session_dir(std::string(32, 's')));
  for (const std::string& name : {std::string(), std::string(33, 's'), std::string(".."), std::string("a/b"), std::string("a b"),
                                  std::string("ä"), std::string("a\0b", 3)}) {
    CAPTURE(name);
    const auto refused = net::session_dir(name);
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kSessionRuntimeDir));
  }
}

TEST_CASE("a path that is too long for sockets is refused where it is made") {
  const TempFolder folder;
  const Environment environment("LOOPHOLE_RUNTIME_DIR", (folder.path() / std::string(90, 'x')).string());
  const auto refused = net::session_dir("default");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("shorter") != std::string::npos);
}
