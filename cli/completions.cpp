#include "cli/completions.hpp"

#include <algorithm>
#include <vector>

#include "cli/command_table.hpp"
#include "config/value.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kShells = "bash zsh fish";

bool takes_files(const CommandRow& command) {
  return command.arguments.find("PATH") != command.arguments.npos ||
         command.arguments.find("FILE") != command.arguments.npos;
}

/// The names of the commands that take files.
std::vector<std::string> with_files() {
  std::vector<std::string> names;
  for (const CommandRow& command : command_table()) {
    if (takes_files(command)) names.emplace_back(command.name);
  }
  return names;
}

bool is_shown(const Setting& row) { return !row.flag.empty(); }

bool takes_path(const Setting& row) {
  return row.type() == SettingType::path || row.type() == SettingType::paths;
}

std::string sink_starts() {
  std::string text;
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    std::string_view rest = type->schemes;
    while (!rest.empty()) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      text += (text.empty() ? "" : " ") + std::string(rest.substr(0, bar)) +
              (type->form == UrlForm::nothing ? ":" : "://");
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }
  return text;
}

/// What a flag's value can be, separated by spaces; empty: anything.
std::string candidates(const Setting& row) {
  if (row.type() == SettingType::url) return sink_starts();
  if (row.type() == SettingType::level) return "DEBUG INFO WARNING ERROR CRITICAL";
  if (row.type() == SettingType::map) return "";
  std::string text;
  for (const SettingChoice& choice : row.choices()) {
    text += (text.empty() ? "" : " ") + std::string(choice.name);
  }
  return text;
}

std::vector<std::string> spellings(const Setting& row) {
  std::vector<std::string> result;
  if (row.short_flag != 0) result.push_back(std::string("-") + row.short_flag);
  result.push_back("--" + std::string(row.flag));
  if (row.negatable) result.push_back("--no-" + std::string(row.flag));
  return result;
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

/// Puts `text` in single quotes.
std::string quoted(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result;
}

std::string replaced(std::string text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

constexpr std::string_view kBash = R"(# bash completion of fapilog-ship

_fapilog_ship() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} word command=''
    # bash takes --flag=value for three words.
    if [[ $current == = ]]; then
        current=''
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            @ALTERNATIVES@) command=${command:-$word} ;;
        esac
    done
    COMPREPLY=()
    case $before in
@VALUES@    esac
    if [[ $current == -* ]]; then
        word='@FLAGS@'
        case $command in
@COMMANDFLAGS@        esac
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
        return
    fi
    case $command in
        '')
            mapfile -t COMPREPLY < <(compgen -W '@COMMANDS@' -- "$current"; compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
        completions) mapfile -t COMPREPLY < <(compgen -W '@SHELLS@' -- "$current") ;;
        help) mapfile -t COMPREPLY < <(compgen -W '@COMMANDS@' -- "$current") ;;
        @WITHFILES@)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

complete -F _fapilog_ship fapilog-ship
)";

}  // namespace

std::string bash_completion() {
  std::string values;
  std::vector<std::string> flags;
  for (const Setting& row : settings_table()) {
    if (!is_shown(row)) continue;
    for (std::string& flag : spellings(row)) flags.push_back(std::move(flag));
    if (row.metavar.empty()) continue;
    const std::string words = candidates(row);
    values += "        " + joined(spellings(row), "|") + ")\n";
    if (takes_path(row)) {
      values += "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
      values += "            compopt -o filenames 2>/dev/null\n";
    } else if (!words.empty()) {
      values +=
          "            mapfile -t COMPREPLY < <(compgen -W '" + words + "' -- \"$current\")\n";
      if (row.type() == SettingType::url) values += "            compopt -o nospace 2>/dev/null\n";
    }
    values += "            return\n            ;;\n";
  }
  std::vector<std::string> commands;
  std::string of_commands;
  for (const CommandRow& command : command_table()) {
    commands.emplace_back(command.name);
    std::string own;
    for (const CommandFlag& flag : command_flags()) {
      if (flag.command != command.command) continue;
      own += " --" + std::string(flag.name);
      if (!flag.metavar.empty()) {
        values += "        --" + std::string(flag.name) + ")\n";
        if (flag.metavar == "FILE") {
          values += "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
          values += "            compopt -o filenames 2>/dev/null\n";
        }
        values += "            return\n            ;;\n";
      }
    }
    if (own.empty()) continue;
    of_commands += "            " + std::string(command.name) + ") word+='" + own + "' ;;\n";
  }
  std::string text = replaced(std::string(kBash), "@VALUES@", values);
  text = replaced(std::move(text), "@COMMANDFLAGS@", of_commands);
  text = replaced(std::move(text), "@ALTERNATIVES@", joined(commands, " | "));
  text = replaced(std::move(text), "@WITHFILES@", joined(with_files(), " | "));
  text = replaced(std::move(text), "@SHELLS@", kShells);
  text = replaced(std::move(text), "@FLAGS@", joined(flags, " "));
  return replaced(std::move(text), "@COMMANDS@", joined(commands, " "));
}

std::string zsh_completion() {
  std::vector<std::string> commands;
  std::string text;
  for (const CommandRow& command : command_table()) {
    commands.emplace_back(command.name);
    std::vector<std::string> own;
    for (const CommandFlag& flag : command_flags()) {
      if (flag.command != command.command) continue;
      own.push_back("'--" + std::string(flag.name) + (flag.metavar.empty() ? "[" : "=[") +
                    std::string(flag.help) + "]" +
                    (flag.metavar.empty() ? "" : ":" + std::string(flag.metavar) + ":") +
                    (flag.metavar == "FILE" ? "_files" : "") + "'");
    }
    if (takes_files(command)) own.emplace_back("'*:PATH:_files'");
    if (command.name == "completions") {
      own.push_back("'2:shell:(" + std::string(kShells) + ")'");
    }
    text += "  " + std::string(command.name) + ") of_command=(" + joined(own, " ") + ") ;;\n";
  }
  text = "#compdef fapilog-ship\n\nlocal -a of_command\ncase ${words[(r)(" + joined(commands, "|") +
         ")]} in\n" + text + "esac\n_arguments -s $of_command \\\n";
  for (const Setting& row : settings_table()) {
    if (!is_shown(row)) continue;
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

std::string fish_completion() {
  std::string text = "# fish completion of fapilog-ship\n\ncomplete -c fapilog-ship -f\n";
  for (const CommandRow& command : command_table()) {
    text += "complete -c fapilog-ship -n __fish_use_subcommand -a " + std::string(command.name) +
            " -d '" + std::string(command.help) + "'\n";
  }
  text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from completions' -a '" +
          std::string(kShells) + "'\n";
  text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from " + joined(with_files(), " ") +
          "' -F\n";
  for (const CommandFlag& flag : command_flags()) {
    text += "complete -c fapilog-ship -n '__fish_seen_subcommand_from " +
            std::string(row_of(flag.command).name) + "' -l " + std::string(flag.name) +
            (flag.metavar.empty()     ? ""
             : flag.metavar == "FILE" ? " -r -F"
                                      : " -x") +
            " -d '" + std::string(flag.help) + "'\n";
  }
  for (const Setting& row : settings_table()) {
    if (!is_shown(row)) continue;
    std::string line = "complete -c fapilog-ship";
    if (row.short_flag != 0) line += std::string(" -s ") + row.short_flag;
    const std::string help = " -d '" + replaced(std::string(row.help), "'", "\\'") + "'";
    std::string value;
    if (takes_path(row)) {
      value = " -r -F";
    } else if (!row.metavar.empty()) {
      const std::string words = candidates(row);
      value = words.empty() ? " -x" : " -x -a '" + words + "'";
    }
    text += line + " -l " + std::string(row.flag) + value + help + "\n";
    if (row.negatable)
      text += "complete -c fapilog-ship -l no-" + std::string(row.flag) + help + "\n";
  }
  return text;
}

}  // namespace ship
