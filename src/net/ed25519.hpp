#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// An Ed25519 key (RFC 8032) from a PEM file: a private one ("PRIVATE KEY", PKCS #8, no password)
/// signs and verifies, a public one ("PUBLIC KEY", SubjectPublicKeyInfo) only verifies. Immutable;
/// any thread.
class Ed25519Key {
 public:
  /// Errors: config, if the text is not such a key, or the key needs a password (it never prompts).
  static Result<Ed25519Key> parse_private(std::string_view pem);
  /// Also accepts a private key, and uses its public half.
  static Result<Ed25519Key> parse_public(std::string_view pem);
  /// The same for the file at `path`, which may be a link. Errors: also io, if it cannot be read;
  /// the message names it.
  static Result<Ed25519Key> read_private(const std::string& path);
  static Result<Ed25519Key> read_public(const std::string& path);

  /// The first 16 hexadecimal digits of the SHA-256 of the 32 bytes of the public key.
  const std::string& id() const { return id_; }
  /// 128 hexadecimal digits. Empty if this is a public key.
  std::string sign(std::string_view text) const;
  /// Whether `signature`, as returned by `sign`, is of this text and by this key.
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  explicit Ed25519Key(std::shared_ptr<void> key);

  std::shared_ptr<void> key_;
  std::string id_;
};

}  // namespace ship
