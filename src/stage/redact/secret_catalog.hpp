#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stage/redact/secret_extent.hpp"

namespace ship {

/// One bundled value pattern. The regular expression only says that a secret may be near: it is
/// cheap to run over everything. `find` decides, and says where it begins and ends.
struct SecretPattern {
  std::string_view name;   ///< as in redact.patterns and redact.actions
  std::string_view regex;  ///< in the syntax of vectorscan, over bytes
  bool caseless = false;
  FindSecret find = nullptr;
};

/// Every bundled pattern; they are known by their position. Several may share a name. Lives for
/// ever.
std::span<const SecretPattern> secret_patterns();

/// A named set of patterns and of field names, after fapilog's redaction presets.
struct RedactionPreset {
  std::string_view name;
  std::string_view help;      ///< one clause
  std::string_view patterns;  ///< names with blanks between them
  std::string_view fields;    ///< the same; as PathMatcher reads them
};

/// credentials, pii, pci, hipaa, gdpr, contact, financial. Lives for ever.
std::span<const RedactionPreset> redaction_presets();

/// Null where there is none of that name.
const RedactionPreset* find_redaction_preset(std::string_view name);

/// "credentials, pii, …", for messages.
std::string redaction_preset_names();

}  // namespace ship
