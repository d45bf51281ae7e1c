#pragma once

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "net/http_transport.hpp"
#include "rows/member.hpp"

namespace ship {

/// Rows shared by every struct `S` that has members with these names: who the sink is, what it
/// trusts and shows over TLS, how long it waits. Kept here once, for HTTP and others.
// clang-format off
template <class S>
constexpr auto kUserRows = section({.scope = Scope::sink}, {
    {.key = "username", .metavar = "NAME", .sets = member<&S::username>(), .example = "shop",
     .help = "for basic authentication, or SASL", .masked = true},
    {.key = "password", .sets = member<&S::password>(), .example = "${PASSWORD}",
     .help = "the user's password"},
    {.key = "password_file", .metavar = "FILE", .sets = from_file<&S::password>(),
     .example = "/run/secrets/password", .help = "a file that holds the password"},
});

template <class S>
constexpr auto kTlsRows = section({.scope = Scope::sink}, {
    {.key = "ca_file", .metavar = "FILE", .sets = member<&S::ca_file>(SettingType::path),
     .example = "/etc/ssl/ca.pem", .help = "certificates to trust instead of the system's"},
    {.key = "cert_file", .metavar = "FILE", .sets = member<&S::cert_file>(SettingType::path),
     .example = "/etc/ssl/client.pem", .help = "a client certificate, PEM"},
    {.key = "key_file", .metavar = "FILE", .sets = member<&S::key_file>(SettingType::path),
     .example = "/etc/ssl/client.key", .help = "its private key, PEM"},
    {.key = "tls_verify", .sets = member<&S::tls_verify>(), .default_text = "true",
     .help = "verify the server's certificate"},
});

constexpr auto kTimeoutRow = section({.scope = Scope::sink}, {
    {.key = "request_timeout", .metavar = "DURATION", .sets = nowhere(SettingType::duration),
     .example = "10s", .min = 10, .max = 60 * kMinute,
     .help = "the same as delivery.request_timeout", .same_as = "delivery.request_timeout"},
});
// clang-format on

/// Sections, concatenated.
template <std::size_t... N>
constexpr auto joined(const std::array<Setting, N>&... sections) {
  std::array<Setting, (N + ...)> all{};
  std::size_t at = 0;
  (std::copy(sections.begin(), sections.end(), all.begin() + std::exchange(at, at + N)), ...);
  return all;
}

/// All rows of a sink with a `transport`: its own, the login, how bodies are compressed, and the
/// connection.
template <class Sink>
std::vector<RowsOf> http_family_rows(std::vector<RowsOf> own,
                                     std::span<const Setting> compression) {
  constexpr Part kTransport = part<Sink, &Sink::transport>;
  own.push_back({http_login_rows(), kTransport});
  own.push_back({compression, kTransport});
  own.push_back({http_connection_rows(), kTransport});
  return own;
}

}  // namespace ship
