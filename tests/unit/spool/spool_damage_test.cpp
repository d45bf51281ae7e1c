#include <algorithm>
#include <set>

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

using Sequences = std::vector<std::uint64_t>;

const SpoolOptions kOptions{"/spool", 1 << 20};
constexpr std::uint64_t kRecords = 12;
constexpr std::uint64_t kReleased = 4;

/// One segment of twelve records, the first four acknowledged. Unsealed: as after a kill.
std::string make_segment(bool sealed) {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  {
    auto spool = std::move(Spool::open(files, kOptions).value().spool);
    SpoolRecords records;
    for (std::uint64_t i = 1; i <= kRecords; ++i) records.add(i, kSpoolError, 50 + i);
    REQUIRE(spool->append(records).stored == kRecords);
    SpoolBatch batch;
    spool->take({kReleased}, batch);
    spool->release(batch);
    if (sealed) spool->close();
  }
  files.kill();
  return files.content("/spool/0000000000000001.p40.seg");
}

struct Outcome {
  SpoolReport report;
  SpoolDrain drained;
  SpoolEvents closed;
  std::vector<std::string> left;

  std::string all_messages() const {
    std::string all;
    for (const auto& message : report.messages) all += message + "\n";
    for (const auto& message : drained.messages) all += message + "\n";
    return all;
  }
};

Outcome open_and_drain(const std::string& content, std::size_t torn = 0) {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  files.put("/spool/0000000000000001.p40.seg", content);
  auto opened = Spool::open(files, kOptions);
  REQUIRE(opened.ok());
  Outcome outcome;
  outcome.report = opened.value().report;
  Spool& spool = *opened.value().spool;
  outcome.drained = drain(spool, {3});
  const SpoolCounts counts = spool.counts();
  CHECK(counts.records == 0);
  CHECK(counts.protected_records == 0);
  CHECK(counts.in_flight == 0);
  CHECK(outcome.report.counts.records ==
        outcome.drained.sequences.size() + outcome.drained.lost_records() + torn);
  outcome.closed = spool.close();
  CHECK(spool.counts() == SpoolCounts());
  opened.value().spool.reset();
  for (const std::string& path : files.paths("/spool")) {
    if (path != "/spool/lock") outcome.left.push_back(path);
  }
  // Whatever it was: it does no harm a second time.
  auto again = Spool::open(files, kOptions);
  REQUIRE(again.ok());
  CHECK(again.value().report.counts == SpoolCounts());
  CHECK(again.value().report.messages == std::vector<std::string>());
  return outcome;
}

Sequences missing(const Outcome& outcome) {
  Sequences expected;
  for (std::uint64_t i = kReleased + 1; i <= kRecords; ++i) expected.push_back(i);
  Sequences result;
  std::set_difference(expected.begin(), expected.end(), outcome.drained.sequences.begin(),
                      outcome.drained.sequences.end(), std::back_inserter(result));
  return result;
}

/// The byte of the segment at which the record begins.
std::size_t begin_of(std::uint64_t sequence) {
  std::size_t at = kSpoolData;
  for (std::uint64_t i = 1; i < sequence; ++i) at += spool_footprint(50 + i);
  return at;
}

TEST_CASE("spool: a segment whose bytes are flipped one by one loses that record alone",
          "[spool]") {
  for (const bool sealed : {false, true}) {
    const std::string whole = make_segment(sealed);
    REQUIRE(whole.size() == begin_of(kRecords + 1));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        INFO("byte " << at << " flipped by " << flip << (sealed ? ", sealed" : ""));
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const Outcome outcome = open_and_drain(damaged);
        CHECK(outcome.drained.changed == 0);
        CHECK(std::is_sorted(outcome.drained.sequences.begin(), outcome.drained.sequences.end()));
        const Sequences lost = missing(outcome);
        if (at < begin_of(kReleased + 1)) {
          // The header, the notes, or what was delivered already: nothing is lost, some may come
          // again.
          CHECK(lost.empty());
          CHECK((outcome.drained.sequences.size() == kRecords - kReleased ||
                 !outcome.all_messages().empty()));
          continue;
        }
        REQUIRE(lost.size() == 1);
        CHECK(at >= begin_of(lost[0]));
        CHECK(at < begin_of(lost[0] + 1));
        CHECK(outcome.all_messages().find("/spool/0000000000000001.p40.seg") != std::string::npos);
        if (sealed) CHECK(outcome.drained.lost_records() == 1);
        const bool torn = !sealed && at >= begin_of(kRecords) && outcome.left.empty();
        if (torn) {
          CHECK(outcome.all_messages().find("cut off") != std::string::npos);
        } else {
          CHECK(outcome.left == std::vector<std::string>{"/spool/0000000000000001.p40.seg.bad"});
        }
      }
    }
  }
}

TEST_CASE("spool: a segment cut at any byte gives what stands whole before the cut", "[spool]") {
  for (const bool sealed : {false, true}) {
    const std::string whole = make_segment(sealed);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO("cut to " << size << (sealed ? ", sealed" : ""));
      const Outcome outcome = open_and_drain(whole.substr(0, size));
      CHECK(outcome.drained.changed == 0);
      Sequences expected;
      for (std::uint64_t i = kReleased + 1; i <= kRecords && begin_of(i + 1) <= size; ++i) {
        expected.push_back(i);
      }
      // A cut within the acknowledged part spoils the note of it.
      if (size >= begin_of(kReleased + 1)) CHECK(outcome.drained.sequences == expected);
      CHECK(outcome.drained.sequences.size() <= kRecords);
      const bool at_end_of_record =
          !sealed && std::any_of(expected.begin(), expected.end(),
                                 [&](auto i) { return begin_of(i + 1) == size; });
      if (!at_end_of_record && size != begin_of(kReleased + 1)) {
        CHECK_FALSE(outcome.all_messages().empty());
      }
    }
  }
}

TEST_CASE("spool: garbage in the place of a segment is set aside and named", "[spool]") {
  const Outcome outcome = open_and_drain(std::string(5000, 'x'));
  CHECK(outcome.drained.sequences.empty());
  CHECK(outcome.left == std::vector<std::string>{"/spool/0000000000000001.p40.seg.bad"});
  CHECK(outcome.all_messages().find("set aside as /spool/0000000000000001.p40.seg.bad") !=
        std::string::npos);
}

TEST_CASE("spool: another segment's records do not pass for its own", "[spool]") {
  const std::string whole = make_segment(true);
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  std::string mixed = whole;
  // As a disk might after a crash: the same kind of record, of a segment that once stood there.
  SpoolRecords foreign;
  foreign.add(7, kSpoolError, 57);
  std::string bytes;
  append_spool_record(bytes, foreign.all()[0], spool_salt(2));
  mixed.replace(begin_of(7), bytes.size(), bytes);
  const Outcome outcome = open_and_drain(mixed);
  CHECK(missing(outcome) == Sequences{7});
}

TEST_CASE("spool: text that looks like a record is never taken for one", "[spool]") {
  const std::string whole = make_segment(true);
  SpoolRecords forged;
  forged.add(99, kSpoolError, 50);
  std::string bytes;
  append_spool_record(bytes, forged.all()[0], spool_salt(1));
  // A line can hold the whole of it but for the first byte, which is in no UTF-8 text.
  CHECK(static_cast<unsigned char>(bytes[0]) == 0xFF);
}

TEST_CASE("spool: what is not its own is left alone and named", "[spool]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  REQUIRE(files.make_directory("/spool/0000000000000003.u20.seg", 0700));
  files.put("/spool/notes.txt", "mine");
  files.put("/spool/0000000000000002.u20.seg.tmp", "mine");
  files.put("/spool/0000000000000001.u2x.seg", "mine");
  files.put("/spool/000000000000000A.u20.seg", "mine");
  auto opened = Spool::open(files, kOptions);
  REQUIRE(opened.ok());
  CHECK(opened.value().report.messages.size() == 5);
  for (const std::string& message : opened.value().report.messages) {
    CHECK(message.find("left alone") != std::string::npos);
  }
  SpoolRecords records;
  records.add(1, kSpoolInfo);
  CHECK(opened.value().spool->append(records).stored == 1);
  CHECK(files.content("/spool/notes.txt") == "mine");
  CHECK(files.content("/spool/000000000000000A.u20.seg") == "mine");
}

TEST_CASE("spool: a copy of a segment is delivered too, under its own name", "[spool]") {
  const std::string whole = make_segment(true);
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  files.put("/spool/0000000000000001.p40.seg", whole);
  files.put("/spool/0000000000000009.p40.seg", whole);
  auto opened = Spool::open(files, kOptions);
  CHECK(drain(*opened.value().spool).sequences.size() == 2 * (kRecords - kReleased));
}

TEST_CASE("spool: no more than eight damaged files are kept", "[spool]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700));
  for (std::uint64_t id = 1; id <= 20; ++id) {
    files.put("/spool/" + spool_segment_name(id, kSpoolInfo), std::string(4000, '!'));
  }
  auto opened = Spool::open(files, kOptions);
  REQUIRE(opened.ok());
  CHECK(opened.value().report.messages.size() == 20);
  CHECK(files.paths("/spool").size() == 9);
  CHECK(files.exists("/spool/" + spool_segment_name(20, kSpoolInfo) + ".bad"));
  CHECK_FALSE(files.exists("/spool/" + spool_segment_name(12, kSpoolInfo) + ".bad"));
}

TEST_CASE("spool: damage that shows only while it runs is counted exactly", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, kOptions).value().spool);
  SpoolRecords records;
  for (std::uint64_t i = 1; i <= 20; ++i) records.add(i, kSpoolInfo, 100);
  spool->append(records);
  const std::string path = "/spool/0000000000000001.u20.seg";
  auto file = files.open(path, OpenMode::update);
  // Records 3 to 5 and the beginning of 6, and one in the line of 9.
  REQUIRE(file.value()->write_at(kSpoolData + 2 * 164 + 10, std::string(492, '\0')));
  REQUIRE(file.value()->write_at(kSpoolData + 8 * 164 + 90, "?"));
  SpoolBatch batch;
  SpoolEvents events = spool->take({4}, batch);
  CHECK(batch.sequence(0) == 1);
  CHECK(batch.sequence(2) == 7);
  REQUIRE(events.lost.size() == 1);
  CHECK(events.lost[0].records == 5);
  CHECK(events.lost[0].kind == kSpoolInfo);
  CHECK(events.lost[0].reason == SpoolLoss::Reason::damaged);
  CHECK(spool->counts().records == 15);
  spool->give_back(batch);
  spool.reset();
  files.kill();
  spool = std::move(Spool::open(files, kOptions).value().spool);
  CHECK(spool->counts().records == 15);
  CHECK(drain(*spool).sequences.size() == 15);
  spool->close();
  CHECK(files.exists(path + ".bad"));
}

TEST_CASE("spool: a file that cannot be read waits, and the others are delivered", "[spool]") {
  MemoryFiles files;
  auto spool = std::move(Spool::open(files, kOptions).value().spool);
  SpoolRecords records;
  for (std::uint64_t i = 1; i <= 6; ++i) records.add(i, i % 2 ? kSpoolInfo : kSpoolError);
  spool->append(records);
  bool broken = true;
  files.on_call = [&](const MemoryFiles::Call& call) {
    const bool info = call.path.find("u20") != std::string::npos;
    return broken && info && call.kind == MemoryFiles::Call::Kind::read ? EIO : 0;
  };
  SpoolBatch batch;
  SpoolEvents events;
  // It may pass: order is kept for a while.
  for (int i = 0; i < 2; ++i) {
    events = spool->take({}, batch);
    CHECK(batch.empty());
    REQUIRE(events.error);
    CHECK(events.error->kind == ErrorKind::transient);
  }
  events = spool->take({}, batch);
  CHECK(batch.size() == 3);
  CHECK(batch.sequence(0) == 2);
  CHECK(events.messages.size() == 1);
  spool->release(batch);
  events = spool->take({}, batch);
  CHECK(batch.empty());
  CHECK(events.error);
  CHECK(spool->counts().records == 3);
  broken = false;
  CHECK(drain(*spool).sequences == Sequences{1, 3, 5});
}

}  // namespace
}  // namespace ship
