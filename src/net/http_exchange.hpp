#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "net/http_client.hpp"

namespace ship {

/// Beyond this, reading on costs more than a new connection: the connection is closed instead.
inline constexpr std::size_t kReadBodyBytes = 1024 * 1024;
/// The most bytes of an answer's headers and trailers together.
inline constexpr std::size_t kMaxHeaderBytes = 256 * 1024;

/// The request body as curl reads it, and the answer as it comes in.
struct HttpExchange {
  std::string_view unsent;
  std::size_t kept_bytes = 0;
  HttpResponse response;
  std::size_t body_bytes = 0;
  std::size_t header_bytes = 0;  ///< including trailers
};

inline std::size_t read_body(char* out, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  const std::size_t bytes = std::min(size * count, exchange.unsent.size());
  std::memcpy(out, exchange.unsent.data(), bytes);
  exchange.unsent.remove_prefix(bytes);
  return bytes;
}

inline std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  const std::size_t bytes = size * count;
  exchange.body_bytes += bytes;
  if (exchange.body_bytes > std::max(kReadBodyBytes, exchange.kept_bytes)) return 0;
  std::string& body = exchange.response.body;
  body.append(data, std::min(bytes, exchange.kept_bytes - body.size()));
  return bytes;
}

/// curl keeps every header and does not limit trailers.
inline std::size_t take_header(char*, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  exchange.header_bytes += size * count;
  return exchange.header_bytes > kMaxHeaderBytes ? 0 : size * count;
}

}  // namespace ship
