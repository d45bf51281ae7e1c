#include "settings/value_names.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "stage/redact/redaction_presets.hpp"
#include "stage/redact/secret_catalog.hpp"

namespace ship {
namespace {

std::string redaction_names() {
  std::vector<std::string_view> names;
  for (const RedactionPreset& preset : redaction_presets()) names.push_back(preset.name);
  for (const SecretPattern& pattern : secret_patterns()) {
    if (std::find(names.begin(), names.end(), pattern.name) == names.end()) {
      names.push_back(pattern.name);
    }
  }
  std::string text;
  for (const std::string_view name : names) {
    text.append(text.empty() ? "" : " ").append(name);
  }
  return text;
}

}  // namespace

std::string value_names(const Setting& row) {
  if (row.type() == SettingType::level) return "TRACE DEBUG INFO WARNING ERROR CRITICAL";
  if (row.key == "redact.presets") return redaction_names();
  if (row.key == "levels" || row.key.ends_with("_levels")) {
    return "TRACE DEBUG INFO WARNING ERROR CRITICAL FATAL AUDIT SECURITY";
  }
  return {};
}

}  // namespace ship
