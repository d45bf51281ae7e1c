#include "sinks/file/rotation.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

using namespace std::chrono_literals;

constexpr WallNanos kSecond = 1'000'000'000;
// 2026-11-22T10:15:00.123Z, a Sunday.
constexpr WallNanos kTime = 1795342500'123'000'000;

}  // namespace

TEST_CASE("rotation: a rotated name carries the UTC moment before the extension", "[rotation]") {
  CHECK(RotatedNames("/var/log/app.ndjson").path_at(kTime) ==
        "/var/log/app-20261122T101500.123Z.ndjson");
  CHECK(RotatedNames("/var/log/app").path_at(kTime) == "/var/log/app-20261122T101500.123Z");
  CHECK(RotatedNames("/app.a.log").path_at(kTime) == "/app.a-20261122T101500.123Z.log");
  CHECK(RotatedNames("/.hidden").path_at(kTime) == "/.hidden-20261122T101500.123Z");
  CHECK(RotatedNames("app.log").path_at(kTime) == "./app-20261122T101500.123Z.log");
  CHECK(RotatedNames("/v.d/app").path_at(kTime) == "/v.d/app-20261122T101500.123Z");
}

TEST_CASE("rotation: only names of exactly the sink's own form are its own", "[rotation]") {
  const RotatedNames names("/var/log/app.ndjson");
  const auto plain = names.parse("app-20261122T101500.123Z.ndjson");
  REQUIRE(plain);
  CHECK(plain->stamp == "20261122T101500.123Z");
  CHECK(plain->compression == Compression::none);
  CHECK_FALSE(plain->temporary);
  CHECK(names.parse("app-20261122T101500.123Z.ndjson.gz")->compression == Compression::gzip);
  CHECK(names.parse("app-20261122T101500.123Z.ndjson.zst")->compression == Compression::zstd);
  CHECK(names.parse("app-20261122T101500.123Z.ndjson.zst.tmp")->temporary);
  for (const char* other : {"app.ndjson", "app.ndjson.1", "app-.ndjson", "app-20261122.ndjson",
                            "app-20261122T101500Z.ndjson", "app-20261122T101500.123Z.ndjson.bz2",
                            "app-20261122T101500.123Z.ndjson.tmp", "app-20261122T101500.123Z.log",
                            "app-x-20261122T101500.123Z.ndjson", "xapp-20261122T101500.123Z.ndjson",
                            "app-20261122T101500.123Z.ndjson.gz.bak",
                            "app-2026112xT101500.123Z.ndjson", "app-20261122T101500.123Z"}) {
    INFO(other);
    CHECK_FALSE(names.parse(other));
  }
}

TEST_CASE("rotation: names sort by age", "[rotation]") {
  const RotatedNames names("/app.log");
  std::string last;
  for (const WallNanos step :
       {WallNanos{1'000'000}, kSecond, 60 * kSecond, 86400 * kSecond, 400 * 86400 * kSecond}) {
    const std::string name = names.path_at(kTime + step);
    CHECK(name > last);
    last = name;
  }
}

TEST_CASE("rotation: by time happens at the full hour, midnight and Monday of the UTC clock",
          "[rotation]") {
  CHECK(next_rotation(kTime, 1min) == 1795342560 * kSecond);
  CHECK(next_rotation(kTime, 1h) == 1795345200 * kSecond);
  CHECK(next_rotation(kTime, 24h) == 1795392000 * kSecond);
  CHECK(next_rotation(kTime, 24h * 7) == 1795392000 * kSecond);  // 2026-11-23 is a Monday
  CHECK(next_rotation(1795392000 * kSecond, 24h * 7) == (1795392000 + 7 * 86400) * kSecond);
  CHECK(next_rotation(1795345200 * kSecond, 1h) == 1795348800 * kSecond);
  CHECK(next_rotation(-1, 1h) == 0);
}

TEST_CASE("rotation: retention keeps the newest within both limits", "[rotation]") {
  const std::vector<RotatedFile> files = {
      {"b", "2", 10}, {"a", "1", 10}, {"d", "4", 10}, {"c", "3", 100}};
  const auto gone = [&](std::uint32_t count, std::uint64_t bytes) {
    return beyond_retention(files, count, bytes);
  };
  CHECK(gone(0, 0).empty());
  CHECK(gone(4, 0).empty());
  CHECK(gone(2, 0) == std::vector<std::string>{"a", "b"});
  CHECK(gone(0, 120) == std::vector<std::string>{"a"});
  // What is older than a file that had to go goes too: there are no holes.
  CHECK(gone(0, 50) == std::vector<std::string>{"a", "b", "c"});
  CHECK(gone(0, 5) == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(gone(1, 1000) == std::vector<std::string>{"a", "b", "c"});
}

}  // namespace ship
