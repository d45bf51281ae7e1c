#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// A named set of value patterns and of field names. fapilog's set names mean the same as in
/// fapilog; the short names leave out field names that usually mean something else, such as `name`,
/// `state` and `url`.
struct RedactionPreset {
  std::string_view name;      ///< in lower case; matched case-insensitively, with `-` as `_`
  std::string_view help;      ///< one clause
  std::string_view patterns;  ///< names, separated by spaces
  std::string_view fields;    ///< the same, in PathMatcher's syntax
  std::string_view includes;  ///< the same, for the sets that it includes
  bool credentials = false;   ///< also every credential pattern and the list of names
  bool from_fapilog = false;
};

/// Lives as long as the program.
std::span<const RedactionPreset> redaction_presets();

/// Null if there is none of that name.
const RedactionPreset* find_redaction_preset(std::string_view name);

/// "credentials, pii, …", for messages.
std::string redaction_preset_names();

/// A set with everything it includes, each once.
struct RedactionSet {
  std::vector<std::string_view> patterns;
  std::vector<std::string_view> fields;
  bool credentials = false;  ///< it includes `secret_fields`
};
RedactionSet resolve(const RedactionPreset& preset);

}  // namespace ship
