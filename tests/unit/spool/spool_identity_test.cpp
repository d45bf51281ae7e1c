#include <map>
#include <zlib.h>

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

const SpoolOptions kOptions{"/spool", 1 << 20};

std::uint32_t checksum(std::uint32_t start, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

/// What version 1 wrote: a segment of INFO records that is not sealed, as after a kill.
std::string old_segment(std::uint64_t id, const std::vector<std::string>& lines) {
  std::string bytes = encode_spool_header({id, kSpoolInfo, 1});
  put(bytes, 8, 1, 4);
  put(bytes, 36, checksum(0, std::string_view(bytes).substr(0, 36)), 4);
  bytes.resize(kSpoolData);
  std::uint64_t sequence = 1;
  for (const std::string& line : lines) {
    std::string record = "\xFF\xFESR" + std::string(36, '\0');
    put(record, 8, checksum(spool_salt(id), line), 4);
    put(record, 12, line.size(), 4);
    put(record, 16, sequence++, 8);
    record[37] = 20;
    record[38] = static_cast<char>(LevelName::info);
    put(record, 4, checksum(spool_salt(id), std::string_view(record).substr(8)), 4);
    bytes += record + line;
  }
  return bytes;
}

using Identities = std::map<std::string, std::string>;

/// Takes all, acknowledges the first `done`, and dies.
Identities recovered(MemoryFiles& files, std::size_t done) {
  auto opened = Spool::open(files, kOptions);
  REQUIRE(opened.ok());
  SpoolBatch batch;
  opened.value().spool->take({}, batch);
  Identities found;
  for (const Record& record : batch.records(0, batch.size())) {
    found[std::string(record.line)] = record_id_text(record.id);
  }
  opened.value().spool->settle(batch, done);
  opened.value().spool.reset();
  files.kill();
  return found;
}

}  // namespace

TEST_CASE("spool: records of version 1 have the same identity at each recovery", "[spool]") {
  const std::vector<std::string> lines = {R"({"n":1})", R"({"n":2})", R"({"n":3})"};
  const auto wrong_header = GENERATE(false, true);
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  std::string content = old_segment(7, lines);
  if (wrong_header) content[20] = '?';
  files.put("/spool/0000000000000007.u20.seg", content + "torn");
  const Identities first = recovered(files, 1);
  REQUIRE(first.size() == 3);
  CHECK(first.begin()->second != std::next(first.begin())->second);
  CHECK(first.begin()->second != record_id_text({}));
  Identities later = first;
  later.erase(R"({"n":1})");
  CHECK(recovered(files, 0) == later);
  CHECK(recovered(files, 0) == later);
}

TEST_CASE("spool: equal places in old spools of two machines are two identities", "[spool]") {
  std::string ids[2];
  for (const int machine : {0, 1}) {
    MemoryFiles files;
    REQUIRE(files.make_directory("/spool", 0700));
    files.put("/spool/0000000000000001.u20.seg",
              old_segment(1, {machine == 0 ? R"({"n":1})" : R"({"n":2})"}));
    ids[machine] = recovered(files, 0).begin()->second;
  }
  CHECK(ids[0] != ids[1]);
}

TEST_CASE("spool: an identity is kept whatever the line, the segment and the order", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, kOptions).value().spool);
  SpoolRecords records;
  records.add(9, kSpoolError);
  records.add(2, kSpoolInfo);
  records.add(5, kSpoolError);
  spool->append(records);
  SpoolBatch batch;
  spool->take({}, batch);
  REQUIRE(batch.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(batch.records(i, i + 1)[0].id == SpoolRecords::id(batch.sequence(i)));
  }
}

}  // namespace ship
