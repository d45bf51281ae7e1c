#include <vector>

#include "cli/command_table.hpp"
#include "cli/completion_words.hpp"
#include "cli/completions.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

/// Inside single quotes.
std::string quoted(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result;
}

constexpr std::string_view kZsh = R"zsh(#compdef fapilog-ship

# The sinks of the configurations that stand on the command line, else of the usual one.
_fapilog_ship_sinks() {
  local -a files sinks
  local i
  for (( i = 2; i < CURRENT; ++i )); do
    case ${words[i]} in
      -c|--config) files+=(${~words[i+1]}) ;;
      --config=*) files+=(${~words[i]#--config=}) ;;
    esac
  done
  (( $#files )) || files=(/etc/fapilog-ship/config.toml)
  sinks=(${(fu)"$(sed -nE 's/^[[:space:]]*\[sinks\.([^].]+)\].*/\1/p' $files 2>/dev/null)"})
  compadd -a sinks
}

_fapilog_ship_sink() {
  local -a starts
  starts=(@STARTS@)
  if (( ${words[(I)tap]} )); then
    _fapilog_ship_sinks
  else
    compadd -S '' -a starts
  fi
}

# What stands behind -- is another command's.
local -i behind=${words[(i)--]}
if (( behind < CURRENT )); then
  shift $behind words
  (( CURRENT -= behind ))
  _normal
  return
fi

local -a of_command
)zsh";

}  // namespace

std::string zsh_completion() {
  std::vector<std::string> commands;
  std::string text;
  for (const CommandRow& command : command_table()) {
    commands.emplace_back(command.name);
    std::vector<std::string> own;
    for (const CommandFlag& flag : command_flags()) {
      if (flag.command != command.command) continue;
      // What is a setting as well has its line below.
      if (find_flag(flag.name) != nullptr) continue;
      std::string action;
      if (!flag.metavar.empty()) {
        const std::string words = candidates(flag);
        action = ":" + std::string(flag.metavar) + ":" +
                 (flag.metavar == "FILE" ? "_files"
                  : words.empty()        ? ""
                                         : "(" + words + ")");
      }
      for (const std::string& spelling : spellings(flag)) {
        own.push_back("'" + spelling + (flag.metavar.empty() || spelling[1] != '-' ? "[" : "=[") +
                      std::string(flag.help) + "]" + action + "'");
      }
    }
    if (takes_files(command)) own.emplace_back("'*:PATH:_files'");
    if (command.name == "completions") {
      own.push_back("'2:shell:(" + std::string(kCompletedShells) + ")'");
    }
    text += "  " + std::string(command.name) + ") of_command=(" + joined(own, " ") + ") ;;\n";
  }
  text = replaced(std::string(kZsh), "@STARTS@", candidates(*find_flag("sink"))) +
         "case ${words[(r)(" + joined(commands, "|") + ")]} in\n" + text +
         "esac\n_arguments -s $of_command \\\n";
  for (const Setting& row : settings_table()) {
    if (!is_completed(row)) continue;
    std::string help;
    for (const char c : row.help) {
      if (c == '[' || c == ']' || c == ':') help += '\\';
      help += c;
    }
    std::string action;
    if (!row.metavar.empty()) {
      action = ":" + replaced(std::string(row.metavar), ":", "\\:") + ":";
      const std::string words = candidates(row);
      if (takes_path(row)) {
        action += "_files";
      } else if (row.type() == SettingType::url) {
        action += "_fapilog_ship_sink";
      } else if (takes_list(row)) {
        action += "_values -s , " + std::string(row.metavar) + " " + words;
      } else if (!words.empty()) {
        std::string escaped;
        for (const char c : words) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
        action += "(" + escaped + ")";
      }
    }
    for (const std::string& flag : spellings(row)) {
      text += "  '" + std::string(row.repeatable ? "*" : "") + flag +
              (action.empty() || flag[1] != '-' ? "[" : "=[") + quoted(help) + "]" +
              quoted(action) + "' \\\n";
    }
  }
  text += "  '1::command:((";
  for (const CommandRow& command : command_table()) {
    text += (&command == command_table().data() ? "" : " ") + std::string(command.name) + "\\:\"" +
            std::string(command.help) + "\"";
  }
  return text + "))'\n";
}

}  // namespace ship
