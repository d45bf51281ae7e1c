#include "spool/spool.hpp"

#include <algorithm>
#include <array>

#include "tests/catch.hpp"
#include "tests/models/spool_model.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/spool/spool_contract.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

TEST_CASE("spool: on the machine's own files it keeps the contract", "[spool]") {
  const TemporaryDirectory directory;
  check_spool_contract(system_files(), directory.path() + "/a/spool");
}

TEST_CASE("spool: on files in memory it keeps the contract", "[spool]") {
  MemoryFiles files;
  check_spool_contract(files, "/var/spool");
}

TEST_CASE("spool: a second reader, written from the format's page, finds what is to be delivered",
          "[spool]") {
  MemoryFiles files;
  SpoolOptions options;
  options.directory = "/spool";
  options.segment_bytes = 4096;
  auto spool = std::move(Spool::open(files, options).value().spool);
  std::uint64_t sequence = 0;
  std::vector<std::uint64_t> expected;
  for (int round = 0; round < 5; ++round) {
    SpoolRecords records;
    for (int i = 0; i < 40; ++i) {
      ++sequence;
      records.add(sequence, i % 3 == 0 ? kSpoolError : kSpoolInfo, 60 + 7 * i);
      expected.push_back(sequence);
    }
    REQUIRE(spool->append(records).stored == 40);
    SpoolBatch batch;
    spool->take({30}, batch);
    batch.move_to_front(0, 30, std::vector<std::uint32_t>{1, 4, 5, 28});
    for (std::size_t i = 0; i < 4; ++i) std::erase(expected, batch.sequence(i));
    spool->settle(batch, 4);
  }
  if (GENERATE(true, false)) CHECK_FALSE(spool->close().error);

  testing::SpoolModel found;
  for (const std::string& path : files.paths("/spool")) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (testing::SpoolModel::is_segment(name)) found.add(name, files.content(path));
  }
  std::sort(found.entries.begin(), found.entries.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  REQUIRE(found.entries.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const testing::SpoolModel::Entry& entry = found.entries[i];
    const RecordId id = SpoolRecords::id(expected[i]);
    CHECK(entry.sequence == expected[i]);
    CHECK(entry.line == SpoolRecords::line(expected[i], entry.line.size()));
    CHECK(entry.identity == std::array{id.run.high, id.run.low, id.sequence});
    CHECK(entry.is_protected == ((expected[i] - 1) % 40 % 3 == 0));
  }
}

}  // namespace
}  // namespace ship
