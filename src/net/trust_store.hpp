#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The authorities whose certificates are believed, as OpenSSL takes them: a file in PEM, a
/// directory whose names are hashes, or both. An empty one is not there.
struct TrustStore {
  std::string file;
  std::string directory;
};

/// What holds where a sink names no ca_file: SSL_CERT_FILE and SSL_CERT_DIR of the environment (see
/// SSL_CTX_load_verify_locations(3)), else the places of Debian, Red Hat, SUSE, Alpine and their
/// kin. Looked up each time, for one program runs on all of them. `root` is put before the latter,
/// for tests. Errors: config, where the environment names what cannot be read, or nothing is found.
Result<TrustStore> system_trust(const std::string& root = {});

/// Whether the file of this setting can be read; an empty path can. Errors: config.
Result<void> check_readable(const std::string& path, std::string_view what);

}  // namespace ship
