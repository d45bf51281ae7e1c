#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The trusted certificate authorities, in OpenSSL's form: a PEM file, a directory with hashed
/// names, or both. Empty means absent.
struct TrustStore {
  std::string file;
  std::string directory;
};

/// The store used if a sink names no ca_file: SSL_CERT_FILE and SSL_CERT_DIR from the environment
/// (see SSL_CTX_load_verify_locations(3)), else the locations of Debian, Red Hat, SUSE, Alpine and
/// their relatives. Looked up each time, because one program runs on all of them. `root` is
/// prepended to these locations, for tests. Errors: config, if the environment names something that
/// cannot be read, or nothing is found.
Result<TrustStore> system_trust(const std::string& root = {});

/// Checks that the file of this setting can be read; an empty path is fine. Errors: config.
Result<void> check_readable(const std::string& path, std::string_view what);

}  // namespace ship
