#include "record/probe.hpp"

#include <fstream>
#include <string>

#include "record/timestamp.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("probe: every line that fapilog wrote is an object with its level and time", "[probe]") {
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  Probe probe;
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const Finding finding = probe.probe(line);
    REQUIRE(finding.fault == Fault::none);
    REQUIRE(finding.has_level);
    REQUIRE(finding.has_time);
    REQUIRE(line.find("\"timestamp\":\"" + format_rfc3339(finding.time, 3)) != std::string::npos);
    REQUIRE(line.find("\"level\":\"" + line.substr(finding.level_at, finding.level_size) +
                      "\",\"logger\"") != std::string::npos);
  }
  REQUIRE(lines == 4000);
}

}  // namespace
}  // namespace ship
