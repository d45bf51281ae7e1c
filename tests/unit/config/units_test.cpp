#include "base/units.hpp"

#include <random>

#include "tests/catch.hpp"

using namespace std::chrono_literals;
using ship::parse_duration;
using ship::parse_size;
using ship::print_duration;
using ship::print_size;

TEST_CASE("units: a size is an integer of bytes or a number with a 1024-based unit", "[units]") {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"65536", 65536},
      {"1 B", 1},
      {"1KB", 1024},
      {"1kb", 1024},
      {"1 KiB", 1024},
      {"1k", 1024},
      {"1.5 MB", 1572864},
      {"1MiB", 1048576},
      {"64 mb", 67108864},
      {"2M", 2097152},
      {"1 GB", 1073741824},
      {"1gib", 1073741824},
      {"1G", 1073741824},
      {"1TB", 1099511627776},
      {"0.1KB", 102},
  };
  for (const auto& [text, bytes] : cases) {
    INFO(text);
    REQUIRE(parse_size(text).ok());
    CHECK(parse_size(text).value() == bytes);
  }
}

TEST_CASE("units: an underscore between digits separates them, as in TOML", "[units]") {
  CHECK(parse_size("50_000").value() == 50'000);
  CHECK(parse_size("1_024 KB").value() == 1u << 20);
  CHECK(parse_duration("1_500ms").value() == std::chrono::milliseconds(1500));
  for (const char* text : {"_5", "5_", "5__0", "5_ms", "1_.5", "1._5"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text));
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("units: what is no size says why", "[units]") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no number at its start"},
      {"MB", "no number at its start"},
      {"-1", "no number at its start"},
      {"1.5", "a part of a byte"},
      {"1.", "no digit after the point"},
      {"1 PB", "an unknown unit"},
      {"1 M B", "an unknown unit"},
      {"1 MB ", "an unknown unit"},
      {"1e6", "an unknown unit"},
      {"99999999999999999999", "the number is too large"},
      {"99999999999TB", "the number is too large"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text);
    REQUIRE_FALSE(parse_size(text).ok());
    CHECK(parse_size(text).error().message == message);
    CHECK(parse_size(text).error().kind == ship::ErrorKind::config);
  }
}

TEST_CASE("units: a duration has decimals, and a bare number is seconds", "[units]") {
  const std::pair<const char*, std::chrono::milliseconds> cases[] = {
      {"0", 0ms},       {"250ms", 250ms}, {"0.25", 250ms}, {"10", 10s},     {"10s", 10s},
      {"1.5s", 1500ms}, {"2m", 2min},     {"1h", 1h},      {"1d", 24h},     {"1w", 168h},
      {"10 s", 10s},    {"0.5h", 30min},  {"0.001s", 1ms}, {"1.0009s", 1s},
  };
  for (const auto& [text, duration] : cases) {
    INFO(text);
    REQUIRE(parse_duration(text).ok());
    CHECK(parse_duration(text).value() == duration);
  }
}

TEST_CASE("units: what is no duration says why", "[units]") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no number at its start"},
      {"s", "no number at its start"},
      {"-1s", "no number at its start"},
      {"10 sec", "an unknown unit"},
      {"1h30m", "an unknown unit"},
      {"1us", "an unknown unit"},
      {"0.5ms", "less than a millisecond"},
      {"0.0001", "less than a millisecond"},
      {"99999999999999999w", "the number is too large"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text);
    REQUIRE_FALSE(parse_duration(text).ok());
    CHECK(parse_duration(text).error().message == message);
  }
}

TEST_CASE("units: what is printed reads back as the same number", "[units]") {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t number = random() >> (1 + random() % 63);
    CHECK(parse_size(print_size(number)).value() == number);
    const std::chrono::milliseconds duration(static_cast<std::int64_t>(number));
    CHECK(parse_duration(print_duration(duration)).value() == duration);
  }
  CHECK(print_size(0) == "0");
  CHECK(print_size(1000) == "1000");
  CHECK(print_size(64u << 20) == "64 MB");
  CHECK(print_size(1536u << 10) == "1536 KB");
  CHECK(print_duration(0ms) == "0ms");
  CHECK(print_duration(250ms) == "250ms");
  CHECK(print_duration(90s) == "90s");
  CHECK(print_duration(30s) == "30s");
  CHECK(print_duration(24h) == "1d");
}
