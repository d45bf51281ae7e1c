#include "config/settings_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "config/stage_settings.hpp"

namespace ship {
namespace {

constexpr std::uint64_t kKb = 1u << 10;
constexpr std::uint64_t kMb = 1u << 20;
constexpr std::uint64_t kTb = 1ull << 40;
constexpr std::uint64_t kHour = 3'600'000;
constexpr std::uint64_t kDay = 24 * kHour;

constexpr std::string_view kInput = "Input";
constexpr std::string_view kChild = "A command behind -- as the input";
constexpr std::string_view kQueue = "Queue, one for each sink";
constexpr std::string_view kSinks = "Sinks";
constexpr std::string_view kDelivery = "Delivery";
constexpr std::string_view kSafety = "Spool and dead letters";
constexpr std::string_view kRecords = "Labels";
constexpr std::string_view kStats = "Statistics";
constexpr std::string_view kGeneral = "General";

// clang-format off
constexpr std::array kFirstSettings = {
    Setting{.key = "config", .flag = "config", .short_flag = 'c', .metavar = "FILE",
            .type = SettingType::path, .scope = Scope::command, .group = kGeneral,
            .help = "read settings from a TOML file; may be repeated, later files win key by key "
                    "(/etc/fapilog-ship/config.toml is read if it is there and none is given)",
            .repeatable = true},
    Setting{.key = "preset", .flag = "preset", .metavar = "NAME", .type = SettingType::choice,
            .choices = "dev|production|fastapi|serverless|hardened|minimal",
            .example = "production", .group = kGeneral,
            .help = "start from a named set of values, as in fapilog", .reloadable = true},
    Setting{.key = "print-config", .flag = "print-config", .type = SettingType::boolean,
            .scope = Scope::command, .group = kGeneral,
            .help = "print the effective configuration as TOML, with the origin of each value"},
    Setting{.key = "progress", .flag = "progress", .metavar = "WHEN", .type = SettingType::choice,
            .scope = Scope::command, .choices = "auto|always|never", .default_text = "auto",
            .group = kGeneral, .help = "show progress while files are read: on a terminal, "
                                      "always (lines where there is none), or never"},
    Setting{.key = "quiet", .flag = "quiet", .short_flag = 'q', .type = SettingType::boolean,
            .scope = Scope::command, .group = kGeneral, .help = "show errors only"},
    Setting{.key = "verbose", .flag = "verbose", .short_flag = 'v', .type = SettingType::boolean,
            .scope = Scope::command, .group = kGeneral, .help = "show what is going on"},
    Setting{.key = "version", .flag = "version", .type = SettingType::boolean,
            .scope = Scope::command, .group = kGeneral,
            .help = "print the version, features and libraries"},
    Setting{.key = "help", .flag = "help", .short_flag = 'h', .type = SettingType::boolean,
            .scope = Scope::command, .group = kGeneral, .help = "print this help"},

    Setting{.key = "input.path", .flag = "input", .short_flag = 'i', .metavar = "PATH",
            .type = SettingType::paths, .example = "app.log", .group = kInput,
            .help = "read these files instead of standard input; may be repeated",
            .repeatable = true},
    Setting{.key = "input.format", .flag = "format", .metavar = "FORMAT",
            .type = SettingType::choice, .choices = "auto|json|text", .default_text = "auto",
            .group = kInput, .help = "what a line is: JSON objects, plain text, or both"},
    Setting{.key = "input.on_invalid", .flag = "on-invalid", .metavar = "WHAT",
            .type = SettingType::choice, .choices = "wrap|drop|dead-letter",
            .default_text = "wrap", .group = kInput,
            .help = "what becomes of a line that is no JSON object"},
    Setting{.key = "input.max_line_bytes", .flag = "max-line-bytes", .metavar = "SIZE",
            .type = SettingType::size, .default_text = "1 MB", .min = kKb, .max = 64 * kMb,
            .group = kInput, .help = "longer lines are cut, marked _truncated and counted"},
    Setting{.key = "input.multiline", .flag = "multiline", .type = SettingType::boolean,
            .default_text = "true", .group = kInput,
            .help = "join tracebacks and other continuation lines of plain text",
            .negatable = true},
    Setting{.key = "input.multiline_start", .flag = "multiline-start", .metavar = "REGEX",
            .example = "^\\[", .group = kInput,
            .help = "a line of plain text that matches this (RE2) starts a message, and all others "
                    "join the one before; replaces the built-in rules"},
    Setting{.key = "input.multiline_timeout", .flag = "multiline-timeout", .metavar = "DURATION",
            .type = SettingType::duration, .default_text = "200ms", .min = 1, .max = 60'000,
            .group = kInput, .help = "how long plain text waits for lines that go on with it"},

    Setting{.key = "child.grace", .flag = "grace", .metavar = "DURATION",
            .type = SettingType::duration, .default_text = "0ms", .max = kDay, .group = kChild,
            .help = "kill the command if it still runs so long after SIGTERM or SIGINT; 0 is never"},
    Setting{.key = "child.signal_child_only", .flag = "signal-child-only",
            .type = SettingType::boolean, .default_text = "false", .group = kChild,
            .help = "send signals to the command alone, not to its process group",
            .negatable = true},
    Setting{.key = "child.rewrite_signal", .flag = "rewrite-signal", .metavar = "FROM=TO",
            .type = SettingType::map, .example = "TERM=QUIT", .group = kChild,
            .help = "pass another signal on than came, or none (TO is 0); may be repeated",
            .repeatable = true},
    Setting{.key = "child.expect_exit", .flag = "expect-exit", .metavar = "CODE",
            .type = SettingType::list, .example = "143", .group = kChild,
            .help = "an exit code of the command that counts as 0; may be repeated",
            .repeatable = true},
    Setting{.key = "child.pdeathsig", .flag = "pdeathsig", .metavar = "SIGNAL",
            .type = SettingType::signal, .default_text = "TERM", .group = kChild,
            .help = "what the command gets should fapilog-ship die before it; none is nothing"},
    Setting{.key = "child.subreaper", .flag = "subreaper", .type = SettingType::boolean,
            .default_text = "false", .group = kChild,
            .help = "reap orphaned processes without being PID 1", .negatable = true},

    Setting{.key = "queue.size", .flag = "queue-size", .metavar = "N", .type = SettingType::integer,
            .scope = Scope::shared, .default_text = "10000", .min = 1, .max = 100'000'000,
            .group = kQueue, .help = "records that may wait", .reloadable = true},
    Setting{.key = "queue.max_bytes", .flag = "queue-bytes", .metavar = "SIZE",
            .type = SettingType::size, .scope = Scope::shared, .default_text = "64 MB",
            .min = 4 * kKb, .max = kTb, .group = kQueue,
            .help = "bytes that may wait; a hard ceiling", .reloadable = true},
    Setting{.key = "queue.drop_on_full", .flag = "drop-on-full", .type = SettingType::boolean,
            .scope = Scope::shared, .default_text = "true", .group = kQueue,
            .help = "drop when the queue is full, instead of holding the input back; false where "
                    "every input is a regular file", .negatable = true, .reloadable = true},
    Setting{.key = "queue.wait", .flag = "wait", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "0ms",
            .max = kHour, .group = kQueue,
            .help = "how long a full queue may hold the input back before it drops",
            .reloadable = true},
    Setting{.key = "queue.drop", .flag = "drop", .metavar = "WHICH", .type = SettingType::choice,
            .scope = Scope::shared, .choices = "newest|oldest", .default_text = "newest",
            .group = kQueue, .help = "which unprotected record gives way in a full queue",
            .reloadable = true},
    Setting{.key = "queue.protected_levels", .flag = "protected-levels", .metavar = "LIST",
            .type = SettingType::list, .scope = Scope::shared,
            .default_text = "ERROR,CRITICAL,FATAL,AUDIT,SECURITY", .group = kQueue,
            .help = "levels that are dropped last; a comma list", .reloadable = true},

    Setting{.key = "sinks", .flag = "sink", .short_flag = 's', .metavar = "URL",
            .type = SettingType::url, .scope = Scope::command, .default_text = "stdout:",
            .group = kSinks, .help = "where records go; may be repeated", .repeatable = true},
    Setting{.key = "pretty", .flag = "pretty", .type = SettingType::boolean,
            .scope = Scope::command, .group = kSinks,
            .help = "short for --sink 'stdout:?format=pretty'"},

    Setting{.key = "delivery.workers", .flag = "workers", .metavar = "N",
            .type = SettingType::integer, .scope = Scope::shared, .default_text = "1",
            .local_default = "1", .remote_only = true, .min = 1, .max = 64, .group = kDelivery,
            .help = "workers for each remote sink; more than 1 may reorder batches",
            .reloadable = true},
    Setting{.key = "delivery.batch_size", .flag = "batch-size", .metavar = "N",
            .type = SettingType::integer, .scope = Scope::shared, .default_text = "256",
            .local_default = "4096", .min = 1, .max = 100'000, .group = kDelivery,
            .help = "records in one batch", .reloadable = true},
    Setting{.key = "delivery.batch_max_bytes", .flag = "batch-bytes", .metavar = "SIZE",
            .type = SettingType::size, .scope = Scope::shared, .default_text = "1 MB", .min = kKb,
            .max = 64 * kMb, .group = kDelivery, .help = "bytes in one batch", .reloadable = true},
    Setting{.key = "delivery.batch_timeout", .flag = "batch-timeout", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "250ms",
            .local_default = "0ms", .max = kHour, .group = kDelivery,
            .help = "how long a batch may wait to become full", .reloadable = true},
    Setting{.key = "delivery.request_timeout", .flag = "request-timeout", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "10s", .min = 10,
            .max = kHour, .group = kDelivery, .help = "how long one request may take",
            .reloadable = true},
    Setting{.key = "delivery.retry_base", .flag = "retry-base", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "500ms",
            .min = 1, .max = kHour, .group = kDelivery,
            .help = "first wait before a retry; doubles each time, with full jitter",
            .reloadable = true},
    Setting{.key = "delivery.retry_max", .flag = "retry-max", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "30s", .min = 1,
            .max = kDay, .group = kDelivery, .help = "longest wait between retries",
            .reloadable = true},
    Setting{.key = "delivery.retry_max_elapsed", .flag = "retry-max-elapsed", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "0ms",
            .max = 365 * kDay, .group = kDelivery,
            .help = "give a batch up after this long; 0 is never", .reloadable = true},
    Setting{.key = "delivery.breaker_failures", .flag = "breaker-failures", .metavar = "N",
            .type = SettingType::integer, .scope = Scope::shared, .default_text = "5",
            .max = 1'000'000, .group = kDelivery,
            .help = "failures in a row after which a sink is only probed; 0 is never",
            .reloadable = true},
    Setting{.key = "delivery.breaker_interval", .flag = "breaker-interval", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "10s", .min = 1,
            .max = kDay, .group = kDelivery, .help = "time between those probes",
            .reloadable = true},
    Setting{.key = "delivery.drain_timeout", .flag = "drain-timeout", .metavar = "DURATION",
            .type = SettingType::duration, .scope = Scope::shared, .default_text = "8s",
            .max = kDay, .group = kDelivery,
            .help = "time to deliver what is left at end of input or SIGTERM", .reloadable = true},

    Setting{.key = "spool.dir", .flag = "spool", .metavar = "DIR", .type = SettingType::path,
            .scope = Scope::shared, .example = "/var/lib/fapilog-ship", .group = kSafety,
            .help = "keep overflow and undelivered records in this directory"},
    Setting{.key = "spool.max_bytes", .flag = "spool-bytes", .metavar = "SIZE",
            .type = SettingType::size, .scope = Scope::shared, .default_text = "1 GB", .min = kMb,
            .max = 1024 * kTb, .group = kSafety, .help = "bytes that the spool may hold"},
    Setting{.key = "spool.mode", .flag = "spool-mode", .metavar = "MODE",
            .type = SettingType::choice, .scope = Scope::shared, .choices = "overflow|durable|off",
            .default_text = "overflow", .group = kSafety,
            .help = "overflow: what memory cannot hold; durable: on disk before delivery; off: no spool"},
    Setting{.key = "dead_letter.path", .flag = "dead-letter", .metavar = "FILE",
            .type = SettingType::path, .example = "/var/lib/fapilog-ship/dead.ndjson",
            .group = kSafety, .help = "write what a sink refuses for good to this file"},
};
constexpr std::array kLastSettings = {
    Setting{.key = "labels", .flag = "label", .metavar = "K=V", .type = SettingType::map,
            .example = "app=web", .group = kRecords,
            .help = "a static label for every sink that has labels; may be repeated",
            .repeatable = true, .reloadable = true},

    Setting{.key = "server.listen", .flag = "listen", .metavar = "ADDR:PORT",
            .type = SettingType::text, .example = "127.0.0.1:9464", .group = kStats,
            .help = "serve /metrics, /healthz, /readyz, /stats and, for a browser, a live page; without "
                    "ADDR on 127.0.0.1; or unix:PATH"},
    Setting{.key = "server.bearer_token", .flag = "server-token", .metavar = "TOKEN",
            .type = SettingType::secret, .example = "${STATS_TOKEN}", .group = kStats,
            .help = "what clients of --listen must know, but for /healthz and /readyz; top sends it"},
    Setting{.key = "server.bearer_token_file", .flag = "server-token-file", .metavar = "FILE",
            .type = SettingType::path, .example = "/run/secrets/stats-token", .group = kStats,
            .help = "the same, read from a file, and again when it changes"},
    Setting{.key = "stats.format", .flag = "stats-format", .metavar = "FORMAT",
            .type = SettingType::choice, .choices = "text|json", .default_text = "text",
            .group = kStats, .help = "how statistics are printed, always to standard error",
            .reloadable = true},
    Setting{.key = "stats.interval", .flag = "stats-interval", .metavar = "DURATION",
            .type = SettingType::duration, .default_text = "0ms", .max = 365 * kDay,
            .group = kStats, .help = "print them regularly; 0 is never", .reloadable = true},
    Setting{.key = "stats.at_exit", .flag = "stats-at-exit", .type = SettingType::boolean,
            .default_text = "false", .group = kStats, .help = "print them at the end",
            .negatable = true, .reloadable = true},
    Setting{.key = "stats.signal", .flag = "stats-signal", .metavar = "NAME",
            .type = SettingType::signal, .choices = "USR1|USR2|QUIT|WINCH", .default_text = "USR1",
            .group = kStats, .help = "the signal that asks for them"},
};
// clang-format on

constexpr auto kSettings = [] {
  std::array<Setting, kFirstSettings.size() + kStageSettings.size() + kLastSettings.size()> all{};
  auto out = std::copy(kFirstSettings.begin(), kFirstSettings.end(), all.begin());
  out = std::copy(kStageSettings.begin(), kStageSettings.end(), out);
  std::copy(kLastSettings.begin(), kLastSettings.end(), out);
  return all;
}();

const Setting* find_in(std::span<const Setting> rows, std::string_view key, auto&& admits) {
  for (const Setting& row : rows) {
    if (!admits(row)) continue;
    if (row.key == key) return &row;
    if (row.type == SettingType::map && !map_entry(row, key).empty()) return &row;
  }
  return nullptr;
}

}  // namespace

std::span<const Setting> settings_table() { return kSettings; }

const Setting* find_global(std::string_view key) {
  return find_in(kSettings, key, [](const Setting& row) { return row.scope != Scope::command; });
}

const Setting* find_in_sink(SinkType type, std::string_view key) {
  const Setting* own = find_in(sink_settings_table(), key,
                               [type](const Setting& row) { return contains(row.sinks, type); });
  if (own != nullptr) return own;
  return find_in(kSettings, key, [](const Setting& row) { return row.scope == Scope::shared; });
}

const Setting* find_flag(std::string_view flag) {
  for (const Setting& row : kSettings) {
    if (row.flag == flag) return &row;
  }
  return nullptr;
}

std::string environment_name(const Setting& setting) {
  if (setting.flag.empty() || setting.flag == "help" || setting.flag == "version" ||
      setting.flag == "print-config") {
    return {};
  }
  std::string name = "FAPILOG_SHIP_";
  for (const char c : setting.flag) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string_view map_entry(const Setting& setting, std::string_view key) {
  if (key.size() <= setting.key.size() + 1 || !key.starts_with(setting.key) ||
      key[setting.key.size()] != '.') {
    return {};
  }
  return key.substr(setting.key.size() + 1);
}

}  // namespace ship
