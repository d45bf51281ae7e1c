#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "delivery/circuit_breaker.hpp"
#include "delivery/dead_letters.hpp"
#include "input/multiline.hpp"
#include "record/probe.hpp"
#include "spool/spool.hpp"
#include "stage/choose/filter_chain.hpp"
#include "tests/catch.hpp"
#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

using namespace ship;
using namespace std::chrono_literals;

// What is bounded counts up and has to count down again: after ten times each bound, with pauses, it
// gives what it gave at the start (Q4). The one of deduplication is beside its other tests.

namespace {

constexpr int kRounds = 10;

/// A chain of filters, and the records of lines that it is given.
class Chosen {
 public:
  explicit Chosen(const FilterSettings& settings)
      : chain_(std::move(FilterChain::make(settings, clock, 42)).value()) {}

  /// How many of the lines go on.
  std::size_t pass(const std::vector<std::string>& lines) {
    std::vector<Record> batch;
    for (const std::string& line : lines) {
      const Finding found = probe_.probe(line);
      batch.push_back({line, found.time, found.level, found.level_size, false, found.level_at});
    }
    chain_->filter(batch, false);
    return batch.size();
  }

  ManualClock clock;

 private:
  std::unique_ptr<FilterChain> chain_;
  Probe probe_;
};

/// The same lines each time, so that a rate always chooses the same.
std::vector<std::string> lines_of(const std::string& member, int count) {
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) {
    lines.push_back("{\"" + member + "\":\"" + std::to_string(i) + "\"}");
  }
  return lines;
}

}  // namespace

TEST_CASE("long run: a rate limit forgets and refills its keys as at the start", "[long_run]") {
  FilterSettings settings;
  settings.rate_limit.refill_rate_per_sec = 1;
  settings.rate_limit.capacity = 2;
  settings.rate_limit.key_field = "k";
  settings.rate_limit.max_keys = 8;
  Chosen chosen(settings);
  for (int round = 0; round < kRounds; ++round) {
    // Ten times as many keys as it remembers, three records of each.
    for (int key = 0; key < 80; ++key) {
      const std::string line = "{\"k\":" + std::to_string(round * 40 + key) + "}";
      CHECK(chosen.pass({line, line, line}) == 2);
    }
    // The last of them have no tokens left, and have all of them again after a pause.
    const std::string last = "{\"k\":" + std::to_string(round * 40 + 79) + "}";
    CHECK(chosen.pass({last}) == 0);
    chosen.clock.advance(1min);
    CHECK(chosen.pass({last, last, last}) == 2);
    chosen.clock.advance(1min);
  }
}

TEST_CASE("long run: an adaptive rate takes each burst after a pause as the first", "[long_run]") {
  FilterSettings settings;
  settings.adaptive.target_eps = 100;
  settings.adaptive.min_sample_rate = 0.001;
  Chosen chosen(settings);
  const std::vector<std::string> slice = lines_of("trace_id", 200);
  std::vector<std::size_t> first;
  for (int round = 0; round < kRounds; ++round) {
    chosen.pass({"{}"});
    chosen.clock.advance(10min);
    chosen.pass({"{}"});
    std::vector<std::size_t> kept;
    for (int i = 0; i < 40; ++i) {
      chosen.clock.advance(100ms);
      kept.push_back(chosen.pass(slice));
    }
    if (round == 0) first = kept;
    CHECK(kept == first);
    CHECK(kept.back() < slice.size() / 5);
  }
}

TEST_CASE("long run: lines are joined up to the same bounds in every group", "[long_run]") {
  Multiline::Options options;
  options.max_bytes = 1000;
  const bool by_bytes = GENERATE(true, false);
  if (!by_bytes) options.max_bytes = 1u << 20;
  const std::string line = by_bytes ? " " + std::string(98, 'x') : " x";
  Multiline multiline(std::move(options));
  std::map<std::size_t, int> sizes;
  for (int round = 0; round < kRounds; ++round) {
    REQUIRE(multiline.add("head", "head"));
    for (std::size_t i = 0; i < 3 * Multiline::kMaxLines; ++i) {
      multiline.add_blank();
      if (multiline.add(line, line)) continue;
      ++sizes[multiline.lines()];
      multiline.clear();
      REQUIRE(multiline.add(line, line));
    }
    multiline.clear();  // after a pause, by whoever watches the clock
  }
  for (const auto& [size, count] : sizes) {
    INFO(size << " lines");
    CHECK(count % kRounds == 0);
  }
}

TEST_CASE("long run: invalid lines wait for the dead letters' disk up to the same bound",
          "[long_run]") {
  MemoryFiles files;
  ManualClock clock;
  std::mutex disk;
  std::atomic<int> writes = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind != MemoryFiles::Call::Kind::write) return 0;
    ++writes;
    const std::lock_guard wait(disk);
    return 0;
  };
  std::atomic<int> told = 0;
  auto letters = std::move(DeadLetters::open(files, clock, {"/dead", 64u << 20, 4},
                                             [&](LogLevel, const std::string&) { ++told; }))
                     .value();
  const std::string line(100'000, 'x');
  std::ptrdiff_t lines = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::unique_lock hang(disk);
    const int before = writes;
    letters->post(line, "is not a JSON object", {});
    while (writes == before) std::this_thread::yield();
    for (int i = 0; i < 100; ++i) letters->post(line, "is not a JSON object", {});
    hang.unlock();
    // What was left out is told once the others are written.
    while (told == round) std::this_thread::yield();
    const std::string text = files.content("/dead");
    const std::ptrdiff_t all = std::count(text.begin(), text.end(), '\n');
    CHECK(all - std::exchange(lines, all) == 11);
    clock.advance(1min);
  }
  CHECK(letters->close(SteadyTime::max()));
}

TEST_CASE("long run: a spool takes as much after each outage as after the first", "[long_run]") {
  MemoryFiles files;
  SpoolOptions options;
  options.directory = "/spool";
  options.max_bytes = 64 * 1024;
  options.segment_bytes = 4096;
  options.mode = GENERATE(SpoolMode::overflow, SpoolMode::durable);
  auto spool = std::move(Spool::open(files, options).value().spool);
  std::uint64_t sequence = 0;
  std::uint64_t first = 0;
  for (int round = 0; round < kRounds; ++round) {
    // Ten times what it has room for.
    std::uint64_t stored = 0;
    for (int part = 0; part < 130; ++part) {
      SpoolRecords records;
      for (int i = 0; i < 10; ++i) {
        records.add(++sequence, i % 2 == 0 ? kSpoolInfo : kSpoolDebug, 500);
      }
      const SpoolAppend done = spool->append(records);
      CHECK(done.stored + done.refused.size() == 10);
      stored += done.stored;
    }
    if (round == 0) first = stored;
    CHECK(stored == first);
    CHECK(spool->counts().bytes <= options.max_bytes);
    CHECK(drain(*spool).sequences.size() == stored);
    CHECK(spool->counts().records == 0);
  }
  CHECK(first > 50);
}

TEST_CASE("long run: a queue takes as much after each outage as after the first", "[long_run]") {
  SinkScript script;
  std::mutex server;
  script.otherwise = [&server](auto) {
    const std::lock_guard wait(server);
    return Verdict{};
  };
  SinkSettings settings = settings_for_tests();
  settings.queue.max_bytes = 1u << 20;
  settings.delivery.workers = 2;
  settings.queue.size = GENERATE(100'000, 300);
  Rig rig(settings, script);
  rig.start();
  const std::vector<std::string> lines(5000, "{\"m\":\"" + std::string(2000, 'x') + "\"}");
  std::uint64_t first = 0;
  std::uint64_t delivered = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::unique_lock hang(server);
    rig.submit(lines);
    const LaneCounts full = rig.lane.snapshot().counts;
    const std::uint64_t taken = full.submitted - full.dropped_total() - delivered;
    if (round == 0) first = taken;
    CHECK(taken == first);
    CHECK(full.balanced());
    hang.unlock();
    while (rig.lane.snapshot().counts.pending > 0) std::this_thread::yield();
    delivered = rig.lane.snapshot().counts.delivered;
    CHECK(rig.lane.snapshot().queue_bytes == 0);
  }
  CHECK(first > 100);
}

TEST_CASE("long run: each outage begins with the shortest wait and ends with a closed breaker",
          "[long_run]") {
  ManualClock clock;
  CircuitBreaker gate({500ms, 30s, 5, 10s}, 7);
  for (int round = 0; round < kRounds; ++round) {
    for (int failure = 1; failure <= 50; ++failure) {
      const CircuitBreaker::Permit permit = gate.ask(clock.steady());
      REQUIRE(permit.go);
      gate.answered(Verdict::Health::failing, permit.epoch, clock.steady(), 0ms);
      CHECK((gate.state() == CircuitBreaker::State::closed) == (failure < 5));
      const CircuitBreaker::Permit next = gate.ask(clock.steady());
      if (failure == 1 && !next.go) CHECK(next.again_at - clock.steady() <= 500ms);
      if (next.go) {
        gate.answered(Verdict::Health::unknown, next.epoch, clock.steady());
      } else {
        clock.advance(next.again_at - clock.steady());
      }
    }
    const CircuitBreaker::Permit probe = gate.ask(clock.steady());
    REQUIRE(probe.go);
    gate.answered(Verdict::Health::good, probe.epoch, clock.steady());
    CHECK(gate.state() == CircuitBreaker::State::closed);
    CHECK(gate.failures() == 0);
    clock.advance(1h);
  }
}
