#pragma once

#include <span>
#include <string>

#include "base/secret.hpp"
#include "rows/setting.hpp"

namespace ship {

/// Where the run can be inspected.
struct ServerSettings {
  std::string listen;   ///< as ListenAddress reads it; empty: nowhere
  Secret bearer_token;  ///< empty: anyone who reaches the address may look
  bool operator==(const ServerSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> server_rows();

}  // namespace ship
