#include "tests/unit/spool/spool_contract.hpp"

#include <algorithm>
#include <numeric>

#include "tests/catch.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

using Sequences = std::vector<std::uint64_t>;

Sequences from_to(std::uint64_t first, std::uint64_t last) {
  Sequences sequences(last - first + 1);
  std::iota(sequences.begin(), sequences.end(), first);
  return sequences;
}

class Contract {
 public:
  Contract(Files& files, std::string directory) : files_(files) {
    options_.directory = std::move(directory);
    options_.segment_bytes = 8192;
  }

  void run() {
    in_order_of_arrival();
    what_was_not_released_comes_again();
    late_records_come_in_order();
    protected_ones_first();
    limits();
    parts_of_a_batch();
    batches_end_in_any_order();
    counts();
    next_sequence();
    big_records();
    read_only();
    one_at_a_time();
  }

 private:
  std::unique_ptr<Spool> open() {
    auto opened = Spool::open(files_, options_);
    if (!opened) FAIL(opened.error().message);
    CHECK(opened.value().report.messages == std::vector<std::string>());
    return std::move(opened.value().spool);
  }

  void empty(Spool& spool) {
    drain(spool);
    CHECK(spool.counts().records == 0);
    CHECK_FALSE(spool.close().error);
    CHECK(spool.counts() == SpoolCounts());
  }

  void store(Spool& spool, const SpoolRecords& records) {
    const SpoolAppend done = spool.append(records);
    if (done.events.error) FAIL(done.events.error->message);
    CHECK(done.stored == records.all().size());
  }

  static SpoolClass kind_of(std::uint64_t sequence) {
    constexpr std::array kKinds = {kSpoolInfo, kSpoolDebug, kSpoolError, kSpoolInfo};
    return kKinds[sequence % kKinds.size()];
  }

  static SpoolRecords mixed(std::uint64_t first, std::uint64_t last) {
    SpoolRecords records;
    for (std::uint64_t i = first; i <= last; ++i) records.add(i, kind_of(i), 60 + i % 90);
    return records;
  }

  void in_order_of_arrival() {
    auto spool = open();
    store(*spool, mixed(1, 300));
    store(*spool, mixed(301, 500));
    CHECK(spool->counts().records == 500);
    SpoolDrain some = drain(*spool, {100});
    CHECK(some.sequences == from_to(1, 500));
    CHECK(some.changed == 0);
    store(*spool, mixed(501, 510));
    CHECK(drain(*spool).sequences == from_to(501, 510));
    empty(*spool);
  }

  void what_was_not_released_comes_again() {
    {
      auto spool = open();
      store(*spool, mixed(1, 300));
      SpoolBatch first;
      SpoolBatch second;
      spool->take({100}, first);
      spool->take({100}, second);
      spool->release(first);
    }
    auto spool = open();
    CHECK(spool->counts().records == 200);
    store(*spool, mixed(301, 320));
    CHECK_FALSE(spool->close().error);
    spool.reset();
    spool = open();
    SpoolDrain rest = drain(*spool);
    CHECK(rest.sequences == from_to(101, 320));
    CHECK(rest.changed == 0);
    empty(*spool);
  }

  void late_records_come_in_order() {
    auto spool = open();
    store(*spool, mixed(201, 300));
    store(*spool, mixed(101, 200));
    store(*spool, mixed(301, 310));
    store(*spool, mixed(1, 100));
    CHECK_FALSE(spool->close().error);
    spool.reset();
    spool = open();
    CHECK(drain(*spool).sequences == from_to(1, 310));
    empty(*spool);
  }

  void protected_ones_first() {
    auto spool = open();
    SpoolRecords records;
    records.add(1, kSpoolDebug);
    records.add(2, kSpoolError);
    records.add(3, kSpoolInfo);
    records.add(4, kSpoolAudit);
    records.add(5, kSpoolError);
    store(*spool, records);
    SpoolTakeLimits limits;
    limits.protected_first = true;
    CHECK(drain(*spool, limits).sequences == Sequences{2, 4, 5, 1, 3});
    empty(*spool);
  }

  void limits() {
    auto spool = open();
    SpoolRecords records;
    for (std::uint64_t i = 1; i <= 10; ++i) records.add(i, kSpoolInfo, 100);
    store(*spool, records);
    SpoolBatch batch;
    spool->take({100, 350}, batch);
    CHECK(batch.size() == 3);
    spool->release(batch);
    spool->take({100, 1}, batch);
    CHECK(batch.size() == 1);
    spool->release(batch);
    SpoolTakeLimits limits;
    limits.before = 7;
    spool->take(limits, batch);
    CHECK(batch.size() == 2);
    spool->release(batch);
    spool->take(limits, batch);
    CHECK(batch.empty());
    CHECK(spool->has_unread());
    empty(*spool);
  }

  void parts_of_a_batch() {
    {
      auto spool = open();
      store(*spool, mixed(1, 10));
      SpoolBatch batch;
      spool->take({8}, batch);
      // 2, 5 and 6 are delivered; the others are not.
      batch.move_to_front(0, 8, std::vector<std::uint32_t>{1, 4, 5});
      CHECK(batch.sequence(0) == 2);
      CHECK(batch.sequence(2) == 6);
      CHECK(batch.sequence(3) == 1);
      CHECK(is_intact(batch, 3));
      spool->settle(batch, 3);
      CHECK(spool->counts().records == 7);
      CHECK(spool->counts().in_flight == 0);
      spool->take({3}, batch);
      CHECK(batch.sequence(0) == 1);
      CHECK(batch.sequence(1) == 3);
      CHECK(batch.sequence(2) == 4);
    }
    auto spool = open();
    CHECK(drain(*spool).sequences == Sequences{1, 3, 4, 7, 8, 9, 10});
    empty(*spool);
  }

  void batches_end_in_any_order() {
    {
      auto spool = open();
      store(*spool, mixed(1, 100));
      std::vector<SpoolBatch> batches(10);
      for (SpoolBatch& batch : batches) spool->take({10}, batch);
      CHECK(spool->counts().in_flight == 100);
      for (const std::size_t i : {9u, 3u, 4u, 7u}) spool->release(batches[i]);
      spool->give_back(batches[8]);
      spool->give_back(batches[2]);
      SpoolBatch again;
      spool->take({15}, again);
      CHECK(again.sequence(0) == 21);
      CHECK(again.sequence(10) == 81);
      spool->give_back(again);
    }
    auto spool = open();
    Sequences expected = from_to(1, 30);
    for (const std::uint64_t i : from_to(51, 70)) expected.push_back(i);
    for (const std::uint64_t i : from_to(81, 90)) expected.push_back(i);
    CHECK(drain(*spool).sequences == expected);
    empty(*spool);
  }

  void counts() {
    auto spool = open();
    CHECK(spool->counts() == SpoolCounts());
    CHECK_FALSE(spool->has_unread());
    store(*spool, mixed(1, 8));
    CHECK(spool->counts().records == 8);
    CHECK(spool->counts().protected_records == 2);
    CHECK(spool->counts().segments == 3);
    SpoolBatch batch;
    spool->take({4}, batch);
    CHECK(spool->counts().in_flight == 4);
    CHECK(spool->counts().records == 8);
    spool->release(batch);
    CHECK(spool->counts().records == 4);
    CHECK(spool->counts().protected_records == 1);
    empty(*spool);
  }

  void next_sequence() {
    {
      auto spool = open();
      CHECK(spool->next_sequence() == 1);
      store(*spool, mixed(40, 50));
      CHECK(spool->next_sequence() == 51);
    }
    auto spool = open();
    CHECK(spool->next_sequence() == 51);
    CHECK_FALSE(spool->close().error);
    spool.reset();
    spool = open();
    CHECK(spool->next_sequence() == 51);
    empty(*spool);
  }

  void big_records() {
    auto spool = open();
    SpoolRecords records;
    records.add(1, kSpoolInfo, 100);
    records.add(2, kSpoolInfo, 300000);
    records.add(3, kSpoolInfo, 100);
    records.add(4, kSpoolInfo, 700000);
    store(*spool, records);
    SpoolDrain all = drain(*spool);
    CHECK(all.sequences == from_to(1, 4));
    CHECK(all.changed == 0);
    empty(*spool);
  }

  void read_only() {
    {
      auto spool = open();
      store(*spool, mixed(1, 100));
      SpoolBatch batch;
      spool->take({30}, batch);
      spool->release(batch);
    }
    for (int i = 0; i < 2; ++i) {
      auto opened = Spool::open_read_only(files_, options_.directory);
      REQUIRE(opened.ok());
      CHECK(opened.value().report.counts.records == 70);
      CHECK(opened.value().spool->append(mixed(1, 2)).refused.size() == 2);
      CHECK(drain(*opened.value().spool).sequences == from_to(31, 100));
    }
    auto spool = open();
    CHECK(drain(*spool).sequences == from_to(31, 100));
    empty(*spool);
  }

  void one_at_a_time() {
    auto spool = open();
    const auto second = Spool::open(files_, options_);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().kind == ErrorKind::config);
    CHECK(second.error().message.find(options_.directory) != std::string::npos);
    CHECK(second.error().message.find("another fapilog-ship") != std::string::npos);
    spool.reset();
    open();
  }

  Files& files_;
  SpoolOptions options_;
};

}  // namespace

void check_spool_contract(Files& files, const std::string& directory) {
  Contract(files, directory).run();
}

}  // namespace ship
