#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/http_transport.hpp"

namespace ship {

/// The header lines of one request, and the texts in them that must not appear in any message.
struct RequestHeaders {
  std::vector<std::pair<std::string, std::string>> lines;
  std::vector<std::string> secrets;
};

/// The protocol's headers (`own`), the operator's (which win over a header of the same name), and
/// Authorization from bearer_token, or from username and password. Rereads secrets each time.
/// Errors: config, for a secret that cannot be read and for a name or value that is not valid in
/// HTTP.
Result<RequestHeaders> request_headers(const HttpTransport& transport,
                                       const std::vector<std::pair<std::string, std::string>>& own);

/// Replaces each occurrence of each secret in `text` by "***". Secrets under four bytes are left
/// alone: masking them would only garble the text.
void mask_secrets(std::string& text, const std::vector<std::string>& secrets);

/// Whether `name` can be a header's name or a method: a token of RFC 9110, 5.6.2.
bool is_http_token(std::string_view name);

}  // namespace ship
