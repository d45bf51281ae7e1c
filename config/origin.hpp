#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ship {

/// Where a value was given: for error messages and --print-config. Ordered by precedence, lowest
/// first.
struct Origin {
  enum class Source : std::uint8_t { built_in, convention, preset, file, environment, flag };
  Source source = Source::built_in;
  std::uint32_t index = 0;  ///< which of several files or flags
  std::string name;  ///< a path, a preset, "FAPILOG_SHIP_…", "--flag", or the reason for a default
  std::uint32_t line = 0;    ///< from 1, in files and presets
  std::uint32_t column = 0;  ///< from 1, in code points

  /// "config.toml:3:7", "preset dev", "FAPILOG_SHIP_SINK", "--sink", "default".
  std::string text() const;
};

/// One problem with the configuration, in a line that needs no context.
struct Problem {
  Origin origin;
  std::string key;      ///< in full: "sinks.loki.max_age"; may be empty
  std::string message;  ///< what was found, what is expected, what to do; contains no secret

  /// "config.toml:3:7: queue.size: found "x", expected an integer from 1 to 100".
  std::string text() const;
};

/// Sorts problems in the order in which a reader meets them: presets, files by line, environment,
/// flags.
void sort_problems(std::vector<Problem>& problems);

}  // namespace ship
