#include "cli/help.hpp"

#include <algorithm>
#include <vector>

#include "config/value.hpp"
#include "settings/settings_table.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kHelpColumn = 34;

constexpr std::string_view kUsage =
    R"(fapilog-ship ships log lines and never makes the application wait.

Usage:
  APP | fapilog-ship [OPTIONS]              read lines from standard input
  fapilog-ship [OPTIONS] -- COMMAND...      run a command, ship its output, act as init
  fapilog-ship [OPTIONS] --input FILE...    read files
  fapilog-ship check [OPTIONS]              validate the configuration
  fapilog-ship check --explain [LINE]       what each stage does to a line, from standard input if
                                            none is given
  fapilog-ship check --connect              reach every sink, and say what is found there
  fapilog-ship top [--url URL]              what a run with --listen does, live in this terminal;
                                            URL is http://HOST:PORT, HOST:PORT or unix:PATH
  fapilog-ship verify PATH...               check sealed files, or those of a directory, for edits,
                                            removals, insertions, reordering and truncation
  fapilog-ship completions bash|zsh|fish    print a completion script
)";

constexpr std::string_view kEnding = R"(
Every option with a value is also an environment variable: --queue-size is FAPILOG_SHIP_QUEUE_SIZE.
An option wins over the environment, that over files, those over a preset.
Sizes: 64 MB, 512k, 1048576.
Durations: 250ms, 1.5s, 10m, 2h, 1d; a bare number is seconds.

Examples:
  app | fapilog-ship --sink loki+http://loki:3100 --label app=web --sink file:///var/log/app.ndjson
  app | fapilog-ship -s 'https://logs.example.com/in?compression=gzip&bearer_token_file=/run/token'
  fapilog-ship check -c /etc/fapilog-ship/config.toml --connect
  kill -USR1 PID          print statistics to standard error

Exit codes:
   0  all records were delivered, spooled, or dropped as the settings say
   1  check --connect: a sink cannot be reached, or refuses; verify: a file is not as it was sealed
  64  the command line cannot be understood
  74  reading or writing failed and ended the run
  75  the drain timeout passed with records undelivered
  78  the configuration is wrong
  With a command behind --: its own code, 128+N for a signal N, 126 not executable, 127 not found.
)";

/// Words of `text` from `column` on; further lines are indented to it.
std::string wrapped(std::string_view text, std::size_t at, std::size_t column) {
  std::string result;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, blank);
    if (at + word.size() > kWidth && at > column) {
      result.back() = '\n';
      result += std::string(column, ' ');
      at = column;
    }
    result += word;
    result += ' ';
    at += word.size() + 1;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result + "\n";
}

std::string entry(std::string left, std::string_view help) {
  if (left.size() + 2 > kHelpColumn) {
    left += "\n" + std::string(kHelpColumn, ' ');
  } else {
    left += std::string(kHelpColumn - left.size(), ' ');
  }
  return left + wrapped(help, kHelpColumn, kHelpColumn);
}

std::string default_note(const Setting& row) {
  if (row.default_text.empty() || row.type() == SettingType::boolean) {
    return row.default_text == "true" ? " (default: on)" : "";
  }
  std::string note = " (default: " + std::string(row.default_text);
  if (const std::string others = other_defaults(row); !others.empty()) note += "; " + others;
  return note + ")";
}

std::string option_entry(const Setting& row) {
  std::string left = row.short_flag != 0 ? std::string("  -") + row.short_flag + ", " : "      ";
  left += "--";
  if (row.negatable) left += "[no-]";
  left += row.flag;
  if (!row.metavar.empty()) left += " " + std::string(row.metavar);
  return entry(left, help_text(row) + default_note(row));
}

std::string option_groups() {
  std::vector<std::string_view> groups;
  for (const Setting& row : settings_table()) {
    if (row.flag.empty()) continue;
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
      groups.push_back(row.group);
    }
  }
  // General stands first in the table, and last in the help.
  std::rotate(groups.begin(), groups.begin() + 1, groups.end());
  std::string text;
  for (const std::string_view group : groups) {
    text += "\n" + std::string(group) + ":\n";
    for (const Setting& row : settings_table()) {
      if (row.group == group && !row.flag.empty()) text += option_entry(row);
    }
  }
  return text;
}

std::string sink_list() {
  std::string text = "\nSink URLs, with their settings as parameters (?key=value&key=value):\n";
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    std::string keys;
    for (const Setting& row : settings_of(*type)) {
      keys += (keys.empty() ? "" : ", ") + std::string(row.key);
    }
    text += entry("  " + std::string(type->example),
                  std::string(type->help) + (keys.empty() ? "" : ": " + keys));
  }
  text += "  Each also takes the keys of queue, delivery, spool and filter: ?queue.size=500\n";
  return text;
}

}  // namespace

std::string help_text() {
  return std::string(kUsage) + option_groups() + sink_list() + std::string(kEnding);
}

}  // namespace ship
