#include "cli/help.hpp"

#include <algorithm>
#include <vector>

#include "config/value.hpp"
#include "settings/settings_table.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

constexpr std::size_t kMaxWidth = 100;

constexpr std::string_view kUsage =
    R"(fapilog-ship ships log lines and never makes the application wait.

Usage:
  APP | fapilog-ship [OPTIONS]            read lines from standard input
  fapilog-ship [OPTIONS] -- COMMAND...    run a command, ship its output, act as init
  fapilog-ship [OPTIONS] FILE...          read files
)";

constexpr std::string_view kExamples = R"(
Examples:
  app | fapilog-ship --pretty
  app | fapilog-ship --sink loki+http://loki:3100 --label app=web --keep /var/spool/app
  fapilog-ship -c /etc/fapilog-ship/config.toml -- python app.py
)";

constexpr std::string_view kMoreExamples =
    R"(  app | fapilog-ship -s 'https://logs.example.com/in?bearer_token_file=/run/token'
  fapilog-ship --min-level WARNING -o errors.ndjson app.log
  kill -USR1 PID                          print statistics to standard error
)";

/// What most people need, in this order.
constexpr std::string_view kBriefFlags[] = {"sink",   "pretty", "config", "keep",      "preset",
                                            "follow", "label",  "redact", "min-level", "listen"};

constexpr std::string_view kEnding = R"(
Every option with a value is also an environment variable: --queue-size is
FAPILOG_SHIP_QUEUE_SIZE. An option wins over the environment, that over files,
those over a preset.
Sizes: 64 MB, 512k, 1048576. Numbers: 50000, 50_000.
Durations: 250ms, 1.5s, 10m, 2h, 1d; a bare number is seconds.

Exit codes:
   0  all records were delivered, spooled, or dropped as the settings say
   1  check --connect: a sink cannot be reached, or refuses; verify: a file is
      not as it was sealed; health: it does not answer
  64  the command line cannot be understood
  74  reading or writing failed and ended the run
  75  the drain timeout passed with records undelivered
  78  the configuration is wrong
  With a command after --: its own code, 128+N for a signal N, 126 not
  executable, 127 not found.
)";

/// Lays out text on a terminal of a given width.
class Layout {
 public:
  explicit Layout(std::size_t width)
      : width_(std::clamp<std::size_t>(width, 60, kMaxWidth)), column_(width_ < 90 ? 26 : 34) {}

  std::string entry(std::string left, std::string_view help) const {
    if (left.size() + 2 > column_) {
      left += "\n" + std::string(column_, ' ');
    } else {
      left += std::string(column_ - left.size(), ' ');
    }
    return left + wrapped(help);
  }

 private:
  /// The words of `text`, from the column on; further lines are indented to it.
  std::string wrapped(std::string_view text) const {
    std::size_t at = column_;
    std::string result;
    while (!text.empty()) {
      const std::size_t blank = std::min(text.find(' '), text.size());
      const std::string_view word = text.substr(0, blank);
      if (at + word.size() > width_ && at > column_) {
        result.back() = '\n';
        result += std::string(column_, ' ');
        at = column_;
      }
      result += word;
      result += ' ';
      at += word.size() + 1;
      text.remove_prefix(std::min(blank + 1, text.size()));
    }
    while (!result.empty() && result.back() == ' ') result.pop_back();
    return result + "\n";
  }

  std::size_t width_;
  std::size_t column_;
};

std::string default_note(const Setting& row) {
  if (row.default_text.empty() || row.type() == SettingType::boolean) {
    return row.default_text == "true" ? " (default: on)" : "";
  }
  std::string note = " (default: " + std::string(row.default_text);
  if (const std::string others = other_defaults(row); !others.empty()) note += "; " + others;
  return note + ")";
}

std::string option_entry(const Layout& layout, const Setting& row) {
  std::string left = row.short_flag != 0 ? std::string("  -") + row.short_flag + ", " : "      ";
  left += "--";
  if (row.negatable) left += "[no-]";
  left += row.flag;
  if (!row.metavar.empty()) left += " " + std::string(row.metavar);
  return layout.entry(left, help_text(row) + default_note(row));
}

std::string option_groups(const Layout& layout) {
  std::vector<std::string_view> groups;
  for (const Setting& row : settings_table()) {
    if (row.flag.empty()) continue;
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
      groups.push_back(row.group);
    }
  }
  // General comes first in the table, and last in the help.
  std::rotate(groups.begin(), groups.begin() + 1, groups.end());
  std::string text;
  for (const std::string_view group : groups) {
    text += "\n" + std::string(group) + ":\n";
    for (const Setting& row : settings_table()) {
      if (row.group == group && !row.flag.empty()) text += option_entry(layout, row);
    }
  }
  return text;
}

/// "=protobuf|json"; empty where the values are not words of a short list.
std::string choices_note(const Setting& row) {
  constexpr std::size_t kMost = 4;
  if (row.type() != SettingType::choice) return {};
  std::string words;
  std::size_t count = 0;
  for (const SettingChoice& choice : row.choices()) {
    words += (words.empty() ? "=" : "|") + std::string(choice.name);
    ++count;
  }
  return count > kMost ? std::string() : words;
}

std::string sink_list(const Layout& layout) {
  std::string text = "\nSink URLs, with their settings as parameters (?key=value&key=value):\n";
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    std::string keys;
    for (const Setting& row : settings_of(*type)) {
      keys += (keys.empty() ? "" : ", ") + std::string(row.key) + choices_note(row);
    }
    text += layout.entry("  " + std::string(type->example),
                         std::string(type->help) + (keys.empty() ? "" : ": " + keys));
  }
  text += "  Each also takes the keys of queue, delivery, spool and filter: ?queue.size=500\n";
  return text;
}

std::string command_list(const Layout& layout) {
  std::string text = "\nCommands:\n";
  for (const CommandRow& row : command_table()) {
    text += layout.entry("  " + std::string(row.name) + " " + std::string(row.arguments), row.help);
  }
  return text;
}

}  // namespace

std::string help_text(std::size_t width) {
  const Layout layout(width);
  return std::string(kUsage) + std::string(kExamples) + std::string(kMoreExamples) +
         command_list(layout) + option_groups(layout) + sink_list(layout) + std::string(kEnding);
}

std::string brief_help_text(std::size_t width) {
  const Layout layout(width);
  std::string text = std::string(kUsage) + std::string(kExamples) + "\nWhat matters most:\n";
  for (const std::string_view flag : kBriefFlags) text += option_entry(layout, *find_flag(flag));
  std::string names;
  for (const CommandRow& row : command_table()) {
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  return text + "\nCommands: " + names +
         ".\nAll options: fapilog-ship --help. Of a command: " + "fapilog-ship help COMMAND.\n";
}

std::string command_help_text(const CommandRow& command, std::size_t width) {
  const Layout layout(width);
  std::string text = "fapilog-ship " + std::string(command.name) + ": " +
                     std::string(command.help) + "\n\nUsage:\n  fapilog-ship " +
                     std::string(command.name) + " [OPTIONS]";
  if (!command.arguments.empty()) text += " " + std::string(command.arguments);
  text += "\n";
  if (!command.text.empty()) text += "\n" + std::string(command.text);
  std::string own;
  for (const CommandFlag& flag : command_flags()) {
    if (flag.command != command.command) continue;
    own += layout.entry(
        (flag.short_flag == 0 ? "      --" : std::string("  -") + flag.short_flag + ", --") +
            std::string(flag.name) + (flag.metavar.empty() ? "" : " ") + std::string(flag.metavar),
        flag.help);
  }
  if (!own.empty()) text += "\nOptions:\n" + own;
  return text + "\nSettings are options here, too: see fapilog-ship --help.\n";
}

}  // namespace ship
