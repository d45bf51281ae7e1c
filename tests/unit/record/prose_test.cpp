// A level's word in running prose is not a level: shown on the project's own documents and comments.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "record/text_line.hpp"
#include "tests/catch.hpp"
#include "tests/unit/allocations.hpp"

namespace ship {
namespace {

const std::filesystem::path kTree = SHIP_TEST_DATA "/../..";

/// What a line says: a document's as it is, of code the comment alone.
std::string said(const std::string& line, bool code) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  if (!code) return line;
  if (line.compare(first, 2, "//") != 0) return {};
  const std::size_t text = line.find_first_not_of("/ ", first);
  return text == std::string::npos ? "" : line.substr(text);
}

std::vector<std::string> prose() {
  std::vector<std::string> lines;
  const auto read = [&lines](const std::filesystem::path& path, bool code) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      std::string text = said(line, code);
      if (text.size() > 8) lines.push_back(std::move(text));
    }
  };
  for (const char* document : {"README.md", "CHANGELOG.md", "src/README.md", "tests/README.md",
                               "packaging/man/fapilog-ship.1", "packaging/doc/presets.md"}) {
    read(kTree / document, false);
  }
  for (const char* folder : {"src", "cli", "config", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kTree / folder)) {
      const auto extension = entry.path().extension();
      if (extension == ".cpp" || extension == ".hpp") read(entry.path(), true);
    }
  }
  return lines;
}

TEST_CASE("text line: at most one line of prose in two hundred gets a level", "[text]") {
  const std::vector<std::string> lines = prose();
  REQUIRE(lines.size() > 4000);
  TimeParser times;
  std::size_t levels = 0;
  std::string taken;
  for (const std::string& line : lines) {
    if (!read_text_line(line, times).has_level) continue;
    ++levels;
    taken += line + "\n";
  }
  INFO(taken);
  CHECK(levels * 200 <= lines.size());
}

TEST_CASE("text line: looking for level and time allocates nothing", "[text]") {
  TimeParser times;
  const std::vector<std::string> lines = {
      "2026-01-02 03:04:05,678 ERROR orders: no",
      "time=2026-01-02T03:04:05Z level=warn msg=\"a b\"", "Jan  2 03:04:05 host app[42]: no",
      "[Fri Jan 02 03:04:05.678 2026] [core:error] no",
      "nothing at all, and that at some length, so that no short string would do"};
  const auto before = allocations_of_this_thread();
  for (const std::string& line : lines) read_text_line(line, times);
  CHECK(allocations_of_this_thread() == before);
}

}  // namespace
}  // namespace ship
