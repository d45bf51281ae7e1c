#include <algorithm>
#include <map>
#include <random>

#include "queue/eviction_policy.hpp"
#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

using Sequences = std::vector<std::uint64_t>;
using Losses = std::vector<std::pair<SpoolClass, std::uint64_t>>;

constexpr std::size_t kLine = 436;  // 500 bytes on disk

/// A spool of twelve segments of four such records.
class Small {
 public:
  explicit Small(DropPolicy drop = DropPolicy::newest) {
    spool = std::move(
        Spool::open(files, {"/spool", 12 * 3536, SpoolMode::overflow, drop, 3536}).value().spool);
  }

  SpoolAppend add(SpoolClass kind, std::uint64_t count) {
    SpoolRecords records;
    for (std::uint64_t i = 0; i < count; ++i) records.add(next++, kind, kLine);
    SpoolAppend result = spool->append(records);
    CHECK(result.stored + result.refused.size() == count);
    CHECK(result.failed.empty());
    CHECK(spool->counts().bytes <= 12 * 3536);
    return result;
  }

  MemoryFiles files;
  std::unique_ptr<Spool> spool;
  std::uint64_t next = 1;
};

Losses losses(const SpoolEvents& events) {
  Losses all;
  for (const SpoolLoss& loss : events.lost) {
    CHECK(loss.reason == SpoolLoss::Reason::evicted);
    all.emplace_back(loss.kind, loss.records);
  }
  return all;
}

TEST_CASE("spool: a protected record evicts the oldest segment of the lowest class", "[spool]") {
  Small small;
  small.add(kSpoolInfo, 16);
  small.add(kSpoolDebug, 16);
  small.add(kSpoolError, 16);
  CHECK(losses(small.add(kSpoolError, 1).events) == Losses{{kSpoolDebug, 4}});
  CHECK(losses(small.add(kSpoolError, 11).events) == Losses{{kSpoolDebug, 4}, {kSpoolDebug, 4}});
  CHECK(losses(small.add(kSpoolAudit, 4).events) == Losses{{kSpoolDebug, 4}});
  CHECK(losses(small.add(kSpoolError, 4).events) == Losses{{kSpoolInfo, 4}});
  const SpoolCounts counts = small.spool->counts();
  CHECK(counts.records == 48);
  CHECK(counts.protected_records == 36);
  CHECK(drain(*small.spool).sequences.front() == 5);
}

TEST_CASE("spool: a protected record is refused where only protected ones are left", "[spool]") {
  Small small;
  small.add(kSpoolError, 48);
  const SpoolAppend result = small.add(kSpoolAudit, 2);
  CHECK(result.refused == std::vector<std::uint32_t>{0, 1});
  CHECK(result.events.lost.empty());
  CHECK(drain(*small.spool).sequences.size() == 48);
}

TEST_CASE("spool: newest: an unprotected newcomer is refused when it is full", "[spool]") {
  Small small;
  small.add(kSpoolDebug, 44);
  CHECK(small.add(kSpoolInfo, 5).refused == std::vector<std::uint32_t>{4});
  CHECK(small.add(kSpoolError, 0).events.lost.empty());
  CHECK(drain(*small.spool).sequences.back() == 48);
}

TEST_CASE("spool: of one append what matters most gets the room that there is", "[spool]") {
  Small small;
  small.add(kSpoolError, 40);
  SpoolRecords records;
  for (std::uint64_t i = 0; i < 6; ++i) records.add(small.next++, kSpoolDebug, kLine);
  for (std::uint64_t i = 0; i < 6; ++i) records.add(small.next++, kSpoolInfo, kLine);
  CHECK(small.spool->append(records).refused == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("spool: a line without a byte is refused, for no reader could take it for a record",
          "[spool]") {
  Small small;
  SpoolRecord empty;
  empty.sequence = small.next++;
  const SpoolAppend result = small.spool->append({&empty, 1});
  CHECK(result.refused == std::vector<std::uint32_t>{0});
  CHECK(small.spool->counts().records == 0);
  CHECK(small.spool->counts().bytes == 0);
}

TEST_CASE("spool: oldest: an unprotected newcomer evicts what matters no more than it", "[spool]") {
  Small small(DropPolicy::oldest);
  small.add(kSpoolInfo, 16);
  small.add(kSpoolDebug, 8);
  small.add(kSpoolError, 24);
  CHECK(losses(small.add(kSpoolInfo, 1).events) == Losses{{kSpoolInfo, 4}});
  CHECK(losses(small.add(kSpoolDebug, 4).events) == Losses{{kSpoolDebug, 4}});
  CHECK(losses(small.add(kSpoolInfo, 3).events).empty());
  CHECK(losses(small.add(kSpoolInfo, 4).events) == Losses{{kSpoolInfo, 4}});
  CHECK(losses(small.add(kSpoolDebug, 8).events) == Losses{{kSpoolDebug, 4}, {kSpoolDebug, 4}});
  CHECK(drain(*small.spool).sequences.front() == 9);
}

TEST_CASE("spool: oldest: where only protected ones are left, the newest stay", "[spool]") {
  Small small(DropPolicy::oldest);
  small.add(kSpoolAudit, 4);
  small.add(kSpoolError, 44);
  const SpoolAppend result = small.add(kSpoolError, 8);
  CHECK(result.stored == 8);
  CHECK(losses(result.events) == Losses{{kSpoolError, 4}, {kSpoolError, 4}});
  CHECK(losses(small.add(kSpoolAudit, 4).events) == Losses{{kSpoolAudit, 4}});
  CHECK(small.add(kSpoolInfo, 1).refused.size() == 1);
  const Sequences left = drain(*small.spool).sequences;
  REQUIRE(left.size() == 48);
  CHECK(left.front() == 13);
  CHECK(left.back() == 60);
}

TEST_CASE("spool: oldest: what comes late and is older than all that is there evicts nothing (T3)",
          "[spool]") {
  Small small(DropPolicy::oldest);
  small.next = 100;
  small.add(kSpoolError, 48);
  // What waited in memory while the disk filled up.
  small.next = 1;
  const SpoolAppend late = small.add(kSpoolError, 4);
  CHECK(late.refused.size() == 4);
  CHECK(losses(late.events).empty());
  // What is newer than some still takes the place of the oldest.
  small.next = 148;
  CHECK(losses(small.add(kSpoolError, 4).events) == Losses{{kSpoolError, 4}});
  const Sequences left = drain(*small.spool).sequences;
  CHECK(left.front() == 104);
  CHECK(left.back() == 151);
}

TEST_CASE("spool: a record that could not fit even so is refused, and evicts nothing", "[spool]") {
  Small small;
  small.add(kSpoolDebug, 40);
  SpoolRecords huge;
  huge.add(small.next, kSpoolError, 12 * 3536);
  const SpoolAppend result = small.spool->append(huge);
  CHECK(result.refused.size() == 1);
  CHECK(result.events.lost.empty());
  CHECK(small.spool->counts().records == 40);
}

TEST_CASE("spool: room that is only left over is used before anything is evicted", "[spool]") {
  Small small;
  small.add(kSpoolError, 1);
  SpoolBatch batch;
  small.spool->take({}, batch);
  small.spool->release(batch);
  small.add(kSpoolDebug, 44);
  const SpoolAppend result = small.add(kSpoolInfo, 4);
  CHECK(result.stored == 4);
  CHECK(result.events.lost.empty());
}

TEST_CASE("spool: what is with a worker is not lost when its segment is evicted", "[spool]") {
  Small small;
  small.add(kSpoolDebug, 48);
  SpoolBatch first;
  SpoolBatch second;
  small.spool->take({2}, first);
  small.spool->take({1}, second);
  CHECK(losses(small.add(kSpoolError, 1).events) == Losses{{kSpoolDebug, 1}});
  CHECK(small.spool->counts().records == 48);
  CHECK(small.spool->counts().in_flight == 3);
  CHECK(is_intact(first, 1));
  small.spool->release(first);
  CHECK(small.spool->counts().records == 46);
  // Given back, there is nowhere to put it.
  CHECK(losses(small.spool->give_back(second)) == Losses{{kSpoolDebug, 1}});
  CHECK(small.spool->counts().records == 45);
  CHECK(small.spool->counts().in_flight == 0);
  CHECK(drain(*small.spool).sequences.size() == 45);
}

TEST_CASE("spool: all that was appended is stored, evicted or refused", "[spool]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const DropPolicy drop = seed % 2 ? DropPolicy::oldest : DropPolicy::newest;
    Small small(drop);
    std::map<SpoolClass, Sequences> stored;  // in order, what was not taken yet
    constexpr std::array kKinds = {kSpoolDebug, kSpoolInfo, kSpoolError, kSpoolAudit};
    for (int step = 0; step < 120; ++step) {
      if (random() % 4 == 0) {
        SpoolBatch batch;
        small.spool->take({random() % 9}, batch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
          auto& sequences =
              stored[{batch.is_protected(i), batch.records(i, i + 1)[0].level.severity}];
          REQUIRE_FALSE(sequences.empty());
          CHECK(sequences.front() == batch.sequence(i));
          sequences.erase(sequences.begin());
        }
        CHECK(small.spool->release(batch).lost.empty());
      } else {
        const std::uint64_t weight = random() % 10;
        const SpoolClass kind = kKinds[weight < 3 ? 0 : weight < 6 ? 1 : weight < 9 ? 2 : 3];
        const std::uint64_t first = small.next;
        const std::uint64_t count = 1 + random() % 9;
        const SpoolAppend result = small.add(kind, count);
        std::size_t refused = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
          if (refused < result.refused.size() && result.refused[refused] == i) {
            ++refused;
          } else {
            stored[kind].push_back(first + i);
          }
        }
        for (const SpoolLoss& loss : result.events.lost) {
          // What gives way, does so from its oldest end.
          CHECK(gives_way(drop, kind.is_protected, kind.severity, loss.kind.is_protected,
                          loss.kind.severity) != GivesWay::never);
          auto& sequences = stored[loss.kind];
          REQUIRE(sequences.size() >= loss.records);
          sequences.erase(sequences.begin(),
                          sequences.begin() + static_cast<std::ptrdiff_t>(loss.records));
          if (kind.is_protected && loss.kind == kSpoolInfo) CHECK(stored[kSpoolDebug].empty());
          if (loss.kind.is_protected) CHECK(stored[kSpoolInfo].empty());
        }
        // Refused only where nothing less important was left.
        if (refused > 0 && kind.is_protected) {
          CHECK(stored[kSpoolDebug].empty());
          CHECK(stored[kSpoolInfo].empty());
        }
      }
      std::uint64_t records = 0;
      for (const auto& [kind, sequences] : stored) records += sequences.size();
      REQUIRE(small.spool->counts().records == records);
    }
    Sequences expected;
    for (const auto& [kind, sequences] : stored) {
      expected.insert(expected.end(), sequences.begin(), sequences.end());
    }
    std::sort(expected.begin(), expected.end());
    const SpoolDrain rest = drain(*small.spool);
    CHECK(rest.sequences == expected);
    CHECK(rest.changed == 0);
  }
}

TEST_CASE("spool: on a full disk an append fails and leaves no trace, then works again",
          "[spool]") {
  for (std::uint64_t free_bytes = 0; free_bytes < 4200; free_bytes += 37) {
    INFO(free_bytes << " bytes free");
    for (const SpoolMode mode : {SpoolMode::overflow, SpoolMode::durable}) {
      MemoryFiles files;
      auto spool = std::move(Spool::open(files, {"/spool", 1 << 20, mode}).value().spool);
      SpoolRecords before;
      before.add(1, kSpoolInfo, kLine);
      REQUIRE(spool->append(before).stored == 1);
      const SpoolCounts counts = spool->counts();
      files.free_bytes = free_bytes;
      SpoolRecords more;
      for (std::uint64_t i = 2; i <= 4; ++i) more.add(i, kSpoolInfo, kLine);
      for (std::uint64_t i = 5; i <= 6; ++i) more.add(i, kSpoolDebug, kLine);
      const SpoolAppend result = spool->append(more);
      CHECK(result.stored + result.failed.size() == 5);
      CHECK(result.events.lost.empty());
      if (result.failed.empty()) continue;
      REQUIRE(result.events.error);
      CHECK(result.events.error->kind == ErrorKind::transient);
      CHECK(result.events.error->message.find("No space left") != std::string::npos);
      CHECK(spool->counts().records == counts.records + result.stored);
      if (free_bytes % 2) {
        spool.reset();
        files.kill();
        auto opened = Spool::open(files, {"/spool"});
        CHECK(opened.value().report.messages == std::vector<std::string>());
        CHECK(drain(*opened.value().spool).sequences.size() == 1 + result.stored);
        continue;
      }
      files.free_bytes.reset();
      std::vector<SpoolRecord> again;
      for (const std::uint32_t i : result.failed) again.push_back(more.all()[i]);
      CHECK(spool->append(again).stored == again.size());
      spool.reset();
      files.kill();
      auto opened = Spool::open(files, {"/spool"});
      CHECK(opened.value().report.messages == std::vector<std::string>());
      const SpoolDrain all = drain(*opened.value().spool);
      CHECK(all.sequences == Sequences{1, 2, 3, 4, 5, 6});
      CHECK(all.changed == 0);
    }
  }
}

TEST_CASE("spool: on a full disk protected records take the place of others", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(
      Spool::open(files, {"/spool", 1 << 20, SpoolMode::durable, DropPolicy::newest, 3536})
          .value()
          .spool);
  SpoolRecords before;
  for (std::uint64_t i = 1; i <= 8; ++i) before.add(i, kSpoolDebug, kLine);
  for (std::uint64_t i = 9; i <= 12; ++i) before.add(i, kSpoolInfo, kLine);
  REQUIRE(spool->append(before).stored == 12);
  files.free_bytes = 100;
  SpoolRecords more;
  for (std::uint64_t i = 13; i <= 14; ++i) more.add(i, kSpoolInfo, kLine);
  for (std::uint64_t i = 15; i <= 16; ++i) more.add(i, kSpoolError, kLine);
  const SpoolAppend result = spool->append(more);
  CHECK(result.stored == 2);
  CHECK(result.failed == std::vector<std::uint32_t>{0, 1});
  CHECK(losses(result.events) == Losses{{kSpoolDebug, 4}});
  CHECK(drain(*spool).sequences == Sequences{5, 6, 7, 8, 9, 10, 11, 12, 15, 16});
}

TEST_CASE("spool: a sync that fails takes the append back", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, {"/spool", 1 << 20, SpoolMode::durable}).value().spool);
  SpoolRecords before;
  before.add(1, kSpoolInfo, kLine);
  REQUIRE(spool->append(before).stored == 1);
  SpoolRecords more;
  more.add(2, kSpoolInfo, kLine);
  files.on_call = [](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::sync ? EIO : 0;
  };
  SpoolAppend result = spool->append(more);
  CHECK(result.failed == std::vector<std::uint32_t>{0});
  REQUIRE(result.events.error);
  CHECK(spool->counts().records == 1);
  files.on_call = nullptr;
  CHECK(spool->append(more).stored == 1);
  // Nothing is written again to pages whose sync has failed.
  CHECK(files.paths("/spool").size() == 3);
  spool.reset();
  files.crash();
  auto opened = Spool::open(files, {"/spool"});
  CHECK(drain(*opened.value().spool).sequences == Sequences{1, 2});
}

}  // namespace
}  // namespace ship
