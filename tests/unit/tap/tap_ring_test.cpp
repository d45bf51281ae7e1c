#include "tap/tap_ring.hpp"

#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

using namespace ship;

namespace {

Record record_of(const std::string& line) {
  Record record;
  record.line = line;
  record.level = kError;
  record.level_at = 3;
  record.level_size = 2;
  record.time = 42;
  return record;
}

}  // namespace

TEST_CASE("tap ring: what is pushed is popped, in order and whole", "[tap]") {
  TapRing ring;
  CHECK_FALSE(ring.has_news());
  const std::string first = R"({"n":1})";
  const std::string second = R"({"n":2,"longer":true})";
  const std::vector<Record> records = {record_of(first), record_of(second)};
  ring.push(records, 7, 3);
  CHECK(ring.has_news());
  TapRing::Taken taken;
  REQUIRE(ring.pop(taken));
  CHECK(taken.record.line == first);
  CHECK(taken.record.level == kError);
  CHECK(taken.record.level_at == 3);
  CHECK(taken.record.level_size == 2);
  CHECK(taken.record.time == 42);
  CHECK(taken.session == 7);
  CHECK(taken.point == 3);
  CHECK(taken.left_out == 0);
  REQUIRE(ring.pop(taken));
  CHECK(taken.record.line == second);
  CHECK_FALSE(ring.pop(taken));
  CHECK_FALSE(ring.has_news());
}

TEST_CASE("tap ring: what does not fit is counted, and told where it is missing", "[tap]") {
  TapRing ring;
  const std::string line(TapRing::kBytes / 10, 'x');
  const std::vector<Record> records(12, record_of(line));
  ring.push(records, 1, 1);
  TapRing::Taken taken;
  std::size_t got = 0;
  while (ring.pop(taken)) {
    ++got;
    CHECK(taken.left_out == 0);
  }
  CHECK(got == 9);
  CHECK(ring.has_news());
  ring.push({records.data(), 1}, 1, 1);
  REQUIRE(ring.pop(taken));
  CHECK(taken.left_out == 3);
  CHECK(ring.take_left_out() == 0);
  CHECK_FALSE(ring.has_news());
}

TEST_CASE("tap ring: where nothing follows, what is missing is told all the same", "[tap]") {
  TapRing ring;
  const std::string line(TapRing::kBytes, 'x');
  const Record record = record_of(line);
  ring.push({&record, 1}, 1, 1);
  TapRing::Taken taken;
  CHECK_FALSE(ring.pop(taken));
  CHECK(ring.has_news());
  CHECK(ring.take_left_out() == 1);
  CHECK_FALSE(ring.has_news());
}

TEST_CASE("tap ring: lines pass its end unharmed, round after round", "[tap]") {
  TapRing ring;
  TapRing::Taken taken;
  for (std::size_t i = 0; i < 5000; ++i) {
    const std::string line = std::to_string(i) + std::string(997 + i % 13, 'a');
    const Record record = record_of(line);
    ring.push({&record, 1}, 1, 1);
    REQUIRE(ring.pop(taken));
    REQUIRE(taken.record.line == line);
  }
}

TEST_CASE("tap ring: one who writes and one who reads at the same time lose nothing uncounted",
          "[tap]") {
  constexpr std::uint64_t kRecords = 50000;
  TapRing ring;
  std::jthread writer([&ring] {
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      const std::string line = std::to_string(i) + std::string(200, 'a');
      const Record record = record_of(line);
      ring.push({&record, 1}, 1, 1);
    }
  });
  TapRing::Taken taken;
  std::uint64_t seen = 0;
  std::uint64_t next = 0;
  bool in_order = true;
  while (seen < kRecords) {
    if (!ring.pop(taken)) {
      const std::uint64_t left_out = ring.take_left_out();
      seen += left_out;
      next += left_out;
      continue;
    }
    next += taken.left_out;
    in_order = in_order && std::stoull(taken.line) >= next;
    next = std::stoull(taken.line) + 1;
    seen += taken.left_out + 1;
  }
  CHECK(in_order);
  CHECK(seen == kRecords);
}
