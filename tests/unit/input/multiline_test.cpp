#include "input/multiline.hpp"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "record/text_line.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

using Groups = std::vector<std::string>;

Groups groups_of(std::string_view text, Multiline::Options options = {}) {
  Groups groups;
  Multiline multiline(std::move(options));
  const auto close = [&] {
    if (multiline.holds()) groups.emplace_back(multiline.text());
    multiline.clear();
  };
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      multiline.add_blank();
    } else if (!multiline.add(line, line)) {
      close();
      REQUIRE(multiline.add(line, line));
    }
  }
  close();
  return groups;
}

Multiline::Options starts_with(const std::string& expression) {
  Multiline::Options options;
  options.start.emplace(LinePattern::compile(expression).value());
  return options;
}

TEST_CASE("multiline: what is joined keeps its newlines, and blank lines within", "[multiline]") {
  CHECK(groups_of("a\n  b\n\n\n  c\n\nd\n\n") == Groups{"a\n  b\n\n\n  c", "d"});
}

TEST_CASE(
    "multiline: with a pattern of the user's, lines that do not match join, and no other rule "
    "counts",
    "[multiline]") {
  CHECK(groups_of("[1] a\nb\n\n  c\n[2] d\n[3] e\nKeyError", starts_with("^\\[\\d+\\]")) ==
        Groups{"[1] a\nb\n\n  c", "[2] d", "[3] e\nKeyError"});
  CHECK(groups_of("b\n  x y\n[2] d", starts_with("^\\[|x y")) == Groups{"b", "  x y", "[2] d"});
}

TEST_CASE("multiline: a pattern that is none says why", "[multiline]") {
  const auto pattern = LinePattern::compile("^(a");
  REQUIRE_FALSE(pattern.ok());
  CHECK(pattern.error().kind == ErrorKind::config);
  CHECK(pattern.error().message == "'^(a' is not a regular expression: missing ): ^(a");
}

TEST_CASE("multiline: a pattern that would take exponential time elsewhere takes linear time",
          "[multiline]") {
  const std::string line(20000, 'a');
  CHECK(LinePattern::compile("(a+)+$").value().matches(line));
  CHECK_FALSE(LinePattern::compile("^(a|aa)+b").value().matches(line));
}

TEST_CASE("multiline: a group is bounded in bytes, what is over goes into the next",
          "[multiline]") {
  Multiline::Options options;
  options.max_bytes = 10;
  CHECK(groups_of("abc\n def\n ghi\n jkl\nx", std::move(options)) ==
        Groups{"abc\n def", " ghi\n jkl", "x"});
}

TEST_CASE("multiline: a line over the bound is a group of its own", "[multiline]") {
  Multiline::Options options;
  options.max_bytes = 4;
  CHECK(groups_of("abcdefgh\n i\nj", std::move(options)) == Groups{"abcdefgh", " i", "j"});
}

TEST_CASE("multiline: a group is bounded in lines", "[multiline]") {
  std::string text = "head";
  for (std::size_t i = 0; i < 2 * Multiline::kMaxLines; ++i) text += "\n x";
  const Groups groups = groups_of(text);
  REQUIRE(groups.size() == 3);
  CHECK(groups[2] == " x");
}

TEST_CASE("multiline: levels set flush right are heads, other indented levels are not",
          "[multiline]") {
  Groups groups;
  Multiline multiline({});
  TimeParser times;
  for (const std::string line : {" INFO [main] up", "DEBUG [main] a", " INFO [main] b",
                                 "    at x.y", " WARN [main] c", "  WARN not in that column",
                                 "ERROR [main] d", "03:04:05.678 INFO e", " WARN below a time"}) {
    const auto head = read_text_line(line, times).head;
    if (multiline.add(line, line, head)) continue;
    groups.emplace_back(multiline.text());
    multiline.clear();
    REQUIRE(multiline.add(line, line, head));
  }
  groups.emplace_back(multiline.text());
  CHECK(groups == Groups{" INFO [main] up", "DEBUG [main] a", " INFO [main] b\n    at x.y",
                         " WARN [main] c\n  WARN not in that column", "ERROR [main] d",
                         "03:04:05.678 INFO e\n WARN below a time"});
}

TEST_CASE("multiline: each event of fapilog's pretty output is one group", "[multiline]") {
  std::ifstream file(std::string(SHIP_TEST_DATA) + "/fapilog-dev-pretty.log");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const Groups groups = groups_of(text);
  CHECK(groups.size() == 60);
  for (const std::string& group : groups) CHECK(group.starts_with("2026-11-22 09:09:"));
}

TEST_CASE("multiline: a pretty event is over where its value ends, text behind it stands alone",
          "[multiline]") {
  const std::string head = "2026-11-22 09:09:12 | ERROR    | x message_id=1";
  CHECK(groups_of(head + "\nplain") == Groups{head, "plain"});
  CHECK(groups_of(head + " a='b c\nKeyError: 'x'\nmore\n' b=c\nplain") ==
        Groups{head + " a='b c\nKeyError: 'x'\nmore\n' b=c", "plain"});
  CHECK(groups_of(head + " a='b c\n" + head) == Groups{head + " a='b c", head});
}

TEST_CASE("multiline: a traceback beneath a pretty line belongs to it", "[multiline]") {
  const std::string event =
      "2026-11-22 09:09:12 | ERROR    | failed\nTraceback (most recent call last):\n"
      "  File \"a.py\", line 1, in f\nKeyError: 'x'\nContext: message_id=1 logger=app";
  CHECK(groups_of(event + "\nplain\n" + event) == Groups{event, "plain", event});
}

}  // namespace
}  // namespace ship
