#pragma once

#include <span>
#include <string>
#include <string_view>

#include "stage/redact/mask.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {

/// One bundled value pattern. The regular expression only says that a secret may be near: it is
/// cheap to run over everything. `find` decides, and says where it begins and ends.
struct SecretPattern {
  std::string_view name;  ///< as in redact.presets and redact.actions
  std::string regex;      ///< in the syntax of vectorscan, over bytes
  bool caseless = false;
  FindSecret find = nullptr;
  Shown shown = Shown::nothing;  ///< by the action partial
  std::string_view source;       ///< who says that they look so
  bool personal = false;         ///< tells who somebody is; else it opens something
};

/// Every bundled pattern: the formats of credentials, what stands behind a name that says it is a
/// secret, personal data. They are known by their position; several may share a name. Lives as
/// long as the program.
std::span<const SecretPattern> secret_patterns();

}  // namespace ship
