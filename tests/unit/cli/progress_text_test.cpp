#include "cli/progress_text.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

using std::chrono::seconds;

ProgressFacts half_way() {
  ProgressFacts facts;
  facts.input = {512 << 20, 1 << 30, 2, 3, false};
  facts.lines = 1'234'567;
  facts.bytes_per_second = 100 << 20;
  facts.left = seconds(5);
  facts.queue_percent = 45;
  facts.pending = 4500;
  return facts;
}

TEST_CASE("progress: tells all that there is room for", "[progress]") {
  CHECK(progress_text(half_way(), 200) ==
        " 50% [===================>                  ]  512 MB of 1.0 GB  1,234,567 lines  "
        "100 MB/s  0:05 left  queue 45%  0 dropped  file 2 of 3");
}

TEST_CASE("progress: is never wider than the terminal, and the share stays longest", "[progress]") {
  ProgressFacts facts = half_way();
  for (const bool ended : {false, true}) {
    facts.input.ended = ended;
    for (unsigned columns = 1; columns < 250; ++columns) {
      const std::string text = progress_text(facts, columns);
      REQUIRE(text.size() <= columns);
      if (columns >= 4) REQUIRE(text.find('%') == 3);
    }
  }
  CHECK(progress_text(half_way(), 16) == " 50%  0:05 left");
}

TEST_CASE("progress: an input of unknown size has no share and no end", "[progress]") {
  ProgressFacts facts = half_way();
  facts.input = {512 << 20, 0, 1, 1, false};
  facts.left.reset();
  CHECK(progress_text(facts, 200) == "512 MB  1,234,567 lines  100 MB/s  queue 45%  0 dropped");
}

TEST_CASE("progress: behind the end of the input it tells what is left", "[progress]") {
  ProgressFacts facts = half_way();
  facts.input = {1 << 30, 1 << 30, 3, 3, true};
  CHECK(progress_text(facts, 200).find("delivering the last 4,500") != std::string::npos);
  CHECK(progress_text(facts, 200).find("/s") == std::string::npos);
}

TEST_CASE("progress: hours are told as hours", "[progress]") {
  ProgressFacts facts = half_way();
  facts.left = seconds(3 * 3600 + 62);
  CHECK(progress_text(facts, 200).find("3:01:02 left") != std::string::npos);
}

TEST_CASE("progress: tells of the fullest queue, and of all drops together", "[progress]") {
  StatsSnapshot snapshot;
  snapshot.input.lines = 7;
  snapshot.input.bytes = 70;
  LaneSnapshot sink;
  sink.queue_size = 100;
  sink.queue_max_bytes = 1000;
  sink.queue_depth = 20;
  sink.queue_bytes = 300;
  sink.counts.pending = 25;
  sink.counts.dropped[0] = 3;
  snapshot.sinks = {sink, sink};
  snapshot.sinks[1].queue_depth = 60;
  const ProgressFacts facts = progress_facts({}, snapshot);
  CHECK(facts.queue_percent == 60);
  CHECK(facts.pending == 50);
  CHECK(facts.dropped == 6);
  CHECK(facts.lines == 7);
  CHECK(facts.input.bytes == 70);
}

TEST_CASE("progress: the rate follows what happens now", "[progress]") {
  RateMeter meter;
  RateMeter::Time now{};
  meter.add(now, 0);
  CHECK(meter.rate() == 0);
  for (int i = 1; i <= 10; ++i) meter.add(now += seconds(1), static_cast<std::uint64_t>(i) * 1000);
  CHECK(meter.rate() == Approx(1000));
  for (int i = 1; i <= 60; ++i) meter.add(now += seconds(1), 10'000);
  CHECK(meter.rate() < 1);
}

}  // namespace
}  // namespace ship
