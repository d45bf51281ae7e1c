#include "config/print_config.hpp"

#include <regex>

#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using test::Configuration;

namespace {

std::string printed(const Configuration& given) { return print_config(given.load().effective); }

std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)#[^\n]*|  # [^\n]*"), "");
}

}  // namespace

TEST_CASE("print config: each value stands there with its origin", "[config]") {
  Configuration given;
  given.file("a.toml", "[queue]\nsize = 5\n")
      .variable("FAPILOG_SHIP_WAIT", "1s")
      .flag("preset", "production")
      .flag("label", "a b=c");
  const std::string text = printed(given);
  CHECK(text.find("preset = \"production\"  # --preset\n") != std::string::npos);
  CHECK(text.find("size = 5  # " + given.directory() + "/a.toml:2:8\n") != std::string::npos);
  CHECK(text.find("wait = \"1s\"  # FAPILOG_SHIP_WAIT\n") != std::string::npos);
  CHECK(text.find("min_level = \"INFO\"  # preset production\n") != std::string::npos);
  CHECK(text.find("drop = \"newest\"  # default\n") != std::string::npos);
  CHECK(text.find("[labels]\n\"a b\" = \"c\"  # --label\n") != std::string::npos);
  CHECK(text.find("[sinks.stdout]\nurl = \"stdout:\"  # default\n") != std::string::npos);
}

TEST_CASE("print config: what is printed reads back as the same configuration", "[config]") {
  const std::vector<std::vector<std::string>> sink_sets = {
      {},
      {"null:?queue.size=7", "file:a%20b.log?mode=0600&rotate_size=1.5kb"},
      {"loki+http://h:3100/p?labels.a%22b=c%0Ad&label_fields=&max_age=90s", "http://[::1]:80/x",
       "stdout:?filter.min_level=35&name=out.put"},
  };
  for (const auto& sinks : sink_sets) {
    for (const char* preset : {"minimal", "dev", "production", "serverless"}) {
      Configuration given;
      given.flag("preset", preset).flag("protected-levels", "").flag("label", "x=\xff\x1b");
      for (const std::string& sink : sinks) given.flag("sink", sink);
      Configuration again;
      again.file("printed.toml", printed(given));
      INFO(printed(given));
      REQUIRE(again.problems().empty());
      CHECK(without_comments(printed(again)) == without_comments(printed(given)));
    }
  }
}

TEST_CASE("print config: of a URL no user information, parameter or key in the path is shown",
          "[config]") {
  for (const char* url :
       {"https://hooks.example.com/services/T024/B09/GEHEIMxaBcDeFgHiJkLmNo",
        "loki+https://h/ingest/GEHEIM-0a1b2c3d4e5f6a7b8c/push",
        "cloudwatch://eu-west-1/g/s?endpoint_url=https://me:GEHEIM@h/p?key=GEHEIM%26x=GEHEIM",
        "cloudwatch://eu-west-1/g/s?endpoint_url=https://h/GEHEIM0123456789abcdef",
        "datadog://h?api_key=GEHEIM&endpoint_url=https://me:GEHEIM@h/p?key=GEHEIM",
        "gcp://p/l?endpoint_url=https://h/GEHEIM0123456789abcdef", "splunk+http://h?token=GEHEIM",
        "s3://b/p?endpoint_url=https://me:GEHEIM@h/p?key=GEHEIM%26x=GEHEIM",
        "http://h/?proxy=http://me:GEHEIM@proxy:1"}) {
    Configuration given;
    given.flag("sink", url);
    INFO(printed(given));
    CHECK(given.problems().empty());
    CHECK(printed(given).find("GEHEIM") == std::string::npos);
  }
  Configuration plain;
  plain.flag("sink", "https://logs.example.com/in/v1/application-logs-production")
      .flag("sink", "cloudwatch://eu-west-1/g/s?endpoint_url=http://h:4566/x");
  const std::string text = printed(plain);
  CHECK(text.find("https://logs.example.com/in/v1/application-logs-production") !=
        std::string::npos);
  CHECK(text.find("endpoint_url = \"http://h:4566/x\"") != std::string::npos);
}

TEST_CASE("print config: no secret, and nothing that may hold one, is shown", "[config]") {
  const std::string text = printed(Configuration().flag(
      "sink",
      "http://Geheim1:Geheim2@h?signing_secret=Geheim3&headers.Cookie=Geheim4&query.key=Geheim5&"
      "proxy=http://x:Geheim6@p&bearer_token_file=/run/token"));
  CHECK(text.find("Geheim") == std::string::npos);
  CHECK(text.find("username = \"***\"") != std::string::npos);
  CHECK(text.find("password = \"***\"") != std::string::npos);
  CHECK(text.find("Cookie = \"***\"") != std::string::npos);
  CHECK(text.find("bearer_token_file = \"/run/token\"") != std::string::npos);
}
