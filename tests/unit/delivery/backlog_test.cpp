#include "delivery/backlog.hpp"

#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;

namespace {

/// A backlog with what its lane would give it.
struct Waiting {
  SinkSettings settings;
  ManualClock clock;
  LaneLedger ledger;
  std::mutex mutex;
  Backlog backlog;

  explicit Waiting(const SinkSettings& wanted, const Spool* spool = nullptr)
      : settings(wanted), backlog(settings, clock, ledger, spool) {}
  bool submit(const std::vector<std::string>& lines, Severity severity = 20) {
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line, severity));
    std::unique_lock lock(mutex);
    return backlog.submit(lock, records, false, true).wake_worker;
  }
  /// How many the backlog takes without waiting.
  std::size_t offer(const std::vector<std::string>& lines) {
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line));
    std::unique_lock lock(mutex);
    return backlog.submit(lock, records, false, false).taken;
  }
  bool is_due() {
    SteadyTime ignored = SteadyTime::max();
    return backlog.is_due(clock.steady(), ignored);
  }
  std::size_t take() {
    Batch batch;
    backlog.take(batch, Queue::Order::arrival);
    const std::size_t size = batch.size();
    backlog.release(batch, 0, size);
    return size;
  }
  std::uint64_t lost(Ending ending) {
    const std::lock_guard lock(mutex);
    return ledger.counts().dropped[static_cast<std::size_t>(ending)];
  }
};

SinkSettings small() {
  SinkSettings settings;
  settings.queue.size = 100;
  settings.delivery.batch_size = 10;
  settings.delivery.batch_timeout = 250ms;
  return settings;
}

}  // namespace

TEST_CASE("backlog: a partial batch is due once its oldest record has waited batch_timeout",
          "[backlog]") {
  Waiting waiting(small());
  waiting.submit(numbered(0, 3));
  SteadyTime look_again = SteadyTime::max();
  CHECK_FALSE(waiting.backlog.is_due(waiting.clock.steady(), look_again));
  CHECK(look_again == waiting.clock.steady() + 250ms);
  waiting.clock.advance(249ms);
  CHECK_FALSE(waiting.is_due());
  waiting.clock.advance(1ms);
  CHECK(waiting.is_due());
}

TEST_CASE("backlog: batch_timeout counts from when a record came, not from when the run began",
          "[backlog]") {
  Waiting waiting(small());
  waiting.clock.advance(10s);
  waiting.submit(numbered(0, 3));
  CHECK_FALSE(waiting.is_due());
  waiting.clock.advance(249ms);
  CHECK_FALSE(waiting.is_due());
  waiting.clock.advance(1ms);
  CHECK(waiting.is_due());
}

TEST_CASE("backlog: a full batch, half a queue, the end of input and a drain are due at once",
          "[backlog]") {
  Waiting full(small());
  full.submit(numbered(0, 10));
  CHECK(full.is_due());
  SinkSettings settings = small();
  settings.queue.size = 4;
  Waiting half(settings);
  half.submit(numbered(0, 2));
  CHECK(half.is_due());
  Waiting closed(small());
  closed.submit(numbered(0, 1));
  closed.backlog.close();
  CHECK(closed.is_due());
  Waiting draining(small());
  draining.submit(numbered(0, 1));
  draining.backlog.begin_drain(draining.clock.steady() + 8s, SteadyTime::max());
  CHECK(draining.is_due());
}

TEST_CASE("backlog: protected records go first in the second half of a drain", "[backlog]") {
  Waiting waiting(small());
  waiting.backlog.begin_drain(waiting.clock.steady() + 8s, SteadyTime::max());
  waiting.clock.advance(3999ms);
  CHECK(waiting.backlog.order() == Queue::Order::arrival);
  waiting.clock.advance(1ms);
  CHECK(waiting.backlog.order() == Queue::Order::protected_first);
}

TEST_CASE("backlog: a reader waits for room as long as queue.wait says, then drops", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.size = 5;
  settings.queue.wait = 100ms;
  Waiting waiting(settings);
  std::thread reader([&] { waiting.submit(numbered(0, 8)); });
  waiting.clock.wait_for_waiters(1);
  {
    const std::lock_guard lock(waiting.mutex);
    CHECK(waiting.ledger.counts().submitted == 6);
    CHECK(waiting.ledger.counts().balanced());
    CHECK(waiting.backlog.readers_wait());
    CHECK(waiting.is_due());
  }
  waiting.clock.advance(100ms);
  reader.join();
  CHECK(waiting.lost(Ending::queue_full) == 3);
  CHECK(waiting.backlog.depth() == 5);
  CHECK(waiting.ledger.counts().balanced());
}

TEST_CASE("backlog: room that comes while a reader waits is used", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.size = 5;
  settings.queue.wait = 1h;
  Waiting waiting(settings);
  std::thread reader([&] { waiting.submit(numbered(0, 8)); });
  waiting.clock.wait_for_waiters(1);
  {
    const std::lock_guard lock(waiting.mutex);
    CHECK(waiting.take() == 5);
    waiting.backlog.notify_readers();
  }
  reader.join();
  CHECK(waiting.backlog.depth() == 3);
  CHECK(waiting.ledger.counts().dropped_total() == 0);
}

TEST_CASE("backlog: a reader that a stop frees counts its records once", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.size = 5;
  settings.queue.drop_on_full = false;
  Waiting waiting(settings);
  std::thread reader([&] { waiting.submit(numbered(0, 8)); });
  waiting.clock.wait_for_waiters(1);
  {
    const std::lock_guard lock(waiting.mutex);
    waiting.backlog.stop();
    waiting.ledger.abandoned();
    waiting.backlog.notify_all();
  }
  reader.join();
  CHECK(waiting.lost(Ending::shutdown) == 8);
  CHECK(waiting.ledger.counts().submitted == 8);
  CHECK(waiting.ledger.counts().balanced());
}

namespace {

/// A lane in block mode with room for some records of 400 bytes, that a drain has begun in.
SinkSettings blocking(std::uint64_t max_bytes) {
  SinkSettings settings = small();
  settings.queue.size = 5;
  settings.queue.max_bytes = max_bytes;
  settings.queue.drop_on_full = false;
  return settings;
}

void begin_drain(Waiting& waiting) {
  const std::lock_guard lock(waiting.mutex);
  waiting.backlog.begin_drain(waiting.clock.steady() + 8s, waiting.clock.steady() + 6s);
  waiting.backlog.notify_all();
}

}  // namespace

TEST_CASE("backlog: in block mode a drain lets in what bytes allow, and frees the reader",
          "[backlog]") {
  Waiting waiting(blocking(1 << 20));
  std::thread reader([&] { waiting.submit(numbered(0, 500)); });
  waiting.clock.wait_for_waiters(1);
  begin_drain(waiting);
  reader.join();
  CHECK(waiting.backlog.depth() == 500);
  CHECK(waiting.ledger.counts().dropped_total() == 0);
}

TEST_CASE("backlog: from hold_until on a lane that stands still holds no reader", "[backlog]") {
  Waiting waiting(blocking(2000));
  std::thread reader([&] { waiting.submit(std::vector<std::string>(10, std::string(400, 'x'))); });
  waiting.clock.wait_for_waiters(1);
  begin_drain(waiting);
  waiting.clock.wait_for_waiters(1);
  waiting.clock.advance(5999ms);
  waiting.clock.wait_for_waiters(1);
  CHECK(waiting.lost(Ending::shutdown) == 0);
  waiting.clock.advance(1ms);
  reader.join();
  CHECK(waiting.offer(numbered(0, 1000)) == 1000);
  const LaneCounts counts = waiting.ledger.counts();
  CHECK(waiting.backlog.depth() + waiting.lost(Ending::shutdown) == 1010);
  CHECK(counts.dropped_total() == waiting.lost(Ending::shutdown));
  CHECK(counts.balanced());
  CHECK(waiting.backlog.bytes() <= 2000);
  // A checkpoint must not go past what was turned away.
  CHECK(waiting.backlog.standing().stopped);
}

TEST_CASE("backlog: from hold_until on a protected record takes the place of others", "[backlog]") {
  Waiting waiting(blocking(2000));
  begin_drain(waiting);
  waiting.clock.advance(6s);
  waiting.submit(std::vector<std::string>(10, std::string(400, 'x')));
  const std::uint64_t lost = waiting.lost(Ending::shutdown);
  const std::uint64_t depth = waiting.backlog.depth();
  waiting.submit({std::string(400, 'e')}, 40);
  CHECK(waiting.backlog.depth() == depth);
  CHECK(waiting.lost(Ending::shutdown) == lost + 1);
  CHECK(waiting.lost(Ending::evicted) == 0);
  CHECK(waiting.ledger.counts().protected_records.dropped == 0);
  CHECK(waiting.ledger.counts().balanced());
}

TEST_CASE("backlog: from hold_until on a lane that moves is waited for, for a moment",
          "[backlog]") {
  Waiting waiting(blocking(2000));
  begin_drain(waiting);
  waiting.clock.advance(6s);
  waiting.submit(std::vector<std::string>(4, std::string(400, 'x')));
  const std::uint64_t before = waiting.lost(Ending::shutdown);
  {
    const std::lock_guard lock(waiting.mutex);
    Batch batch;
    waiting.backlog.take(batch, Queue::Order::arrival, 1);
    waiting.backlog.release(batch, 0, batch.size());
  }
  std::thread reader([&] { waiting.submit(std::vector<std::string>(4, std::string(400, 'y'))); });
  waiting.clock.wait_for_waiters(1);
  {
    const std::lock_guard lock(waiting.mutex);
    while (waiting.backlog.depth() > 0) waiting.take();
    waiting.backlog.notify_readers();
  }
  reader.join();
  CHECK(waiting.lost(Ending::shutdown) == before);
  // The moment is over: the clock goes on, and nothing leaves.
  waiting.clock.advance(1s);
  waiting.submit(std::vector<std::string>(10, std::string(400, 'z')));
  CHECK(waiting.lost(Ending::shutdown) > before);
}

TEST_CASE("backlog: queue.wait holds no reader from hold_until on", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.size = 5;
  settings.queue.wait = 1h;
  Waiting waiting(settings);
  begin_drain(waiting);
  std::thread reader([&] { waiting.submit(numbered(0, 8)); });
  waiting.clock.wait_for_waiters(1);
  waiting.clock.advance(6s);
  reader.join();
  CHECK(waiting.lost(Ending::queue_full) == 3);
  CHECK(waiting.lost(Ending::shutdown) == 0);
}

TEST_CASE("backlog: of what workers gave back the oldest batch goes first", "[backlog]") {
  Waiting waiting(small());
  waiting.submit(numbered(0, 20));
  Batch first;
  Batch second;
  waiting.backlog.take(first, Queue::Order::arrival);
  waiting.backlog.take(second, Queue::Order::arrival);
  waiting.backlog.give_back(std::move(second));
  waiting.backlog.give_back(std::move(first));
  CHECK_FALSE(waiting.backlog.empty());
  Batch again;
  waiting.backlog.take_given_back(again);
  CHECK(again.sequence(0) == 1);
  waiting.backlog.release(again, 0, again.size());
}

namespace {

/// A spool in memory that a test writes to by hand.
struct Disk {
  MemoryFiles files;
  std::unique_ptr<Spool> spool;
  std::uint64_t sequence = 0;

  Disk() {
    SpoolOptions options;
    options.directory = "/spool";
    spool = std::move(Spool::open(files, options).value().spool);
  }
  void write() {
    const std::string line = "{}";
    const SpoolRecord record{record_of(line), ++sequence, false};
    REQUIRE(spool->append({&record, 1}).stored == 1);
  }
};

/// Moves the clock on as soon as the reader waits.
void pass(Waiting& waiting, std::chrono::milliseconds time) {
  waiting.clock.wait_for_waiters(1);
  waiting.clock.advance(time);
}

}  // namespace

TEST_CASE("backlog: a burst is paced to a disk that moves, however long that takes (T2)",
          "[backlog]") {
  Disk disk;
  Waiting waiting(small(), disk.spool.get());
  std::thread reader([&] { waiting.submit(numbered(0, 150)); });
  // Far longer than spool.wait, but never so long without a byte.
  for (int i = 0; i < 20; ++i) {
    disk.write();
    pass(waiting, 300ms);
  }
  for (int i = 0; i < 5; ++i) {
    waiting.clock.wait_for_waiters(1);
    const std::lock_guard lock(waiting.mutex);
    waiting.take();
    waiting.backlog.notify_readers();
  }
  reader.join();
  CHECK(waiting.lost(Ending::queue_full) == 0);
  CHECK(waiting.backlog.depth() == 100);
  CHECK_FALSE(waiting.backlog.has_lost_patience());
}

TEST_CASE("backlog: a disk that takes nothing is waited for once, then again from half a queue on",
          "[backlog]") {
  Disk disk;
  Waiting waiting(small(), disk.spool.get());
  std::thread reader([&] { waiting.submit(numbered(0, 150)); });
  for (int i = 0; i < 4; ++i) pass(waiting, 250ms);
  reader.join();
  CHECK(waiting.lost(Ending::queue_full) == 50);
  CHECK(waiting.backlog.has_lost_patience());
  waiting.submit(numbered(150, 160));
  CHECK(waiting.lost(Ending::queue_full) == 60);
  while (waiting.backlog.depth() > 40) waiting.take();
  waiting.submit(numbered(160, 220));
  CHECK(waiting.lost(Ending::queue_full) == 60);
  CHECK_FALSE(waiting.backlog.has_lost_patience());
  std::thread again([&] { waiting.submit(numbered(220, 221)); });
  pass(waiting, 0ms);
  CHECK(waiting.lost(Ending::queue_full) == 60);
  for (int i = 0; i < 4; ++i) pass(waiting, 250ms);
  again.join();
  CHECK(waiting.lost(Ending::queue_full) == 61);
}

TEST_CASE("backlog: lanes that have to wait begin at once, so that they wait together",
          "[backlog]") {
  Disk disk;
  Waiting first(small(), disk.spool.get());
  CHECK(first.offer(numbered(0, 60)) == 60);
  CHECK(first.offer(numbered(60, 150)) == 40);
  CHECK(first.lost(Ending::queue_full) == 0);
  // Another lane held the reader meanwhile.
  first.clock.advance(1s);
  first.submit(numbered(100, 150));
  CHECK(first.lost(Ending::queue_full) == 50);
  // Without a spool and a wait there is nothing to wait for.
  Waiting drops(small());
  CHECK(drops.offer(numbered(0, 150)) == 150);
  CHECK(drops.lost(Ending::queue_full) == 50);
  SinkSettings settings = small();
  settings.queue.drop_on_full = false;
  Waiting blocks(settings);
  CHECK(blocks.offer(numbered(0, 150)) == 100);
}

TEST_CASE("backlog: a record that never fits is not waited for", "[backlog]") {
  Disk disk;
  SinkSettings settings = small();
  settings.queue.max_bytes = 1000;
  Waiting waiting(settings, disk.spool.get());
  waiting.submit({std::string(2000, 'x')});
  CHECK(waiting.lost(Ending::queue_full) == 1);
}

std::uint32_t requests_in_memory(const Waiting& waiting) {
  LaneSnapshot snapshot;
  waiting.backlog.report(snapshot);
  return snapshot.requests_in_memory;
}

TEST_CASE("backlog: batches in flight take at most half of queue.max_bytes in all their forms",
          "[backlog]") {
  SinkSettings settings = small();
  settings.queue.max_bytes = 6000;
  settings.delivery.batch_max_bytes = 400;
  Waiting waiting(settings);
  waiting.submit({std::string(400, 'x')});
  CHECK(waiting.backlog.batch_allowance(0) == 400);
  // Each charges two forms beside the one that the queue stores: three of 400 bytes each.
  const std::uint64_t first = waiting.backlog.reserve(400, true);
  CHECK(waiting.backlog.batch_allowance(1) == 400);
  const std::uint64_t second = waiting.backlog.reserve(400, true);
  CHECK(requests_in_memory(waiting) == 0);
  CHECK(waiting.backlog.batch_allowance(2) == 0);
  waiting.backlog.unreserve(first);
  CHECK(waiting.backlog.batch_allowance(1) == 400);
  CHECK(requests_in_memory(waiting) == 2);
  waiting.backlog.unreserve(second);
}

TEST_CASE("backlog: a batch has at most an eighth of queue.max_bytes", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.max_bytes = 4800;
  settings.delivery.batch_max_bytes = 4800;
  Waiting waiting(settings);
  CHECK(waiting.backlog.batch_allowance(0) == 600);
}

TEST_CASE("backlog: one batch is always allowed, however small the queue", "[backlog]") {
  SinkSettings settings = small();
  settings.queue.max_bytes = 4;
  Waiting waiting(settings);
  CHECK(waiting.backlog.batch_allowance(0) > 0);
}

TEST_CASE("backlog: with half of the bytes in flight, the other half is half full at a quarter",
          "[backlog]") {
  SinkSettings settings = small();
  settings.queue.max_bytes = 4000;
  Waiting waiting(settings);
  waiting.submit({std::string(1200, 'x')});
  CHECK_FALSE(waiting.backlog.is_half_full());
  const std::uint64_t charge = waiting.backlog.reserve(1000, true);
  CHECK(waiting.backlog.is_half_full());
  waiting.backlog.unreserve(charge);
}
