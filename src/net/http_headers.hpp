#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/http_transport.hpp"

namespace ship {

/// The header lines of one request, and which texts among them nobody may read in a message.
struct RequestHeaders {
  std::vector<std::pair<std::string, std::string>> lines;
  std::vector<std::string> secrets;
};

/// What the protocol asks for (`own`), what the operator set (it wins over a header of the same
/// name), and Authorization from bearer_token, or from username and password. Secrets are read anew
/// each time. Errors: config, for a secret that cannot be read and for a name or value that is none
/// in HTTP.
Result<RequestHeaders> request_headers(const HttpTransport& transport,
                                       const std::vector<std::pair<std::string, std::string>>& own);

/// Replaces each occurrence of each secret in `text` by "***". Secrets of under four bytes are
/// left: to mask them would only garble the text.
void mask_secrets(std::string& text, const std::vector<std::string>& secrets);

/// True where `name` can be a header's name or a method: a token of RFC 9110, 5.6.2.
bool is_http_token(std::string_view name);

}  // namespace ship
