#include "config/presets.hpp"

#include <algorithm>

#include "config/preset_guide.hpp"
#include "config/promises.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using test::Configuration;
using test::Texts;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What `promises` says of a run with `given`, a line each.
std::string promised(const Configuration& given) {
  std::string text;
  for (const std::string& sentence : promises(given.load().effective)) text += sentence + "\n";
  return text;
}

}  // namespace

TEST_CASE("presets: none changes whether the input waits, be it a pipe or a file", "[config]") {
  for (const Preset& preset : presets()) {
    for (const bool file : {false, true}) {
      for (const char* sink : {"http://h/", "file:///x", "stdout:"}) {
        INFO(preset.name << " " << file << " " << sink);
        Configuration given;
        given.flag("preset", std::string(preset.name)).flag("sink", sink);
        given.request().stdin_is_regular_file = file;
        CHECK(given.settings().sinks[0].queue.drop_on_full == !file);
        CHECK(given.settings().sinks[0].queue.wait == std::chrono::milliseconds(0));
      }
    }
  }
}

TEST_CASE("presets: each is a choice of the setting, and each choice is a preset", "[config]") {
  Texts choices;
  for (const SettingChoice& choice : find_flag("preset")->choices()) {
    choices.emplace_back(choice.name);
  }
  Texts names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  std::sort(choices.begin(), choices.end());
  CHECK(choices == names);
  CHECK(preset_guides().size() == names.size());
}

TEST_CASE("presets: a name counts in any case, wherever it is given", "[config]") {
  CHECK(Configuration().flag("preset", "PRODUCTION").settings().preset == "production");
  CHECK(Configuration().variable("FAPILOG_SHIP_PRESET", "FastAPI").settings().preset == "fastapi");
  const Settings settings = Configuration().file("a.toml", "preset = \"Hardened\"\n").settings();
  CHECK(settings.preset == "hardened");
  CHECK(settings.stats.at_exit);
}

TEST_CASE("presets: all of fapilog's names are understood, a former one as what it is called now",
          "[config]") {
  for (const char* name : {"adaptive", "dev", "hardened", "minimal", "production", "serverless"}) {
    INFO(name);
    CHECK(Configuration().flag("preset", name).settings().preset == name);
  }
  const auto values_of = [](std::string_view name) {
    const std::vector<PresetGuide> guides = preset_guides();
    return std::find_if(guides.begin(), guides.end(),
                        [&](const PresetGuide& guide) { return guide.name == name; })
        ->values;
  };
  CHECK(values_of("adaptive") == values_of("production"));
}

TEST_CASE("values: a choice counts in any case", "[config]") {
  CHECK(Configuration().flag("stats-format", "JSON").settings().stats.format ==
        Configuration().flag("stats-format", "json").settings().stats.format);
  CHECK(Configuration().flag("stats-format", "yaml").problems().size() == 1);
}

TEST_CASE("promises: whether the input waits, and because of what, is said for each sink",
          "[config]") {
  Configuration given;
  given.file("a.toml",
             "[sinks.a]\nurl = \"http://a\"\n[sinks.b]\nurl = \"http://b\"\n"
             "queue.drop_on_full = false\n[sinks.c]\nurl = \"http://c\"\nqueue.wait = \"50ms\"\n"
             "[sinks.d]\nurl = \"http://d\"\nspool.dir = \"/var/spool/d\"\n");
  const std::string said = promised(given);
  const std::string file = given.directory() + "/a.toml";
  CHECK(has(said,
            "the input never waits for sink a: what its queue cannot hold is dropped, "
            "protected levels last; --keep DIR puts it on disk instead\n"));
  CHECK(has(said, "the input waits while sink b is slow or down (queue.drop_on_full, " + file +
                      ":5:22)\n"));
  CHECK(has(said, "the input waits at most 50ms for sink c (queue.wait, " + file + ":8:14)"));
  CHECK(has(said,
            "the input never waits for sink d: what its queue cannot hold goes to disk in "
            "/var/spool/d (spool.dir, "));
}

TEST_CASE("promises: what is left out, redacted or may be reordered is said with its origin",
          "[config]") {
  const std::string said =
      promised(Configuration().flag("preset", "production").flag("sink", "http://h/"));
  CHECK(has(said, "lines below INFO are left out (filter.min_level, preset production)\n"));
  CHECK(has(said,
            "redacted: credentials (redact.presets, preset production); a line that cannot "
            "be redacted is dropped\n"));
  CHECK(has(said,
            "batches of sink http may arrive out of order; --order keep sends one after the "
            "other\n"));
  CHECK_FALSE(has(promised(Configuration().flag("order", "keep").flag("sink", "http://h/")),
                  "out of order"));
  CHECK(has(promised(Configuration().flag("workers", "3").flag("sink", "http://h/")),
            "out of order (delivery.workers, --workers)"));
  CHECK_FALSE(has(promised(Configuration().flag("sink", "http://h/")), "preset"));
  CHECK(has(promised(Configuration().flag("redact", "pii").flag("redact-on-error", "pass")),
            "a line that cannot be redacted passes"));
}
