#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
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
  std::size_t header_bytes = 0;  ///< trailers too
  /// Not empty: takes the body of an answer of 200 as it comes; false ends it.
  std::function<bool(std::string_view)> on_body;
  bool is_ok = false;  ///< the last status line says 200
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
  if (exchange.is_ok && exchange.on_body) return exchange.on_body({data, bytes}) ? bytes : 0;
  exchange.body_bytes += bytes;
  if (exchange.body_bytes > std::max(kReadBodyBytes, exchange.kept_bytes)) return 0;
  std::string& body = exchange.response.body;
  body.append(data, std::min(bytes, exchange.kept_bytes - body.size()));
  return bytes;
}

/// curl keeps every header, and has no bound for trailers.
inline std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) exchange.is_ok = line.find(" 200") == line.find(' ');
  exchange.header_bytes += size * count;
  return exchange.header_bytes > kMaxHeaderBytes ? 0 : size * count;
}

}  // namespace ship
