#include "stats/lane_ledger.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

LaneLedger with_records(int records) {
  LaneLedger ledger;
  for (int i = 0; i < records; ++i) ledger.entered({1, i % 2 == 0});
  return ledger;
}

}  // namespace

TEST_CASE("ledger: what a worker has before the spooler reported it counts once", "[ledger]") {
  LaneLedger ledger = with_records(10);
  ledger.taken_from_disk({6, 3});
  CHECK(ledger.counts().balanced());
  CHECK(ledger.counts().pending == 10);
  CHECK(ledger.counts().in_flight == 6);
  CHECK(ledger.counts().spooled == 0);
  SECTION("until it is reported") {
    ledger.spooled({10, 5});
    CHECK(ledger.counts().pending == 6);
    CHECK(ledger.counts().spooled == 4);
  }
  SECTION("where it was delivered by then") {
    ledger.settled(Ending::delivered, {6, 3});
    CHECK(ledger.counts().pending == 4);
    CHECK(ledger.counts().spooled == 0);
    CHECK(ledger.counts().balanced());
    ledger.spooled({10, 5});
    CHECK(ledger.counts().pending == 0);
    CHECK(ledger.counts().spooled == 4);
  }
  SECTION("where the run ends before") {
    ledger.abandoned();
    CHECK(ledger.counts().dropped_total() == 10);
    CHECK(ledger.counts().protected_records.dropped == 5);
    CHECK(ledger.counts().pending == 0);
    CHECK(ledger.counts().spooled == 0);
  }
  SECTION("where it was evicted again") {
    ledger.settled(Ending::delivered, {6, 3});
    ledger.lost_on_disk(Ending::evicted, {2, 0});
    CHECK(ledger.counts().balanced());
    CHECK(ledger.counts().pending == 2);
  }
  CHECK(ledger.counts().balanced());
}

TEST_CASE("ledger: once a run was abandoned, what is told late changes nothing", "[ledger]") {
  LaneLedger ledger = with_records(10);
  ledger.taken(4);
  ledger.abandoned();
  const LaneCounts before = ledger.counts();
  CHECK(before.dropped_total() == 10);
  SECTION("given up") { ledger.given_up(Ending::redact, {2, 1}); }
  SECTION("settled") { ledger.settled(Ending::delivered, {4, 2}); }
  SECTION("taken") { ledger.taken(3); }
  SECTION("put down") { ledger.put_down(4); }
  SECTION("taken from disk") { ledger.taken_from_disk({3, 1}); }
  SECTION("spooled") { ledger.spooled({3, 1}); }
  SECTION("left on disk") { ledger.left_on_disk({4, 2}); }
  SECTION("lost on disk") { ledger.lost_on_disk(Ending::damaged, {1, 1}); }
  const LaneCounts after = ledger.counts();
  CHECK(after.dropped_total() == 10);
  CHECK(after.delivered == 0);
  CHECK(after.pending == 0);
  CHECK(after.in_flight == 0);
  CHECK(after.spooled == before.spooled);
  CHECK(after.balanced());
}
