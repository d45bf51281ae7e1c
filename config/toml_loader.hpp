#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/origin.hpp"
#include "config/value.hpp"

namespace ship {

/// One key of a TOML text with its value, with tables flattened: `[queue] size = 5` is {"queue",
/// "size"}. A table without keys is one separate entry.
struct RawEntry {
  std::vector<std::string> path;
  RawValue value;
  Origin key_origin;
  Origin value_origin;
  Origin table_origin;  ///< of the head of the table that it stands in

  /// The path with dots: "queue.size".
  std::string key() const;
};

/// Parses TOML 1.0, in the order of the text. `source` is the base of every origin (which file).
/// Knows nothing about settings. A syntax error ends it with one problem; it never throws.
std::vector<RawEntry> load_toml(std::string_view text, const Origin& source,
                                std::vector<Problem>& problems);

}  // namespace ship
