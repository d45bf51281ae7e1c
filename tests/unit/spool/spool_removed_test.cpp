#include <filesystem>

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

// Files of a spool that is in use are removed by somebody else.

namespace ship {
namespace {

namespace fs = std::filesystem;

/// A spool with small segments on a real disk.
class Removed {
 public:
  explicit Removed(SpoolMode mode = SpoolMode::overflow) {
    auto opened = Spool::open(system_files(), {path(), 1 << 20, mode, DropPolicy::newest, 8192});
    REQUIRE(opened.ok());
    spool = std::move(opened.value().spool);
  }

  std::string path() const { return directory.path() + "/spool/http"; }
  SpoolAppend add(std::uint64_t count, SpoolClass kind = kSpoolInfo) {
    SpoolRecords records;
    for (std::uint64_t i = 0; i < count; ++i) records.add(next++, kind);
    SpoolAppend result = spool->append(records);
    note(result.events);
    CHECK_FALSE(result.events.error);
    CHECK(result.stored == count);
    return result;
  }
  void note(const SpoolEvents& events) {
    for (const SpoolLoss& loss : events.lost) {
      CHECK(loss.reason == SpoolLoss::Reason::damaged);
      lost += loss.records;
    }
    messages += events.messages.size();
  }

  TemporaryDirectory directory;
  std::unique_ptr<Spool> spool;
  std::uint64_t next = 1;
  std::uint64_t lost = 0;
  std::size_t messages = 0;
};

}  // namespace

TEST_CASE("spool: files that are removed while it runs are noticed, counted and replaced (T5)",
          "[spool]") {
  Removed removed(GENERATE(SpoolMode::overflow, SpoolMode::durable));
  const bool whole = GENERATE(false, true);
  removed.add(300);
  removed.add(10, kSpoolError);
  CHECK(removed.lost == 0);
  if (whole) {
    fs::remove_all(removed.directory.path() + "/spool");
  } else {
    for (const auto& entry : fs::directory_iterator(removed.path())) fs::remove(entry.path());
  }
  removed.add(50);
  CHECK(removed.lost == 310);
  CHECK(removed.messages == 1);
  CHECK(removed.spool->counts().records == 50);
  // Another shipper is kept out as before.
  CHECK_FALSE(Spool::open(system_files(), {removed.path()}));
  removed.note(removed.spool->close());
  removed.spool.reset();
  CHECK(removed.lost == 310);
  auto again = Spool::open(system_files(), {removed.path()});
  REQUIRE(again.ok());
  CHECK(drain(*again.value().spool).sequences.size() == 50);
}

TEST_CASE("spool: a full file that is removed is noticed once the next one is full (T5)",
          "[spool]") {
  Removed removed;
  removed.add(300);
  const std::string second = removed.path() + "/" + spool_segment_name(2, kSpoolInfo);
  REQUIRE(fs::remove(second));
  removed.add(200);
  CHECK(removed.lost > 0);
  CHECK(removed.messages == 1);
  CHECK(removed.spool->counts().records + removed.lost == 500);
  CHECK_FALSE(fs::exists(second));
}

TEST_CASE("spool: a file that is gone when it is to be read is lost, the others come (T5)",
          "[spool]") {
  Removed removed;
  removed.add(300);
  fs::remove(removed.path() + "/" + spool_segment_name(2, kSpoolInfo));
  const SpoolDrain drained = drain(*removed.spool);
  CHECK(drained.lost_records() > 0);
  CHECK(drained.sequences.size() + drained.lost_records() == 300);
  CHECK(drained.messages.size() == 1);
  CHECK(removed.spool->counts().records == 0);
  removed.note(removed.spool->close());
  CHECK(removed.spool->counts() == SpoolCounts());
}

TEST_CASE("spool: what was removed meanwhile is not counted as kept at the end (T5)", "[spool]") {
  Removed removed;
  removed.add(300);
  SpoolBatch batch;
  removed.spool->take({5}, batch);
  fs::remove_all(removed.path());
  removed.note(removed.spool->give_back(batch));
  removed.note(removed.spool->close());
  CHECK(removed.lost == 300);
  CHECK(removed.spool->counts() == SpoolCounts());
}

TEST_CASE("spool: a recovered file that is removed and never read is missed at the end (T5)",
          "[spool]") {
  Removed removed;
  removed.add(300);
  removed.note(removed.spool->close());
  removed.spool.reset();
  removed.spool = std::move(Spool::open(system_files(), {removed.path()}).value().spool);
  REQUIRE(removed.lost == 0);
  fs::remove(removed.path() + "/" + spool_segment_name(2, kSpoolInfo));
  removed.note(removed.spool->close());
  CHECK(removed.lost > 0);
  CHECK(removed.spool->counts().records + removed.lost == 300);
}

}  // namespace ship
