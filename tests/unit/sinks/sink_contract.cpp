#include "tests/unit/sinks/sink_contract.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/catch.hpp"

namespace ship::testing {
namespace {

constexpr WallNanos kStart = 1795338000000000000;  // 2026-11-22T09:00:00Z

std::string envelope(const std::string& message, std::size_t number) {
  return R"({"log":{"context":{"message_id":"m-)" + std::to_string(number) +
         R"("},"data":{},"level":"INFO","message":")" + message + R"("},"schema_version":"1.1"})";
}

std::vector<std::string> numbered(std::size_t first, std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = first; i < first + count; ++i) lines.push_back(envelope("order placed", i));
  return lines;
}

SendContext context(const std::stop_source& stop, std::string_view batch_id) {
  SendContext result;
  result.stop = stop.get_token();
  result.batch_id = batch_id;
  return result;
}

/// A sink, its peer, and what they did so far.
struct Bench {
  std::unique_ptr<ContractPeer> peer;
  std::unique_ptr<Sink> sink;
  std::stop_source stop;
  std::uint64_t bytes_sent = 0;
  std::vector<std::string> expected;

  explicit Bench(std::unique_ptr<ContractPeer> made) : peer(std::move(made)) {
    sink = peer->make_sink();
    REQUIRE(sink);
  }

  Verdict attempt(const OwnedRecords& batch, std::string_view id = "b-1") {
    return sink->send(batch.records(), context(stop, id));
  }

  void deliver(const OwnedRecords& batch, std::string_view id = "b-1") {
    const Verdict verdict = attempt(batch, id);
    INFO("reason: " << verdict.reason);
    REQUIRE(verdict.kind == Verdict::Kind::ok);
    bytes_sent += verdict.bytes_sent;
    expected.insert(expected.end(), batch.lines().begin(), batch.lines().end());
  }

  void close() {
    sink->close({});
    sink.reset();
  }

  void check_arrived() {
    close();
    if (!peer->keeps_lines()) return;
    const std::vector<std::string> got = peer->lines();
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      // Comparing outside of the assertion keeps a megabyte of text out of a failure's message.
      if (got[i] == expected[i]) continue;
      const auto differs =
          std::mismatch(got[i].begin(), got[i].end(), expected[i].begin(), expected[i].end());
      const auto at = differs.first - got[i].begin();
      FAIL("line " << i << " differs at byte " << at << ": " << got[i].substr(0, 200));
    }
  }
};

}  // namespace

OwnedRecords::OwnedRecords(std::vector<std::string> lines) : lines_(std::move(lines)) {
  static RecordNumbers numbers(RunId{0x5eed, 0});
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    Record record;
    record.line = lines_[i];
    record.time = kStart + static_cast<WallNanos>(i) * 1000000;
    record.id = {numbers.run(), numbers.take(1)};
    records_.push_back(record);
  }
}

void OwnedRecords::overwrite() {
  for (std::string& line : lines_) std::fill(line.begin(), line.end(), 'x');
}

void run_sink_contract(const std::function<std::unique_ptr<ContractPeer>()>& make_peer) {
  Bench bench(make_peer());

  SECTION("every record arrives once and in order") {
    std::size_t next = 0;
    for (const std::size_t count : {1u, 2u, 256u, 7u}) {
      bench.deliver(OwnedRecords(numbered(next, count)), "b-" + std::to_string(count));
      next += count;
    }
    bench.check_arrived();
  }

  SECTION("bytes_sent is what came over the wire") {
    bench.deliver(OwnedRecords(numbered(0, 100)));
    bench.deliver(OwnedRecords(numbered(100, 1)), "b-2");
    CHECK(bench.bytes_sent > 0);
    bench.close();
    if (bench.peer->keeps_lines()) CHECK(bench.peer->wire_bytes() == bench.bytes_sent);
  }

  SECTION("one record is a batch") {
    bench.deliver(OwnedRecords({"{}"}));
    bench.check_arrived();
  }

  SECTION("a record of one megabyte arrives whole between small ones") {
    bench.deliver(OwnedRecords({envelope("before", 1),
                                envelope(std::string(bench.peer->large_text(), 'a'), 2),
                                envelope("after", 3)}));
    bench.check_arrived();
  }

  SECTION("escapes and text beyond ASCII arrive byte for byte") {
    bench.deliver(OwnedRecords(
        {envelope("Straße, 東京, 🦀, \xc2\xa0, \xe2\x80\xa8", 1),
         envelope(R"(a \"quote\", a \\ backslash, \n, \t, \u0000, \u2028, \ud83e\udd80)", 2),
         R"({ "spaced" : [ 1 , 2.50 , 1e400 , -0 ] , "spaced" : null })", envelope("\x7f", 3)}));
    bench.check_arrived();
  }

  SECTION("what send was given is not looked at after it returned") {
    OwnedRecords batch(numbered(0, 50));
    bench.deliver(batch);
    batch.overwrite();
    bench.deliver(OwnedRecords(numbered(50, 50)), "b-2");
    bench.check_arrived();
  }

  SECTION("after retry the sink kept nothing: the same records sent again arrive once") {
    const OwnedRecords first(numbered(0, 20));
    bench.deliver(first);
    if (bench.peer->fail()) {
      const OwnedRecords second(numbered(20, 20));
      for (int i = 0; i < 3; ++i) {
        const Verdict verdict = bench.attempt(second, "b-2");
        CHECK(verdict.kind == Verdict::Kind::retry);
        CHECK(!verdict.reason.empty());
        CHECK(verdict.reason.find('\n') == std::string::npos);
      }
      bench.peer->recover();
      bench.deliver(second, "b-2");
      bench.check_arrived();
    }
  }

  SECTION("a stop ends a send to a peer that never answers, with retry") {
    if (bench.peer->hang()) {
      const OwnedRecords batch(numbered(0, 20));
      Verdict verdict;
      std::jthread worker([&] { verdict = bench.attempt(batch); });
      bench.peer->wait_until_hanging();
      const auto asked = std::chrono::steady_clock::now();
      bench.stop.request_stop();
      worker.join();
      // Far above what is promised: only a sink that does not listen at all fails here.
      CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds(10));
      CHECK(verdict.kind == Verdict::Kind::retry);
    }
  }

  SECTION("a stop that came before the send loses nothing") {
    bench.stop.request_stop();
    const OwnedRecords batch(numbered(0, 3));
    const Verdict verdict = bench.attempt(batch);
    if (verdict.kind == Verdict::Kind::ok) {
      bench.expected = batch.lines();
    } else {
      CHECK(verdict.kind == Verdict::Kind::retry);
    }
    bench.check_arrived();
  }

  SECTION("no reason holds a secret, even where the peer repeats it") {
    if (bench.peer->echo()) {
      const Verdict verdict = bench.attempt(OwnedRecords(numbered(0, 3)));
      CHECK(verdict.kind != Verdict::Kind::ok);
      REQUIRE(!bench.peer->secrets().empty());
      for (const std::string& secret : bench.peer->secrets()) {
        CHECK(verdict.reason.find(secret) == std::string::npos);
        for (const Verdict::Item& item : verdict.items) {
          CHECK(item.reason.find(secret) == std::string::npos);
        }
      }
    }
  }
}

}  // namespace ship::testing
