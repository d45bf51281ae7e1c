#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "record/field.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

/// A line of the corpora that tests/data/secrets/generate.py writes.
struct Sample {
  std::string kind, place, secret, line;
};

std::vector<Sample> samples(const std::string& name) {
  std::ifstream file(std::string(SHIP_SECRET_CORPUS) + "/" + name);
  REQUIRE(file.good());
  FieldFinder finder({"kind", "place", "secret", "line"});
  std::vector<Sample> found;
  for (std::string text; std::getline(file, text);) {
    const auto fields = finder.find(text);
    const auto value = [&](std::size_t place) { return std::string(fields[place].text); };
    found.push_back({value(0), value(1), value(2), value(3)});
  }
  return found;
}

// How many of each class a redaction leaves as they are.
std::string report_table(Redaction& redact) {
  struct Row {
    std::size_t secrets = 0, found = 0, lookalikes = 0, touched = 0;
  };
  std::map<std::string, Row> rows;
  Row sum;
  for (const Sample& sample : samples("secrets.ndjson")) {
    const std::size_t found = shows(redact(sample.line), sample.secret) ? 0 : 1;
    for (Row* row : {&rows[sample.kind], &sum}) {
      row->secrets += 1;
      row->found += found;
    }
  }
  for (const Sample& sample : samples("lookalikes.ndjson")) {
    const std::size_t touched = redact(sample.line) == sample.line ? 0 : 1;
    for (Row* row : {&rows[sample.kind], &sum}) {
      row->lookalikes += 1;
      row->touched += touched;
    }
  }
  std::string table =
      "| class | secrets | found | look-alikes | touched |\n|---|---|---|---|---|\n";
  const auto add = [&](const std::string& name, const Row& row) {
    table += "| " + name;
    for (const std::size_t count : {row.secrets, row.found, row.lookalikes, row.touched})
      table += " | " + std::to_string(count);
    table += " |\n";
  };
  for (const auto& [name, row] : rows) add(name, row);
  add("all", sum);
  return table;
}

RedactSettings all_sets() { return presets({"credentials", "pii", "pci", "contact", "financial"}); }

}  // namespace

TEST_CASE("redact: R7: of the corpus of secrets every one is taken out", "[redact][corpus]") {
  const auto corpus = samples("secrets.ndjson");
  REQUIRE(corpus.size() == 628);
  Redaction redact(all_sets());
  std::map<std::string, int> missed;
  std::size_t found = 0;
  for (const Sample& sample : corpus) {
    REQUIRE(shows(sample.line, sample.secret));
    const std::string out = redact(sample.line);
    if (!shows(out, sample.secret)) {
      ++found;
    } else {
      ++missed[sample.kind + " in " + sample.place + ": " + out];
    }
  }
  std::string list;
  for (const auto& [text, count] : missed) list += "\n" + text;
  INFO("missed:" << list);
  CHECK(found == corpus.size());
}

TEST_CASE("redact: of the corpus of look-alikes at most 1 % are touched", "[redact][corpus]") {
  const auto corpus = samples("lookalikes.ndjson");
  REQUIRE(corpus.size() >= 300);
  Redaction redact(all_sets());
  std::string list;
  std::size_t touched = 0;
  for (const Sample& sample : corpus) {
    const std::string out = redact(sample.line);
    if (out == sample.line) continue;
    ++touched;
    list += "\n" + sample.line + "\n  " + out;
  }
  INFO("touched:" << list);
  CHECK(static_cast<double>(touched) <= 0.01 * static_cast<double>(corpus.size()));
}

TEST_CASE("redact: of real fapilog output only its passwords change", "[redact][corpus]") {
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  Redaction redact(all_sets());
  std::size_t lines = 0, changed = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const std::string out = redact(line);
    if (out == line) continue;
    ++changed;
    std::string expected = line;
    const std::string password = R"("password":"hunter2")";
    const std::size_t at = expected.find(password);
    REQUIRE(at != std::string::npos);
    expected.replace(at, password.size(), R"("password":"***")");
    CHECK(out == expected);
  }
  CHECK(lines == 4000);
  CHECK(changed > 0);
}

TEST_CASE("redact: the page reports what is found of each class of the corpora",
          "[redact][corpus]") {
  Redaction redact(all_sets());
  const std::string table = report_table(redact);
  std::ifstream file(SHIP_TEST_DATA "/../../packaging/doc/redaction.md");
  std::stringstream page;
  page << file.rdbuf();
  INFO("the page should hold\n" << table);
  CHECK(page.str().find(table) != std::string::npos);
}
