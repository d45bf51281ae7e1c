#include "delivery/spool_traffic.hpp"

#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;
using Next = SpoolTraffic::Next;

namespace {

/// The traffic of a lane without its threads, over a spool in memory.
struct Between {
  SinkSettings settings;
  ManualClock clock;
  MemoryFiles files;
  std::unique_ptr<Spool> spool;
  LaneLedger ledger;
  std::mutex mutex;
  Backlog backlog;
  WorkerGenerations workers{1};
  std::optional<SpoolTraffic> traffic;
  std::vector<Batch> group;

  explicit Between(SpoolMode mode) : backlog(settings, clock, ledger, nullptr) {
    settings.queue.size = 100;
    settings.spool.mode = mode;
    settings.delivery.batch_size = 10;
    backlog.adopt();
    REQUIRE(files.make_directory("/spool", 0700).ok());
    SpoolOptions options;
    options.directory = "/spool/test";
    options.mode = mode;
    auto opened = Spool::open(files, options);
    REQUIRE(opened.ok());
    spool = std::move(opened.value().spool);
    traffic.emplace(settings, clock, backlog, ledger, spool.get());
  }
  ~Between() { traffic.reset(); }
  void submit(int from, int to) {
    const auto lines = numbered(from, to);
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line));
    std::unique_lock lock(mutex);
    backlog.submit(lock, records, false, true);
  }
  bool gather() {
    std::unique_lock lock(mutex);
    return traffic->gather(lock, group, workers);
  }
  /// The disk took all but the first `failed` records of each batch.
  void report(std::size_t failed) {
    SpoolAppend result;
    std::uint32_t index = 0;
    for (const Batch& batch : group) {
      for (std::size_t i = 0; i < batch.size(); ++i, ++index) {
        if (i < failed) result.failed.push_back(index);
      }
    }
    traffic->spooled(group, result);
  }
  Next next() {
    SteadyTime ignored = SteadyTime::max();
    return traffic->next(clock.steady(), ignored);
  }
  bool must_spool() {
    SteadyTime ignored = SteadyTime::max();
    return traffic->must_spool(clock.steady(), ignored);
  }
};

}  // namespace

TEST_CASE("spool traffic: in overflow mode records go to disk from half a queue on", "[traffic]") {
  Between between(SpoolMode::overflow);
  between.submit(0, 49);
  CHECK_FALSE(between.must_spool());
  CHECK(between.next() == Next::memory);
  between.submit(49, 60);
  CHECK(between.must_spool());
  REQUIRE(between.gather());
  CHECK(between.backlog.depth() < 50);
  // What is on its way to disk is older than the queue.
  CHECK(between.next() == Next::nothing);
  between.report(0);
  CHECK(between.next() == Next::memory);
  CHECK(between.ledger.counts().balanced());
}

TEST_CASE("spool traffic: in durable mode workers get nothing from memory while the disk works",
          "[traffic]") {
  Between between(SpoolMode::durable);
  between.submit(0, 5);
  CHECK(between.must_spool());
  CHECK(between.next() == Next::nothing);
}

TEST_CASE("spool traffic: what the disk failed to take goes on from memory, and is tried again",
          "[traffic]") {
  Between between(SpoolMode::durable);
  between.submit(0, 5);
  REQUIRE(between.gather());
  between.report(2);
  CHECK(between.ledger.counts().spooled == 3);
  CHECK(between.next() == Next::held);
  SteadyTime look_again = SteadyTime::max();
  CHECK_FALSE(between.traffic->must_spool(between.clock.steady(), look_again));
  CHECK(look_again == between.clock.steady() + 200ms);
  between.clock.advance(200ms);
  REQUIRE(between.gather());
  CHECK(between.group.front().size() == 2);
  between.report(0);
  CHECK(between.traffic->empty());
}

TEST_CASE("spool traffic: a disk that cannot be read is left alone for a second", "[traffic]") {
  Between between(SpoolMode::overflow);
  between.traffic->taken_from_disk({}, true);
  SteadyTime look_again = SteadyTime::max();
  between.traffic->next(between.clock.steady(), look_again);
  CHECK(look_again == between.clock.steady() + 1s);
}

TEST_CASE("spool traffic: after a stop the spooler waits for workers, but not past their grace",
          "[traffic]") {
  Between between(SpoolMode::overflow);
  between.submit(0, 5);
  between.backlog.stop();
  bool gathered = false;
  std::thread spooler([&] { gathered = between.gather(); });
  between.clock.wait_for_waiters(1);
  SECTION("they end") {
    const std::lock_guard lock(between.mutex);
    between.workers.worker_ended(between.workers.context());
    between.backlog.notify_spooler();
  }
  SECTION("one hangs") { between.clock.advance(150ms); }
  spooler.join();
  REQUIRE(gathered);
  CHECK(between.group.front().size() == 5);
  between.report(0);
}

TEST_CASE("spool traffic: in durable mode a trickle shares syncs, and a burst does not wait",
          "[traffic]") {
  Between between(SpoolMode::durable);
  between.submit(0, 1);
  REQUIRE(between.must_spool());
  REQUIRE(between.gather());
  between.report(0);
  between.submit(1, 3);
  CHECK_FALSE(between.must_spool());
  between.clock.advance(5ms);
  CHECK(between.must_spool());
  REQUIRE(between.gather());
  between.report(0);
  between.submit(3, 60);
  CHECK(between.must_spool());
}

TEST_CASE("spool traffic: what one append takes has a size between many syncs and much memory",
          "[traffic]") {
  Between between(SpoolMode::durable);
  SECTION("in bytes: an eighth of the queue") {
    between.settings.queue.max_bytes = 800'000;
    between.settings.queue.size = 100'000;
  }
  SECTION("in records") {
    between.settings.queue.max_bytes = 1u << 30;
    between.settings.queue.size = 100'000;
  }
  between.backlog.adopt();
  between.submit(0, 50'000);
  REQUIRE(between.gather());
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (const Batch& batch : between.group) {
    records += batch.size();
    for (const Record& record : batch.records(0, batch.size())) bytes += record.line.size();
  }
  const bool by_bytes = between.settings.queue.max_bytes == 800'000;
  if (by_bytes) {
    CHECK(bytes >= 100'000);
    CHECK(bytes < 101'000);
  } else {
    CHECK(records >= 16'384);
    CHECK(records < 16'384 + between.settings.delivery.batch_size);
  }
  between.report(0);
}
