#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/command_table.hpp"
#include "config/sources.hpp"

namespace ship {

/// What tap is to show.
struct TapOptions {
  std::string where;  ///< an expression
  std::string sink;
  std::string stage;        ///< in, out, or empty: what suits the sink
  std::uint64_t count = 0;  ///< records; 0: no end
};

/// The command line, understood but not yet checked against the bounds of the settings.
struct CommandLine {
  Command command = Command::run;
  std::vector<GivenFlag> flags;        ///< in the order given; those that are settings
  std::vector<std::string> arguments;  ///< of the command: a shell's name, paths, lines
  std::vector<std::string> child;      ///< what stands behind `--`
  std::string misplaced;               ///< a sink that is given there, as in "--sink stdout:"
  bool connect = false;                ///< check --connect
  bool explain = false;                ///< check --explain; the lines are the arguments
  bool brief = false;                  ///< help: -h, one screen
  std::string url;                     ///< top --url, tap --url, health --url
  TapOptions tap;
  std::vector<std::string> seal_keys;       ///< verify --seal-key-file
  std::vector<std::string> expected_heads;  ///< verify --expect-head
  std::vector<std::string> anchors;         ///< verify --anchor: files of records
  bool quiet = false;
  bool verbose = false;
};

/// Parses the command line. Words that are not a command are files to read or, after check,
/// configurations; both become the equivalent flags. Errors: usage, with the nearest known flag or
/// command.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace ship
