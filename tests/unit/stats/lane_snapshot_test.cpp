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

TEST_CASE("statistics: a sink that came back goes on with the counts of its rules, by their names",
          "[ledger]") {
  LaneSnapshot now;
  now.stages = {counted("redact", 4, 4)};
  now.stages[0].rules = {{"email", 2}, {"card", 1}};
  LaneSnapshot former;
  former.stages = {counted("redact", 7, 6)};
  former.stages[0].rules = {{"card", 5}, {"*password", 3}};
  now.add_former(former);
  std::string told;
  for (const RuleCount& rule : now.stages[0].rules)
    told += rule.rule + " " + std::to_string(rule.hits) + ", ";
  CHECK(told == "email 2, card 6, *password 3, ");
}
