#include "net/digest.hpp"

#include <memory>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/hex.hpp"

namespace ship {
namespace {

/// Looking up an algorithm walks OpenSSL's providers under a lock: once is enough.
EVP_MD* sha256_algorithm() {
  static EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kSha256;
}

}  // namespace

struct Sha256Stream::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr);
}

Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view piece) {
  EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size());
}

Sha256Digest Sha256Stream::finish() {
  Sha256Digest digest{};
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr);
  EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr);
  return digest;
}

Sha256Digest sha256(std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr);
  for (const std::string_view part : parts) {
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  }
  Sha256Digest digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return digest;
}

Sha256Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(kHmac),
                                                                          EVP_MAC_CTX_free);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(),
               parameters);
  for (const std::string_view part : parts) {
    EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  Sha256Digest digest{};
  std::size_t size = 0;
  EVP_MAC_final(context.get(), digest.data(), &size, digest.size());
  return digest;
}

std::string hex_text(const Sha256Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) append_hex(text, byte);
  return text;
}

}  // namespace ship
