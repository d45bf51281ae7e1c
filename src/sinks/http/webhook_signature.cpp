#include "sinks/http/webhook_signature.hpp"

#include "net/digest.hpp"

namespace ship {

std::string webhook_signature(std::string_view secret, std::string_view timestamp,
                              std::string_view body) {
  return "sha256=" + hex_text(hmac_sha256(secret, {timestamp, ".", body}));
}

}  // namespace ship
