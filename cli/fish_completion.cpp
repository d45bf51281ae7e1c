#include <vector>

#include "cli/command_table.hpp"
#include "cli/completion_words.hpp"
#include "cli/completions.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kFish = R"(# fish completion of fapilog-ship

# What stands behind -- is another command's.
function __fapilog_ship_behind
    contains -- -- (commandline -opc)
end

function __fapilog_ship_first
    not __fapilog_ship_behind; and __fish_use_subcommand
end

function __fapilog_ship_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    set -l escaped (string escape -- $words)
    complete -C (string join ' ' -- $escaped (commandline -ct))
end

# The words of a list behind those that are there.
function __fapilog_ship_list
    set -l typed (string match -r '^.*,' -- (commandline -ct)); or set typed ''
    printf '%s\n' $typed$argv
end

# The sinks of the configurations that stand on the command line, else of the usual one.
function __fapilog_ship_sinks
    set -l words (commandline -opc)
    set -l files
    for i in (seq (count $words))
        switch $words[$i]
            case -c --config
                set -a files $words[(math $i + 1)]
            case '--config=*'
                set -a files (string replace -- --config= '' $words[$i])
        end
    end
    test -n "$files"; or set files /etc/fapilog-ship/config.toml
    cat $files 2>/dev/null | string match -rg '^\s*\[sinks\.([^].]+)\]' | sort -u
end

complete -c fapilog-ship -f
complete -c fapilog-ship -n __fapilog_ship_behind -a '(__fapilog_ship_command)'
)";

std::string value_of(const CommandFlag& flag) {
  if (flag.metavar.empty()) return "";
  if (flag.metavar == "FILE") return " -r -F";
  if (takes_sink(flag)) return " -x -a '(__fapilog_ship_sinks)'";
  const std::string words = candidates(flag);
  return words.empty() ? " -x" : " -x -a '" + words + "'";
}

}  // namespace

std::string fish_completion() {
  std::string text(kFish);
  for (const CommandRow& command : command_table()) {
    text += "complete -c fapilog-ship -n __fapilog_ship_first -a " + std::string(command.name) +
            " -d '" + std::string(command.help) + "'\n";
  }
  text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from completions' -a '" +
          std::string(kCompletedShells) + "'\n";
  text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from " +
          joined(commands_with_files(), " ") + "' -F\n";
  for (const CommandFlag& flag : command_flags()) {
    text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from " +
            std::string(row_of(flag.command).name) + "'" +
            (flag.short_flag == 0 ? "" : std::string(" -s ") + flag.short_flag) + " -l " +
            std::string(flag.name) + value_of(flag) + " -d '" +
            replaced(std::string(flag.help), "'", "\\'") + "'\n";
  }
  for (const Setting& row : settings_table()) {
    if (!is_completed(row)) continue;
    std::string line = "complete -c fapilog-ship";
    if (row.flag == "sink") line += " -n 'not __fish_seen_subcommand_from tap'";
    if (row.short_flag != 0) line += std::string(" -s ") + row.short_flag;
    const std::string help = " -d '" + replaced(std::string(row.help), "'", "\\'") + "'";
    std::string value;
    if (takes_path(row)) {
      value = " -r -F";
    } else if (!row.metavar.empty()) {
      const std::string words = candidates(row);
      value = words.empty()     ? " -x"
              : takes_list(row) ? " -x -a '(__fapilog_ship_list " + words + ")'"
                                : " -x -a '" + words + "'";
    }
    text += line + " -l " + std::string(row.flag) + value + help + "\n";
    if (row.negatable)
      text += "complete -c fapilog-ship -l no-" + std::string(row.flag) + help + "\n";
  }
  return text;
}

}  // namespace ship
