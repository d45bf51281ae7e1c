#include <algorithm>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

namespace ship::test {
namespace {

Texts problems_of(const std::string& toml) {
  return Configuration().file("a.toml", toml + "\n[sinks.a]\nurl = \"http://h\"\n").problems();
}

std::string warnings_of(const std::string& toml) {
  std::string text;
  for (const std::string& warning : Configuration().file("a.toml", toml).load().warnings) {
    text += warning + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("rules: what is just within its bounds is taken, the next value is not", "[config]") {
  struct Bound {
    const char* within;
    const char* beyond;
  };
  for (const Bound& bound :
       {Bound{"delivery.retry_base = \"5s\"\ndelivery.retry_max = \"5s\"",
              "delivery.retry_base = \"6s\"\ndelivery.retry_max = \"5s\""},
        Bound{"child.expect_exit = [\"0\", \"255\"]", "child.expect_exit = [\"256\"]"},
        Bound{"child.expect_exit = [\"1\"]", "child.expect_exit = [\"-1\"]"},
        Bound{"child.rewrite_signal.TERM = \"QUIT\"", "child.rewrite_signal.STOP = \"QUIT\""},
        Bound{"child.rewrite_signal.HUP = \"0\"", "child.rewrite_signal.KILL = \"0\""},
        Bound{"size_guard.max_bytes = 512", "size_guard.max_bytes = 511"},
        Bound{"filter.adaptive.min_sample_rate = 0.5\nfilter.adaptive.max_sample_rate = 0.5",
              "filter.adaptive.min_sample_rate = 0.6\nfilter.adaptive.max_sample_rate = 0.5"}}) {
    CAPTURE(bound.within);
    CHECK(problems_of(bound.within) == Texts{});
    CHECK(problems_of(bound.beyond).size() == 1);
  }
}

TEST_CASE("rules: a way over several sinks that ends where it began is found", "[config]") {
  const auto sink = [](const std::string& name, const std::string& fallback) {
    return "[sinks." + name + "]\nurl = \"http://" + name + "\"\n" +
           (fallback.empty() ? "" : "fallback = \"" + fallback + "\"\n");
  };
  const auto problems = [&](const std::string& last) {
    return Configuration()
        .file("a.toml", sink("a", "b") + sink("b", "c") + sink("c", last))
        .problems();
  };
  CHECK(problems("").empty());
  const Texts circle = problems("a");
  REQUIRE(circle.size() == 3);
  CHECK(circle[0].ends_with("the way ends where it began: a -> b -> c -> a"));
  // A circle that the first one only leads into is told where it is.
  const Texts behind = problems("b");
  REQUIRE(behind.size() == 2);
  CHECK(behind[0].ends_with("the way ends where it began: b -> c -> b"));
}

TEST_CASE("rules: a listener that others reach is warned of, unless it has a token", "[config]") {
  const std::string open = "[server]\nlisten = \"0.0.0.0:9464\"\n";
  CHECK(warnings_of(open).find("can read the statistics") != std::string::npos);
  CHECK(warnings_of(open + "bearer_token = \"t\"\n").empty());
  CHECK(warnings_of("[server]\nlisten = \"127.0.0.1:9464\"\n").empty());
}

}  // namespace ship::test
