#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/secret.hpp"
#include "rows/setting.hpp"

namespace ship {

/// Where the run can be inspected.
struct ServerSettings {
  std::string listen;   ///< as ListenAddress reads it; empty: nowhere
  Secret bearer_token;  ///< empty: whoever reaches the address may look
  /// Whether records can be looked at, where only this machine or who knows the token can: raw is
  /// before the redaction, too.
  enum class Tap : std::uint8_t { off, on, raw };
  Tap tap = Tap::on;
  bool operator==(const ServerSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> server_rows();

}  // namespace ship
