#include "net/http_headers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>

#include "base/percent.hpp"

namespace ship {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// A line break or a NUL in a value would start another header.
bool is_header_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// Whether a header may hold a key: all may, except the few that are known not to.
bool may_be_secret(std::string_view header_name) {
  constexpr std::array<std::string_view, 6> kHarmless = {
      "Content-Type", "Accept", "Accept-Language", "User-Agent", "X-Scope-OrgID", "Host"};
  return std::none_of(kHarmless.begin(), kHarmless.end(),
                      [&](std::string_view name) { return equal_names(name, header_name); });
}

std::string base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < left ? static_cast<unsigned char>(text[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= left ? kDigits[bits >> (18 - 6 * k) & 63] : '=');
    }
  }
  return out;
}

/// "user:password" of a URL; empty if it has none.
std::string_view user_information(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find_first_of("/?#"));
  const auto at = url.rfind('@');
  return at == std::string_view::npos ? std::string_view() : url.substr(0, at);
}

/// The variables that curl reads if no proxy is set. Uppercase HTTP_PROXY is not one of them: in a
/// CGI program a client's "Proxy" header would set it (https://httpoxy.org).
constexpr const char* kProxyVariables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                           "ALL_PROXY"};

/// The user and password of a proxy's URL, as written there and as the header sends them.
void add_secrets_of(std::string_view proxy, std::vector<std::string>& secrets) {
  const std::string_view user = user_information(proxy);
  if (user.empty()) return;
  const std::string plain = percent_decoded(user);
  for (const std::string_view written : {user, std::string_view(plain)}) {
    secrets.emplace_back(base64(written));
    secrets.emplace_back(written);
    secrets.emplace_back(written.substr(written.find(':') + 1));
  }
}

}  // namespace

Result<RequestHeaders> request_headers(
    const HttpTransport& transport, const std::vector<std::pair<std::string, std::string>>& own) {
  RequestHeaders headers;
  const auto add = [&](std::string name, std::string value) -> Result<void> {
    if (!is_http_token(name)) {
      return Error{ErrorKind::config, "\"" + name + "\" is not a valid header name"};
    }
    if (!is_header_value(value)) {
      return Error{ErrorKind::config, "the value of the header " + name + " holds a line break"};
    }
    headers.lines.emplace_back(std::move(name), std::move(value));
    return {};
  };
  const auto configured = [&](std::string_view name) {
    return std::any_of(transport.headers.begin(), transport.headers.end(),
                       [&](const auto& header) { return equal_names(header.first, name); });
  };

  constexpr std::string_view kBearer = "Bearer ";
  for (const auto& [name, value] : own) {
    if (configured(name)) continue;
    if (equal_names(name, "X-Amz-Security-Token")) headers.secrets.push_back(value);
    if (value.starts_with(kBearer)) headers.secrets.push_back(value.substr(kBearer.size()));
    if (Result<void> added = add(name, value); !added) return std::move(added).error();
  }
  for (const auto& [name, value] : transport.headers) {
    if (may_be_secret(name)) {
      headers.secrets.push_back(value);
      // "Bearer KEY", "ApiKey KEY": a server may repeat only the key.
      headers.secrets.push_back(value.substr(value.find(' ') + 1));
    }
    if (Result<void> added = add(name, value); !added) return std::move(added).error();
  }
  const bool has_token = !transport.bearer_token.empty();
  if (configured(has_token ? transport.token_header : "Authorization")) {
    // The operator wrote the whole header; there can be only one.
  } else if (has_token) {
    Result<std::string> token = transport.bearer_token.reveal();
    if (!token) return std::move(token).error();
    headers.secrets.push_back(token.value());
    const std::string before = transport.token_scheme.empty() ? "" : transport.token_scheme + " ";
    Result<void> added = add(transport.token_header, before + token.value());
    if (!added) return std::move(added).error();
  } else if (!transport.username.empty() || !transport.password.empty()) {
    Result<std::string> password = transport.password.reveal();
    if (!password) return std::move(password).error();
    const std::string encoded = base64(transport.username + ":" + password.value());
    headers.secrets.push_back(encoded);
    headers.secrets.push_back(password.value());
    Result<void> added = add("Authorization", "Basic " + encoded);
    if (!added) return std::move(added).error();
  }
  if (const auto query = transport.url.find('?'); query != std::string::npos) {
    std::string_view rest = std::string_view(transport.url).substr(query + 1);
    while (!rest.empty()) {
      const std::string_view parameter = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
      headers.secrets.emplace_back(parameter.substr(parameter.find('=') + 1));
    }
  }
  add_secrets_of(transport.proxy, headers.secrets);
  if (transport.proxy.empty()) {
    for (const char* const name : kProxyVariables) {
      if (const char* const url = std::getenv(name)) add_secrets_of(url, headers.secrets);
    }
  }
  return headers;
}

void mask_secrets(std::string& text, const std::vector<std::string>& secrets) {
  constexpr std::string_view kMask = "***";
  for (const std::string& secret : secrets) {
    if (secret.size() < 4) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kMask.size())) {
      text.replace(at, secret.size(), kMask);
    }
  }
}

bool is_http_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) ||
           kMarks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace ship
