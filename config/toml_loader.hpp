#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/origin.hpp"
#include "config/value.hpp"

namespace ship {

/// One key of a TOML text with its value, tables taken apart: `[queue] size = 5` is {"queue",
/// "size"}. A table without keys is one entry of its own.
struct RawEntry {
  std::vector<std::string> path;
  RawValue value;
  Origin key_origin;
  Origin value_origin;
  Origin table_origin;  ///< of the head of the table that it stands in

  /// The path with dots: "queue.size".
  std::string key() const;
};

/// Takes TOML 1.0 apart, in the order of the text. `source` is what every origin starts from (which
/// file). Knows nothing of settings. A syntax error ends it with one problem; nothing is thrown.
std::vector<RawEntry> load_toml(std::string_view text, const Origin& source,
                                std::vector<Problem>& problems);

}  // namespace ship
