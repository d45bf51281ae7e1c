#include <string>

#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

std::string error_of(const std::string& regex) {
  const auto plan = RedactionPlan::compile(pattern(regex));
  REQUIRE(!plan);
  CHECK(plan.error().kind == ErrorKind::config);
  CHECK(RedactionPlan::check(pattern(regex)).error().message == plan.error().message);
  return plan.error().message;
}

std::string line_of(const std::string& text) { return R"({"_":")" + text + R"("})"; }

}  // namespace

TEST_CASE("redact user patterns: no pattern on no record takes the program down",
          "[redact][user patterns]") {
  const std::string letters(64 << 10, 'a');
  for (const char* regex : {"(a+)+b", "(a*)*b", "(a|aa)+$", "(a|a)*b", "^(([a-z])+.)+[A-Z]$",
                            "(.*)(.*)(.*)[^a_]", "(x+x+)+y", "(a?){30}a{30}b"}) {
    INFO(regex);
    const std::string line = line_of(letters);
    Redaction redact(pattern(regex));
    // "(a|aa)+$" matches all of it.
    CHECK((redact(line) == (std::string(regex) == "(a|aa)+$" ? line_of("***") : line)));
  }
  CHECK((Redaction(pattern("(a+)+b"))(line_of(letters + "b!")) == line_of("***!")));
}

TEST_CASE(
    "redact user patterns: a match is the leftmost and the longest, the next begins behind it",
    "[redact][user patterns]") {
  CHECK(Redaction(pattern("b|bc"))(line_of("xbcx")) == line_of("x***x"));
  CHECK(Redaction(pattern("<.*?>"))(line_of("<a> <b>")) == line_of("***"));
  CHECK(Redaction(pattern("[0-9]{4}"))(line_of("12345678 123")) == line_of("****** 123"));
  CHECK(Redaction(pattern("x*y"))(line_of("xxy y z")) == line_of("*** *** z"));
  CHECK(Redaction(pattern(R"(\bid[0-9]+\b)"))(line_of("id1 xid2 id3x id4")) ==
        line_of("*** xid2 id3x ***"));
  CHECK(Redaction(pattern("é.b"))(line_of("ééb ééé")) == line_of("*** ééé"));
}

TEST_CASE("redact user patterns: a match is found whatever its length and wherever it stands",
          "[redact][user patterns]") {
  for (const std::size_t size : {0, 1, 63, 64, 4095, 16383, 16384, 16385, 40000, 100000}) {
    INFO(size);
    const std::string filler(size, 'q');
    CHECK(Redaction(pattern("id=.*"))(line_of(filler + " id=" + filler)) ==
          line_of(filler + " ***"));
    CHECK(Redaction(pattern("BEGIN[a-z]*END"))(line_of("a BEGIN" + filler + "END " + filler)) ==
          line_of("a *** " + filler));
    CHECK(Redaction(pattern(R"(\bk1\b)"))(line_of(filler + " k1 " + filler + "qk1")) ==
          line_of(filler + " *** " + filler + "qk1"));
  }
}

TEST_CASE("redact user patterns: each of many matches is replaced by itself",
          "[redact][user patterns]") {
  std::string text, left;
  for (int i = 0; i < 9000; ++i) {
    text += "a user-" + std::to_string(i) + "@corp. ";
    left += "a ***. ";
  }
  CHECK(Redaction(pattern("user-[0-9]+@corp"))(line_of(text)) == line_of(left));
}

TEST_CASE("redact user patterns: a text whose search would take too long is masked as a whole",
          "[redact][user patterns]") {
  // Each match looks for a b to the end of the text.
  Redaction redact(pattern("a(.*b)?"));
  CHECK(redact(line_of("x" + std::string(64 << 10, 'a'))) == line_of("***"));
  CHECK(redact(line_of("x" + std::string(256 << 10, 'a'))) == line_of("***"));
  CHECK(redact(R"({"m":"a c","n":"xab"})") == R"({"m":"*** c","n":"x***"})");
}

TEST_CASE("redact user patterns: several of them, with groups of one name and options of their own",
          "[redact][user patterns]") {
  RedactSettings settings = presets({});
  settings.patterns = {{"one", "(?i)(?P<id>abc)"}, {"two", "(?P<id>x[yz])"}, {"three", "q|r"}};
  settings.actions = {{"two", RedactAction::remove}};
  Redaction redact(settings);
  CHECK(redact(R"({"m":"ABC xy XY q","r":"R"})") == R"({"m":"***  XY ***","***":"R"})");
}

TEST_CASE("redact user patterns: what RE2 cannot use is an error in its words, with the place",
          "[redact][user patterns]") {
  CHECK(error_of("(a") == "redact.patterns.mine: '(a' is not a regular expression: missing ): (a");
  CHECK(error_of("ab(?=c)") ==
        "redact.patterns.mine: 'ab(?=c)' is not a regular expression: invalid perl operator: (?=, "
        "at character 3");
  CHECK(
      error_of(R"((a)\1)") ==
      R"(redact.patterns.mine: '(a)\1' is not a regular expression: invalid escape sequence: \1, )"
      "at character 4");
  CHECK(error_of("x++") ==
        "redact.patterns.mine: 'x++' is not a regular expression: bad repetition operator: ++, at "
        "character 2");
  CHECK(error_of("a*") ==
        "redact.patterns.mine: 'a*' matches the empty text, so it would match "
        "everywhere");
}
