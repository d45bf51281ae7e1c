#include "delivery/backlog.hpp"

#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;

namespace {

/// A backlog with what its lane would give it.
struct Waiting {
  SinkSettings settings;
  ManualClock clock;
  LaneLedger ledger;
  std::mutex mutex;
  Backlog backlog;

  explicit Waiting(const SinkSettings& wanted)
      : settings(wanted), backlog(settings, clock, ledger, 1) {}
  bool submit(const std::vector<std::string>& lines, Severity severity = 20) {
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line, severity));
    std::unique_lock lock(mutex);
    return backlog.submit(lock, records, false);
  }
  bool is_due() {
    SteadyTime ignored = SteadyTime::max();
    return backlog.is_due(clock.steady(), ignored);
  }
  std::size_t take() {
    Batch batch;
    backlog.take(batch);
    const std::size_t size = batch.size();
    backlog.release(batch, 0, size);
    return size;
  }
  std::uint64_t lost(Ending ending) const {
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
  draining.backlog.begin_drain(draining.clock.steady() + 8s);
  CHECK(draining.is_due());
}

TEST_CASE("backlog: protected records go first in the second half of a drain", "[backlog]") {
  Waiting waiting(small());
  waiting.backlog.begin_drain(waiting.clock.steady() + 8s);
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

TEST_CASE("backlog: of what workers gave back the oldest batch goes first", "[backlog]") {
  Waiting waiting(small());
  waiting.submit(numbered(0, 20));
  Batch first;
  Batch second;
  waiting.backlog.take(first);
  waiting.backlog.take(second);
  waiting.backlog.give_back(std::move(second));
  waiting.backlog.give_back(std::move(first));
  CHECK_FALSE(waiting.backlog.empty());
  Batch again;
  waiting.backlog.take_given_back(again);
  CHECK(again.sequence(0) == 1);
  waiting.backlog.release(again, 0, again.size());
}
