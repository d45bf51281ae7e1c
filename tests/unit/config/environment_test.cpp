#include "config/environment.hpp"

#include "tests/catch.hpp"

using ship::Environment;
using ship::expand;

TEST_CASE("environment: names in braces are replaced, and everything else stays", "[config]") {
  const Environment environment = {{"HOST", "loki"}, {"EMPTY", ""}, {"A_1", "x${HOST}"}};
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"$HOST costs 5$", "$HOST costs 5$"},
      {"${HOST}", "loki"},
      {"http://${HOST}:3100/${HOST}", "http://loki:3100/loki"},
      {"${A_1}", "x${HOST}"},
      {"${EMPTY}", ""},
      {"${EMPTY:-none}", "none"},
      {"${UNSET:-a:-b}", "a:-b"},
      {"${UNSET:-}", ""},
      {"$${HOST}", "${HOST}"},
      {"a$${b ${HOST}", "a${b loki"},
  };
  for (const auto& [text, expanded] : cases) {
    INFO(text);
    REQUIRE(expand(text, environment).ok());
    CHECK(expand(text, environment).value() == expanded);
  }
}

TEST_CASE("environment: a variable that is not set is an error that names it", "[config]") {
  const auto result = expand("a ${LOKI_TOKEN}", {});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message ==
        "the environment variable LOKI_TOKEN is not set; set it, or write ${LOKI_TOKEN:-default}");
}

TEST_CASE("environment: braces without a name are an error that says how to write them",
          "[config]") {
  for (const char* text : {"${", "${HOST", "${}", "${1A}", "${A B}", "${:-x}"}) {
    INFO(text);
    REQUIRE_FALSE(expand(text, {{"HOST", "x"}}).ok());
    CHECK(expand(text, {}).error().message.find("write \"$${\"") != std::string::npos);
  }
}
