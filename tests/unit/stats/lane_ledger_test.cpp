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
