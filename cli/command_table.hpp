#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ship {

enum class Command : std::uint8_t {
  run,
  check,
  init,
  replay,
  top,
  tap,
  health,
  verify,
  completions,
  help,
  version,
  print_config
};

/// A word that may come first on the command line, and everything that the parser, --help and the
/// completions know about it. The texts live as long as the program.
struct CommandRow {
  Command command;
  std::string_view name;
  std::string_view arguments;  ///< what follows it, as usage shows it; empty: nothing may
  std::string_view help;       ///< a phrase without a period
  std::string_view text;       ///< its own help: lines of at most 80 columns
};

/// A flag that belongs to some commands and is therefore not a setting.
struct CommandFlag {
  Command command;
  std::string_view name;     ///< without dashes
  std::string_view metavar;  ///< empty: it takes no value
  std::string_view help;
  char short_flag = 0;  ///< 0: none
};

/// In the order of --help. A run without a command has no row.
std::span<const CommandRow> command_table();
/// A flag of two commands has one row for each.
std::span<const CommandFlag> command_flags();

/// Null: no command has this name.
const CommandRow* find_command(std::string_view name);
const CommandRow& row_of(Command command);

/// The commands that have this flag, for a sentence: "top, tap and health".
std::string commands_with(std::string_view flag);

}  // namespace ship
