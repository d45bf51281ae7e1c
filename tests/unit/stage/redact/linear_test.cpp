#include <algorithm>
#include <string>

#include "stage/redact/secret_extent.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

// How often a finder is asked where its pattern hits at every place of a text, which is more than
// any pattern does.
std::size_t calls(FindSecret find, const std::string& piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  std::size_t calls = 0;
  for (std::size_t end = 1; end <= text.size(); ++calls)
    end = std::max(find(text, end).examined_end, end) + 1;
  return calls;
}

}  // namespace

TEST_CASE("redact linear: a finder that looks at a whole run is not asked about it again",
          "[redact][linear]") {
  for (const std::size_t size : {4096, 8192}) {
    INFO(size);
    CHECK(calls(find_ipv6, "::1:2:3:4:5:6:", size) == 1);
    CHECK(calls(find_ipv4, "1.2.3.4.", size) == 1);
    CHECK(calls(find_dotted_token, "abc.def", size) == 1);
    CHECK(calls(find_scheme_token, "a=b/c", size) == 1);
  }
}

TEST_CASE("redact linear: each group of digits is asked about once", "[redact][linear]") {
  for (const std::size_t size : {4096, 8192}) {
    INFO(size);
    CHECK(calls(find_card, "1234567890", size) <= size / 20);
    CHECK(calls(find_card, "1234 5678 9012 3450 ", size) <= size / 5 * 2);
  }
}

TEST_CASE("redact linear: user information with many at signs is asked about once",
          "[redact][linear]") {
  for (const std::size_t size : {4096, 8192}) {
    const std::string text = "://a:" + std::string(size, '@');
    const Extent found = find_url_userinfo(text, 6);
    CHECK(found.begin == 3);
    CHECK(found.end == text.size() - 1);
    CHECK(found.examined_end == text.size());
  }
}
