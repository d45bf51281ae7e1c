#include "delivery/settled_input.hpp"

#include <mutex>
#include <string>
#include <vector>

#include "tests/unit/delivery/lane_rig.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

constexpr RunId kFile{5, 6};
constexpr std::uint64_t kLineBytes = 10;

/// What was handed out, the last place of the file and the ranges behind it.
struct Told {
  SettledInput::OnSettled take() {
    return [this](std::span<const FilePlace> settled, std::span<const FileRange> ranges) {
      const std::lock_guard lock(mutex);
      for (const FilePlace& one : settled) place = one.offset;
      behind.assign(ranges.begin(), ranges.end());
    };
  }
  std::uint64_t at() {
    const std::lock_guard lock(mutex);
    return place;
  }

  std::mutex mutex;
  std::uint64_t place = 0;
  std::vector<FileRange> behind;
};

/// The lines [from, to) of the file, each of kLineBytes.
void hand_on_lines(Lane& lane, RunId file, std::uint64_t from, std::uint64_t to) {
  const std::vector<std::string> lines = numbered(static_cast<int>(from), static_cast<int>(to));
  std::vector<Record> records;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    records.push_back(record_of(lines[i]));
    records.back().id = {file, (from + i) * kLineBytes};
  }
  lane.submit(records);
}

void read_lines(Lane& lane, SettledInput& settled, std::uint64_t from, std::uint64_t to) {
  hand_on_lines(lane, kFile, from, to);
  settled.read({kFile, from * kLineBytes, to * kLineBytes, true}, {});
}

/// The lane has delivered the next batch of a worker.
void deliver_batch(Lane& lane, WorkerContext& context) {
  InFlightBatch batch;
  REQUIRE(lane.take(batch, {}, context) == Lane::Taken::batch);
  lane.give_back(batch, batch.size());
  lane.tell_settled();
}

}  // namespace

TEST_CASE("settled input: a stretch is done once all of its records are delivered", "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 25);
  settled.advance();
  CHECK(told.at() == 0);
  rig.start();
  rig.drain();
  settled.finish();
  CHECK(told.at() == 250);
}

TEST_CASE("settled input: one record that waits is enough for its stretch not to be done",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  Rig rig(settings_for_tests(), script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 1);
  settled.advance();
  CHECK(told.at() == 0);
  rig.start();
  rig.drain();
  settled.finish();
  CHECK(told.at() == 10);
}

TEST_CASE("settled input: within a stretch the place follows the batches", "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  std::vector<std::uint64_t> before;
  script.otherwise = [&](auto) {
    before.push_back(told.at());
    return Verdict{};
  };
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 30);
  rig.start();
  rig.drain();
  CHECK(before == std::vector<std::uint64_t>{0, 100, 200});
}

TEST_CASE("settled input: what a stopped lane turned away is not done", "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  Rig rig(settings_for_tests(), script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 10);
  rig.start();
  rig.drain();
  rig.lane.stop();
  rig.lane.abandon();
  read_lines(rig.lane, settled, 10, 20);
  settled.finish();
  CHECK(told.at() == 100);
}

TEST_CASE("settled input: what no lane wanted is done at once", "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.filter.min_level = Severity{90};
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 10);
  settled.tick({});
  CHECK(told.at() == 100);
  // The lane has no thread to end.
}

TEST_CASE("settled input: what went on to another lane is done when that one has delivered it",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  Rig first(settings_for_tests(), script);
  Rig second(settings_for_tests(), script);
  first.lane.set_settled_input(&settled);
  second.lane.set_settled_input(&settled);
  read_lines(first.lane, settled, 0, 10);
  WorkerContext context = first.lane.worker_context();
  InFlightBatch batch;
  REQUIRE(first.lane.take(batch, {}, context) == Lane::Taken::batch);
  first.lane.divert(batch, 0, batch.size(), second.lane);
  first.lane.give_back(batch, batch.size());
  first.lane.tell_settled();
  CHECK(told.at() == 0);
  second.start();
  second.drain();
  settled.advance();
  CHECK(told.at() == 100);
}

TEST_CASE("settled input: of several requests in flight the later ones are known behind the first",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  settings.delivery.workers = 2;
  settings.delivery.order = DeliveryOrder::any;
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 30);
  WorkerContext context = rig.lane.worker_context();
  InFlightBatch slow;
  InFlightBatch fast;
  REQUIRE(rig.lane.take(slow, {}, context) == Lane::Taken::batch);
  REQUIRE(rig.lane.take(fast, {}, context) == Lane::Taken::batch);
  rig.lane.give_back(fast, fast.size());
  rig.lane.tell_settled();
  CHECK(told.at() == 0);
  CHECK(told.behind == std::vector<FileRange>{{kFile, 100, 190}});
  rig.lane.give_back(slow, slow.size());
  rig.lane.tell_settled();
  CHECK(told.at() == 200);
}

TEST_CASE("settled input: what a filter may hold back is waited for", "[settled]") {
  Told told;
  SettledInput settled(told.take());
  settled.set_hold_back(10s);
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.filter.min_level = Severity{90};
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  read_lines(rig.lane, settled, 0, 10);
  settled.tick(SteadyTime{} + 10s);
  CHECK(told.at() == 0);
  settled.tick(SteadyTime{} + 11s);
  CHECK(told.at() == 100);
}

TEST_CASE("settled input: while a stretch is handed on, the eldest record in any lane is its place",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig fast(settings, script);
  Rig slow(settings, script);
  for (Rig* rig : {&slow, &fast}) rig->lane.set_settled_input(&settled);
  settled.hands_on({kFile, 0, 0, true});
  for (Rig* rig : {&fast, &slow}) hand_on_lines(rig->lane, kFile, 0, 30);
  std::vector<std::uint64_t> places;
  WorkerContext fast_context = fast.lane.worker_context();
  WorkerContext slow_context = slow.lane.worker_context();
  for (Rig* rig : {&fast, &fast, &slow}) {
    deliver_batch(rig->lane, rig == &fast ? fast_context : slow_context);
    places.push_back(told.at());
  }
  CHECK(places == std::vector<std::uint64_t>{0, 0, 100});
}

TEST_CASE("settled input: records of another file say nothing of the stretch that began",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  hand_on_lines(rig.lane, RunId{7, 8}, 0, 20);
  settled.hands_on({kFile, 0, 0, true});
  hand_on_lines(rig.lane, kFile, 0, 20);
  std::vector<std::uint64_t> places;
  WorkerContext context = rig.lane.worker_context();
  for (int i = 0; i < 3; ++i) {
    deliver_batch(rig.lane, context);
    places.push_back(told.at());
  }
  CHECK(places == std::vector<std::uint64_t>{0, 0, 100});
}

TEST_CASE("settled input: a stretch whose lines are out of order has no place before its end",
          "[settled]") {
  Told told;
  SettledInput settled(told.take());
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.lane.set_settled_input(&settled);
  settled.hands_on({kFile, 0, 0, false});
  hand_on_lines(rig.lane, kFile, 0, 20);
  WorkerContext context = rig.lane.worker_context();
  deliver_batch(rig.lane, context);
  CHECK(told.at() == 0);
}
