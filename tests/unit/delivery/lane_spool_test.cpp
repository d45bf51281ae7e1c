#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;

namespace {

std::unique_ptr<Spool> open_spool(MemoryFiles& files, SpoolMode mode = SpoolMode::overflow) {
  SpoolOptions options;
  options.directory = "/spool/test";
  options.max_bytes = 64u << 20;
  options.mode = mode;
  auto opened = Spool::open(files, options);
  REQUIRE(opened.ok());
  return std::move(opened.value().spool);
}

SinkSettings spool_settings(SpoolMode mode = SpoolMode::overflow) {
  SinkSettings settings = settings_for_tests();
  settings.spool.dir = "/spool";
  settings.spool.mode = mode;
  settings.queue.size = 100;
  settings.delivery.batch_size = 10;
  return settings;
}

/// Waits, without a timer, until the spooler has brought the queue below the mark where it spills.
void wait_until_spilled(Rig& rig) {
  while (rig.lane.snapshot().queue_depth >= 50) std::this_thread::yield();
}

MemoryFiles& make_base(MemoryFiles& files) {
  REQUIRE(files.make_directory("/spool", 0700).ok());
  return files;
}

/// The machine's clock, which notes that another thread than its maker has asked for the time.
class NotedClock final : public Clock {
 public:
  SteadyTime steady() const override {
    if (std::this_thread::get_id() != maker_) asked_ = true;
    return system_clock().steady();
  }
  WallNanos wall() const override { return system_clock().wall(); }
  void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  SteadyTime until) override {
    system_clock().wait_until(changed, lock, until);
  }
  bool asked() const { return asked_; }

 private:
  const std::thread::id maker_ = std::this_thread::get_id();
  mutable std::atomic<bool> asked_ = false;
};

}  // namespace

TEST_CASE("lane with spool: what the queue cannot hold goes to disk and comes back in order",
          "[lane][spool]") {
  MemoryFiles files;
  SinkScript script;
  script.hang();
  Rig rig(spool_settings(), script, open_spool(make_base(files)));
  rig.start();
  for (int i = 0; i < 1000; i += 20) {
    wait_until_spilled(rig);
    rig.submit(numbered(i, i + 20));
  }
  const LaneSnapshot middle = rig.lane.snapshot();
  CHECK(middle.counts.dropped_total() == 0);
  CHECK(middle.counts.balanced());
  script.resume();
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == numbered(0, 1000));
  CHECK(end.counts.delivered == 1000);
  CHECK(end.counts.spooled == 0);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane with spool: what a hung sink leaves is saved at the end and delivered next time",
          "[lane][spool]") {
  const auto mode = GENERATE(SpoolMode::overflow, SpoolMode::durable);
  MemoryFiles files;
  make_base(files);
  {
    SinkScript hung;
    hung.hang();
    Rig rig(spool_settings(mode), hung, open_spool(files, mode));
    rig.start();
    rig.submit(numbered(0, 40));
    hung.wait_for_calls(1);
    rig.submit(numbered(40, 90), 40);
    const LaneSnapshot end = rig.stop();
    CHECK(end.counts.spooled == 90);
    CHECK(end.counts.pending == 0);
    CHECK(end.counts.dropped_total() == 0);
    CHECK(end.counts.balanced());
  }
  SinkScript alive;
  Rig rig(spool_settings(mode), alive, open_spool(files, mode));
  rig.start();
  rig.submit(numbered(90, 100));
  const LaneSnapshot end = rig.drain();
  CHECK(alive.stored() == numbered(0, 100));
  CHECK(end.counts.submitted == 100);
  CHECK(end.counts.delivered == 100);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane with spool: in durable mode every record is on disk before it is sent",
          "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  std::uint64_t on_disk_at_send = 0;
  Rig rig(spool_settings(SpoolMode::durable), script, open_spool(files, SpoolMode::durable));
  script.otherwise = [&](std::span<const Record> records) {
    const SpoolCounts counts = rig.lane.spool()->counts();
    on_disk_at_send += std::min<std::uint64_t>(counts.in_flight, records.size());
    return Verdict{};
  };
  rig.start();
  rig.submit(numbered(0, 100));
  CHECK(rig.drain().counts.delivered == 100);
  CHECK(on_disk_at_send == 100);
}

TEST_CASE("lane with spool: a full disk degrades to memory with one warning, and recovers",
          "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  const auto mode = GENERATE(SpoolMode::overflow, SpoolMode::durable);
  Rig rig(spool_settings(mode), script, open_spool(files, mode));
  files.free_bytes = 0;
  rig.start();
  rig.submit(numbered(0, 100));
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == numbered(0, 100));
  CHECK(end.counts.delivered == 100);
  CHECK(end.counts.balanced());
  const auto messages = rig.messages();
  CHECK(std::count_if(messages.begin(), messages.end(), [](const std::string& message) {
          return message.find("spool") != std::string::npos;
        }) <= 1);
}

TEST_CASE("lane with spool: a disk that works again is used again while the sink still hangs",
          "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  script.hang();
  const auto mode = GENERATE(SpoolMode::overflow, SpoolMode::durable);
  Rig rig(spool_settings(mode), script, open_spool(files, mode));
  std::atomic<int> failed = 0;
  std::atomic<bool> broken = true;
  files.on_call = [&](const MemoryFiles::Call& call) {
    const bool fails = broken && call.kind == MemoryFiles::Call::Kind::open;
    if (fails) ++failed;
    return fails ? EIO : 0;
  };
  rig.start();
  rig.submit(numbered(0, 90));
  while (failed == 0) std::this_thread::yield();
  broken = false;
  while (rig.lane.snapshot().counts.spooled == 0) std::this_thread::yield();
  script.resume();
  CHECK(rig.drain().counts.delivered == 90);
  CHECK(script.stored() == numbered(0, 90));
}

TEST_CASE("lane with spool: what comes while a failed disk has its pause goes there after it",
          "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  SinkSettings settings = spool_settings(SpoolMode::durable);
  settings.delivery.batch_timeout = 1h;
  Rig rig(settings, script, open_spool(files, SpoolMode::durable));
  std::atomic<int> attempts = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::open && attempts++ == 0 ? EIO : 0;
  };
  rig.start();
  rig.submit(numbered(0, 10));
  while (rig.lane.snapshot().counts.delivered < 10) std::this_thread::yield();
  rig.submit(numbered(10, 11));
  const auto deadline = SteadyTime::clock::now() + 30s;
  while (rig.lane.snapshot().counts.spooled < 1) {
    REQUIRE(SteadyTime::clock::now() < deadline);
    std::this_thread::yield();
  }
  CHECK(rig.drain().counts.delivered == 11);
}

TEST_CASE("lane with spool: a disk that fails once at the end is tried again", "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  script.hang();
  Rig rig(spool_settings(), script, open_spool(files));
  std::atomic<int> attempts = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::open && attempts++ == 0 ? EIO : 0;
  };
  rig.start();
  rig.submit(numbered(0, 40));
  script.wait_for_calls(1);
  const LaneSnapshot end = rig.stop();
  CHECK(attempts > 1);
  CHECK(end.counts.spooled == 40);
  CHECK(end.counts.dropped_total() == 0);
  CHECK(end.counts.balanced());
}

TEST_CASE(
    "lane with spool: a disk that is full and a sink that hangs lose unprotected records first",
    "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkScript script;
  script.hang();
  Rig rig(spool_settings(), script, open_spool(files));
  files.free_bytes = 0;
  rig.start();
  rig.submit(numbered(0, 10));
  script.wait_for_calls(1);
  rig.submit(numbered(10, 300), 10);
  rig.submit(numbered(300, 350), 40);
  const LaneSnapshot middle = rig.lane.snapshot();
  CHECK(middle.counts.protected_records.dropped == 0);
  CHECK(middle.counts.balanced());
  script.resume();
  const LaneSnapshot end = rig.drain();
  CHECK(end.counts.protected_records.delivered == 50);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane with spool: the books balance in every snapshot, and nothing is lost or reordered",
          "[lane][spool][property]") {
  const auto mode = GENERATE(SpoolMode::overflow, SpoolMode::durable);
  MemoryFiles files;
  make_base(files);
  std::mt19937 random(99);
  SinkScript script;
  script.otherwise = [&](std::span<const Record>) {
    return random() % 3 == 0 ? Verdict::of(Verdict::Kind::retry, 503, "busy") : Verdict{};
  };
  // The disk fails now and then, for reads and writes alike.
  std::atomic<int> calls = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    const bool io =
        call.kind == MemoryFiles::Call::Kind::write || call.kind == MemoryFiles::Call::Kind::sync;
    return io && ++calls % 17 == 0 ? EIO : 0;
  };
  SinkSettings settings = spool_settings(mode);
  settings.queue.drop_on_full = false;
  Rig rig(settings, script, open_spool(files, mode));
  rig.start();
  std::atomic<bool> done = false;
  int unbalanced = 0;
  std::thread observer([&] {
    while (!done) unbalanced += rig.lane.snapshot().counts.balanced() ? 0 : 1;
  });
  for (int i = 0; i < 3000; i += 50) rig.submit(numbered(i, i + 50));
  const LaneSnapshot end = rig.drain();
  done = true;
  observer.join();
  CHECK(unbalanced == 0);
  CHECK(end.counts.delivered == 3000);
  CHECK(end.counts.balanced());
  CHECK(script.stored() == numbered(0, 3000));
}

TEST_CASE("lane with spool: workers that read it at the same time take half of the queue together",
          "[lane][spool]") {
  MemoryFiles files;
  make_base(files);
  SinkSettings settings = spool_settings();
  settings.queue.size = 10000;
  settings.queue.max_bytes = 40'000;
  settings.delivery.batch_size = 10000;
  {
    SinkScript hung;
    hung.hang();
    Rig rig(settings, hung, open_spool(files));
    rig.start();
    rig.submit(std::vector<std::string>(100, std::string(300, 'x')));
    hung.wait_for_calls(1);
    REQUIRE(rig.stop().counts.spooled == 100);
  }
  NotedClock clock;
  Lane lane(
      settings, clock, [](LogLevel, const std::string&) {}, open_spool(files), [] {});
  InFlightBatch first;
  InFlightBatch second;
  WorkerContext context = lane.worker_context();
  WorkerContext other_context = context;
  Lane::Taken found = Lane::Taken::ended;
  std::thread other;
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind != MemoryFiles::Call::Kind::read || other.joinable()) return 0;
    other = std::thread([&] { found = lane.take(second, SteadyTime{}, other_context); });
    // It has the lane's lock when it asks for the time, and gives it back once it has decided.
    while (!clock.asked()) std::this_thread::yield();
    lane.snapshot();
    return 0;
  };
  CHECK(lane.take(first, SteadyTime{}, context) == Lane::Taken::batch);
  REQUIRE(other.joinable());
  other.join();
  files.on_call = nullptr;
  CHECK(first.bytes() > 4000);
  CHECK(found == Lane::Taken::wake);
  lane.give_back(first, 0);
  if (second.size() > 0) lane.give_back(second, 0);
  lane.stop();
}
