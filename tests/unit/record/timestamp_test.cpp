#include "record/timestamp.hpp"

#include <cstdint>
#include <ctime>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace ship {
namespace {

constexpr WallNanos kSecond = 1'000'000'000;

TEST_CASE("timestamp: reads RFC 3339 and its neighbours", "[timestamp]") {
  const auto [text, nanos] = GENERATE(table<std::string, WallNanos>({
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:01.5Z", kSecond + 500'000'000},
      {"1969-12-31T23:59:59.5Z", -500'000'000},
      {"2026-11-22T09:09:09.624Z", 1795338549'624'000'000},
      {"2026-11-22t09:09:09.624z", 1795338549'624'000'000},
      {"2026-11-22 09:09:09,624", 1795338549'624'000'000},
      {"2026-11-22T09:09:09.624", 1795338549'624'000'000},
      {"2026-11-22T09:09:09.624123456Z", 1795338549'624'123'456},
      {"2026-11-22T09:09:09.6241234569999Z", 1795338549'624'123'456},
      {"2026-11-22T11:09:09+02:00", 1795338549 * kSecond},
      {"2026-11-22T11:09:09+0200", 1795338549 * kSecond},
      {"2026-11-22T11:09:09+02", 1795338549 * kSecond},
      {"2026-11-22T04:39:09-04:30", 1795338549 * kSecond},
      {"2026-11-22 11:09:09 +0200", 1795338549 * kSecond},
      {"2026-11-22 09:09:09 UTC", 1795338549 * kSecond},
      {"2024-02-29T00:00:00Z", 1709164800 * kSecond},
      {"2000-02-29T00:00:00Z", 951782400 * kSecond},
      {"2016-12-31T23:59:60Z", 1483228800 * kSecond},
  }));
  CAPTURE(text);
  CHECK(parse_time(text) == nanos);
}

TEST_CASE("timestamp: other texts are no time", "[timestamp]") {
  for (const char* text : {"",
                           "now",
                           "2026-11-22",
                           "2026-11-22T09:09",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00X",
                           "2026-01-01T00:00:00ZZ",
                           "2026-01-01T00:00:00+1",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+01:60",
                           "2026-01-01T00:00:00+01:",
                           "2026-01-01T00:00:00+01:0",
                           "2026-01-01T00:00:00+01000",
                           "2O26-01-01T00:00:00Z",
                           "2026-01-01_00:00:00Z",
                           "9999-12-31T23:59:59Z",
                           "0001-01-01T00:00:00Z",
                           "12:30",
                           "1.2.3",
                           "-",
                           "1e",
                           "0x10",
                           "nan",
                           "inf",
                           "1 ",
                           " 1",
                           "--1",
                           "1700000000.5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("timestamp: the unit of an epoch is told by its magnitude", "[timestamp]") {
  const auto [text, nanos] = GENERATE(table<std::string, WallNanos>({
      {"1700000000", 1'700'000'000'000'000'000},
      {"1700000000.25", 1'700'000'000'250'000'000},
      {"1700000000.123456789123", 1'700'000'000'123'456'789},
      {"1700000000123", 1'700'000'000'123'000'000},
      {"1700000000123.5", 1'700'000'000'123'500'000},
      {"1700000000123456", 1'700'000'000'123'456'000},
      {"1700000000123456789", 1'700'000'000'123'456'789},
      {"1.7e9", 1'700'000'000'000'000'000},
      {"17E8", 1'700'000'000'000'000'000},
      {"1.7000000005e9", 1'700'000'000'500'000'000},
      {"1.7e12", 1'700'000'000'000'000'000},
  }));
  CAPTURE(text);
  CHECK(parse_epoch(text) == nanos);
}

TEST_CASE("timestamp: epochs out of range are no time", "[timestamp]") {
  for (const char* text : {"99999999999999999999999", "1e400", "-1e30", "9223372036854775808",
                           "92233720368547758070000", "", "0", "-1.5", "-1700000000", "20250504",
                           "99999999", "0.123", "1e7"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_epoch(text));
  }
  CHECK(parse_epoch("9223372036854775806") == std::numeric_limits<std::int64_t>::max() - 1);
}

TEST_CASE("timestamp: reads what other loggers write", "[timestamp]") {
  const std::string text = GENERATE(
      as<std::string>{}, "2026/01/02 03:04:05.678", "2026-01-02 03:04:05,678",
      "2026-01-02 03:04:05.678 +0000 UTC", "2026-01-02 03:04:05.678 +0000 UTC m=+0.000012",
      "2026-01-02T03:04:05.678 GMT", "2026-01-02T03:04:05.678Z[UTC]",
      "2026-01-02T04:04:05.678+01:00[Europe/Berlin]", "2026-01-02 04:04:05.678 CET",
      "02/Jan/2026:03:04:05.678 +0000", "02/Jan/2026:05:04:05.678 +0200",
      "Fri, 02 Jan 2026 03:04:05.678 GMT", "02 Jan 2026 03:04:05.678", "02-Jan-2026 03:04:05.678",
      "Fri Jan  2 03:04:05.678 2026", "Fri Jan  2 03:04:05.678 UTC 2026", "Jan  2 03:04:05.678",
      "Jan 02 03:04:05.678", "Jan 02, 2026 3:04:05.678 AM", "2026.01.02 03:04:05.678",
      "2-Jan-2026::03:04:05.678", "01-02 03:04:05.678", "1/2/2026, 3:04:05.678 AM",
      "01/02/2026, 3:04:05.678\xE2\x80\xAF"
      "AM",
      "260102 03:04:05.678");
  CAPTURE(text);
  TimeParser parser;
  parser.set_now(*parse_time("2026-03-01T00:00:00Z"));
  CHECK(parser.parse(text) == *parse_time("2026-01-02T03:04:05.678Z"));
}

TEST_CASE("timestamp: a time without a zone is one of the zone that is set", "[timestamp]") {
  TimeParser parser(TimeZone::parse("+02:00").value());
  for (const char* text : {"2026-01-02 03:04:05,678", "02 Jan 2026 03:04:05.678"}) {
    CHECK(parser.parse(text) == *parse_time("2026-01-02T01:04:05.678Z"));
  }
  CHECK(parser.parse("2026-01-02T03:04:05.678Z") == *parse_time("2026-01-02T03:04:05.678Z"));
  CHECK(TimeZone::parse("-0330").value().offset_at(0) == -12600);
  CHECK(TimeZone::parse("+2").value().offset_at(0) == 7200);
  CHECK(TimeZone::parse("UTC").value().offset_at(0) == 0);
  for (const char* text : {"", "CET/", "+", "+2:", "+25", "+02:60", "2", "+02:00:00", "+1x"}) {
    CAPTURE(text);
    CHECK_FALSE(TimeZone::parse(text));
  }
}

TEST_CASE("timestamp: a time without a year is the last one before now", "[timestamp]") {
  const auto [text, now, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"Dec 31 23:59:59", "2026-01-01T00:00:05Z", "2025-12-31T23:59:59Z"},
      {"Jan  1 00:00:30", "2025-12-31T23:59:59Z", "2026-01-01T00:00:30Z"},
      {"Mar  1 00:00:00", "2026-06-01T00:00:00Z", "2026-03-01T00:00:00Z"},
      {"Mar  1 00:00:00", "2024-06-01T00:00:00Z", "2024-03-01T00:00:00Z"},
      {"Feb 29 12:00:00", "2026-06-01T00:00:00Z", "2024-02-29T12:00:00Z"},
      {"Jun  2 12:00:00", "2026-06-01T00:00:00Z", "2025-06-02T12:00:00Z"},
  }));
  TimeParser parser;
  parser.set_now(*parse_time(now));
  CAPTURE(text, now);
  REQUIRE(parser.parse(text));
  CHECK(format_rfc3339(*parser.parse(text), 0) == expected);
}

TEST_CASE("timestamp: text of digits is an epoch", "[timestamp]") {
  CHECK(parse_time("1700000000") == 1'700'000'000 * kSecond);
  CHECK(parse_time("1700000000123") == 1'700'000'000'123 * (kSecond / 1000));
}

TEST_CASE("timestamp: writes what the C library writes, and reads it back",
          "[timestamp][property]") {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> seconds(-9'000'000'000, 9'000'000'000);
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t second = seconds(random);
    const std::int64_t nanos = static_cast<std::int64_t>(random() % 1'000'000'000);
    const std::time_t time = second;
    std::tm fields{};
    gmtime_r(&time, &fields);
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &fields);
    const WallNanos wall = second * kSecond + nanos;
    REQUIRE(format_rfc3339(wall, 0) == std::string(text) + "Z");
    const std::string whole = std::to_string(kSecond + nanos).substr(1);
    REQUIRE(format_rfc3339(wall, 3) == std::string(text) + "." + whole.substr(0, 3) + "Z");
    REQUIRE(parse_time(format_rfc3339(wall, 9)) == wall);
  }
  CHECK(format_rfc3339(std::numeric_limits<WallNanos>::max(), 9) ==
        "2262-04-11T23:47:16.854775807Z");
  CHECK(format_rfc3339(std::numeric_limits<WallNanos>::min(), 99) ==
        "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("timestamp: what was read before does not change what a text means",
          "[timestamp][property]") {
  // Two of each: only a remembered minute that is the same one to the last byte may be used again.
  const std::vector<std::string> minutes = {
      "2026-11-22T09:09:", "2026-11-22T09:10:", "2026-11-22 09:09:",   "2026-11-22t09:09:",
      "2026-11-31T09:09:", "1970-01-01T00:00:", std::string(17, '\0'), "1700000000"};
  const std::vector<std::string> rests = {"00Z",  "09.624Z",     "60z", "61Z", "09,5+02:00", "0xZ",
                                          "09.Z", "09 -04:30",   "09",  "09X", "9",          "",
                                          "09ZZ", "09.123456789"};
  std::mt19937 random(11);
  TimeParser parser;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = minutes[random() % minutes.size()] + rests[random() % rests.size()];
    CAPTURE(text);
    REQUIRE(parser.parse(text) == parse_time(text));
  }
  CHECK_FALSE(parse_time(std::string(17, '\0') + "00Z"));
}

}  // namespace
}  // namespace ship
