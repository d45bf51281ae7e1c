#pragma once

#include <string>

namespace ship::testing {

/// A certificate and its key as PEM files.
struct Certificate {
  std::string cert_file;
  std::string key_file;
};

/// Certificates made on the spot, in a directory of their own that goes with the object. Server
/// certificates are for 127.0.0.1 and localhost.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// The authority that signed `server`, `expired` and `client`.
  const Certificate& authority() const { return authority_; }
  const Certificate& server() const { return server_; }
  const Certificate& expired() const { return expired_; }
  const Certificate& self_signed() const { return self_signed_; }
  const Certificate& client() const { return client_; }

 private:
  std::string directory_;
  Certificate authority_, server_, expired_, self_signed_, client_;
};

}  // namespace ship::testing
