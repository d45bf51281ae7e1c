// What real loggers and platforms write (tests/data/loggers), through the intake: number of
// records, levels, times and messages as EXPECTED.tsv and EXPECTED-plat.tsv have them.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "input/intake.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct Seen {
  std::string level;
  WallNanos time = 0;
  std::string line;
};

const std::string kLoggers = SHIP_TEST_DATA "/loggers/";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Seen> records_of(const std::string& name) {
  std::vector<Seen> seen;
  Intake::Options options;
  Intake intake(options,
                [&seen](std::span<const Record> records) {
                  for (const Record& record : records) {
                    seen.push_back({std::string(level_text(record.level)), record.time,
                                    std::string(record.line)});
                  }
                },
                {});
  intake.feed(read_file(kLoggers + name));
  intake.end_input();
  intake.finish();
  return seen;
}

std::vector<std::vector<std::string>> rows(const std::string& name) {
  std::istringstream lines(read_file(kLoggers + name));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> row;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) row.push_back(field);
    rows.push_back(row);
  }
  return rows;
}

TEST_CASE("loggers: records and levels of real loggers are what they wrote", "[loggers]") {
  for (const auto& row : rows("EXPECTED.tsv")) {
    std::string levels;
    for (const Seen& record : records_of(row[0]))
      levels += (levels.empty() ? "" : " ") + record.level;
    CAPTURE(row[0]);
    CHECK(levels == row[2]);
  }
}

// Named with their reasons: the places where another value than the table's is right.
const std::map<std::string, std::string> kExceptions = {
    {"plat-cri-text.log 1", "standard error alone makes nothing an ERROR"},
};

TEST_CASE("loggers: levels and times of platforms are what is inside", "[loggers]") {
  std::map<std::string, std::vector<Seen>> files;
  for (const auto& row : rows("EXPECTED-plat.tsv")) {
    if (!files.contains(row[0])) files[row[0]] = records_of(row[0]);
    const std::vector<Seen>& records = files[row[0]];
    const std::size_t index = std::stoul(row[1]);
    CAPTURE(row[0], index);
    if (kExceptions.contains(row[0] + " " + row[1])) continue;
    if (row[2] == "None" && row[3] == "None") {
      CHECK(records.size() <= index);
      continue;
    }
    if (index >= records.size()) {
      CHECK(records.size() > index);
      continue;
    }
    CAPTURE(records[index].line);
    CHECK(records[index].level == row[2]);
    if (row[3] != "None") {
      const bool seconds = row[3].size() == 20;
      CHECK(format_rfc3339(records[index].time, seconds ? 0 : 3) == row[3]);
    }
  }
}

}  // namespace
}  // namespace ship
