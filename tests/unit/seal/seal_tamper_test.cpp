#include <algorithm>
#include <random>

#include "tests/catch.hpp"
#include "tests/unit/seal/seal_bench.hpp"

namespace ship::testing {
namespace {

/// Two files, of three blocks each; the second one is ended, too.
struct SmallChain : SealBench {
  std::vector<std::string> paths;
  std::string rotated;

  SmallChain() {
    settings.rotate_size = 60;  // six lines of ten bytes, in blocks of two
    for (std::size_t i = 0; i < 6; ++i) {
      deliver(numbered_lines(10 + 2 * i, 2));
      tick();
    }
    stop();
    paths = logs();
    REQUIRE(paths.size() == 2);
    rotated = paths[0];
    REQUIRE(first_fault(paths).empty());
    REQUIRE(verify(paths)[1].seal.last().records == 6);
  }

  /// The line of the fault that `path` has with this content instead; 0: it is not found.
  std::uint64_t fault_line(const std::string& path, const std::string& content) {
    const std::string before = files.content(path);
    files.put(path, content);
    std::uint64_t line = 0;
    for (const SealReport& report : verify(paths)) {
      const std::string meant = path.ends_with(".seal") ? path.substr(0, path.size() - 5) : path;
      if (report.fault && line == 0) line = report.path == meant ? report.fault->line : 9999;
    }
    files.put(path, before);
    return line;
  }
};

TEST_CASE("seal: every edit of a byte is found at its line", "[seal]") {
  SmallChain chain;
  for (const std::string& path : chain.paths) {
    const std::string content = chain.files.content(path);
    std::uint64_t line = 1;
    for (std::size_t i = 0; i < content.size(); ++i) {
      for (const char other : {static_cast<char>(content[i] ^ 1), '\n', ' ', '\0'}) {
        if (other == content[i]) continue;
        std::string edited = content;
        edited[i] = other;
        INFO(path << " byte " << i << " to " << static_cast<int>(other));
        REQUIRE(chain.fault_line(path, edited) == line);
      }
      if (content[i] == '\n') ++line;
    }
  }
}

TEST_CASE("seal: every edit of a byte of a seal is found", "[seal]") {
  SmallChain chain;
  for (const std::string& path : chain.paths) {
    const std::string content = chain.files.content(path + ".seal");
    for (std::size_t i = 0; i < content.size(); ++i) {
      for (const char other : {static_cast<char>(content[i] ^ 1), '\n'}) {
        if (other == content[i]) continue;
        // A last line without its newline does not count, and with it goes the manifest.
        if (i + 1 == content.size() && path == chain.paths.back()) continue;
        std::string edited = content;
        edited[i] = other;
        INFO(path << " byte " << i);
        chain.files.put(path + ".seal", edited);
        REQUIRE(!chain.first_fault(chain.paths).empty());
      }
    }
    chain.files.put(path + ".seal", content);
  }
}

TEST_CASE("seal: every removed, repeated and moved line is found at its place", "[seal]") {
  SmallChain chain;
  for (const std::string& path : chain.paths) {
    const auto lines = whole_lines(chain.files.content(path));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      auto removed = lines;
      removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(chain.fault_line(path, joined(removed)) == i + 1);
      auto repeated = lines;
      repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
      CHECK(chain.fault_line(path, joined(repeated)) == i + 2);
      for (std::size_t j = i + 1; j < lines.size(); ++j) {
        auto swapped = lines;
        std::swap(swapped[i], swapped[j]);
        CHECK(chain.fault_line(path, joined(swapped)) == i + 1);
      }
    }
  }
}

TEST_CASE("seal: every cut of a log file is found at its line", "[seal]") {
  SmallChain chain;
  for (const std::string& path : chain.paths) {
    const std::string content = chain.files.content(path);
    for (std::size_t size = 0; size < content.size(); ++size) {
      const std::string cut = content.substr(0, size);
      const auto lines = static_cast<std::uint64_t>(std::count(cut.begin(), cut.end(), '\n'));
      INFO(path << " cut to " << size);
      REQUIRE(chain.fault_line(path, cut) == lines + 1);
    }
  }
}

TEST_CASE("seal: a cut of both files is found within the chain, and at its end by its root",
          "[seal]") {
  SmallChain chain;
  const std::string root = chain.verify(chain.paths)[1].seal.roots.back().hash;
  for (const std::string& path : chain.paths) {
    const std::string seal = chain.files.content(path + ".seal");
    const std::string content = chain.files.content(path);
    const auto lines = whole_lines(seal);
    std::vector<std::string> kept;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      kept.push_back(lines[i]);
      const auto entry = parse_seal_line(std::string_view(lines[i]).substr(0, lines[i].size() - 1));
      REQUIRE(entry.ok());
      bytes = entry.value().end();
      chain.files.put(path + ".seal", joined(kept));
      chain.files.put(path, content.substr(0, static_cast<std::size_t>(bytes)));
      const bool newest = path == chain.paths.back();
      CHECK(chain.first_fault(chain.paths).empty() == newest);
      const auto tails = check_tails(chain.verify(chain.paths), {root}, false, {});
      CHECK(tails.back().fault.empty() == !newest);
    }
    chain.files.put(path + ".seal", seal);
    chain.files.put(path, content);
  }
  const auto tails = check_tails(chain.verify(chain.paths), {root}, false, {});
  CHECK(tails.front().by == "the expected head");
  CHECK(tails.front().checked_to == 12);
}

TEST_CASE("seal: a file that is missing between others is found", "[seal]") {
  SmallChain chain;
  chain.start();
  for (std::size_t i = 0; i < 6; ++i) chain.deliver(numbered_lines(30 + 2 * i, 2));
  chain.stop();
  auto paths = chain.logs();
  REQUIRE(paths.size() >= 3);
  CHECK(chain.first_fault(paths).empty());
  paths.erase(paths.begin() + 1);
  CHECK(chain.first_fault(paths).find("1 file missing between") != std::string::npos);
  // The oldest ones may be gone: that is what retention does.
  paths.erase(paths.begin());
  CHECK(chain.first_fault(paths).empty());
}

TEST_CASE("seal: a file without its seal, and a seal without its file, are no files that are whole",
          "[seal]") {
  SmallChain chain;
  const std::string seal = chain.files.content(chain.rotated + ".seal");
  REQUIRE(chain.files.remove(chain.rotated + ".seal").ok());
  CHECK(chain.first_fault(chain.paths).find("no seal") != std::string::npos);
  chain.files.put(chain.rotated + ".seal", seal);
  REQUIRE(chain.files.remove(chain.rotated).ok());
  CHECK(chain.first_fault(chain.paths).find("the file is missing") != std::string::npos);
  chain.files.put(chain.rotated + ".seal", "");
  CHECK(!chain.first_fault(chain.paths).empty());
}

TEST_CASE("seal: what is wrong is told in words", "[seal]") {
  SmallChain chain;
  const auto lines = whole_lines(chain.files.content("/app.ndjson"));
  const auto fault = [&](std::vector<std::string> changed) {
    chain.files.put("/app.ndjson", joined(changed));
    return chain.first_fault(chain.paths);
  };
  auto changed = lines;
  changed[2] = "{\"n\":0}\n";
  CHECK(fault(changed) == "/app.ndjson:3: a line was edited");
  changed = lines;
  changed.erase(changed.begin() + 1, changed.begin() + 3);
  CHECK(fault(changed) == "/app.ndjson:2: 2 lines were removed");
  changed = lines;
  changed.insert(changed.begin() + 4, "{\"n\":0}\n");
  CHECK(fault(changed) == "/app.ndjson:5: a line was inserted");
  changed = lines;
  changed.insert(changed.begin() + 1, lines[4]);
  CHECK(fault(changed) == "/app.ndjson:2: a line was inserted");
  changed = lines;
  std::swap(changed[0], changed[3]);
  CHECK(fault(changed) == "/app.ndjson:1: lines were put into another order");
  changed = lines;
  changed.resize(4);
  CHECK(fault(changed) == "/app.ndjson:5: the file was cut here");
  changed.push_back("{\"n");
  CHECK(fault(changed) == "/app.ndjson:5: the file was cut within this line");
  changed = lines;
  changed.push_back("{\"n\":0}\n");
  CHECK(fault(changed) == "/app.ndjson:7: 1 line inserted at the end");
  CHECK(fault(lines).empty());
  const auto report = chain.verify_one("/app.ndjson");
  CHECK(!report.seal.last().to.empty());
}

TEST_CASE("seal: a file that its shipper goes on with while it is verified is whole", "[seal]") {
  SealBench bench;
  bench.deliver(numbered_lines(1, 2));
  bench.stop();
  bool went_on = false;
  const auto go_on = [&](std::uint64_t, std::uint64_t) {
    if (std::exchange(went_on, true)) return;
    bench.deliver(numbered_lines(3, 2));
    bench.stop();
  };
  SealVerifier verifier(bench.files, bench.keys(), go_on);
  const SealReport report = verifier.verify("/app.ndjson");
  CHECK(went_on);
  CHECK(!report.fault);
  CHECK(report.seal.last().records == 4);
}

TEST_CASE("seal: random changes of a large file are found at their lines", "[seal]") {
  SealBench bench;
  for (std::size_t i = 0; i < 40; ++i) bench.deliver(numbered_lines(10000 + 500 * i, 500));
  bench.stop();
  const std::string content = bench.files.content("/app.ndjson");
  REQUIRE(bench.verify_one("/app.ndjson").seal.lines.size() > 4);
  std::mt19937 random(7);
  for (int i = 0; i < 100; ++i) {
    std::string changed = content;
    const std::size_t at = random() % content.size();
    const auto line = static_cast<std::uint64_t>(
        1 + std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    const std::size_t begin = at == 0 ? 0 : content.rfind('\n', at - 1) + 1;
    const std::size_t end = content.find('\n', at) + 1;
    std::uint64_t expected = line;
    switch (random() % 4) {
      case 0:
        changed[at] = static_cast<char>(changed[at] ^ (1 << random() % 7));
        break;
      case 1:
        changed.erase(begin, end - begin);
        break;
      case 2:
        changed.insert(begin, content.substr(begin, end - begin));
        expected = line + 1;
        break;
      default:
        changed.resize(at);
        break;
    }
    bench.files.put("/app.ndjson", changed);
    const auto report = bench.verify_one("/app.ndjson");
    INFO("at " << at << " line " << line);
    REQUIRE(report.fault);
    CHECK(report.fault->line == expected);
  }
}

}  // namespace
}  // namespace ship::testing
