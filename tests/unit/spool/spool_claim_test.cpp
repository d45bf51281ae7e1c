#include "spool/spool_claim.hpp"

#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

constexpr const char* kClaimSpool = "/spool/s3";

std::unique_ptr<Spool> open_keeping(MemoryFiles& files, SpoolMode mode = SpoolMode::durable) {
  SpoolOptions options;
  options.directory = kClaimSpool;
  options.mode = mode;
  options.keeps_batches = true;
  auto opened = Spool::open(files, options);
  REQUIRE(opened.ok());
  return std::move(opened.value().spool);
}

/// Records with these sequence numbers; every third is an error.
SpoolRecords some(std::uint64_t from, std::uint64_t to) {
  SpoolRecords records;
  for (std::uint64_t n = from; n < to; ++n) {
    records.add(n, {n % 3 == 0, static_cast<Severity>(n % 3 == 0 ? 40 : 20)});
  }
  return records;
}

std::vector<std::uint64_t> taken(Spool& spool, SpoolBatch& batch, std::uint64_t most = 1000) {
  spool.take({most}, batch);
  std::vector<std::uint64_t> sequences;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    CHECK(is_intact(batch, i));
    sequences.push_back(batch.sequence(i));
  }
  return sequences;
}

std::vector<std::uint64_t> numbers(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t n = from; n < to; ++n) all.push_back(n);
  return all;
}

std::size_t claim_files(const MemoryFiles& files) {
  std::size_t count = 0;
  for (const std::string& path : files.paths(kClaimSpool)) {
    count += path.find(".claim") != std::string::npos ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("spool claim: its file says what was written, and nothing where it is damaged",
          "[spool][claim]") {
  SpoolClaim claim;
  claim.name = "logs/a.ndjson.gz";
  claim.done = true;
  claim.add({7, 1536, 1700, 1, {true, 40}});
  claim.add({8, 2000, 2100, 1, {false, 20}});
  claim.add({7, 1700, 1800, 1, {true, 40}});
  CHECK(claim.ranges.size() == 2);
  CHECK(claim.records() == 3);
  const std::string bytes = encode_spool_claim(claim);
  const auto read = decode_spool_claim(bytes);
  REQUIRE(read);
  CHECK(read->name == claim.name);
  CHECK(read->ranges == claim.ranges);
  CHECK(read->done);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    CHECK_FALSE(decode_spool_claim(damaged));
    CHECK_FALSE(decode_spool_claim(bytes.substr(0, i)));
  }
  CHECK(spool_claim_name(42) == "000000000000002a.claim");
  CHECK(parse_spool_claim_name("000000000000002a.claim")->id == 42);
  CHECK(parse_spool_claim_name("000000000000002a.claim.new")->fresh);
  CHECK_FALSE(parse_spool_claim_name("000000000000002A.claim"));
  CHECK_FALSE(parse_spool_claim_name("000000000000002a.claim.bad"));
}

TEST_CASE("spool claim: what was claimed comes again together, after a crash as well",
          "[spool][claim]") {
  const auto how = GENERATE(0, 1, 2);
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  auto spool = open_keeping(files);
  spool->append(some(1, 20));
  SpoolBatch batch;
  CHECK(taken(*spool, batch, 10) == numbers(1, 11));
  CHECK(batch.name().empty());
  REQUIRE(spool->claim(batch, 0, 10, "one").ok());
  if (how == 0) {
    spool->give_back(batch);
  } else {
    spool.reset();
    how == 1 ? files.kill() : files.crash();
    spool = open_keeping(files);
  }
  CHECK(spool->counts().records == 19);
  CHECK(spool->counts().waiting_again == 10);
  CHECK(spool->has_unread());
  // Whatever the bounds are now.
  CHECK(taken(*spool, batch, 3) == numbers(1, 11));
  CHECK(batch.name() == "one");
  SpoolBatch others;
  CHECK(taken(*spool, others) == numbers(11, 20));
  CHECK(others.name().empty());
  spool->release(batch);
  spool->release(others);
  CHECK(spool->counts().records == 0);
  CHECK(spool->counts().in_flight == 0);
  CHECK(spool->counts().unread_bytes == 0);
  spool->close();
  CHECK(claim_files(files) == 0);
}

TEST_CASE("spool claim: halves are claims of their own, and the whole is none any more",
          "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  auto spool = open_keeping(files);
  spool->append(some(1, 11));
  SpoolBatch batch;
  CHECK(taken(*spool, batch) == numbers(1, 11));
  REQUIRE(spool->claim(batch, 0, 10, "whole").ok());
  REQUIRE(spool->claim(batch, 0, 5, "first").ok());
  REQUIRE(spool->claim(batch, 5, 10, "second").ok());
  CHECK(claim_files(files) == 2);
  SECTION("both come again") {
    spool.reset();
    files.kill();
    spool = open_keeping(files);
    CHECK(taken(*spool, batch) == numbers(1, 6));
    CHECK(batch.name() == "first");
    SpoolBatch other;
    CHECK(taken(*spool, other) == numbers(6, 11));
    CHECK(other.name() == "second");
  }
  SECTION("the one that is delivered does not") {
    spool->settle(batch, 5);
    CHECK(spool->counts().records == 5);
    CHECK(taken(*spool, batch) == numbers(6, 11));
    CHECK(batch.name() == "second");
  }
}

TEST_CASE("spool claim: a crash between the two files of a division leaves the whole",
          "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  auto spool = open_keeping(files);
  spool->append(some(1, 11));
  SpoolBatch batch;
  CHECK(taken(*spool, batch) == numbers(1, 11));
  REQUIRE(spool->claim(batch, 0, 10, "whole").ok());
  int renames = 0;
  files.on_call = [&](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::rename && ++renames == 2 ? EIO : 0;
  };
  CHECK_FALSE(spool->claim(batch, 0, 5, "first").ok());
  files.on_call = nullptr;
  spool.reset();
  files.kill();
  spool = open_keeping(files);
  CHECK(taken(*spool, batch) == numbers(1, 11));
  CHECK(batch.name() == "whole");
}

TEST_CASE("spool claim: without the note on disk there is no claim", "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  auto spool = open_keeping(files);
  spool->append(some(1, 11));
  SpoolBatch batch;
  CHECK(taken(*spool, batch) == numbers(1, 11));
  files.free_bytes = 0;
  const auto claimed = spool->claim(batch, 0, 10, "whole");
  REQUIRE_FALSE(claimed.ok());
  CHECK(claimed.error().kind == ErrorKind::transient);
  files.free_bytes.reset();
  CHECK(claim_files(files) == 0);
  spool->give_back(batch);
  CHECK(taken(*spool, batch) == numbers(1, 11));
  CHECK(batch.name().empty());
}

TEST_CASE("spool claim: a spool of another destination drops what it does not understand",
          "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  {
    auto spool = open_keeping(files);
    spool->append(some(1, 11));
    SpoolBatch batch;
    CHECK(taken(*spool, batch, 5) == numbers(1, 6));
    REQUIRE(spool->claim(batch, 0, 5, "one").ok());
  }
  files.kill();
  SpoolOptions options;
  options.directory = kClaimSpool;
  auto opened = Spool::open(files, options);
  REQUIRE(opened.ok());
  CHECK(opened.value().report.messages.empty());
  SpoolBatch batch;
  CHECK(taken(*opened.value().spool, batch) == numbers(1, 11));
  CHECK(batch.name().empty());
  CHECK(claim_files(files) == 0);
}

TEST_CASE("spool claim: no segment gives way while some of its records are in flight",
          "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  SpoolOptions options;
  options.directory = kClaimSpool;
  options.mode = SpoolMode::durable;
  options.keeps_batches = true;
  options.max_bytes = 16 * 1024;
  options.segment_bytes = 4 * 1024;
  options.drop = DropPolicy::oldest;
  auto opened = Spool::open(files, options);
  REQUIRE(opened.ok());
  Spool& spool = *opened.value().spool;
  SpoolRecords first;
  for (std::uint64_t n = 1; n < 20; ++n) first.add(n, {false, 20});
  spool.append(first);
  SpoolBatch batch;
  CHECK(taken(spool, batch, 5) == numbers(1, 6));
  REQUIRE(spool.claim(batch, 0, 5, "one").ok());
  SpoolRecords more;
  for (std::uint64_t n = 20; n < 400; ++n) more.add(n, {false, 20});
  spool.append(more);
  spool.give_back(batch);
  CHECK(taken(spool, batch) == numbers(1, 6));
  CHECK(batch.name() == "one");
}

TEST_CASE("spool: how many bytes of lines are to be read is known", "[spool][claim]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/spool", 0700).ok());
  auto spool = open_keeping(files);
  const SpoolRecords records = some(1, 11);
  std::uint64_t bytes = 0;
  for (const SpoolRecord& record : records.all()) bytes += record.record.line.size();
  spool->append(records);
  CHECK(spool->counts().unread_bytes == bytes);
  SpoolBatch batch;
  CHECK(taken(*spool, batch, 4) == numbers(1, 5));
  CHECK(spool->counts().unread_bytes < bytes);
  spool->give_back(batch);
  CHECK(spool->counts().unread_bytes == bytes);
  spool.reset();
  files.kill();
  CHECK(open_keeping(files)->counts().unread_bytes == bytes);
}

}  // namespace ship
