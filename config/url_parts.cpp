#include "config/url_parts.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/hex.hpp"

namespace ship {
namespace {

/// What stands for a port, where that is a number; empty: it may be a secret that went astray.
std::string found_number(std::string_view port) {
  const bool is_number = !port.empty() && port.size() <= 6 &&
                         port.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number ? "found " + std::string(port) + ", " : "";
}

}  // namespace

bool is_host_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
}

void UrlParts::report(std::size_t at, std::string message) {
  problems_.push_back({at + 1, std::move(message)});
}

std::string UrlParts::decode(std::size_t at, std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
      report(at + i, "a % without two hexadecimal digits; write a % itself as %25");
      return result;
    }
    const int byte = hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]);
    if (byte == 0) {
      report(at + i, "%00 is not allowed");
      return result;
    }
    result += static_cast<char>(byte);
    i += 2;
  }
  return result;
}

void UrlParts::add_part(std::string_view key, std::size_t at, std::string_view text, SinkUrl& url) {
  if (text.empty()) return;
  SinkUrl::Parameter parameter;
  parameter.key = key;
  parameter.column = parameter.text_column = at + 1;
  parameter.text = decode(at, text);
  url.parameters.push_back(std::move(parameter));
}

void UrlParts::read_user(std::size_t at, std::string_view user, SinkUrl& url) {
  const std::size_t colon = std::min(user.find(':'), user.size());
  url.username = decode(at, user.substr(0, colon));
  if (colon < user.size()) url.password = decode(at + colon + 1, user.substr(colon + 1));
  if (url.username->empty()) report(at, "no user name in front of the @");
}

void UrlParts::read_host(std::size_t at, std::string_view host, std::size_t question,
                         SinkUrl& url) {
  std::string_view port;
  bool has_port = false;
  std::size_t port_at = at;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    const std::string_view address = host.substr(1, close == host.npos ? 0 : close - 1);
    const bool plain = !address.empty() && address.find_first_not_of("0123456789abcdefABCDEF:.") ==
                                               std::string_view::npos;
    const std::string_view rest = close == host.npos ? "" : host.substr(close + 1);
    if (!plain || address.find(':') == address.npos || !(rest.empty() || rest[0] == ':')) {
      report(at, "no IPv6 address between [ and ]");
      return;
    }
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
    port_at = at + close + 2;
    url.address += host.substr(0, close + 1);
  } else {
    const std::size_t colon = host.find(':');
    has_port = colon != std::string_view::npos;
    if (has_port) {
      port = host.substr(colon + 1);
      port_at = at + colon + 1;
      host = host.substr(0, colon);
    }
    if (host.empty()) {
      report(at, "no host");
      return;
    }
    for (std::size_t i = 0; i < host.size(); ++i) {
      if (!is_host_char(host[i])) {
        report(at + i, "a character that no host name has");
        return;
      }
    }
    url.address += host;
  }
  if (!has_port) return;
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || stop != port.data() + port.size() || error != std::errc{} || number == 0 ||
      number > 65535) {
    // What looks like a port may be the start of a password that holds a / or a ?: show none of
    // it.
    const bool at_sign_later = text_.find('@', std::min(port_at, question)) != text_.npos;
    report(port_at, at_sign_later && !url.username
                        ? "expected a port from 1 to 65535; if this is a password, write its /, ?, "
                          "# and @ as %2F, %3F, %23 and %40"
                        : found_number(port) + "expected a port from 1 to 65535");
    return;
  }
  url.address += ":" + std::to_string(number);
}

void UrlParts::read_parameters(std::size_t at, std::string_view query, SinkUrl& url) {
  while (true) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (!pair.empty()) {
      const std::size_t equals = pair.find('=');
      SinkUrl::Parameter parameter;
      parameter.column = at + 1;
      parameter.key = decode(at, pair.substr(0, equals));
      if (equals == std::string_view::npos || parameter.key.empty()) {
        report(at, "a parameter is written KEY=VALUE");
      } else {
        parameter.text_column = at + equals + 2;
        parameter.text = decode(at + equals + 1, pair.substr(equals + 1));
        url.parameters.push_back(std::move(parameter));
      }
    }
    if (end == query.size()) return;
    at += end + 1;
    query.remove_prefix(end + 1);
  }
}

}  // namespace ship
