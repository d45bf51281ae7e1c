#include "input/splitter.hpp"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/models/split_model.hpp"

namespace ship {
namespace {

using Split = std::vector<model::SplitLine>;

Split take(Splitter& splitter, std::uint64_t max_line_bytes) {
  Split lines;
  Block block;
  while (splitter.next(block)) {
    REQUIRE((block.original_size != 0 || block.bytes.back() == '\n'));
    Lines each(block, max_line_bytes);
    for (Line line; each.next(line);) lines.push_back({std::string(line.text), line.original_size});
  }
  return lines;
}

// Splits `bytes`, which come in pieces of the sizes that `piece` tells.
template <class Piece>
Split split(Splitter& splitter, std::string_view bytes, std::uint64_t max_line_bytes, Piece piece) {
  Split lines;
  const auto append = [&lines](Split more) {
    for (auto& line : more) lines.push_back(std::move(line));
  };
  while (!bytes.empty()) {
    const auto room = splitter.room();
    REQUIRE_FALSE(room.empty());
    const std::size_t size = std::min({room.size(), bytes.size(), piece()});
    std::memcpy(room.data(), bytes.data(), size);
    splitter.commit(size);
    bytes.remove_prefix(size);
    append(take(splitter, max_line_bytes));
  }
  splitter.end_input();
  append(take(splitter, max_line_bytes));
  return lines;
}

Split split(std::string_view bytes, std::uint64_t max_line_bytes = 1 << 20) {
  Splitter splitter(max_line_bytes);
  return split(splitter, bytes, max_line_bytes, [] { return std::size_t{100}; });
}

Split whole(const std::vector<std::string>& texts) {
  Split lines;
  for (const std::string& text : texts) lines.push_back({text, text.size()});
  return lines;
}

TEST_CASE("splitter: a line ends at its newline, and the last one may lack it", "[splitter]") {
  CHECK(split("") == Split{});
  CHECK(split("a\nbc\n") == whole({"a", "bc"}));
  CHECK(split("a\nbc") == whole({"a", "bc"}));
  CHECK(split("\n\na\n\n") == whole({"", "", "a", ""}));
}

TEST_CASE("splitter: a CRLF line loses its carriage return, and no other", "[splitter]") {
  CHECK(split("a\r\nb\rc\r\n\r\nd\r\r\ne\r") == whole({"a", "b\rc", "", "d\r", "e"}));
}

TEST_CASE("splitter: NULs inside of a line are bytes", "[splitter]") {
  CHECK(split(std::string("a\0b\n", 4)) == whole({std::string("a\0b", 3)}));
  CHECK(split(std::string("a\0\n", 3)) == whole({std::string("a\0", 2)}));
}

TEST_CASE("splitter: NULs and byte order marks before any line are framing", "[splitter]") {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string nul(1, '\0');
  Splitter splitter(1 << 20);
  const auto byte_by_byte = [] { return std::size_t{1}; };
  CHECK(split(splitter, mark + "a\n" + mark + "b", 1 << 20, byte_by_byte) == whole({"a", "b"}));
  CHECK(splitter.skipped_bytes() == 6);
  CHECK(split(splitter, "\xEF\xBB", 1 << 20, byte_by_byte) == whole({"\xEF\xBB"}));
  CHECK(split(splitter, mark + nul + mark, 1 << 20, byte_by_byte) == Split{});
  CHECK(split(mark + mark + "d\n" + nul + nul + mark + "e" + nul + mark + "\n" + nul + "\r\n") ==
        whole({"d", "e" + nul + mark, ""}));
}

TEST_CASE("splitter: the hole that truncation leaves takes no memory and cuts no line",
          "[splitter]") {
  Splitter splitter(1000);
  const std::string hole(3 << 20, '\0');
  CHECK(split(splitter, "a\n" + hole + "{}\n", 1000, [] { return std::size_t{5000}; }) ==
        whole({"a", "{}"}));
  CHECK(splitter.buffer_bytes() == Splitter::kDefaultBlockBytes + Splitter::kPadding);
}

TEST_CASE("splitter: a line that lacks its newline does not join the next input", "[splitter]") {
  Splitter splitter(8);
  const auto at_once = [] { return std::size_t{1000}; };
  CHECK(split(splitter, "a", 8, at_once) == whole({"a"}));
  CHECK(split(splitter, std::string(1000, 'x'), 8, at_once) == Split{{"xxxxxxxx", 1000}});
  CHECK(split(splitter, "b\n", 8, at_once) == whole({"b"}));
}

TEST_CASE("splitter: an over-long line keeps its beginning and tells its size", "[splitter]") {
  CHECK(split("12345678\n123456789\n1234567890\r\nz\n", 8) ==
        Split{{"12345678", 8}, {"12345678", 9}, {"12345678", 10}, {"z", 1}});
  CHECK(split("12345678\r\n", 8) == Split{{"12345678", 8}});
  CHECK(split("12345678\r", 8) == Split{{"12345678", 8}});
  CHECK(split(std::string(100'000, 'x') + "\r\ny", 8) == Split{{"xxxxxxxx", 100'000}, {"y", 1}});
  CHECK(split(std::string(100'000, 'x'), 8) == Split{{"xxxxxxxx", 100'000}});
}

TEST_CASE("splitter: a cut does not split a character", "[splitter]") {
  CHECK(split("1234567\xC3\xA9\n", 8) == Split{{"1234567", 9}});
  CHECK(split("12345\xF0\x9F\x98\x80z" + std::string(100'000, 'x') + "\n", 8) ==
        Split{{"12345", 100'010}});
}

TEST_CASE("splitter: an endless line takes no more memory than its beginning", "[splitter]") {
  constexpr std::uint64_t kMax = 1 << 20;
  Splitter splitter(kMax);
  std::uint64_t fed = 0;
  Block block;
  while (fed < (64u << 20)) {
    const auto room = splitter.room();
    std::memset(room.data(), 'x', room.size());
    splitter.commit(room.size());
    fed += room.size();
    REQUIRE_FALSE(splitter.next(block));
    REQUIRE(splitter.buffer_bytes() < kMax + 2 * Splitter::kDefaultBlockBytes);
  }
  splitter.end_input();
  REQUIRE(splitter.next(block));
  CHECK(block.original_size == fed);
  CHECK(block.bytes.size() == kMax);
  CHECK_FALSE(splitter.next(block));
}

TEST_CASE("splitter: the buffer does not grow while lines fit", "[splitter]") {
  Splitter splitter(1 << 20);
  std::string bytes(1000, 'x');
  bytes += '\n';
  for (int i = 0; i < 2000; ++i) {
    split(splitter, bytes, 1 << 20, [] { return std::size_t{700}; });
  }
  CHECK(splitter.buffer_bytes() == Splitter::kDefaultBlockBytes + Splitter::kPadding);
}

TEST_CASE("splitter: the lines do not depend on the pieces", "[splitter][property]") {
  std::mt19937 random(3);
  const std::vector<std::string> kPieces = {"\n",
                                            "\r",
                                            "\r\n",
                                            "a",
                                            "bcde",
                                            "\xC3\xA9",
                                            "\xF0\x9F\x98\x80",
                                            "\xFF",
                                            "\xEF\xBB\xBF",
                                            std::string(1, '\0'),
                                            std::string(30, '\0'),
                                            std::string(40, 'x')};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t n = random() % 30; n-- > 0;) bytes += kPieces[random() % kPieces.size()];
    const std::uint64_t max_line_bytes = 1 + random() % 24;
    Splitter splitter(max_line_bytes, 16 + random() % 32);
    const std::size_t longest = 1 + random() % 40;
    const auto lines =
        split(splitter, bytes, max_line_bytes, [&] { return std::size_t{1 + random() % longest}; });
    CAPTURE(bytes, max_line_bytes);
    REQUIRE(lines == model::split(bytes, max_line_bytes));
    REQUIRE(split(splitter, "next", 24, [] { return std::size_t{2}; }).size() == 1);
  }
}

TEST_CASE("splitter: the place of a line is where it begins in the input, whatever the pieces",
          "[splitter][property]") {
  std::mt19937 random(5);
  const std::vector<std::string> kPieces = {
      "\n", "\r\n", "a", "bcde", std::string(3, '\0'), std::string(40, 'x')};
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes;
    for (std::size_t n = random() % 40; n-- > 0;) bytes += kPieces[random() % kPieces.size()];
    Splitter splitter(1 + random() % 24, 16 + random() % 32);
    std::size_t given = 0;
    const auto check = [&] {
      Block block;
      while (splitter.next(block)) {
        // The newline of an unended last line is not of the input.
        const std::size_t size = block.bytes.size() - (block.unended && !block.original_size);
        CAPTURE(bytes, block.position);
        REQUIRE(block.position + size <= bytes.size());
        REQUIRE(bytes.compare(block.position, size, block.bytes.substr(0, size)) == 0);
        const bool begins = block.position == 0 || bytes[block.position - 1] == '\n' ||
                            bytes[block.position - 1] == '\0';
        REQUIRE(begins);
      }
    };
    while (given < bytes.size()) {
      const auto room = splitter.room();
      const std::size_t size = std::min({room.size(), bytes.size() - given, 1 + random() % 20});
      std::memcpy(room.data(), bytes.data() + given, size);
      splitter.commit(size);
      given += size;
      check();
      if (random() % 4 == 0) splitter.release();
    }
    splitter.end_input();
    check();
  }
}

void put(Splitter& splitter, std::string_view bytes) {
  const auto room = splitter.room();
  REQUIRE(room.size() >= bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  splitter.commit(bytes.size());
}

TEST_CASE("splitter: a line that is cut is handed out at once, and its rest is skipped",
          "[splitter]") {
  constexpr std::uint64_t kMax = 1 << 20;
  Splitter splitter(kMax, 1024);
  put(splitter, "one\ntwo-beg");
  CHECK(take(splitter, kMax) == whole({"one"}));
  splitter.cut_line();
  const Split cut = take(splitter, kMax);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].text == "two-beg");
  CHECK(cut[0].original_size > cut[0].text.size());
  put(splitter, "inning goes on");
  CHECK(take(splitter, kMax).empty());
  splitter.release();
  CHECK(splitter.buffer_bytes() == 0);
  put(splitter, " and on\nthree\nfour");
  CHECK(take(splitter, kMax) == whole({"three"}));
  splitter.end_input();
  CHECK(take(splitter, kMax) == whole({"four"}));
  SECTION("nothing is cut where no line was begun") {
    splitter.cut_line();
    CHECK(take(splitter, kMax).empty());
    put(splitter, "five\n");
    CHECK(take(splitter, kMax) == whole({"five"}));
  }
  SECTION("the end of the input ends the rest, too") {
    put(splitter, "six");
    splitter.cut_line();
    CHECK(take(splitter, kMax).size() == 1);
    put(splitter, "rest");
    splitter.end_input();
    CHECK(take(splitter, kMax).empty());
    put(splitter, "seven\n");
    CHECK(take(splitter, kMax) == whole({"seven"}));
  }
}

TEST_CASE("splitter: an over-long line may be cut, too", "[splitter]") {
  Splitter splitter(100, 1024);
  put(splitter, std::string(200, 'x'));
  CHECK(take(splitter, 100).empty());
  splitter.cut_line();
  const Split cut = take(splitter, 100);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].text == std::string(100, 'x'));
  CHECK(cut[0].original_size == 201);
  put(splitter, "xx\nnext\n");
  CHECK(take(splitter, 100) == whole({"next"}));
}

TEST_CASE("splitter: memory that holds no line is given back, and changes no line", "[splitter]") {
  std::mt19937 random(7);
  std::string bytes;
  for (int i = 0; i < 3000; ++i) {
    bytes.append(random() % 90, static_cast<char>('a' + random() % 26));
    bytes += random() % 9 == 0 ? "\r\n" : "\n";
  }
  Splitter kept(64, 256);
  Splitter released(64, 256);
  Split with;
  const Split without = split(kept, bytes, 64, [] { return std::size_t{61}; });
  std::string_view rest = bytes;
  const auto collect = [&] {
    for (auto& line : take(released, 64)) with.push_back(std::move(line));
  };
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, 61);
    put(released, piece);
    rest.remove_prefix(piece.size());
    collect();
    released.release();
    REQUIRE(released.buffer_bytes() <= 67 + 67 / 4 + Splitter::kPadding);
  }
  released.end_input();
  collect();
  CHECK(with == without);
}

}  // namespace
}  // namespace ship
