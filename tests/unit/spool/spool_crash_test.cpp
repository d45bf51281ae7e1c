#include <set>

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

using Set = std::set<std::uint64_t>;

/// A small life of a spool, cut off at some operation of the disk, and what it was told until then.
struct Life {
  Set submitted;
  Set stored;    ///< `append` said so
  Set settling;  ///< an acknowledgement was begun, and may have been noted or not
  Set settled;   ///< and ended without an error

  void live(MemoryFiles& files, SpoolMode mode) {
    auto opened = Spool::open(files, {"/spool", 1 << 20, mode, DropPolicy::newest, 3000});
    if (!opened) return;
    Spool& spool = *opened.value().spool;
    std::uint64_t next = 1;
    for (std::uint64_t round = 0; round < 8; ++round) {
      SpoolRecords records;
      for (int i = 0; i < 9; ++i, ++next) {
        // In some rounds late ones, which open a run of their own.
        const std::uint64_t sequence = round % 3 == 2 ? next + 500 - 20 * round : next;
        records.add(sequence, std::array{kSpoolDebug, kSpoolInfo, kSpoolError}[next % 3], 150);
        submitted.insert(sequence);
      }
      const SpoolAppend result = spool.append(records);
      std::size_t failed = 0;
      for (std::uint32_t i = 0; i < records.all().size(); ++i) {
        if (failed < result.failed.size() && result.failed[failed] == i) {
          ++failed;
        } else {
          stored.insert(records.all()[i].sequence);
        }
      }
      if (round % 2 == 0) continue;
      SpoolBatch first;
      SpoolBatch second;
      spool.take({6}, first);
      spool.take({5}, second);
      settle(spool, second, second.size());
      settle(spool, first, first.size() / 2);
    }
    spool.close();
  }

  void settle(Spool& spool, SpoolBatch& batch, std::size_t acknowledged) {
    Set sequences;
    for (std::size_t i = 0; i < acknowledged; ++i) sequences.insert(batch.sequence(i));
    settling.insert(sequences.begin(), sequences.end());
    if (!spool.settle(batch, acknowledged).error) {
      settled.insert(sequences.begin(), sequences.end());
    }
  }
};

/// Opens what is left and takes it all. What comes must be what was stored, and nothing else.
Set come_back(MemoryFiles& files, const Life& life) {
  auto opened = Spool::open(files, {"/spool", 1 << 20});
  REQUIRE(opened.ok());
  Spool& spool = *opened.value().spool;
  SpoolRecords more;
  const std::uint64_t next = spool.next_sequence();
  more.add(next, kSpoolInfo);
  REQUIRE(spool.append(more).stored == 1);
  const SpoolDrain all = drain(spool);
  CHECK(all.changed == 0);
  CHECK(all.sequences.back() == next);
  Set sequences(all.sequences.begin(), all.sequences.end());
  CHECK(sequences.size() == all.sequences.size());
  sequences.erase(next);
  for (const std::uint64_t sequence : sequences) CHECK(life.submitted.count(sequence) == 1);
  CHECK_FALSE(spool.close().error);
  CHECK(spool.counts() == SpoolCounts());
  return sequences;
}

void check_nothing_lost(const Life& life, const Set& sequences) {
  for (const std::uint64_t sequence : life.stored) {
    if (life.settling.count(sequence) == 0) CHECK(sequences.count(sequence) == 1);
  }
}

template <class Crash>
void at_every_operation(SpoolMode mode, std::size_t torn_bytes, Crash crash) {
  MemoryFiles whole;
  REQUIRE(whole.make_directory("/spool", 0700));
  Life().live(whole, mode);
  for (std::uint64_t operations = 0; operations < whole.operations(); ++operations) {
    INFO("after " << operations << " operations");
    MemoryFiles files;
    REQUIRE(files.make_directory("/spool", 0700));
    files.power_off_after(operations, torn_bytes);
    Life life;
    life.live(files, mode);
    crash(files, life, operations);
  }
}

TEST_CASE("spool: whenever the power goes, what was acknowledged to disk comes back", "[spool]") {
  for (const std::size_t torn_bytes : {0u, 700u, 1600u}) {
    at_every_operation(SpoolMode::durable, torn_bytes, [](auto& files, auto& life, auto n) {
      files.crash(static_cast<double>(n % 4) / 3);
      check_nothing_lost(life, come_back(files, life));
    });
  }
}

TEST_CASE("spool: nothing is lost by a disk that writes in any order", "[spool]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    at_every_operation(SpoolMode::durable, 700 * seed, [seed](auto& files, auto& life, auto n) {
      files.crash_scrambled(1000 * seed + n);
      check_nothing_lost(life, come_back(files, life));
    });
  }
}

TEST_CASE("spool: whenever it is killed, what was stored comes back, what was settled does not",
          "[spool]") {
  for (const SpoolMode mode : {SpoolMode::durable, SpoolMode::overflow}) {
    for (const std::size_t torn_bytes : {0u, 20u, 700u, 1600u}) {
      at_every_operation(mode, torn_bytes, [](auto& files, auto& life, auto) {
        files.kill();
        const Set sequences = come_back(files, life);
        check_nothing_lost(life, sequences);
        for (const std::uint64_t sequence : life.settled) CHECK(sequences.count(sequence) == 0);
      });
    }
  }
}

TEST_CASE("spool: a power loss in overflow mode leaves a spool that opens", "[spool]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    at_every_operation(SpoolMode::overflow, 0, [seed](auto& files, auto& life, auto n) {
      files.crash_scrambled(1000 * seed + n);
      come_back(files, life);
    });
  }
}

}  // namespace
}  // namespace ship
