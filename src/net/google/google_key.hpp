#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace ship {

/// The key of a service account, as Google's console gives it out.
struct GoogleKey {
  std::string client_email;
  std::string private_key;  ///< PEM; never shown
  std::string private_key_id;
  std::string token_uri;
};

/// Reads the JSON of a key file. Errors: config, for what is another kind of credentials or is
/// incomplete; the message holds nothing of the file but its "type".
Result<GoogleKey> read_google_key(std::string_view json);

/// A JWT (RFC 7519) that asks `key.token_uri` for a token with `scope`: RS256 (RFC 7518, 3.3), good
/// for an hour from `now` on. Errors: config, for a private key that OpenSSL does not read.
Result<std::string> signed_google_jwt(const GoogleKey& key, std::string_view scope, WallNanos now);

}  // namespace ship
