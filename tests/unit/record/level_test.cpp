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
      {"dbg", "DEBUG"},          {"Verbose", "DEBUG"},      {"trc", "TRACE"},
      {"SEVERE", "ERROR"},       {"ERRO", "ERROR"},         {"FATA", "FATAL"},
      {"DEBU", "DEBUG"},         {"DEBG", "DEBUG"},         {"TRCE", "TRACE"},
      {"FINE", "DEBUG"},         {"FINER", "TRACE"},        {"FINEST", "TRACE"},
      {"CONFIG", "DEBUG"},       {"silly", "TRACE"},        {"http", "INFO"},
      {"NOTICE", "INFO"},        {"LOG", "INFO"},           {"alert", "CRITICAL"},
      {"crit", "CRITICAL"},      {"dpanic", "CRITICAL"},    {"panic", "CRITICAL"},
      {"EMERGENCY", "CRITICAL"}, {"ftl", "FATAL"},          {"ERROR+2", "ERROR"},
      {"DEBUG-4", "DEBUG"},      {"warn+12", "WARNING"},    {"Information+1", "INFO"},
  }));
  const auto level = parse_level(text);
  REQUIRE(level);
  CHECK(level_text(*level) == canonical);
}

TEST_CASE("level: other texts are no level", "[level]") {
  for (const char* text : {"", " ", "inf0", "information!", "errors", "ERROR+", "ERROR+2x", "+2",
                           "-", "e", "billing", "\x12\x0E\x06\x0F", "ERROR 2", "40", "[info]"}) {
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

TEST_CASE("level: a value may be one letter, decorated or coloured", "[level]") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"E", "ERROR"},
      {"w", "WARNING"},
      {"F", "FATAL"},
      {"I", "INFO"},
      {"D2", "DEBUG"},
      {"Warning ", "WARNING"},
      {"  info  ", "INFO"},
      {"[error]", "ERROR"},
      {"<crit>", "CRITICAL"},
      {"ERROR:", "ERROR"},
      {"LogLevel.ERROR", "ERROR"},
      {"logging.Level.WARN", "WARNING"},
      {"\x1b[32minfo\x1b[39m", "INFO"},
      {"\\u001b[1;31mERROR\\u001b[0m", "ERROR"},
      {"\\u001b[31m[ERROR+2]\\u001b[0m", "ERROR"},
  }));
  CAPTURE(text);
  const auto level = read_level(text);
  REQUIRE(level);
  CHECK(level_text(*level) == canonical);
  for (const char* other : {"", " ", "x", "not found", "error in the log", "disk.usage", "[]", "40",
                            "error code 5", "in.put", "\x1b[31mred\x1b[0m"}) {
    CAPTURE(other);
    CHECK_FALSE(read_level(other));
  }
}

TEST_CASE("level: a number means what its writer's scale says", "[level]") {
  using Scale = LevelScale;
  const auto [scale, number, canonical] = GENERATE(table<Scale, double, std::string>({
      {Scale::pino, 10, "TRACE"},          {Scale::pino, 20, "DEBUG"},
      {Scale::pino, 30, "INFO"},           {Scale::pino, 35, "INFO"},
      {Scale::pino, 40, "WARNING"},        {Scale::pino, 50, "ERROR"},
      {Scale::pino, 60, "FATAL"},          {Scale::pino, 1e300, "FATAL"},
      {Scale::pino, -1, "TRACE"},          {Scale::python, 30, "WARNING"},
      {Scale::monolog, 100, "DEBUG"},      {Scale::monolog, 250, "INFO"},
      {Scale::monolog, 300, "WARNING"},    {Scale::monolog, 400, "ERROR"},
      {Scale::monolog, 550, "CRITICAL"},   {Scale::log4j, 100, "FATAL"},
      {Scale::log4j, 200, "ERROR"},        {Scale::log4j, 300, "WARNING"},
      {Scale::log4j, 400, "INFO"},         {Scale::log4j, 500, "DEBUG"},
      {Scale::log4j, 600, "TRACE"},        {Scale::logback, 5000, "TRACE"},
      {Scale::logback, 10000, "DEBUG"},    {Scale::logback, 20000, "INFO"},
      {Scale::logback, 30000, "WARNING"},  {Scale::logback, 40000, "ERROR"},
      {Scale::logback, 50000, "FATAL"},    {Scale::jul, 300, "TRACE"},
      {Scale::jul, 500, "DEBUG"},          {Scale::jul, 800, "INFO"},
      {Scale::jul, 900, "WARNING"},        {Scale::jul, 1000, "ERROR"},
      {Scale::dotnet, 0, "TRACE"},         {Scale::dotnet, 2, "INFO"},
      {Scale::dotnet, 4, "ERROR"},         {Scale::dotnet, 5, "CRITICAL"},
      {Scale::syslog, 0, "CRITICAL"},      {Scale::syslog, 3, "ERROR"},
      {Scale::syslog, 4, "WARNING"},       {Scale::syslog, 5, "INFO"},
      {Scale::syslog, 7, "DEBUG"},         {Scale::opentelemetry, 1, "TRACE"},
      {Scale::opentelemetry, 9, "INFO"},   {Scale::opentelemetry, 13, "WARNING"},
      {Scale::opentelemetry, 17, "ERROR"}, {Scale::opentelemetry, 24, "FATAL"},
      {Scale::slog, -4, "DEBUG"},          {Scale::slog, 0, "INFO"},
      {Scale::slog, 4, "WARNING"},         {Scale::slog, 8, "ERROR"},
      {Scale::google, 500, "ERROR"},       {Scale::google, 800, "CRITICAL"},
      {Scale::unknown, 30, "INFO"},        {Scale::unknown, 50, "ERROR"},
      {Scale::unknown, 100, "DEBUG"},      {Scale::unknown, 200, "INFO"},
      {Scale::unknown, 400, "INFO"},       {Scale::unknown, 600, "TRACE"},
      {Scale::unknown, 1000, "ERROR"},     {Scale::unknown, 40000, "ERROR"},
      {Scale::unknown, 3, "TRACE"},        {Scale::unknown, 1e300, "INFO"},
  }));
  CAPTURE(static_cast<int>(scale), number);
  CHECK(level_text(level_from_number(number, scale)) == canonical);
}

TEST_CASE("level: a set tells a step between two levels by its name", "[level]") {
  const LevelSet notices({"notice"});
  CHECK(notices.contains(*parse_level("NOTICE"), "NOTICE"));
  CHECK_FALSE(notices.contains({LevelName::info, 20}, "INFO"));
  const LevelSet rest({"others"}, {"notice"});
  CHECK(rest.contains({LevelName::info, 20}, "INFO"));
  CHECK_FALSE(rest.contains(*parse_level("NOTICE"), "NOTICE"));
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
