#pragma once

#include <chrono>
#include <span>
#include <string>

#include "rows/setting.hpp"

namespace ship {

/// Common to every sink that speaks over a socket of its own, without HTTP.
struct StreamTransport {
  std::string address;  ///< see PeerAddress::parse
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool tls_verify = true;
  std::chrono::milliseconds request_timeout{10000};
  std::chrono::milliseconds connection_max_age{300'000};  ///< then it is made anew; 0: no limit

  /// What the sink's URL and the settings of its delivery tell.
  void complete(std::string url_address, std::chrono::milliseconds timeout);
  /// Says which of them do not go together.
  void check(const SettingReport& report) const;
  bool operator==(const StreamTransport&) const = default;
};

/// The rows of a sink with such a transport: certificates, the age of a connection, the timeout.
std::span<const Setting> stream_connection_rows();

/// What a connection takes of the kernel's memory, at most: its send buffer is set to half of it.
inline constexpr std::uint64_t kStreamBufferBytes = 512 * 1024;

}  // namespace ship
