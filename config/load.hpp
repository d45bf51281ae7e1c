#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/sources.hpp"
#include "settings/settings.hpp"

namespace ship {

/// What the configuration is made from, in addition to the files that it names.
struct LoadRequest {
  std::vector<GivenFlag> flags;  ///< in the order of the command line
  Environment environment;
  /// Read if it exists and neither a flag nor the environment names a file.
  std::string default_file = "/etc/fapilog-ship/config.toml";
  /// For a reload: a pipe could not be read a second time, and anything else that may block is
  /// refused.
  bool regular_files_only = false;
  bool stdin_is_regular_file = false;
  /// The container's limit, in bytes; defaults that do not fit are lowered, see fit_memory.
  std::optional<std::uint64_t> memory_limit;
};

struct LoadOutcome {
  /// None if there are problems.
  std::optional<Settings> settings;
  /// As far as it could be read, for --print-config and check.
  Effective effective;
  /// All problems, sorted; if empty, `settings` is set.
  std::vector<Problem> problems;
  /// Not errors, but things that an operator should know; they contain no secrets.
  std::vector<std::string> warnings;
  /// For --verbose: which files were read, what has no effect.
  std::vector<std::string> notes;
};

/// Reads presets, files, environment and flags into validated settings. Prints nothing; reads
/// files, but not those with secrets. May be called again, to reload.
LoadOutcome load_settings(const LoadRequest& request);

}  // namespace ship
