#include <vector>

#include "cli/command_table.hpp"
#include "cli/completion_words.hpp"
#include "cli/completions.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kBash = R"(# bash completion of fapilog-ship

# The sinks of the configurations that stand on the command line, else of the usual one.
_fapilog_ship_sinks() {
    local i files=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
            -c | --config)
                [[ ${COMP_WORDS[i+1]} == = ]] && ((++i))
                files+=("${COMP_WORDS[i+1]/#\~/$HOME}")
                ;;
        esac
    done
    ((${#files[@]})) || files=(/etc/fapilog-ship/config.toml)
    sed -nE 's/^[[:space:]]*\[sinks\.([^].]+)\].*/\1/p' "${files[@]}" 2>/dev/null | sort -u
}

_fapilog_ship() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} word command='' i
    # What stands behind -- is another command's.
    for ((i = 1; i < COMP_CWORD; ++i)); do
        [[ ${COMP_WORDS[i]} == -- ]] || continue
        if declare -F _command_offset >/dev/null; then
            _command_offset $((i + 1))
        elif ((i + 1 == COMP_CWORD)); then
            mapfile -t COMPREPLY < <({ compgen -c -- "$current"; compgen -f -- "$current"; } | sort -u)
            compopt -o filenames 2>/dev/null
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
        fi
        return
    done
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
    case $command:$before in
@COMMANDVALUES@    esac
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
    if (!is_completed(row)) continue;
    for (std::string& flag : spellings(row)) flags.push_back(std::move(flag));
    if (row.metavar.empty()) continue;
    const std::string words = candidates(row);
    values += "        " + joined(spellings(row), "|") + ")\n";
    if (takes_path(row)) {
      values += "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
      values += "            compopt -o filenames 2>/dev/null\n";
    } else if (takes_list(row)) {
      values +=
          "            word=${current##*,}\n"
          "            mapfile -t COMPREPLY < <(compgen -P \"${current%\"$word\"}\" -W '" +
          words + "' -- \"$word\")\n            compopt -o nospace 2>/dev/null\n";
    } else if (!words.empty()) {
      values +=
          "            mapfile -t COMPREPLY < <(compgen -W '" + words + "' -- \"$current\")\n";
      if (row.type() == SettingType::url) values += "            compopt -o nospace 2>/dev/null\n";
    }
    values += "            return\n            ;;\n";
  }
  std::vector<std::string> commands;
  std::string of_commands;
  std::string of_flags;
  for (const CommandRow& command : command_table()) {
    commands.emplace_back(command.name);
    std::string own;
    for (const CommandFlag& flag : command_flags()) {
      if (flag.command != command.command) continue;
      for (const std::string& spelling : spellings(flag)) own += " " + spelling;
      if (flag.metavar.empty()) continue;
      of_flags += "        " + std::string(command.name) + ":" +
                  joined(spellings(flag), "|" + std::string(command.name) + ":") + ")\n";
      if (flag.metavar == "FILE") {
        of_flags += "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
        of_flags += "            compopt -o filenames 2>/dev/null\n";
      } else if (takes_sink(flag)) {
        of_flags +=
            "            mapfile -t COMPREPLY < <(compgen -W \"$(_fapilog_ship_sinks)\" -- "
            "\"$current\")\n";
      } else if (const std::string words = candidates(flag); !words.empty()) {
        of_flags +=
            "            mapfile -t COMPREPLY < <(compgen -W '" + words + "' -- \"$current\")\n";
      }
      of_flags += "            return\n            ;;\n";
    }
    if (own.empty()) continue;
    of_commands += "            " + std::string(command.name) + ") word+='" + own + "' ;;\n";
  }
  std::string text = replaced(std::string(kBash), "@VALUES@", values);
  text = replaced(std::move(text), "@COMMANDVALUES@", of_flags);
  text = replaced(std::move(text), "@COMMANDFLAGS@", of_commands);
  text = replaced(std::move(text), "@ALTERNATIVES@", joined(commands, " | "));
  text = replaced(std::move(text), "@WITHFILES@", joined(commands_with_files(), " | "));
  text = replaced(std::move(text), "@SHELLS@", kCompletedShells);
  text = replaced(std::move(text), "@FLAGS@", joined(flags, " "));
  return replaced(std::move(text), "@COMMANDS@", joined(commands, " "));
}

}  // namespace ship
