#include "record/level.hpp"

#include <limits>
#include <string>

#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("level: fapilog's names have fapilog's severities", "[level]") {
  const auto [text, severity] = GENERATE(table<std::string, int>({{"TRACE", 5},
                                                                  {"DEBUG", 10},
                                                                  {"INFO", 20},
                                                                  {"WARNING", 30},
                                                                  {"ERROR", 40},
                                                                  {"CRITICAL", 50},
                                                                  {"FATAL", 50},
                                                                  {"AUDIT", 60},
                                                                  {"SECURITY", 70}}));
  const auto level = parse_level(text);
  REQUIRE(level);
  CHECK(level->severity == severity);
  CHECK(level_text(*level) == text);
}

TEST_CASE("level: names are known in any case and by their aliases", "[level]") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"warn", "WARNING"},       {"Warn", "WARNING"},       {"WARNING", "WARNING"},
      {"wrn", "WARNING"},        {"err", "ERROR"},          {"eRRoR", "ERROR"},
      {"Information", "INFO"},   {"informational", "INFO"}, {"inf", "INFO"},
      {"dbg", "DEBUG"},          {"Verbose", "TRACE"},      {"trc", "TRACE"},
      {"crit", "CRITICAL"},      {"dpanic", "CRITICAL"},    {"panic", "CRITICAL"},
      {"EMERGENCY", "CRITICAL"}, {"ftl", "FATAL"},          {"ERROR+2", "ERROR"},
      {"DEBUG-4", "DEBUG"},      {"warn+12", "WARNING"},    {"Information+1", "INFO"},
  }));
  const auto level = parse_level(text);
  REQUIRE(level);
  CHECK(level_text(*level) == canonical);
}

TEST_CASE("level: other texts are no level", "[level]") {
  for (const char* text :
       {"", " ", "inf0", "information!", "errors", "erro", "ERROR+", "ERROR+2x", "+2", "-", "e",
        "notice", "\x12\x0E\x06\x0F", "ERROR 2", "40", "[info]"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_level(text));
  }
  CHECK_FALSE(parse_level(std::string(100'000, '1')));
  CHECK_FALSE(parse_level(std::string("info\0", 5)));
}

TEST_CASE("level: Python's numbers fall into the level below them", "[level]") {
  CHECK(level_from_python_number(10) == Level{LevelName::debug, 10});
  CHECK(level_from_python_number(20) == Level{LevelName::info, 20});
  CHECK(level_from_python_number(25) == Level{LevelName::info, 25});
  CHECK(level_from_python_number(39.9) == Level{LevelName::warning, 39});
  CHECK(level_from_python_number(50) == Level{LevelName::critical, 50});
  CHECK(level_from_python_number(60) == Level{LevelName::audit, 60});
  CHECK(level_from_python_number(70) == Level{LevelName::security, 70});
  CHECK(level_from_python_number(0) == Level{LevelName::trace, 0});
  CHECK(level_from_python_number(-5) == Level{LevelName::trace, 0});
  CHECK(level_from_python_number(1e300) == Level{LevelName::security, 99});
  CHECK(level_from_python_number(std::numeric_limits<double>::quiet_NaN()).severity == 20);
}

TEST_CASE("level: pino's numbers are ten above", "[level]") {
  CHECK(level_from_pino_number(10) == Level{LevelName::trace, 5});
  CHECK(level_from_pino_number(20) == Level{LevelName::debug, 10});
  CHECK(level_from_pino_number(30) == Level{LevelName::info, 20});
  CHECK(level_from_pino_number(35) == Level{LevelName::info, 25});
  CHECK(level_from_pino_number(40) == Level{LevelName::warning, 30});
  CHECK(level_from_pino_number(50) == Level{LevelName::error, 40});
  CHECK(level_from_pino_number(60) == Level{LevelName::fatal, 50});
  CHECK(level_from_pino_number(1e300) == Level{LevelName::fatal, 50});
  CHECK(level_from_pino_number(-1) == Level{LevelName::trace, 0});
}

TEST_CASE("level: a set matches known names by meaning and unknown ones by text", "[level]") {
  const LevelSet set({"warn", "Fatal", "Notice"});
  CHECK_FALSE(set.empty());
  CHECK(set.contains({LevelName::warning, 30}, "WARNING"));
  CHECK(set.contains({LevelName::fatal, 50}, ""));
  CHECK_FALSE(set.contains({LevelName::critical, 50}, "CRITICAL"));
  CHECK(set.contains({LevelName::other, 20}, "NOTICE"));
  CHECK_FALSE(set.contains({LevelName::other, 20}, "NOTICES"));
  CHECK_FALSE(set.contains({LevelName::info, 20}, "notice"));
  CHECK(LevelSet().empty());
  CHECK_FALSE(LevelSet().contains({LevelName::error, 40}, "ERROR"));
}

TEST_CASE("level: a catch-all matches what the others do not name", "[level]") {
  const LevelSet set({"others", "audit"}, {"err", "Notice", "audit"});
  CHECK(set.contains({LevelName::info, 20}, "INFO"));
  CHECK_FALSE(set.contains({LevelName::error, 40}, "ERROR"));
  CHECK(set.contains({LevelName::audit, 60}, "AUDIT"));
  CHECK(set.contains({LevelName::other, 20}, "LOUD"));
  CHECK_FALSE(set.contains({LevelName::other, 20}, "NOTICE"));
}

}  // namespace
}  // namespace ship
