#include "stats/snapshot.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

StageCounts counted(const char* name, std::uint64_t in, std::uint64_t out) {
  StageCounts counts;
  counts.name = name;
  counts.in = in;
  counts.out = out;
  return counts;
}

}  // namespace

TEST_CASE("statistics: a sink that came back goes on with the counts of its stages, by their names",
          "[ledger]") {
  LaneSnapshot now;
  now.stages = {counted("where", 10, 4), counted("redact", 4, 4)};
  LaneSnapshot former;
  former.stages = {counted("redact", 7, 6), counted("sample", 9, 7)};
  now.add_former(former);
  REQUIRE(now.stages.size() == 3);
  CHECK(now.stages[0].name == "where");
  CHECK(now.stages[0].in == 10);
  CHECK(now.stages[1].name == "redact");
  CHECK(now.stages[1].in == 11);
  CHECK(now.stages[1].out == 10);
  CHECK(now.stages[2].name == "sample");
  CHECK(now.stages[2].in == 9);
}
