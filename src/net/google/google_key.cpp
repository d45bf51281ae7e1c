#include "net/google/google_key.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

constexpr std::int64_t kJwtSeconds = 3600;

std::string base64url(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k <= left; ++k) out.push_back(kDigits[bits >> (18 - 6 * k) & 63]);
  }
  return out;
}

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

/// A key with a passphrase must not make OpenSSL ask for it on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<std::string> sign_rs256(const std::string& pem, std::string_view text) {
  const Error unreadable{ErrorKind::config, "its private_key is not an RSA key in PEM"};
  const std::unique_ptr<BIO, Freed<BIO_free>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return unreadable;
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) != 1) {
    return unreadable;
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     text.size()) != 1) {
    return unreadable;
  }
  signature.resize(size);
  return signature;
}

}  // namespace

Result<GoogleKey> read_google_key(std::string_view json) {
  FieldFinder finder({"type", "client_email", "private_key", "private_key_id", "token_uri"});
  const std::span<const Field> fields = finder.find(json);
  const auto text = [&fields](std::size_t at) {
    return fields[at].kind == JsonKind::string ? std::string(fields[at].text) : std::string();
  };
  if (text(0) != "service_account") {
    const std::string found =
        text(0).empty() ? "no \"type\"" : "type \"" + one_line(text(0), 40) + "\"";
    return Error{
        ErrorKind::config,
        "found " + found + ", expected the key of a service account (\"service_account\")"};
  }
  GoogleKey key{text(1), text(2), text(3), text(4)};
  if (key.client_email.empty() || key.private_key.empty()) {
    return Error{ErrorKind::config, "the key has no client_email or no private_key"};
  }
  if (key.token_uri.empty()) key.token_uri = "https://oauth2.googleapis.com/token";
  return key;
}

Result<std::string> signed_google_jwt(const GoogleKey& key, std::string_view scope, WallNanos now) {
  const std::int64_t issued = now / 1'000'000'000;
  std::string header = R"({"alg":"RS256","typ":"JWT")";
  std::string claims = R"({"iss":)";
  const auto member = [](std::string& object, std::string_view before, std::string_view text) {
    object += before;
    append_json_string(object, text);
  };
  if (!key.private_key_id.empty()) member(header, R"(,"kid":)", key.private_key_id);
  header += '}';
  append_json_string(claims, key.client_email);
  member(claims, R"(,"scope":)", scope);
  member(claims, R"(,"aud":)", key.token_uri);
  claims += R"(,"iat":)" + std::to_string(issued) + R"(,"exp":)" +
            std::to_string(issued + kJwtSeconds) + "}";
  std::string jwt = base64url(header) + "." + base64url(claims);
  const Result<std::string> signature = sign_rs256(key.private_key, jwt);
  if (!signature) return signature.error();
  return jwt + "." + base64url(signature.value());
}

}  // namespace ship
