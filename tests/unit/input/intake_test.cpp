#include "input/intake.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace ship {
namespace {

std::vector<std::string> lines_of(Intake::Options options, std::string_view bytes) {
  std::vector<std::string> lines;
  Intake intake(options,
                [&lines](std::span<const Record> records) {
                  for (const Record& record : records) lines.emplace_back(record.line);
                },
                {});
  while (!bytes.empty()) {
    const auto room = intake.room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    intake.take(size);
    bytes.remove_prefix(size);
  }
  intake.end_input();
  REQUIRE(intake.counts().balanced());
  return lines;
}

TEST_CASE("intake: objects pass byte for byte, with and without a last newline", "[intake]") {
  REQUIRE(lines_of({}, "{\"a\":1}\n{\"b\" : 2}\r\n\n{}") ==
          std::vector<std::string>{"{\"a\":1}", "{\"b\" : 2}", "{}"});
}

}  // namespace
}  // namespace ship
