#include "net/stream_transport.hpp"

#include <utility>

#include "net/connection_rows.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kAge = section({.scope = Scope::sink}, {
    {.key = "connection_max_age", .metavar = "DURATION",
     .sets = member<&StreamTransport::connection_max_age>(), .default_text = "5m", .max = 365 * kDay,
     .help = "how long a connection is used before a new one looks the address up again; 0 is no "
             "limit"},
});
// clang-format on

}  // namespace

std::span<const Setting> stream_connection_rows() {
  static constexpr auto kRows = joined(kTlsRows<StreamTransport>, kAge, kTimeoutRow);
  return kRows;
}

void StreamTransport::complete(std::string url_address, std::chrono::milliseconds timeout) {
  address = std::move(url_address);
  request_timeout = timeout;
}

void StreamTransport::check(const SettingReport& report) const {
  if (!key_file.empty() && cert_file.empty()) report("key_file", "needs a cert_file");
}

}  // namespace ship
