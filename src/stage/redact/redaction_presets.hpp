#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// A named set of value patterns and of field names. The names of fapilog's sets mean what they
/// mean there; the short names leave out what means something else on every second line, such as
/// `name`, `state` and `url`.
struct RedactionPreset {
  std::string_view name;      ///< in small letters; read without regard to case, `-` as `_`
  std::string_view help;      ///< one clause
  std::string_view patterns;  ///< names with blanks between them
  std::string_view fields;    ///< the same; as PathMatcher reads them
  std::string_view includes;  ///< the same; sets that belong to it
  bool credentials = false;   ///< every credential pattern and the list of names, too
  bool from_fapilog = false;
};

/// Lives as long as the program.
std::span<const RedactionPreset> redaction_presets();

/// Null where there is none of that name.
const RedactionPreset* find_redaction_preset(std::string_view name);

/// "credentials, pii, …", for messages.
std::string redaction_preset_names();

/// A set with all that it includes, each once.
struct RedactionSet {
  std::vector<std::string_view> patterns;
  std::vector<std::string_view> fields;
  bool credentials = false;  ///< `secret_fields` belong to it
};
RedactionSet resolve(const RedactionPreset& preset);

}  // namespace ship
