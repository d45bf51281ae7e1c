#include "input/follow/file_pattern.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

TEST_CASE("file pattern: a plain path is itself, and its directory is the place to look",
          "[follow]") {
  const FilePattern pattern("/nowhere/at/all.log");
  CHECK(!pattern.has_wildcards());
  CHECK(pattern.paths() == std::vector<std::string>{"/nowhere/at/all.log"});
  CHECK(pattern.directories() == std::vector<std::string>{"/nowhere/at"});
  CHECK(FilePattern("app.log").directories() == std::vector<std::string>{"."});
}

TEST_CASE("file pattern: it finds what fits now, and every directory that may lead to more",
          "[follow]") {
  const TemporaryDirectory directory;
  const std::string& root = directory.path();
  for (const char* name : {"/a", "/b", "/b/deep"}) std::filesystem::create_directory(root + name);
  for (const char* name : {"/a/1.log", "/b/2.log", "/b/2.txt", "/b/.log"}) {
    std::ofstream(root + name) << "x";
  }
  const FilePattern pattern(root + "/*/*.log");
  CHECK(sorted(pattern.paths()) == std::vector{root + "/a/1.log", root + "/b/2.log"});
  CHECK(sorted(pattern.directories()) == std::vector{root, root + "/a", root + "/b"});
  const FilePattern braces(root + "/{a,b}/[12].{log,txt}");
  CHECK(sorted(braces.paths()) ==
        std::vector{root + "/a/1.log", root + "/b/2.log", root + "/b/2.txt"});
}
