#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/sources.hpp"

namespace ship {

enum class Command { run, check, completions, replay, top, verify, help, version, print_config };

/// The command line, understood but not yet checked against the bounds of the settings.
struct CommandLine {
  Command command = Command::run;
  std::vector<GivenFlag> flags;             ///< in the order given; those that are settings
  std::vector<std::string> arguments;       ///< of the command: a shell's name, paths
  std::vector<std::string> child;           ///< what stands behind `--`
  bool connect = false;                     ///< check --connect
  bool explain = false;                     ///< check --explain; the lines are the arguments
  std::string url;                          ///< top --url
  std::vector<std::string> seal_keys;       ///< verify --seal-key-file
  std::vector<std::string> expected_heads;  ///< verify --expect-head
  std::vector<std::string> anchors;         ///< verify --anchor: files of records
  bool quiet = false;
  bool verbose = false;
};

/// Takes the command line apart. Errors: usage, with the nearest known flag.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace ship
