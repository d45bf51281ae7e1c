#include <algorithm>
#include <set>

#include "seal/seal_block.hpp"
#include "tests/catch.hpp"
#include "tests/unit/seal/seal_bench.hpp"

namespace ship::testing {
namespace {

std::uint64_t found_after_restart(const SealReport& report) {
  std::uint64_t records = 0;
  for (const SealFile::Line& line : report.seal.lines) {
    if (line.entry.found == "restart") records += line.entry.records;
  }
  return records;
}

/// Somebody else does.
void append(SealBench& bench, std::string_view text) {
  auto file = bench.files.open("/app.ndjson", OpenMode::append);
  REQUIRE(file.ok());
  REQUIRE(file.value()->write(text).value() == text.size());
}

class SealedPeer final : public ContractPeer {
 public:
  std::unique_ptr<Sink> make_sink() override {
    bench_.start();
    return std::move(bench_.sink);
  }
  std::vector<std::string> lines() override {
    CHECK(bench_.first_fault(bench_.logs()).empty());
    std::vector<std::string> lines = whole_lines(bench_.files.content("/app.ndjson"));
    for (std::string& line : lines) line.pop_back();
    return lines;
  }
  std::uint64_t wire_bytes() override { return bench_.files.content("/app.ndjson").size(); }

 private:
  SealBench bench_;
};

TEST_CASE("seal: a sealed file keeps what every sink promises", "[seal]") {
  run_sink_contract([] { return std::make_unique<SealedPeer>(); });
}

TEST_CASE("seal: the lines of the log stay as they are", "[seal]") {
  SealBench bench;
  bench.deliver({R"({"a":1})", R"({"b":2})"});
  bench.stop();
  CHECK(bench.files.content("/app.ndjson") == "{\"a\":1}\n{\"b\":2}\n");
  CHECK(bench.first_fault(bench.logs()).empty());
}

TEST_CASE("seal: a run that goes on with a file goes on with its chain", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 3));
  bench.stop();
  bench.deliver(numbered_lines(4, 2));
  bench.stop();
  const auto report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  CHECK(report.seal.last().records == 5);
  CHECK(report.seal.roots.size() == 2);
  CHECK(found_after_restart(report) == 0);
}

TEST_CASE("seal: a run that was killed leaves at most one open block, which the next one takes up",
          "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 3));
  bench.tick();
  bench.deliver(numbered_lines(4, 2));
  bench.kill();
  auto report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  CHECK(report.open_records == 2);
  bench.deliver(numbered_lines(6, 1));
  bench.stop();
  report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  CHECK(found_after_restart(report) == 2);
  CHECK(report.seal.last().records == 6);
}

TEST_CASE("seal: killed at any operation, the chain goes on and nothing is called tampered",
          "[seal]") {
  for (const char* const fsync : {"never", "always"}) {
    for (std::uint64_t operation = 0; operation < 400; ++operation) {
      SealBench bench;
      bench.settings.rotate_size = 40;
      if (*fsync == 'a') bench.settings.fsync = FileSinkSettings::Fsync::always;
      bench.files.power_off_after(operation, operation % 7);
      bool died = false;
      for (std::size_t i = 0; i < 12 && !died; ++i) {
        died = bench.send(numbered_lines(10 + 2 * i, 2)).kind != Verdict::Kind::ok;
        bench.clock.advance(std::chrono::milliseconds(400));
      }
      if (!died) bench.stop();
      bench.kill();
      INFO(fsync << ", killed at operation " << operation);
      for (const std::string& path : bench.files.paths()) {
        if (path.ends_with(".seal")) REQUIRE(bench.first_fault({path}) == "");
      }
      bench.deliver(numbered_lines(90, 3));
      bench.stop();
      REQUIRE(bench.first_fault(bench.logs()) == "");
      REQUIRE(bench.verify(bench.logs()).back().seal.ended());
      if (!died) break;
    }
  }
}

TEST_CASE("seal: what stood in a file before it was sealed is told apart", "[seal]") {
  SealBench bench;
  bench.files.put("/app.ndjson", "{\"old\":1}\n{\"to");
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  const auto report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  REQUIRE(report.seal.lines.size() > 1);
  CHECK(report.seal.lines[1].entry.found == "before");
  CHECK(report.seal.last().records == 4);
}

TEST_CASE("seal: lines that somebody appends are found, whether a run goes on or not", "[seal]") {
  for (const bool running : {true, false}) {
    SealBench bench;
    bench.deliver(numbered_lines(1, 2));
    if (!running) bench.stop();
    append(bench, "{\"forged\":1}\n");
    if (!running) {
      CHECK(bench.first_fault(bench.logs()) == "/app.ndjson:3: 1 line inserted at the end");
    }
    bench.deliver(numbered_lines(3, 2));
    bench.stop();
    CHECK(bench.first_fault(bench.logs()) ==
          "/app.ndjson:3: bytes that the shipper did not write were inserted");
    CHECK(bench.said("somebody else changed"));
  }
}

TEST_CASE("seal: a file that is cut back is found, whether a run goes on or not", "[seal]") {
  for (const bool running : {true, false}) {
    SealBench bench;
    bench.deliver(numbered_lines(1, 4));
    bench.tick();
    if (!running) bench.stop();
    const auto lines = whole_lines(bench.files.content("/app.ndjson"));
    auto file = bench.files.open("/app.ndjson", OpenMode::append);
    REQUIRE(file.value()->truncate(lines[0].size()).ok());
    bench.deliver(numbered_lines(5, 2));
    bench.stop();
    INFO(running);
    CHECK(bench.first_fault(bench.logs()).starts_with("/app.ndjson:2: "));
    CHECK(bench.said("somebody else changed"));
  }
}

TEST_CASE("seal: a line without its newline has a checksum of its own", "[seal]") {
  SealBlock block;
  block.begin(0);
  block.add("one\ntw");
  SealEntry entry;
  block.finish(entry);
  CHECK(entry.records == 1);
  CHECK(entry.lines.size() == 2 * 8);
}

TEST_CASE("seal: the end of a seal is held by the file behind it", "[seal]") {
  SealBench bench;
  bench.settings.rotate_size = 20;
  bench.deliver(numbered_lines(10, 2));
  bench.stop();
  bench.deliver(numbered_lines(12, 2));
  bench.stop();
  const auto logs = bench.logs();
  REQUIRE(logs.size() == 2);
  // The manifest of the first run, and one of the rotation, which covers the same lines.
  auto lines = bench.seal_lines(logs[0]);
  REQUIRE(lines.size() == 5);
  lines.resize(3);
  CHECK(bench.first_fault(logs).empty());
  bench.files.put(logs[0] + ".seal", joined(lines));
  CHECK(bench.first_fault(logs).find("it does not follow") != std::string::npos);
  lines.resize(2);
  bench.files.put(logs[0] + ".seal", joined(lines));
  CHECK(bench.first_fault(logs) == logs[0] + ":3: the end of its seal is missing");
}

TEST_CASE("seal: a cut is found also where the same lines come again", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  auto file = bench.files.open("/app.ndjson", OpenMode::append);
  REQUIRE(file.value()->truncate(0).ok());
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  CHECK(bench.first_fault(bench.logs()).find("cut back while it was being written") !=
        std::string::npos);
}

TEST_CASE("seal: what is not signed itself is held by the lines behind it", "[seal]") {
  SealBench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::always;
  for (std::size_t i = 0; i < 5; ++i) {
    bench.losses.by_reason = {{"queue_full", 5}};
    bench.deliver(numbered_lines(i, 1));
  }
  bench.stop();
  CHECK(bench.first_fault(bench.logs()).empty());
  std::size_t unsigned_lines = 0;
  const auto lines = bench.seal_lines("/app.ndjson");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("\"key\"") != std::string::npos) continue;
    ++unsigned_lines;
    auto changed = lines;
    const std::size_t count = changed[i].find("\"queue_full\":5");
    REQUIRE(count != std::string::npos);
    changed[i][count + 13] = '4';
    bench.files.put("/app.ndjson.seal", joined(changed));
    CHECK(bench.first_fault(bench.logs()).find("does not follow") != std::string::npos);
  }
  CHECK(unsigned_lines >= 3);
  // The last line, which nothing holds yet, has its one form at least.
  auto open = lines;
  open.resize(lines.size() - 1);
  REQUIRE(open.back().find("\"key\"") == std::string::npos);
  bench.files.put("/app.ndjson.seal", joined(open));
  CHECK(bench.first_fault(bench.logs()).empty());
  open.back().insert(open.back().find(','), " ");
  bench.files.put("/app.ndjson.seal", joined(open));
  CHECK(bench.first_fault(bench.logs()).find("was edited") != std::string::npos);
}

TEST_CASE("seal: a file that somebody puts in the place of the sealed one is found", "[seal]") {
  for (const bool running : {true, false}) {
    SealBench bench;
    bench.deliver(numbered_lines(1, 3));
    if (!running) bench.stop();
    bench.files.put("/app.ndjson", "{\"forged\":1}\n");
    bench.deliver(numbered_lines(4, 2));
    bench.stop();
    INFO(running);
    CHECK(bench.first_fault({"/app.ndjson"}).starts_with("/app.ndjson:1: "));
  }
}

TEST_CASE("seal: losses stand in the chain by their reasons, each once", "[seal]") {
  SealBench bench;
  bench.losses.by_reason = {{"queue_full", 5}, {"expired", 0}, {"evicted", 2}};
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  bench.losses.by_reason = {{"rejected", 1}};
  bench.losses.waiting = 7;
  bench.losses.spooled = 3;
  bench.stop();
  const auto report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  CHECK(report.seal.lines[1].entry.lost == SealLosses{{"queue_full", 5}, {"evicted", 2}});
  CHECK(report.seal.last().lost == SealLosses{{"rejected", 1}});
  CHECK(report.seal.last().waiting == 7);
  CHECK(report.seal.last().spooled == 3);
}

TEST_CASE("seal: it follows compression, and goes with its file when retention removes that",
          "[seal]") {
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    SealBench bench;
    bench.settings.rotate_size = 40;
    bench.settings.max_files = 2;
    bench.settings.compress = compression;
    for (std::size_t i = 0; i < 10; ++i) {
      bench.deliver(numbered_lines(10 + 2 * i, 2));
      bench.clock.advance(std::chrono::milliseconds(10));
    }
    bench.stop();
    const auto logs = bench.logs();
    REQUIRE(logs.size() == 3);
    CHECK(logs[0].ends_with(compression_suffix(compression)));
    CHECK(bench.files.paths().size() == 6);
    CHECK(bench.first_fault(logs).empty());
    CHECK(bench.verify(logs)[0].seal.first().file > 1);
    std::string packed = bench.files.content(logs[1]);
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 1);
    bench.files.put(logs[1], packed);
    CHECK(!bench.first_fault(logs).empty());
  }
}

TEST_CASE("seal: a run finds its place in the chain by the youngest rotated file", "[seal]") {
  SealBench bench;
  bench.settings.rotate_size = 40;
  for (std::size_t i = 0; i < 5; ++i) bench.deliver(numbered_lines(10 + 2 * i, 2));
  bench.stop();
  REQUIRE(bench.files.remove("/app.ndjson").ok());
  REQUIRE(bench.files.remove("/app.ndjson.seal").ok());
  bench.deliver(numbered_lines(30, 1));
  bench.stop();
  const auto reports = bench.verify(bench.logs());
  REQUIRE(reports.size() == 3);
  CHECK(reports[2].seal.first().file == 3);
  CHECK(reports[2].seal.first().record == 9);
}

TEST_CASE("seal: a file that another program rotates keeps a seal, and the chain goes on",
          "[seal]") {
  for (const bool with_seal : {true, false}) {
    SealBench bench;
    bench.deliver(numbered_lines(1, 2));
    REQUIRE(bench.files.rename("/app.ndjson", "/old.ndjson").ok());
    if (with_seal) REQUIRE(bench.files.rename("/app.ndjson.seal", "/old.ndjson.seal").ok());
    bench.sink->reopen();
    bench.deliver(numbered_lines(3, 2));
    bench.stop();
    if (!with_seal) {
      const auto paths = bench.files.paths();
      const auto seal = std::find_if(paths.begin(), paths.end(), [](const std::string& path) {
        return path.starts_with("/app-") && path.ends_with(".seal");
      });
      REQUIRE(seal != paths.end());
      REQUIRE(bench.files.rename(*seal, "/old.ndjson.seal").ok());
    }
    CHECK(bench.first_fault({"/old.ndjson", "/app.ndjson"}).empty());
    CHECK(bench.verify({"/old.ndjson", "/app.ndjson"})[0].seal.last().reason == "moved");
  }
}

TEST_CASE("seal: a new key signs from then on, and both are needed", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  const Ed25519Key first = bench.key();
  bench.key_pem = new_seal_key();
  bench.deliver(numbered_lines(3, 2));
  bench.stop();
  CHECK(bench.first_fault(bench.logs()).find("not among those given") != std::string::npos);
  CHECK(!SealVerifier(bench.files, {first, bench.key()}).verify("/app.ndjson").fault);
  CHECK(!SealVerifier(bench.files, {}).verify("/app.ndjson").fault);
}

TEST_CASE("seal: without room for the seal no line is taken, and none is lost or torn", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.files.free_bytes = 48;
  CHECK(bench.send({"{\"n\":3}"}).kind == Verdict::Kind::ok);
  bench.clock.advance(std::chrono::seconds(2));
  const Verdict refused = bench.send({"{\"n\":4}"});
  CHECK(refused.kind == Verdict::Kind::retry);
  CHECK(refused.reason.find("the seal of /app.ndjson") != std::string::npos);
  bench.files.free_bytes.reset();
  bench.deliver({"{\"n\":4}"});
  bench.stop();
  CHECK(whole_lines(bench.files.content("/app.ndjson")).size() == 4);
  CHECK(bench.first_fault(bench.logs()).empty());
}

TEST_CASE("seal: a line that a full disk tore is taken back from the seal, too", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.files.free_bytes = 12;
  CHECK(bench.send({"{\"n\":3}", "{\"n\":4}"}).kind == Verdict::Kind::partial);
  bench.files.free_bytes.reset();
  bench.deliver({"{\"n\":5}"});
  bench.stop();
  CHECK(whole_lines(bench.files.content("/app.ndjson")).size() == 4);
  CHECK(bench.first_fault(bench.logs()).empty());
}

TEST_CASE("seal: a file has one shipper that seals it", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 1));
  std::unique_ptr<FileSink> first = std::move(bench.sink);
  const Verdict verdict = bench.send(numbered_lines(2, 1));
  CHECK(verdict.kind != Verdict::Kind::ok);
  CHECK(verdict.reason.find("another process seals") != std::string::npos);
}

TEST_CASE("seal: what is no seal stops the sink and stays as it is", "[seal]") {
  SealBench bench;
  bench.files.put("/app.ndjson.seal", "my notes\n");
  CHECK(bench.send(numbered_lines(1, 1)).kind == Verdict::Kind::hold);
  CHECK(bench.files.content("/app.ndjson.seal") == "my notes\n");
}

TEST_CASE("seal: an empty seal, and one whose last line is torn, go on", "[seal]") {
  SealBench bench;
  bench.files.put("/app.ndjson.seal", "");
  bench.deliver(numbered_lines(1, 1));
  bench.kill();
  bench.files.put("/app.ndjson.seal", bench.files.content("/app.ndjson.seal") + R"({"entry":"bl)");
  CHECK(bench.first_fault(bench.logs()).empty());
  bench.deliver(numbered_lines(2, 1));
  bench.stop();
  CHECK(bench.first_fault(bench.logs()).empty());
  CHECK(bench.verify_one("/app.ndjson").seal.last().records == 2);
}

TEST_CASE("seal: SIGHUP with the same file makes no gap", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.sink->reopen();
  bench.deliver(numbered_lines(3, 2));
  bench.stop();
  const auto report = bench.verify_one("/app.ndjson");
  CHECK(!report.fault);
  CHECK(found_after_restart(report) == 0);
}

TEST_CASE("seal: more than 64 blocks in a row without a signature are a fault", "[seal]") {
  SealBench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::always;
  for (std::size_t i = 0; i < 200; ++i) bench.deliver(numbered_lines(i, 1));
  const auto written = bench.seal_lines("/app.ndjson");
  CHECK(std::count_if(written.begin(), written.end(), [](const std::string& line) {
          return line.find("\"key\"") != std::string::npos;
        }) == 1 + 200 / 64);
  bench.stop();
  CHECK(bench.first_fault(bench.logs()).empty());
  // Somebody without the key writes blocks anew: these he can only leave without signature.
  std::vector<std::string> forged;
  std::string prev;
  for (const std::string& line : bench.seal_lines("/app.ndjson")) {
    auto entry = parse_seal_line(std::string_view(line).substr(0, line.size() - 1)).value();
    if (entry.kind == SealEntry::Kind::manifest) break;
    if (!forged.empty()) entry.prev = prev;
    if (entry.kind == SealEntry::Kind::block) entry.key.clear();
    const std::string text =
        forged.empty() ? line.substr(0, line.size() - 1) : seal_line(entry, nullptr);
    prev = seal_line_hash(text);
    forged.push_back(text + "\n");
  }
  bench.files.put("/app.ndjson.seal", joined(forged));
  CHECK(bench.first_fault(bench.logs()).find("signatures are missing") != std::string::npos);
}

TEST_CASE("seal: each manifest is told to the anchor, which finds what is missing at the end",
          "[seal]") {
  SealBench bench;
  bench.settings.anchor = "elsewhere";
  bench.settings.rotate_size = 20;
  std::string told;
  std::vector<RecordId> ids;
  const auto tell = [&](const SinkNote& note) {
    told += note.line + "\n";
    ids.push_back(note.id);
  };
  for (std::size_t i = 0; i < 3; ++i) {
    bench.deliver(numbered_lines(10 + 2 * i, 2));
    for (const SinkNote& note : bench.sink->take_notes()) tell(note);
  }
  bench.sink->close({});
  for (const SinkNote& note : bench.sink->take_notes()) tell(note);
  bench.sink.reset();
  const auto anchors = parse_anchors(told + "{\"message\":\"another record\"}\nno JSON \"root\"\n");
  REQUIRE(anchors.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(record_id_text(ids[i]) ==
          anchors[i].root.substr(0, 32) + "-" + std::to_string(anchors[i].file));
  }
  auto logs = bench.logs();
  auto tails = check_tails(bench.verify(logs), {}, true, anchors);
  REQUIRE(tails.size() == 1);
  CHECK(tails[0].fault.empty());
  CHECK(tails[0].checked_to == 6);
  CHECK(tails[0].by == "an anchor");
  logs.pop_back();
  CHECK(bench.first_fault(logs).empty());
  tails = check_tails(bench.verify(logs), {}, true, anchors);
  CHECK(tails[0].fault.find("file 3 of this chain, which is missing") != std::string::npos);
  CHECK(check_tails(bench.verify(logs), {}, true, {})[0].fault == "no anchor knows this chain");
  CHECK(check_tails(bench.verify(logs), {}, false, {})[0].by.empty());
}

}  // namespace
}  // namespace ship::testing
