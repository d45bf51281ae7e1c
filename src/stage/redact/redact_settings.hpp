#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "rows/setting.hpp"

namespace ship {

enum class RedactAction : std::uint8_t { mask, partial, hash, remove };

/// What no sink, spool or dead letter may see.
struct RedactSettings {
  enum class OnError : std::uint8_t { drop, pass };
  std::vector<std::string> presets;  ///< names of presets or of single bundled patterns
  std::vector<std::string> fields;   ///< path patterns
  std::vector<std::pair<std::string, std::string>> patterns;  ///< the user's own: name and regex
  RedactAction action = RedactAction::mask;
  /// For single patterns, by name, and for fields, as written in `fields`.
  std::vector<std::pair<std::string, RedactAction>> actions;
  std::string mask = "***";
  Secret hash_key;
  OnError on_error = OnError::drop;
  bool operator==(const RedactSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> redact_rows();

}  // namespace ship
