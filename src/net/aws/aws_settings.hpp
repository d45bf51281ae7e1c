#pragma once

#include <span>
#include <string>

#include "base/secret.hpp"
#include "rows/setting.hpp"

namespace ship {

/// How requests to AWS are signed. If no keys are given, AwsCredentialSource finds them.
struct AwsSettings {
  std::string service;  ///< "logs", "es", "aoss"; empty: requests are not signed
  std::string region;
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string profile;

  /// Reports settings that do not go together.
  void check(const SettingReport& report) const;
  bool operator==(const AwsSettings&) const = default;
};

/// The rows of the keys, for a sink that signs.
std::span<const Setting> aws_key_rows();

}  // namespace ship
