#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

using namespace ship;

namespace {

using Sequences = std::vector<std::uint64_t>;
using Kind = MemoryFiles::Call::Kind;

constexpr SpoolClass kInfoClass{false, 20};
constexpr SpoolClass kErrorClass{true, 40};

SpoolRecords mixed(std::uint64_t from, std::uint64_t to) {
  SpoolRecords records;
  for (std::uint64_t i = from; i < to; ++i) records.add(i, i % 4 == 3 ? kErrorClass : kInfoClass);
  return records;
}

Sequences ascending(std::uint64_t from, std::uint64_t to) {
  Sequences all;
  for (std::uint64_t i = from; i < to; ++i) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("spool: what is appended together is to be read only when all of it is on disk",
          "[spool]") {
  MemoryFiles files;
  SpoolOptions options{"/spool", 1 << 20, SpoolMode::durable};
  options.segment_bytes = GENERATE(0, 4096);  // with small ones, segments fill up on the way
  auto spool = std::move(Spool::open(files, options).value().spool);
  int looked = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind != Kind::sync && call.kind != Kind::sync_directory) return 0;
    ++looked;
    SpoolBatch batch;
    CHECK_FALSE(spool->has_unread());
    spool->take({}, batch);
    CHECK(batch.empty());
    return 0;
  };
  CHECK(spool->append(mixed(1, 200)).stored == 199);
  CHECK(looked >= 2);
  files.on_call = nullptr;
  CHECK(drain(*spool).sequences == ascending(1, 200));
}

TEST_CASE("spool: what is appended while a batch is taken overtakes nothing", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, {"/spool", 1 << 20}).value().spool);
  SpoolRecords first;
  for (std::uint64_t i = 1; i < 9; ++i) first.add(i, kInfoClass);
  first.add(9, {false, 10});  // of a segment that is begun after the append
  REQUIRE(spool->append(first).stored == 9);
  bool appended = false;
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind != Kind::read || appended) return 0;
    appended = true;
    CHECK(spool->append(mixed(10, 30)).stored == 20);
    return 0;
  };
  Sequences sequences;
  for (int i = 0; i < 2; ++i) {
    SpoolBatch batch;
    spool->take({}, batch);
    for (std::size_t n = 0; n < batch.size(); ++n) sequences.push_back(batch.sequence(n));
    spool->release(batch);
  }
  CHECK(appended);
  CHECK(sequences == ascending(1, 30));
}

TEST_CASE("spool: a group whose sync fails for one class loses nothing and keeps the other",
          "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, {"/spool", 1 << 20, SpoolMode::durable}).value().spool);
  const bool of_names = GENERATE(false, true);
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (of_names) return call.kind == Kind::sync_directory ? EIO : 0;
    return call.kind == Kind::sync && call.path.find(".p40.") != std::string::npos ? EIO : 0;
  };
  const SpoolAppend result = spool->append(mixed(1, 41));
  CHECK(result.events.error);
  CHECK(result.stored == (of_names ? 0 : 30));
  CHECK(result.failed.size() == (of_names ? 40 : 10));
  CHECK(spool->counts().records == result.stored);
  files.on_call = nullptr;
  CHECK(drain(*spool).sequences.size() == result.stored);
}

TEST_CASE("spool: a disk that keeps failing fails with the same words each time", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, {"/spool", 1 << 20}).value().spool);
  const auto failing = GENERATE(Kind::open, Kind::write);
  files.on_call = [&](const MemoryFiles::Call& call) { return call.kind == failing ? EIO : 0; };
  const SpoolAppend first = spool->append(mixed(1, 5));
  const SpoolAppend second = spool->append(mixed(1, 5));
  REQUIRE(first.events.error);
  REQUIRE(second.events.error);
  CHECK(first.events.error->message == second.events.error->message);
  CHECK(first.events.error->message.find("/spool: ") != std::string::npos);
}
