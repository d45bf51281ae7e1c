// packaging/doc/loggers.md tells what the table of dialects tells.
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "record/dialects.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

const std::string kPage = SHIP_TEST_DATA "/../../packaging/doc/loggers.md";

std::string joined(std::string_view list, std::string_view between) {
  std::string text;
  for_each_path(list, [&](std::string_view path) {
    const bool weak = path.ends_with('?');
    if (weak) path.remove_suffix(1);
    if (!text.empty()) text += between;
    std::string shown = "`";
    for (const char c : path) {
      if (c == '|') {
        shown += "` or `";
      } else if (c == '+') {
        shown += "` + `";
      } else {
        shown += c;
      }
    }
    shown += '`';
    text += weak ? "(" + shown + ")" : shown;
  });
  return text;
}

std::string scale_text(LevelScale scale) {
  constexpr std::array<std::pair<LevelScale, const char*>, 13> kTexts = {
      {{LevelScale::unknown, ""},
       {LevelScale::python, "10 DEBUG … 50 CRITICAL"},
       {LevelScale::pino, "10 trace … 60 fatal"},
       {LevelScale::monolog, "100 DEBUG … 600 EMERGENCY"},
       {LevelScale::log4j, "100 FATAL … 600 TRACE"},
       {LevelScale::logback, "5000 TRACE … 50000 FATAL"},
       {LevelScale::jul, "300 FINEST … 1000 SEVERE"},
       {LevelScale::dotnet, "0 Trace … 5 Critical"},
       {LevelScale::syslog, "0 emerg … 7 debug"},
       {LevelScale::opentelemetry, "1 TRACE … 24 FATAL4"},
       {LevelScale::slog, "-4 DEBUG … 8 ERROR"},
       {LevelScale::google, "100 DEBUG … 800 EMERGENCY"},
       {LevelScale::consola, "0 error … 5 trace"}}};
  for (const auto& [known, text] : kTexts) {
    if (known == scale) return text;
  }
  return "";
}

std::string tables() {
  std::string found = "| source | known by | level | its numbers | time |\n|---|---|---|---|---|\n";
  std::string told =
      "| source | message | logger | exception | trace id |\n|---|---|---|---|---|\n";
  const auto cell = [](std::string& row, const std::string& text) {
    row += text.empty() ? " |" : " " + text + " |";
  };
  for (const Dialect& one : dialects()) {
    found += "| " + std::string(one.name) + " |";
    cell(found, joined(one.marks, ", "));
    std::string level = joined(one.level, ", ");
    if (!one.error_key.empty()) level = "ERROR where `" + std::string(one.error_key) + "` is there";
    cell(found, level);
    cell(found, scale_text(one.scale));
    cell(found, joined(one.time, ", "));
    found += '\n';
    told += "| " + std::string(one.name) + " |";
    for (const std::string_view list : {one.message, one.logger, one.exception, one.trace_id}) {
      cell(told, joined(list, ", "));
    }
    told += '\n';
  }
  return "\n" + found + "\n" + told + "\n";
}

TEST_CASE("generated files: the page of loggers agrees with the table of dialects",
          "[dialects][generated]") {
  std::stringstream page;
  page << std::ifstream(kPage, std::ios::binary).rdbuf();
  std::string text = page.str();
  const std::size_t comment = text.find("<!-- The tables");
  const std::size_t begin = text.find('\n', comment) + 1;
  const std::size_t end = text.find("<!-- end -->");
  REQUIRE(comment < end);
  REQUIRE(end < text.size());
  if (std::getenv("SHIP_UPDATE") != nullptr) {
    text.replace(begin, end - begin, tables());
    std::ofstream(kPage, std::ios::binary) << text;
    return;
  }
  INFO("run ship_tests \"[generated]\" with SHIP_UPDATE=1 in the environment to write it anew");
  CHECK(text.substr(begin, end - begin) == tables());
}

}  // namespace
}  // namespace ship
