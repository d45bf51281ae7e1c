#include "tap/tap_hub.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace ship;

namespace {

const std::string kTapped = R"({"message":"tapped"})";

Record tapped() {
  Record record;
  record.line = kTapped;
  return record;
}

std::size_t count_of(TapHub::Reader& reader) {
  TapRing::Taken taken;
  std::size_t count = 0;
  while (reader.pop(taken)) ++count;
  return count;
}

}  // namespace

TEST_CASE("tap hub: each reader gets what passes the place that it looks at", "[tap]") {
  TapHub hub;
  const TapPoint input = hub.input();
  const TapPoint loki = hub.sink("loki");
  const TapPoint file = hub.sink("file");
  const auto at_input = hub.look_at_input();
  const auto at_all = hub.look_at_sink("");
  const auto at_file = hub.look_at_sink("file");
  const std::vector<Record> records(3, tapped());
  input.offer({records.data(), 1});
  loki.offer({records.data(), 2});
  file.offer({records.data(), 3});
  CHECK(count_of(*at_input) == 1);
  CHECK(count_of(*at_all) == 5);
  CHECK(count_of(*at_file) == 3);
}

TEST_CASE("tap hub: a point knows its sink, also one that comes back under its name", "[tap]") {
  TapHub hub;
  hub.sink("loki").offer({});
  const auto reader = hub.look_at_sink("file");
  const Record record = tapped();
  hub.sink("loki").offer({&record, 1});
  hub.sink("file").offer({&record, 1});
  hub.sink("file").offer({&record, 1});
  TapRing::Taken taken;
  REQUIRE(reader->pop(taken));
  CHECK(hub.name_of(taken.point) == "file");
  REQUIRE(reader->pop(taken));
  CHECK(hub.name_of(taken.point) == "file");
  CHECK_FALSE(reader->pop(taken));
}

TEST_CASE("tap hub: there are so many readers and no more, until one ends", "[tap]") {
  TapHub hub;
  std::vector<std::unique_ptr<TapHub::Reader>> readers;
  for (std::size_t i = 0; i < TapHub::kMostReaders; ++i) readers.push_back(hub.look_at_input());
  for (const auto& reader : readers) CHECK(reader);
  CHECK_FALSE(hub.look_at_input());
  CHECK_FALSE(hub.look_at_sink("x"));
  readers.pop_back();
  CHECK(hub.look_at_sink("x"));
}

TEST_CASE("tap hub: a reader sees nothing of what was meant for the one before", "[tap]") {
  TapHub hub;
  const Record record = tapped();
  auto reader = hub.look_at_sink("a");
  hub.sink("a").offer({&record, 1});
  reader.reset();
  reader = hub.look_at_sink("b");
  hub.sink("a").offer({&record, 1});
  CHECK(count_of(*reader) == 0);
  hub.sink("b").offer({&record, 1});
  CHECK(count_of(*reader) == 1);
}

TEST_CASE("tap hub: a reader that stalls costs a count, and holds up nobody", "[tap]") {
  TapHub hub;
  const auto stalled = hub.look_at_input();
  const auto other = hub.look_at_input();
  const std::string line(1000, 'x');
  Record record;
  record.line = line;
  constexpr std::uint64_t kOffered = 5000;
  std::uint64_t seen = 0;
  TapRing::Taken taken;
  for (std::uint64_t i = 0; i < kOffered; ++i) {
    hub.input().offer({&record, 1});
    if (other->pop(taken)) ++seen;
  }
  CHECK(seen == kOffered);
  const std::size_t kept = count_of(*stalled);
  CHECK(kept < kOffered);
  CHECK(kept + stalled->take_left_out() == kOffered);
}
