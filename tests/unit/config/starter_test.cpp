#include "config/starter.hpp"

#include <regex>

#include "sinks/sink_types.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using test::Configuration;

namespace {

std::string started(const Configuration& given) { return starter_toml(given.load().effective); }

/// Each setting that stands there as a comment, too.
std::string without_marks(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)#(?! )"), "$1");
}

}  // namespace

TEST_CASE("starter: what was asked for stands there, and reads back as the same", "[config]") {
  Configuration given;
  given.flag("preset", "production")
      .flag("queue-size", "50_000")
      .flag("label", "a b=c")
      .flag("redact", "credentials,jwt")
      .flag("sink", "loki+http://loki:3100?max_age=1h")
      .flag("sink", "file:///var/log/a.log");
  const std::string text = started(given);
  CHECK(text.find("preset = \"production\"\n") != std::string::npos);
  Configuration again;
  again.file("a.toml", text);
  const LoadOutcome outcome = again.load();
  REQUIRE(outcome.problems.empty());
  const LoadOutcome before = given.load();
  REQUIRE(before.settings);
  CHECK(*outcome.settings == *before.settings);
}

TEST_CASE("starter: what most people change stands there as comments that can be used",
          "[config]") {
  const std::string text = started(Configuration());
  Configuration nothing;
  nothing.file("a.toml", text);
  CHECK(nothing.load().problems.empty());
  CHECK(text.find("\n[") == std::string::npos);
  Configuration all;
  all.file("a.toml", without_marks(text));
  const LoadOutcome outcome = all.load();
  for (const Problem& problem : outcome.problems) UNSCOPED_INFO(problem.text());
  CHECK(outcome.problems.empty());
  for (const char* key : {"keep", "size", "presets", "app", "listen", "url"}) {
    CHECK(text.find("\n#" + std::string(key) + " = ") != std::string::npos);
  }
}

TEST_CASE("starter: a sink has the keys that people set first, as comments that can be used",
          "[config]") {
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    Configuration given;
    given.flag("sink", std::string(type->example));
    const std::string text = started(given);
    INFO(text);
    Configuration all;
    all.file("a.toml", without_marks(text));
    for (const Problem& problem : all.load().problems) {
      UNSCOPED_INFO(problem.text());
      // A secret's file is not there.
      CHECK(problem.key.ends_with("_file"));
    }
  }
  Configuration loki;
  loki.flag("sink", "loki+http://loki:3100?label_fields=level");
  const std::string text = started(loki);
  CHECK(text.find("\n#labels.team = \"shop\"\n") != std::string::npos);
  CHECK(text.find("\n#encoding = \"protobuf\"\n") != std::string::npos);
  CHECK(text.find("\n#label_fields") == std::string::npos);
}

TEST_CASE("starter: no secret is written, and a word says where it belongs", "[config]") {
  Configuration given;
  given.flag("sink", "loki+http://shop:geheim@loki:3100");
  const std::string text = started(given);
  CHECK(text.find("geheim") == std::string::npos);
  CHECK(text.find("#username = \"${NAME}\"\n") != std::string::npos);
  CHECK(text.find("#password_file = ") != std::string::npos);
}
