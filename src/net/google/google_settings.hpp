#pragma once

#include <string>

namespace ship {

/// Where the token for Google's APIs comes from; see GoogleTokenSource.
struct GoogleSettings {
  std::string credentials_file;  ///< a service account's key; empty: the environment tells
  std::string scope = "https://www.googleapis.com/auth/logging.write";
  bool operator==(const GoogleSettings&) const = default;
};

}  // namespace ship
