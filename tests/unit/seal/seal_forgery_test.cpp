#include <algorithm>

#include "seal/seal_block.hpp"
#include "tests/catch.hpp"
#include "tests/unit/seal/seal_bench.hpp"

namespace ship::testing {
namespace {

const std::string kForgedLine = "{\"forged\":1}\n";

/// Somebody who may write to the disk adds lines that name the one before them as they must.
struct ForgedSeal : SealBench {
  SealEntry last() const { return entry(seal_lines("/app.ndjson").back()); }

  static SealEntry entry(std::string_view line) {
    line.remove_suffix(1);
    auto parsed = parse_seal_line(line);
    REQUIRE(parsed.ok());
    return std::move(parsed).value();
  }

  /// Without a key it is not signed.
  void forge(SealEntry entry, const Ed25519Key* key = nullptr) {
    std::string text = files.content("/app.ndjson.seal");
    const std::string before = whole_lines(text).back();
    entry.prev = seal_line_hash(std::string_view(before).substr(0, before.size() - 1));
    files.put("/app.ndjson.seal", text + seal_line(entry, key) + "\n");
  }

  /// The manifest that would end the file now.
  SealEntry manifest() const {
    const SealEntry first = entry(seal_lines("/app.ndjson").front());
    const SealEntry end = last();
    SealEntry entry;
    entry.kind = SealEntry::Kind::manifest;
    entry.reason = "end";
    entry.file = first.file;
    entry.record = first.record;
    entry.records = end.next_record() - first.record;
    entry.bytes = end.end();
    entry.from = first.from;
    entry.to = end.to;
    entry.before = first.prev;
    return entry;
  }

  /// What is wrong with the seal once `entry`, signed with the key of the shipper, stands in it.
  std::string fault_of(const SealEntry& entry) {
    const std::string before = files.content("/app.ndjson.seal");
    const Ed25519Key own = key();
    forge(entry, &own);
    const std::string fault = first_fault({"/app.ndjson"});
    files.put("/app.ndjson.seal", before);
    return fault;
  }

  std::size_t opens() const {
    const auto lines = seal_lines("/app.ndjson");
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(),
        [](const std::string& line) { return line.starts_with(R"({"entry":"open")"); }));
  }
};

TEST_CASE("seal: a manifest that is not signed is a fault", "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  bench.kill();
  CHECK(bench.first_fault({"/app.ndjson"}).empty());
  bench.forge(bench.manifest());
  CHECK(bench.first_fault({"/app.ndjson"}) == "/app.ndjson:3: line 3 of the seal is not signed");
}

TEST_CASE("seal: an open line that is not signed is a fault", "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  SealEntry open = ForgedSeal::entry(bench.seal_lines("/app.ndjson").front());
  open.record = 3;
  open.offset = bench.files.content("/app.ndjson").size();
  bench.forge(open);
  CHECK(bench.first_fault({"/app.ndjson"}) == "/app.ndjson:3: line 4 of the seal is not signed");
}

TEST_CASE("seal: a block that nobody signed cannot follow a manifest", "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  const std::string log = bench.files.content("/app.ndjson");
  SealBlock sealed;
  sealed.begin(log.size());
  sealed.add(kForgedLine);
  SealEntry block;
  block.record = 3;
  sealed.finish(block);
  block.from = block.to = bench.last().to;
  bench.files.put("/app.ndjson", log + kForgedLine);
  bench.forge(block);
  CHECK(bench.first_fault({"/app.ndjson"}) ==
        "/app.ndjson:3: line 4 of the seal does not count on from the one before it");
}

TEST_CASE("seal: a block that is longer than the file is a fault, whatever its hash is of",
          "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  bench.kill();
  const std::string log = bench.files.content("/app.ndjson");
  SealBlock sealed;
  sealed.begin(log.size());
  sealed.add(kForgedLine);
  SealEntry block;
  block.record = 3;
  sealed.finish(block);
  block.bytes += 1;
  block.from = block.to = bench.last().to;
  bench.files.put("/app.ndjson", log + kForgedLine);
  bench.forge(block);
  CHECK(bench.first_fault({"/app.ndjson"}).starts_with("/app.ndjson:3: "));
}

TEST_CASE("seal: a manifest that counts otherwise than the lines before it is a fault", "[seal]") {
  ForgedSeal bench;
  bench.settings.rotate_size = 20;
  bench.deliver(numbered_lines(10, 2));
  bench.deliver(numbered_lines(12, 2));
  bench.tick();
  bench.kill();
  const SealEntry good = bench.manifest();
  CHECK(bench.fault_of(good).empty());
  std::vector<SealEntry> wrong(5, good);
  wrong[0].file += 1;
  wrong[1].before = no_seal_hash();
  wrong[2].bytes -= 1;
  wrong[3].records -= 1;
  wrong[4].record -= 1;
  wrong[4].records += 1;
  for (const SealEntry& entry : wrong) {
    CHECK(bench.fault_of(entry).ends_with("does not count on from the one before it"));
  }
}

TEST_CASE("seal: a seal without its first line is a fault", "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  bench.kill();
  auto lines = bench.seal_lines("/app.ndjson");
  lines.erase(lines.begin());
  bench.files.put("/app.ndjson.seal", joined(lines));
  CHECK(bench.first_fault({"/app.ndjson"}) ==
        "/app.ndjson:0: the beginning of the seal is missing");
}

TEST_CASE("seal: each run that goes on with a file opens it in the seal, a reopening does not",
          "[seal]") {
  ForgedSeal bench;
  bench.deliver(numbered_lines(1, 2));
  bench.tick();
  bench.sink->reopen();
  bench.deliver(numbered_lines(3, 2));
  bench.tick();
  CHECK(bench.opens() == 1);
  // Killed when all of it was sealed: there is nothing to take up.
  bench.kill();
  bench.deliver(numbered_lines(5, 1));
  CHECK(bench.opens() == 2);
  bench.stop();
  bench.deliver(numbered_lines(6, 1));
  bench.stop();
  CHECK(bench.opens() == 3);
  CHECK(bench.first_fault({"/app.ndjson"}).empty());
}

TEST_CASE("seal: one whose file has its new name already belongs to the file that has no seal",
          "[seal]") {
  ForgedSeal bench;
  bench.settings.rotate_size = 20;
  for (std::size_t i = 0; i < 3; ++i) {
    bench.deliver(numbered_lines(10 + 2 * i, 2));
    bench.tick();
  }
  bench.kill();
  const auto logs = bench.logs();
  REQUIRE(logs.size() == 3);
  // As if it had died before the second seal had its new name, with a clock that was set back.
  const std::string renamed = "/app-20200101T000000.000Z.ndjson";
  REQUIRE(bench.files.rename(logs[1], renamed).ok());
  REQUIRE(bench.files.remove("/app.ndjson").ok());
  REQUIRE(bench.files.rename(logs[1] + ".seal", "/app.ndjson.seal").ok());
  for (const std::string& path : {renamed, std::string("/app.ndjson.seal")}) {
    const SealReport report = bench.verify_one(path);
    CHECK(report.path == renamed);
    CHECK(report.seal_path == "/app.ndjson.seal");
    CHECK(!report.fault);
  }
}

TEST_CASE("seal: a rotated file whose seal is gone is not checked against that of the present one",
          "[seal]") {
  ForgedSeal bench;
  bench.settings.rotate_size = 20;
  bench.deliver(numbered_lines(10, 2));
  bench.deliver(numbered_lines(12, 2));
  bench.stop();
  const std::string rotated = bench.logs().front();
  REQUIRE(bench.files.remove(rotated + ".seal").ok());
  REQUIRE(bench.files.remove("/app.ndjson").ok());
  CHECK(bench.verify_one(rotated).seal_path == rotated + ".seal");
  CHECK(bench.first_fault({rotated}).find("there is no seal beside it") != std::string::npos);
}

TEST_CASE("seal: an anchor tells of a file that is another one, or is gone", "[seal]") {
  ForgedSeal bench;
  bench.settings.rotate_size = 20;
  bench.deliver(numbered_lines(10, 2));
  bench.deliver(numbered_lines(12, 2));
  bench.stop();
  const auto reports = bench.verify(bench.logs());
  REQUIRE(reports.size() == 2);
  const std::string chain = reports[0].seal.first().chain;
  const std::string root = reports[1].seal.roots.back().hash;
  const auto fault = [&](const SealAnchor& anchor) {
    const auto tails = check_tails(reports, {}, true, {anchor});
    REQUIRE(tails.size() == 1);
    return tails[0].fault;
  };
  CHECK(fault({chain, 2, root}).empty());
  CHECK(fault({chain, 2, no_seal_hash()}).find("otherwise") != std::string::npos);
  CHECK(fault({chain, 1, no_seal_hash()}).find("otherwise") != std::string::npos);
  CHECK(fault({chain, 3, no_seal_hash()}).find("is missing") != std::string::npos);
  CHECK(fault({"another", 1, root}) == "no anchor knows this chain");
}

TEST_CASE("seal: one that was ended for a rotation goes on where its file was deleted instead",
          "[seal]") {
  ForgedSeal bench;
  bench.settings.rotate_size = 20;
  for (std::size_t i = 0; i < 3; ++i) {
    bench.deliver(numbered_lines(10 + 2 * i, 2));
    bench.tick();
  }
  bench.kill();
  // As if it had died between the manifest of the second file and the new name of that.
  const auto logs = bench.logs();
  REQUIRE(logs.size() == 3);
  REQUIRE(bench.files.remove("/app.ndjson").ok());
  REQUIRE(bench.files.remove(logs[1]).ok());
  bench.files.put("/app.ndjson.seal", bench.files.content(logs[1] + ".seal"));
  REQUIRE(bench.files.remove(logs[1] + ".seal").ok());
  bench.deliver(numbered_lines(20, 1));
  bench.stop();
  CHECK(bench.said("somebody else changed"));
  CHECK(bench.first_fault({logs[0]}).empty());
  CHECK(bench.first_fault({"/app.ndjson"}).starts_with("/app.ndjson:1: "));
}

}  // namespace
}  // namespace ship::testing
