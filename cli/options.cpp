#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "config/shown_url.hpp"
#include "config/sink_url.hpp"
#include "rows/nearest.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

Error usage(std::string message) {
  const bool asks = message.ends_with('?');
  return {ErrorKind::usage,
          std::move(message) + (asks ? " See" : "; see") + " fapilog-ship --help"};
}

std::vector<std::string> known_flags() {
  std::vector<std::string> flags;
  for (const CommandFlag& row : command_flags()) flags.push_back("--" + std::string(row.name));
  for (const Setting& row : settings_table()) {
    if (row.flag.empty()) continue;
    flags.push_back("--" + std::string(row.flag));
    if (row.negatable) flags.push_back("--no-" + std::string(row.flag));
  }
  return flags;
}

bool is_flag(const std::string& text) {
  for (const Setting& row : settings_table()) {
    if (row.flag.empty()) continue;
    const std::string flag(row.flag);
    if (text == "--" + flag || (row.negatable && text == "--no-" + flag) ||
        (row.short_flag != 0 && text == std::string("-") + row.short_flag)) {
      return true;
    }
  }
  return false;
}

/// Whether `word` may name this row's flag, in any form; may be true even if it does not.
bool may_name(const std::string& word, const Setting& row) {
  return word.starts_with('-') && (word.find(row.flag) != std::string::npos ||
                                   word.find(row.short_flag) != std::string::npos);
}

bool looks_like_flag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// Whether a word was probably meant as a file: it exists, or looks like a path.
bool may_be_file(const std::string& word) {
  return word.find_first_of("/.*") != std::string::npos || ::access(word.c_str(), F_OK) == 0;
}

bool is_program(const std::string& word) {
  struct stat status {};
  return ::stat(word.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(word.c_str(), X_OK) == 0;
}

/// The word in double quotes, without what may be a secret.
std::string shown_word(const std::string& word) {
  const std::size_t scheme = word.find("://");
  return '"' + (scheme == std::string::npos ? word : word.substr(0, scheme) + "://...") + '"';
}

/// What to do instead of a command that other tools have; empty: the word is none.
std::string foreign_word_advice(std::string_view word) {
  struct ForeignWord {
    std::string_view word;
    std::string_view advice;
  };
  static constexpr ForeignWord kWords[] = {
      {"explain", "write: fapilog-ship check --explain 'LINE'"},
      {"validate", "write: fapilog-ship check FILE.toml"},
      {"test", "write: fapilog-ship check FILE.toml"},
      {"lint", "write: fapilog-ship check FILE.toml"},
      {"ping", "write: fapilog-ship check --connect FILE.toml"},
      {"run", "it runs without a word: fapilog-ship -c FILE.toml"},
      {"start", "it runs without a word: fapilog-ship -c FILE.toml"},
      {"ship", "it runs without a word: fapilog-ship -c FILE.toml"},
      {"agent", "it runs without a word: fapilog-ship -c FILE.toml"},
      {"status", "write: fapilog-ship top, or fapilog-ship health (both ask a run with --listen)"},
      {"stats", "write: fapilog-ship top (asks a run with --listen), or: kill -USR1 PID"},
      {"tail",
       "write: fapilog-ship tap (asks a run with --listen), or: fapilog-ship --follow FILE"},
      {"stop", "send the run SIGTERM: it delivers what it has, and ends"},
      {"reload", "send the run SIGHUP"},
  };
  for (const ForeignWord& row : kWords) {
    if (row.word == word) return std::string(row.advice);
  }
  return {};
}

std::string value_name(const Setting& row) {
  return row.metavar.empty() ? "" : " (" + std::string(row.metavar) + ")";
}

/// Registers the table's flags and keeps what was given, in command-line order.
class Parser {
 public:
  Parser() : app_("", "fapilog-ship") {
    app_.set_help_flag();
    app_.allow_extras();
    app_.add_flag("--connect", line_.connect);
    app_.add_flag("--explain", line_.explain);
    app_.add_option("--url", line_.url);
    app_.add_option("--stage", line_.tap.stage);
    app_.add_option("-n,--count", count_);
    add_many("--seal-key-file", line_.seal_keys);
    add_many("--expect-head", line_.expected_heads);
    add_many("--anchor", line_.anchors);
  }

  Result<CommandLine> parse(std::vector<std::string> arguments) {
    take_child(arguments);
    // CLI11 compares each registered option with all others, so register only those that are used.
    for (const Setting& row : settings_table()) {
      if (!row.flag.empty() &&
          std::any_of(arguments.begin(), arguments.end(),
                      [&](const std::string& word) { return may_name(word, row); })) {
        add(row);
      }
    }
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::ArgumentMismatch& error) {
      return usage(explain(error.what()));
    } catch (const CLI::ParseError& error) {
      return usage(error.what());
    } catch (const std::exception&) {
      return usage("behind an option with = and no value of its own stands true or false");
    }
    if (!valueless_.empty()) return usage(valueless_);
    const std::vector<std::string> words = take_command();
    if (Result<void> taken = take_words(words); !taken) return std::move(taken).error();
    if (Result<void> checked = check_flags(); !checked) return std::move(checked).error();
    if (line_.command == Command::tap && !asked_) {
      if (Result<void> taken = take_tap(); !taken) return std::move(taken).error();
    }
    if (asked_) {
      line_.arguments.clear();
      if (*asked_ == Command::help && given_ != nullptr) line_.arguments.emplace_back(given_->name);
      line_.command = *asked_;
    }
    return std::move(line_);
  }

 private:
  /// An option of verify: one value per use.
  void add_many(const char* name, std::vector<std::string>& values) {
    app_.add_option(name, values)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  void add(const Setting& row) {
    std::string names = "--" + std::string(row.flag);
    if (row.flag == "help") app_.add_flag("-h", line_.brief);
    if (row.short_flag != 0 && row.flag != "help") names += std::string(",-") + row.short_flag;
    if (row.type() == SettingType::boolean) {
      if (row.negatable) names += ",!--no-" + std::string(row.flag);
      app_.add_flag_function(
              names, [this, &row](std::int64_t count) { take(row, count > 0 ? "true" : "false"); })
          ->trigger_on_parse();
      return;
    }
    CLI::Option* option = app_.add_option_function<std::vector<std::string>>(
        names, [this, &row](const std::vector<std::string>& texts) {
          for (const std::string& text : texts) take(row, text);
        });
    option->type_name(std::string(row.metavar));
    option->expected(1,
                     row.type() == SettingType::paths ? CLI::detail::expected_max_vector_size : 1);
    option->allow_extra_args(row.type() == SettingType::paths);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->trigger_on_parse();
  }

  void take(const Setting& row, std::string text) {
    if (row.flag == "help") {
      asked_ = Command::help;
    } else if (row.flag == "version") {
      if (!asked_) asked_ = Command::version;
    } else if (row.flag == "print-config") {
      if (!asked_) asked_ = Command::print_config;
    } else {
      if (is_flag(text) && valueless_.empty()) {
        valueless_ = "--" + std::string(row.flag) + " needs a value" + value_name(row) +
                     ", found the option " + text;
      }
      line_.flags.push_back({&row, std::move(text)});
    }
  }

  /// `--sink URL` among the words of a command, where the URL is one of ours; else empty.
  static std::string sink_given_in(const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const bool joined = words[i].starts_with("--sink=");
      const bool apart = i + 1 < words.size() && (words[i] == "--sink" || words[i] == "-s");
      if (!joined && !apart) continue;
      const std::string url = joined ? words[i].substr(7) : words[i + 1];
      std::vector<UrlProblem> ignored;
      if (!parse_sink_url(url, ignored)) continue;
      return (joined ? "--sink" : words[i]) + " " + shown_url(url);
    }
    return {};
  }

  void take_child(std::vector<std::string>& arguments) {
    for (auto it = arguments.begin(); it != arguments.end(); ++it) {
      if (*it != "--") continue;
      line_.child.assign(it + 1, arguments.end());
      line_.misplaced = sink_given_in(line_.child);
      has_child_ = true;
      arguments.erase(it, arguments.end());
      return;
    }
  }

  /// Takes the first word that is not an option, wherever it is; leaves the other words.
  std::vector<std::string> take_command() {
    std::vector<std::string> words = app_.remaining();
    if (asked_ == Command::help) line_.brief = false;
    if (line_.brief) asked_ = Command::help;
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const std::string& word) { return !looks_like_flag(word); });
    if (first == words.end()) return words;
    given_ = find_command(*first);
    if (given_ == nullptr) return words;
    line_.command = given_->command;
    words.erase(first);
    return words;
  }

  Result<void> take_words(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (looks_like_flag(word)) {
        const std::string flag = word.substr(0, word.find('='));
        return usage("unknown option " + flag + did_you_mean(flag, known_flags()));
      }
      if (auto taken = take_word(word); !taken) return taken;
    }
    if (has_child_ && line_.child.empty()) return usage("no command after --");
    if (has_child_ && given_ != nullptr) {
      return usage(std::string(given_->name) + " takes no command after --");
    }
    if (has_child_ && looks_like_flag(line_.child.front())) {
      return usage("found the option " +
                   line_.child.front().substr(0, line_.child.front().find('=')) +
                   " after --, where the command to run belongs; put options of fapilog-ship "
                   "in front of --");
    }
    if (line_.command == Command::verify && !asked_ && line_.arguments.empty()) {
      return usage("verify needs the paths of sealed files, or of a directory with them");
    }
    return {};
  }

  Result<void> take_word(const std::string& word) {
    if (given_ == nullptr) return take_file(word);
    const bool is_line = line_.command == Command::check && line_.explain;
    if (line_.command == Command::check && (!is_line || word.ends_with(".toml"))) {
      if (!may_be_file(word)) return unexpected(word, "expected the file of a configuration");
      line_.flags.push_back({find_flag("config"), word});
      return {};
    }
    if (given_->arguments.empty()) {
      return unexpected(word, std::string(given_->name) + " takes no argument");
    }
    if (line_.command == Command::help && find_command(word) == nullptr) {
      return unexpected(word, "expected the name of a command");
    }
    line_.arguments.push_back(word);
    return {};
  }

  /// Takes a file to read, if no command comes first.
  Result<void> take_file(const std::string& word) {
    if (word.find("://") != std::string::npos) {
      return usage("unexpected URL " + shown_word(word) + "; put where lines go after --sink");
    }
    const std::string advice = foreign_word_advice(word);
    if (!advice.empty() && ::access(word.c_str(), F_OK) != 0) {
      return usage("unexpected argument " + shown_word(word) + "; " + advice);
    }
    if (has_child_ || !may_be_file(word)) {
      return unexpected(word, "put a command to run after --, files to read after --input");
    }
    if (is_program(word)) {
      return usage("\"" + word + "\" is a program; run it with: fapilog-ship -- " + word +
                   ", or read it as a file with: --input " + word);
    }
    line_.flags.push_back({find_flag("input"), word});
    return {};
  }

  static Error unexpected(const std::string& word, const std::string& advice) {
    std::vector<std::string> names;
    for (const CommandRow& known : command_table()) names.emplace_back(known.name);
    const std::string near = did_you_mean(word, names);
    return usage("unexpected argument " + shown_word(word) +
                 (near.empty() ? "; " : near + " Otherwise ") + advice);
  }

  /// What are settings elsewhere say here what is to be shown.
  Result<void> take_tap() {
    std::vector<GivenFlag> others;
    for (GivenFlag& given : line_.flags) {
      if (given.setting->flag == "where") {
        line_.tap.where = std::move(given.text);
      } else if (given.setting->flag == "sink") {
        line_.tap.sink = std::move(given.text);
      } else {
        others.push_back(std::move(given));
      }
    }
    line_.flags = std::move(others);
    const std::string& stage = line_.tap.stage;
    if (!stage.empty() && stage != "in" && stage != "out") {
      return usage("--stage: found \"" + stage + "\", expected in or out");
    }
    if (count_.empty()) return {};
    std::string digits = count_;
    std::erase(digits, '_');
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, line_.tap.count);
    if (error != std::errc() || stopped != end || line_.tap.count == 0) {
      return usage("--count: found \"" + count_ + "\", expected a number of records");
    }
    return {};
  }

  /// Flags of one command stand with no other, but for those that are settings as well.
  Result<void> check_flags() {
    if (asked_) return {};
    for (const CommandFlag& row : command_flags()) {
      if (find_flag(row.name) != nullptr) continue;
      const auto flags = command_flags();
      const bool goes = std::any_of(flags.begin(), flags.end(), [&](const CommandFlag& one) {
        return one.name == row.name && one.command == line_.command;
      });
      if (!goes && app_.count("--" + std::string(row.name)) > 0) {
        return usage("--" + std::string(row.name) + " goes with " + commands_with(row.name) +
                     " only");
      }
    }
    return {};
  }

  /// CLI11 names the option first: "--queue-size: 1 required N missing".
  static std::string explain(const std::string& message) {
    const std::size_t start = message.find("--");
    const std::size_t end = message.find_first_of(":, ", start);
    if (start == std::string::npos) return message;
    const std::string flag = message.substr(start, end - start);
    const Setting* row = find_flag(flag.substr(2));
    return flag + " needs a value" + (row == nullptr ? "" : value_name(*row));
  }

  CLI::App app_;
  CommandLine line_;
  const CommandRow* given_ = nullptr;  ///< the command that was given
  std::optional<Command> asked_;
  std::string count_;  ///< tap --count
  bool has_child_ = false;
  std::string valueless_;  ///< what is wrong with the first flag that took another flag as its
                           ///< value
};

}  // namespace

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) arguments.emplace_back(argv[i]);
  return Parser().parse(std::move(arguments));
}

}  // namespace ship
