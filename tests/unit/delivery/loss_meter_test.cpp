#include "delivery/loss_meter.hpp"

#include <map>

#include "delivery/sink_ways.hpp"
#include "sinks/file/file_settings.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

std::map<std::string_view, std::uint64_t> told(LossMeter& meter, const LaneCounts& counts) {
  std::map<std::string_view, std::uint64_t> reasons;
  for (const auto& [reason, count] : meter.take(counts).by_reason) reasons[reason] += count;
  return reasons;
}

SinkSettings sealed(const std::string& name, const std::string& anchor) {
  FileSinkSettings file;
  file.anchor = anchor;
  SinkSettings sink;
  sink.name = name;
  sink.kind = file;
  return sink;
}

}  // namespace

TEST_CASE("losses: each is told once, by its reason", "[delivery]") {
  LossMeter meter;
  LaneCounts counts;
  CHECK(told(meter, counts).empty());
  counts.delivered = 90;
  counts.filtered = 5;
  counts.dropped[static_cast<std::size_t>(Ending::queue_full)] = 3;
  counts.dropped[static_cast<std::size_t>(Ending::size_guard)] = 1;
  counts.dead_lettered = 2;
  using Told = std::map<std::string_view, std::uint64_t>;
  CHECK(told(meter, counts) == Told{{"queue_full", 3}, {"size_guard", 1}, {"dead_lettered", 2}});
  counts.dropped[static_cast<std::size_t>(Ending::queue_full)] = 7;
  counts.diverted = 6;
  counts.pending = 11;
  counts.spooled = 12;
  const SinkLosses losses = meter.take(counts);
  CHECK(losses.waiting == 11);
  CHECK(losses.spooled == 12);
  REQUIRE(losses.by_reason.size() == 2);
  CHECK(losses.by_reason[0] == std::pair<std::string_view, std::uint64_t>("queue_full", 4));
  CHECK(losses.by_reason[1] == std::pair<std::string_view, std::uint64_t>("diverted", 6));
  CHECK(told(meter, counts).empty());
}

TEST_CASE("sink ways: an anchor is a sink of the configuration, and no way comes back",
          "[delivery]") {
  CHECK(check_sink_ways({sealed("a", "b"), sealed("b", "")}).ok());
  CHECK(check_sink_ways({sealed("a", "c"), sealed("b", "c"), sealed("c", "")}).ok());
  CHECK(check_sink_ways({sealed("a", "b")}).error().message ==
        "sink a: anchor \"b\" is not a sink of this configuration");
  CHECK(check_sink_ways({sealed("a", "a")}).error().message == "fallbacks form a circle: a -> a");
  SinkSettings back = sealed("b", "");
  back.fallback = "a";
  CHECK(check_sink_ways({sealed("a", "b"), back}).error().message ==
        "fallbacks form a circle: a -> b -> a");
}
