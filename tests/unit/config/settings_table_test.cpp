#include "settings/settings_table.hpp"

#include <set>

#include "config/value.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/sink_types.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

std::vector<const Setting*> all_rows() {
  std::vector<const Setting*> rows;
  for (const Setting& row : settings_table()) rows.push_back(&row);
  for (const SinkType* type : sink_types()) {
    for (const Setting& row : settings_of(*type)) rows.push_back(&row);
  }
  return rows;
}

}  // namespace

TEST_CASE("settings table: no two rows share a key, a flag, a letter or a variable", "[config]") {
  std::set<std::string> keys, flags, variables;
  std::set<char> letters;
  for (const Setting& row : settings_table()) {
    INFO(row.key);
    CHECK(keys.insert(std::string(row.key)).second);
    if (!row.flag.empty()) CHECK(flags.insert(std::string(row.flag)).second);
    if (row.negatable) CHECK(flags.insert("no-" + std::string(row.flag)).second);
    if (row.short_flag != 0) CHECK(letters.insert(row.short_flag).second);
    if (!environment_name(row).empty()) CHECK(variables.insert(environment_name(row)).second);
  }
  for (const SinkType* type : sink_types()) {
    std::set<std::string> sink_keys;
    for (const Setting& row : settings_of(*type)) {
      INFO(type->name << " " << row.key);
      CHECK(sink_keys.insert(std::string(row.key)).second);
    }
  }
}

TEST_CASE("settings table: each default and example is a value of its row", "[config]") {
  for (const Setting* row : all_rows()) {
    INFO(row->key);
    if (row->type() == SettingType::map) continue;
    for (const std::string_view text : {row->default_text, row->example}) {
      if (text.empty()) continue;
      INFO(text);
      CHECK(value_from_text(*row, text).ok());
    }
  }
}

TEST_CASE("settings table: each default of a sink's own is a value of a shared row, and another",
          "[config]") {
  for (const SinkType* type : sink_types()) {
    for (const SinkDefault& own : type->defaults) {
      INFO(type->name << " " << own.key);
      const Setting* row = find_row(settings_table(), own.key);
      REQUIRE(row != nullptr);
      CHECK(row->scope == Scope::shared);
      CHECK(own.text != row->default_text);
      CHECK(value_from_text(*row, own.text).ok());
      CHECK(other_defaults(*row).find(std::string(own.text) + " for ") != std::string::npos);
    }
  }
}

TEST_CASE("settings table: a row without default has an example, for the reference file",
          "[config]") {
  for (const Setting* row : all_rows()) {
    INFO(row->key);
    if (row->scope == Scope::command) continue;
    CHECK((row->default_text.empty() != row->example.empty()));
  }
}

TEST_CASE("settings table: each secret has a twin that reads it from a file", "[config]") {
  int secrets = 0;
  for (const SinkType* type : sink_types()) {
    for (const Setting& row : settings_of(*type)) {
      if (row.type() != SettingType::secret) continue;
      ++secrets;
      const Setting* twin = find_in_sink(*type, std::string(row.key) + "_file");
      REQUIRE(twin != nullptr);
      CHECK(twin->type() == SettingType::path);
    }
  }
  CHECK(secrets >= 3);
}

TEST_CASE("settings table: help is a phrase, and flags with a value name it", "[config]") {
  for (const Setting* row : all_rows()) {
    INFO(row->key);
    CHECK_FALSE(row->help.empty());
    CHECK(row->help.back() != '.');
    if (row->flag.empty()) continue;
    CHECK((row->type() == SettingType::boolean) == row->metavar.empty());
    CHECK_FALSE(row->group.empty());
  }
}

TEST_CASE("settings table: the public contract's flags, keys and variables are there", "[config]") {
  struct Named {
    const char* flag;
    const char* key;
    const char* variable;
  };
  const Named rows[] = {
      {"preset", "preset", "FAPILOG_SHIP_PRESET"},
      {"input", "input.path", "FAPILOG_SHIP_INPUT"},
      {"format", "input.format", "FAPILOG_SHIP_FORMAT"},
      {"on-invalid", "input.on_invalid", "FAPILOG_SHIP_ON_INVALID"},
      {"max-line-bytes", "input.max_line_bytes", "FAPILOG_SHIP_MAX_LINE_BYTES"},
      {"multiline", "input.multiline", "FAPILOG_SHIP_MULTILINE"},
      {"queue-size", "queue.size", "FAPILOG_SHIP_QUEUE_SIZE"},
      {"queue-bytes", "queue.max_bytes", "FAPILOG_SHIP_QUEUE_BYTES"},
      {"drop-on-full", "queue.drop_on_full", "FAPILOG_SHIP_DROP_ON_FULL"},
      {"wait", "queue.wait", "FAPILOG_SHIP_WAIT"},
      {"drop", "queue.drop", "FAPILOG_SHIP_DROP"},
      {"protected-levels", "queue.protected_levels", "FAPILOG_SHIP_PROTECTED_LEVELS"},
      {"workers", "delivery.workers", "FAPILOG_SHIP_WORKERS"},
      {"batch-size", "delivery.batch_size", "FAPILOG_SHIP_BATCH_SIZE"},
      {"batch-bytes", "delivery.batch_max_bytes", "FAPILOG_SHIP_BATCH_BYTES"},
      {"batch-timeout", "delivery.batch_timeout", "FAPILOG_SHIP_BATCH_TIMEOUT"},
      {"request-timeout", "delivery.request_timeout", "FAPILOG_SHIP_REQUEST_TIMEOUT"},
      {"retry-base", "delivery.retry_base", "FAPILOG_SHIP_RETRY_BASE"},
      {"retry-max", "delivery.retry_max", "FAPILOG_SHIP_RETRY_MAX"},
      {"retry-max-elapsed", "delivery.retry_max_elapsed", "FAPILOG_SHIP_RETRY_MAX_ELAPSED"},
      {"drain-timeout", "delivery.drain_timeout", "FAPILOG_SHIP_DRAIN_TIMEOUT"},
      {"spool", "spool.dir", "FAPILOG_SHIP_SPOOL"},
      {"spool-bytes", "spool.max_bytes", "FAPILOG_SHIP_SPOOL_BYTES"},
      {"spool-mode", "spool.mode", "FAPILOG_SHIP_SPOOL_MODE"},
      {"dead-letter", "dead_letter.path", "FAPILOG_SHIP_DEAD_LETTER"},
      {"min-level", "filter.min_level", "FAPILOG_SHIP_MIN_LEVEL"},
      {"label", "labels", "FAPILOG_SHIP_LABEL"},
      {"listen", "server.listen", "FAPILOG_SHIP_LISTEN"},
      {"stats-format", "stats.format", "FAPILOG_SHIP_STATS_FORMAT"},
      {"stats-interval", "stats.interval", "FAPILOG_SHIP_STATS_INTERVAL"},
      {"stats-at-exit", "stats.at_exit", "FAPILOG_SHIP_STATS_AT_EXIT"},
      {"stats-signal", "stats.signal", "FAPILOG_SHIP_STATS_SIGNAL"},
  };
  for (const Named& named : rows) {
    INFO(named.flag);
    const Setting* row = find_flag(named.flag);
    REQUIRE(row != nullptr);
    CHECK(row->key == named.key);
    CHECK(environment_name(*row) == named.variable);
    CHECK(find_global(named.key) == row);
  }
  for (const char* flag :
       {"config", "print-config", "sink", "pretty", "progress", "version", "help"}) {
    CHECK(find_flag(flag) != nullptr);
  }
}

TEST_CASE("settings table: a map's entries are found by their own keys", "[config]") {
  CHECK(find_global("labels.app") == find_global("labels"));
  CHECK(find_global("labels.") == nullptr);
  CHECK(find_global("label") == nullptr);
  CHECK(find_global("sinks") == nullptr);
  CHECK(find_in_sink(LokiSinkSettings::type(), "labels.app")->scope == Scope::sink);
  CHECK(find_in_sink(FileSinkSettings::type(), "labels.app") == nullptr);
  CHECK(find_in_sink(FileSinkSettings::type(), "queue.size") == find_global("queue.size"));
  CHECK(find_in_sink(FileSinkSettings::type(), "input.path") == nullptr);
}
