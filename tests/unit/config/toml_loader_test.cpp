#include "config/toml_loader.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

const Origin kSource{Origin::Source::file, 1, "x.toml", 0, 0};

std::vector<RawEntry> loaded(std::string_view text) {
  std::vector<Problem> problems;
  std::vector<RawEntry> entries = load_toml(text, kSource, problems);
  for (const Problem& problem : problems) FAIL(problem.text());
  return entries;
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<Problem> problems;
  load_toml(text, kSource, problems);
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(problem.text());
  return texts;
}

}  // namespace

TEST_CASE("toml loader: tables are taken apart in the order of the file", "[config]") {
  const auto entries = loaded(
      "preset = \"dev\"\n[sinks.z]\nurl = \"null:\"\nqueue.size = 0x10\n"
      "[sinks.a]\nlabels = { app = \"x\" }\n[queue]\n");
  REQUIRE(entries.size() == 5);
  CHECK(entries[0].key() == "preset");
  CHECK(entries[1].key() == "sinks.z.url");
  CHECK(entries[2].key() == "sinks.z.queue.size");
  CHECK(std::get<RawInteger>(entries[2].value).number == 16);
  CHECK(entries[3].key() == "sinks.a.labels.app");
  CHECK(entries[4].key() == "queue");
  CHECK(std::holds_alternative<RawTable>(entries[4].value));
}

TEST_CASE("toml loader: keys and values know their line and column", "[config]") {
  const auto entries = loaded("\n[queue]\n  size = 5\n\"drop\" =   \"newest\"");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].key_origin.text() == "x.toml:3:3");
  CHECK(entries[0].value_origin.text() == "x.toml:3:10");
  CHECK(entries[1].key_origin.text() == "x.toml:4:1");
  CHECK(entries[1].value_origin.text() == "x.toml:4:12");
}

TEST_CASE("toml loader: what no setting takes is named", "[config]") {
  const auto entries = loaded("a = 2024-01-01\nb = [1.5]\nc = 0o640\nd = [[\"x\"]]\n[[e]]\n");
  REQUIRE(entries.size() == 5);
  CHECK(std::get<RawOther>(entries[0].value).what == "a date");
  CHECK(std::get<RawOther>(entries[1].value).what == "an array with a float in it");
  CHECK(std::get<RawInteger>(entries[2].value).octal);
  CHECK(std::get<RawOther>(entries[3].value).what == "an array with an array in it");
  CHECK(std::get<RawOther>(entries[4].value).what == "an array with a table in it");
}

TEST_CASE("toml loader: an integer in an array is its text", "[config]") {
  const auto entries = loaded("a = [143, \"b\"]\n");
  REQUIRE(entries.size() == 1);
  CHECK(std::get<std::vector<std::string>>(entries[0].value) ==
        std::vector<std::string>{"143", "b"});
}

TEST_CASE("toml loader: a key of any depth is refused with its place", "[config]") {
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  for (const std::size_t depth : {100u, 20'000u}) {
    const std::string dots = repeated("a.", depth) + "a";
    const std::string quoted = repeated("\"a b\" . 'c#'.", depth) + "a";
    const std::string comment = "# \"\nt = \"\"\" \" \\\"\"\"\" \n";
    for (const std::string& text :
         {dots + " = 1", quoted + " = 1", "[" + dots + "]\nb = 1", "[[" + dots + "]]\nb = 1",
          "x = { " + dots + " = 1 }", "x = " + repeated("[", depth) + repeated("]", depth),
          "x = " + repeated("{a=", depth) + "1" + repeated("}", depth), comment + dots + " = 1"}) {
      INFO(depth << " " << text.substr(0, 40));
      std::vector<Problem> problems;
      CHECK(load_toml(text, Origin{Origin::Source::file, 1, "a.toml", 0, 0}, problems).empty());
      REQUIRE(problems.size() == 1);
      CHECK(problems[0].message.find("nested") != std::string::npos);
      CHECK(problems[0].message.size() < 200);
      CHECK(problems[0].origin.line == (text.starts_with('#') ? 3 : 1));
    }
  }
}

TEST_CASE("toml loader: points in texts and comments are no depth", "[config]") {
  const std::string dots(1000, '.');
  const std::string text = "# a" + dots + "\na = \"\\\"" + dots + "\"\nb = '" + dots +
                           "'\nc = '''\n'" + dots + "'''\nd = \"\"\"\n\"" + dots +
                           "\\\"\"\"\"\ne = 1.5\n";
  std::vector<Problem> problems;
  const auto entries = load_toml(text, Origin{Origin::Source::file, 1, "a.toml", 0, 0}, problems);
  CHECK(problems.empty());
  CHECK(entries.size() == 5);
}

TEST_CASE("toml loader: a syntax error is one problem with its place", "[config]") {
  const auto problems = problems_of("[queue]\nsize = \n");
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("x.toml:2:8: not valid TOML: ") == 0);
  CHECK(problems_of("a = 1\na = 2\n").size() == 1);
  CHECK(problems_of("a = \"\xff\"\n").size() == 1);
  CHECK(problems_of(std::string(100000, '[')).size() == 1);
}
