#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/secret.hpp"
#include "net/compression.hpp"
#include "rows/labels.hpp"
#include "rows/setting.hpp"

namespace ship {

/// Common to every sink that speaks HTTP.
struct HttpTransport {
  std::string url;  ///< scheme://host:port/path, without user information
  Labels headers;
  std::string username;
  Secret password;
  Secret bearer_token;
  std::string token_header = "Authorization";
  std::string token_scheme = "Bearer";  ///< what stands before the token there; empty: nothing
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool tls_verify = true;
  std::string proxy;
  Compression compression = Compression::none;
  std::chrono::milliseconds request_timeout{10000};
  std::chrono::milliseconds connection_max_age{300'000};  ///< after this, it is replaced; 0: no
                                                          ///< limit

  /// The same in whole seconds, rounded up, so that only 0 means no limit.
  std::chrono::seconds whole_max_age() const {
    return std::chrono::ceil<std::chrono::seconds>(connection_max_age);
  }

  /// Fills in what the sink's URL and its delivery settings say.
  void complete(std::string address, std::chrono::milliseconds timeout);
  /// Reports settings that do not go together or cannot be sent.
  void check(const SettingReport& report) const;
  bool operator==(const HttpTransport&) const = default;
};

/// The rows of a sink that speaks HTTP: who it is, and more headers.
std::span<const Setting> http_login_rows();
/// Only the headers, for signed requests.
std::span<const Setting> http_header_rows();
/// Certificates, the proxy, the timeout.
std::span<const Setting> http_connection_rows();

}  // namespace ship
