#pragma once

#include <span>
#include <string>
#include <string_view>

#include "stage/redact/mask.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {

/// One bundled value pattern. The regular expression only shows that a secret may be near: it is
/// cheap to run over everything. `find` decides, and determines where it begins and ends.
struct SecretPattern {
  std::string_view name;  ///< as in redact.presets and redact.actions
  std::string regex;      ///< in the syntax of vectorscan, over bytes
  bool caseless = false;
  FindSecret find = nullptr;
  Shown shown = Shown::nothing;  ///< with the action partial
  std::string_view source;       ///< the authority for its format
  bool personal = false;         ///< identifies a person; else it grants access
};

/// Every bundled pattern: the formats of credentials, values after a name that marks them as
/// secret, personal data. They are identified by their position; several may share a name. Lives as
/// long as the program.
std::span<const SecretPattern> secret_patterns();

}  // namespace ship
