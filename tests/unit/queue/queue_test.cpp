#include "queue/queue.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/allocations.hpp"

using namespace ship;

namespace {

Level level_of(Severity severity) {
  Level level;
  level.name = LevelName::other;
  level.severity = severity;
  return level;
}

Record record_of(const std::string& line, Severity severity) {
  Record record;
  record.line = line;
  record.level = level_of(severity);
  return record;
}

constexpr int kProtected = -1;  // a key beside the severities: how many of all are protected

/// The policy of the public face, written as slowly and obviously as possible.
class ModelQueue {
 public:
  struct Item {
    std::uint64_t sequence;
    std::string line;
    Severity severity;
    bool is_protected;
  };

  explicit ModelQueue(Queue::Limits limits) : limits_(limits) {}

  bool push(const std::string& line, Severity severity, bool is_protected,
            std::map<int, int>& evicted) {
    const Item item{sequence_, line, severity, is_protected};
    std::vector<std::size_t> victims;  // indexes, in the order of eviction
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (may_evict(item, items_[i])) victims.push_back(i);
    }
    if (is_protected) {
      // Unprotected ones first, by severity; protected ones as they came.
      std::stable_sort(victims.begin(), victims.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [this](std::size_t i) {
          return items_[i].is_protected ? 1000 : items_[i].severity;
        };
        return rank(a) < rank(b);
      });
    }
    std::deque<Item> rest = items_;
    std::vector<bool> gone(items_.size(), false);
    std::size_t next = 0;
    while (!fits(rest, item)) {
      if (next == victims.size()) return false;
      gone[victims[next++]] = true;
      rest.clear();
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!gone[i]) rest.push_back(items_[i]);
      }
    }
    for (std::size_t i = 0; i < next; ++i) {
      ++evicted[items_[victims[i]].severity];
      if (items_[victims[i]].is_protected) ++evicted[kProtected];
    }
    items_ = rest;
    items_.push_back(item);
    ++sequence_;
    return true;
  }

  std::deque<Item>& items() { return items_; }

  /// Bytes of records that were taken and not released.
  std::uint64_t outside = 0;

 private:
  bool may_evict(const Item& newcomer, const Item& old) const {
    if (newcomer.is_protected && !old.is_protected) return true;
    if (newcomer.is_protected != old.is_protected) return false;
    return limits_.drop == DropPolicy::oldest && old.severity <= newcomer.severity;
  }
  bool fits(const std::deque<Item>& items, const Item& newcomer) const {
    std::uint64_t bytes = outside + Slot::footprint(newcomer.line.size());
    for (const Item& item : items) bytes += Slot::footprint(item.line.size());
    return items.size() < limits_.records && bytes <= limits_.bytes;
  }

  Queue::Limits limits_;
  std::deque<Item> items_;
  std::uint64_t sequence_ = 1;
};

std::vector<std::string> lines_of(const Batch& batch) {
  std::vector<std::string> lines;
  for (const Record& record : batch.records(0, batch.size())) lines.emplace_back(record.line);
  return lines;
}

void run_against_model(Queue::Limits limits, std::uint32_t seed, std::size_t max_line,
                       int steps = 20000) {
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  Queue queue(limits);
  ModelQueue model(limits);
  std::vector<Batch> in_flight(3);
  std::vector<std::vector<std::string>> in_flight_lines(3);

  for (int step = 0; step < steps; ++step) {
    if (below(10) < 7) {
      const Severity severity = static_cast<Severity>(10 * (1 + below(5)));
      const bool is_protected = below(3) == 0 && severity >= 40;
      const std::string line =
          std::to_string(step) + std::string(below(static_cast<std::uint32_t>(max_line)), 'x');
      Evictions evictions;
      std::map<int, int> model_evicted;
      const bool accepted = queue.push(record_of(line, severity), is_protected, 0, evictions);
      REQUIRE(accepted == model.push(line, severity, is_protected, model_evicted));
      std::map<int, int> evicted;
      for (int s = 0; s < 100; ++s) {
        const auto n = evictions.by_severity[static_cast<std::size_t>(s)];
        if (n) evicted[s] = static_cast<int>(n);
      }
      if (evictions.protected_records) {
        evicted[kProtected] = static_cast<int>(evictions.protected_records);
      }
      REQUIRE(evicted == model_evicted);
    } else {
      const std::size_t worker = below(3);
      if (!in_flight[worker].empty()) {
        // What was taken must not have changed while other records came and went.
        REQUIRE(lines_of(in_flight[worker]) == in_flight_lines[worker]);
        queue.release(in_flight[worker], 0, in_flight[worker].size());
        for (const std::string& line : in_flight_lines[worker]) {
          model.outside -= Slot::footprint(line.size());
        }
        continue;
      }
      const std::uint64_t max_records = 1 + below(8);
      const std::uint64_t max_bytes = 1 + below(static_cast<std::uint32_t>(3 * max_line));
      const bool protected_first = below(4) == 0;
      queue.take(max_records, max_bytes,
                 protected_first ? Queue::Order::protected_first : Queue::Order::arrival,
                 in_flight[worker]);
      std::vector<std::string> expected;
      std::uint64_t bytes = 0;
      std::deque<ModelQueue::Item>& items = model.items();
      while (!items.empty() && expected.size() < max_records) {
        auto next = items.begin();
        if (protected_first) {
          const auto found = std::find_if(items.begin(), items.end(),
                                          [](const auto& item) { return item.is_protected; });
          if (found != items.end()) next = found;
        }
        if (!expected.empty() && bytes + next->line.size() > max_bytes) break;
        bytes += next->line.size();
        expected.push_back(next->line);
        model.outside += Slot::footprint(next->line.size());
        items.erase(next);
      }
      in_flight_lines[worker] = expected;
      REQUIRE(lines_of(in_flight[worker]) == expected);
    }
    REQUIRE(queue.depth() == model.items().size());
    REQUIRE(queue.depth() <= limits.records);
    REQUIRE(queue.bytes() + queue.bytes_outside() <= limits.bytes);
    REQUIRE(queue.bytes_outside() == model.outside);
    const Slot* oldest = queue.oldest();
    REQUIRE((oldest == nullptr) == model.items().empty());
    if (oldest) REQUIRE(oldest->sequence == model.items().front().sequence);
  }
  for (Batch& batch : in_flight) queue.release(batch, 0, batch.size());
}

}  // namespace

TEST_CASE("queue: random pushes, takes and releases agree with a slow, obvious model", "[queue]") {
  const auto drop = GENERATE(DropPolicy::newest, DropPolicy::oldest);
  const std::uint32_t seed = GENERATE(1u, 2u, 3u);
  SECTION("bounded by records") { run_against_model({20, 1u << 30, drop}, seed, 100); }
  SECTION("bounded by bytes, within one segment") {
    run_against_model({1u << 30, 4000, drop}, seed, 400);
  }
}

TEST_CASE("queue: with records larger than a segment the model's order and policy still hold",
          "[queue]") {
  run_against_model({16, 1u << 30, DropPolicy::oldest}, 7, 150000, 2000);
}

TEST_CASE("queue: bytes never exceed the limit, slack of full segments included", "[queue]") {
  Queue queue({1u << 20, 1u << 20, DropPolicy::oldest});
  Evictions evictions;
  const std::string line(20000, 'x');
  for (int i = 0; i < 500; ++i) {
    REQUIRE(queue.push(record_of(line, 20), false, 0, evictions));
    REQUIRE(queue.bytes() <= queue.limits().bytes);
  }
  CHECK(evictions.total + queue.depth() == 500);
  Batch batch;
  queue.take(1000, 1u << 30, Queue::Order::arrival, batch);
  CHECK(queue.bytes() == 0);
  queue.release(batch, 0, batch.size());
}

TEST_CASE("queue: what left it in a batch counts until it is released, and what was reserved",
          "[queue]") {
  const std::uint64_t one = Slot::footprint(3);
  Queue queue({100, 3 * one, DropPolicy::newest});
  Evictions evictions;
  for (int i = 0; i < 2; ++i) queue.push(record_of("abc", 20), false, 0, evictions);
  Batch batch;
  queue.take(100, 1000, Queue::Order::arrival, batch);
  queue.reserve(one);
  CHECK_FALSE(queue.push(record_of("abc", 20), false, 0, evictions));
  queue.unreserve(one);
  CHECK(queue.push(record_of("abc", 20), false, 0, evictions));
  CHECK_FALSE(queue.has_room(3));
  queue.release(batch, 0, 1);
  CHECK(queue.has_room(3));
  queue.release(batch, 0, 1);
  CHECK(queue.bytes_outside() == 0);
}

TEST_CASE("queue: an error among debug records evicts the oldest of them", "[queue]") {
  Queue queue({3, 1u << 20, DropPolicy::newest});
  Evictions evictions;
  for (const char* text : {"d1", "d2", "d3"}) queue.push(record_of(text, 10), false, 0, evictions);
  REQUIRE(queue.push(record_of("e1", 40), true, 0, evictions));
  CHECK(evictions.by_severity[10] == 1);
  Batch batch;
  queue.take(10, 1000, Queue::Order::arrival, batch);
  CHECK(lines_of(batch) == std::vector<std::string>{"d2", "d3", "e1"});
  queue.release(batch, 0, batch.size());
}

TEST_CASE("queue: where only protected ones are left, newest refuses, oldest keeps the newest",
          "[queue]") {
  const auto drop = GENERATE(DropPolicy::newest, DropPolicy::oldest);
  Queue queue({2, 1u << 20, drop});
  Evictions evictions;
  REQUIRE(queue.push(record_of("e1", 40), true, 0, evictions));
  REQUIRE(queue.push(record_of("e2", 40), true, 0, evictions));
  CHECK_FALSE(queue.push(record_of("d1", 70), false, 0, evictions));
  CHECK(evictions.total == 0);
  const bool accepted = queue.push(record_of("s1", 70), true, 0, evictions);
  CHECK(accepted == (drop == DropPolicy::oldest));
  CHECK(evictions.protected_records == (accepted ? 1 : 0));
  // A record that matters less never takes the place of one that matters more.
  REQUIRE(queue.push(record_of("e3", 40), true, 0, evictions) == accepted);
  CHECK_FALSE(queue.push(record_of("c1", 30), true, 0, evictions));
  Batch batch;
  queue.take(10, 1000, Queue::Order::arrival, batch);
  CHECK(lines_of(batch) ==
        (accepted ? std::vector<std::string>{"s1", "e3"} : std::vector<std::string>{"e1", "e2"}));
  queue.release(batch, 0, batch.size());
}

TEST_CASE("queue: a record that could never fit evicts nobody", "[queue]") {
  Queue queue({100, 2000, DropPolicy::oldest});
  Evictions evictions;
  REQUIRE(queue.push(record_of("small", 10), false, 0, evictions));
  CHECK_FALSE(queue.push(record_of(std::string(3000, 'x'), 70), true, 0, evictions));
  CHECK(evictions.total == 0);
  CHECK(queue.depth() == 1);
}

TEST_CASE("queue: memory that one large record took is not kept for small ones", "[queue]") {
  Queue queue({100, 64u << 20});
  Evictions evictions;
  const std::string large(2 * SegmentPool::kSegmentBytes, 'x');
  REQUIRE(queue.push(record_of(large, 20), false, 0, evictions));
  Batch batch;
  queue.take(1, large.size(), Queue::Order::arrival, batch);
  REQUIRE(batch.size() == 1);
  queue.release(batch, 0, 1);
  const std::uint64_t before = allocations_of_this_thread();
  REQUIRE(queue.push(record_of("{}", 20), false, 0, evictions));
  // A segment of its own: the large one is gone.
  CHECK(allocations_of_this_thread() == before + 1);
}

TEST_CASE("batch: move_to_front keeps both parts in their order", "[queue]") {
  Queue queue({100, 1u << 20, DropPolicy::newest});
  Evictions evictions;
  for (const char* text : {"a", "b", "c", "d", "e"}) {
    queue.push(record_of(text, 20), false, 0, evictions);
  }
  Batch batch;
  queue.take(10, 1000, Queue::Order::arrival, batch);
  batch.move_to_front(1, 5, std::vector<std::uint32_t>{1, 3});
  CHECK(lines_of(batch) == std::vector<std::string>{"a", "c", "e", "b", "d"});
  queue.release(batch, 0, batch.size());
}

TEST_CASE("queue: the oldest record that it holds is one that waits or one that was not released",
          "[queue]") {
  Queue queue({100, 1u << 20, DropPolicy::newest});
  CHECK(!queue.oldest_held());
  const std::string line = "line";
  for (int i = 0; i < 6; ++i) {
    Record record = record_of(line, i == 2 ? 50 : 20);
    record.id = {{1, 2}, static_cast<std::uint64_t>(i)};
    queue.push_always(record, i == 2, 0);
  }
  const auto oldest = [&queue] { return queue.oldest_held()->id.sequence; };
  Batch first;
  Batch second;
  queue.take(1, 1000, Queue::Order::protected_first, first);
  queue.take(3, 1000, Queue::Order::arrival, second);
  CHECK(oldest() == 0);
  queue.release(second, 0, 1);
  CHECK(oldest() == 1);
  Batch moved = std::move(second);
  queue.release(second, 0, 0);
  CHECK(oldest() == 1);
  queue.release(moved, 0, moved.size());
  CHECK(oldest() == 2);
  queue.release(first, 0, 1);
  CHECK(oldest() == 4);
  queue.take(10, 1000, Queue::Order::arrival, first);
  queue.release(first, 0, first.size());
  CHECK(!queue.oldest_held());
  CHECK(queue.next_sequence() == 7);
}
