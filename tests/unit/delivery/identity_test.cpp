#include <map>

#include "delivery/replayer.hpp"
#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;

namespace {

/// Of the records that a sink took: line and identity.
using Identities = std::map<std::string, std::string>;

RecordId id_of(int n) { return {{0xABC, static_cast<std::uint64_t>(n % 3)}, 100u + n}; }

Identities expected(int from, int to) {
  Identities all;
  for (int n = from; n < to; ++n) all[numbered(n, n + 1)[0]] = record_id_text(id_of(n));
  return all;
}

void submit(Lane& lane, int from, int to) {
  const auto lines = numbered(from, to);
  std::vector<Record> records;
  for (int n = from; n < to; ++n) {
    records.push_back(record_of(lines[static_cast<std::size_t>(n - from)]));
    records.back().id = id_of(n);
  }
  lane.submit(records);
}

/// Notes what it accepts, and answers `verdict`.
SinkScript::Answer noting(Identities& into, Verdict verdict = {}) {
  return [&into, verdict](std::span<const Record> records) {
    for (const Record& record : records) into[std::string(record.line)] = record_id_text(record.id);
    return verdict;
  };
}

std::unique_ptr<Spool> open_spool(MemoryFiles& files) {
  SpoolOptions options;
  options.directory = "/spool/test";
  auto opened = Spool::open(files, options);
  REQUIRE(opened.ok());
  return std::move(opened.value().spool);
}

}  // namespace

TEST_CASE("identity: a record keeps it through split and retry", "[lane][identity]") {
  SinkScript script;
  Identities seen;
  script.answers.push_back([](auto) { return Verdict::of(Verdict::Kind::retry, 503, "later"); });
  script.answers.push_back([](auto) { return Verdict::of(Verdict::Kind::split, 413, "large"); });
  script.otherwise = noting(seen);
  Rig rig(settings_for_tests(), script);
  submit(rig.lane, 0, 100);
  rig.start();
  CHECK(rig.drain().counts.delivered == 100);
  CHECK(seen == expected(0, 100));
}

TEST_CASE("identity: a record keeps it when it is diverted to a fallback", "[lane][identity]") {
  SinkScript dead;
  dead.otherwise = [](auto) { return Verdict::of(Verdict::Kind::retry, 503, "down"); };
  SinkScript alive;
  Identities seen;
  alive.otherwise = noting(seen);
  SinkSettings settings = settings_for_tests();
  settings.delivery.breaker_failures = 2;
  settings.delivery.breaker_interval = 1h;
  Rig second(settings_for_tests(), alive);
  Rig first(settings, dead);
  first.lane.set_targets(&second.lane);
  second.start();
  submit(first.lane, 0, 50);
  first.start();
  alive.wait_for_calls(1);
  CHECK(first.drain().counts.diverted == 50);
  CHECK(second.drain().counts.delivered == 50);
  CHECK(seen == expected(0, 50));
}

TEST_CASE("identity: a record keeps it through the spool and a restart",
          "[lane][spool][identity]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  SinkSettings settings = settings_for_tests();
  settings.spool.dir = "/spool";
  {
    SinkScript hung;
    hung.hang();
    Rig rig(settings, hung, open_spool(files));
    rig.start();
    submit(rig.lane, 0, 40);
    hung.wait_for_calls(1);
    CHECK(rig.stop().counts.spooled == 40);
  }
  SinkScript script;
  Identities seen;
  script.otherwise = noting(seen);
  Rig rig(settings, script, open_spool(files));
  rig.start();
  CHECK(rig.drain().counts.delivered == 40);
  CHECK(seen == expected(0, 40));
}

TEST_CASE("identity: a dead letter that is replayed is the record it was", "[lane][identity]") {
  MemoryFiles files;
  ManualClock clock;
  Identities first;
  {
    auto letters = std::move(
        DeadLetters::open(files, clock, {"/dead.ndjson"}, [](LogLevel, std::string) {}).value());
    SinkScript script;
    script.otherwise = noting(first, Verdict::of(Verdict::Kind::reject, 400, "no"));
    Rig rig(settings_for_tests(), script, nullptr, {}, letters.get());
    rig.start();
    submit(rig.lane, 0, 30);
    CHECK(rig.drain().counts.dead_lettered == 30);
  }
  SinkScript script;
  Identities seen;
  script.otherwise = noting(seen);
  Rig rig(settings_for_tests(), script);
  rig.start();
  auto replayer =
      std::move(Replayer::open(
                    files, {"/dead.ndjson"}, {}, {&rig.lane}, [](Result<void>) {}, system_clock())
                    .value());
  replayer->start();
  replayer->join();
  CHECK(rig.drain().counts.delivered == 30);
  CHECK(seen == expected(0, 30));
  CHECK(seen == first);
}
