#include "base/percent.hpp"

#include "base/hex.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("percent: every byte comes back", "[percent]") {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  CHECK(percent_decoded(percent_encoded(bytes)) == bytes);
  CHECK(percent_encoded("a b/c%~\xC3\xA9", "/") == "a%20b/c%25~%C3%A9");
}

TEST_CASE("percent: a sign without two digits stays", "[percent]") {
  for (const char* text : {"%", "%4", "%zz", "%4g", "100%", "%%"})
    CHECK(percent_decoded(text) == text);
  CHECK(percent_decoded("%%41%2f") == "%A/");
}

TEST_CASE("hex: a digit has its value in either case, all else none", "[percent]") {
  for (int c = -128; c < 128; ++c) {
    const std::size_t lower = kHexDigits.find(static_cast<char>(c));
    const std::size_t upper = kHexCapitals.find(static_cast<char>(c));
    const std::size_t value = std::min(lower, upper);
    CHECK(hex_value(static_cast<char>(c)) == (value < 16 ? static_cast<int>(value) : -1));
  }
}

}  // namespace
}  // namespace ship
