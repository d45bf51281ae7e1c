#include "net/http_transport.hpp"

#include "net/connection_rows.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kTokens = section({.scope = Scope::sink}, {
    {.key = "bearer_token", .sets = member<&HttpTransport::bearer_token>(), .example = "${TOKEN}",
     .help = "for Authorization: Bearer"},
    {.key = "bearer_token_file", .metavar = "FILE",
     .sets = from_file<&HttpTransport::bearer_token>(), .example = "/run/secrets/token",
     .help = "a file that holds the token; read again when it changes"},
});

constexpr auto kHeaders = section({.scope = Scope::sink}, {
    {.key = "headers", .metavar = "K=V", .sets = member<&HttpTransport::headers>(),
     .example = "X-Team=shop", .help = "extra request headers", .masked = true},
});

constexpr auto kProxy = section({.scope = Scope::sink}, {
    {.key = "proxy", .metavar = "URL", .sets = member<&HttpTransport::proxy>(),
     .example = "http://proxy:3128",
     .help = "an HTTP proxy; none: ignore the environment's too", .masked = true},
    {.key = "connection_max_age", .metavar = "DURATION",
     .sets = member<&HttpTransport::connection_max_age>(), .default_text = "5m", .max = 365 * kDay,
     .help = "how long to use a connection before looking the address up again; 0 is no limit"},
});
// clang-format on

}  // namespace

std::span<const Setting> http_login_rows() {
  static constexpr auto kRows = joined(kUserRows<HttpTransport>, kTokens, kHeaders);
  return kRows;
}

std::span<const Setting> http_header_rows() { return kHeaders; }

std::span<const Setting> http_connection_rows() {
  static constexpr auto kRows = joined(kTlsRows<HttpTransport>, kProxy, kTimeoutRow);
  return kRows;
}

void HttpTransport::complete(std::string address, std::chrono::milliseconds timeout) {
  url = std::move(address);
  request_timeout = timeout;
}

void HttpTransport::check(const SettingReport& report) const {
  if (!password.empty() && username.empty()) report("password", "needs a username");
  if (!bearer_token.empty() && !username.empty()) {
    report("username", "given together with a bearer token; keep one of the two");
  }
  if (!key_file.empty() && cert_file.empty()) report("key_file", "needs a cert_file");
  for (const auto& [name, value] : headers) {
    if (name.find_first_not_of("!#$%&'*+-.^_`|~0123456789"
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
        std::string::npos) {
      report("headers." + name, "not a valid header name");
    } else if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      report("headers." + name, "the header's text has a line break");
    }
  }
}

}  // namespace ship
