#include "net/ed25519.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <optional>
#include <unistd.h>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/hex.hpp"
#include "net/digest.hpp"

namespace ship {
namespace {

constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kMaxPemBytes = 65536;

/// Nobody is at a terminal to type a password.
int no_password(char*, int, int, void*) { return -1; }

EVP_PKEY* pkey(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

using PemReader = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

std::shared_ptr<void> read_pem(std::string_view pem, PemReader reader) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  EVP_PKEY* const read = bio ? reader(bio.get(), nullptr, no_password, nullptr) : nullptr;
  ERR_clear_error();
  if (read != nullptr && EVP_PKEY_get_id(read) != EVP_PKEY_ED25519) {
    EVP_PKEY_free(read);
    return nullptr;
  }
  if (read == nullptr) return nullptr;
  return {read, [](void* key) { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }};
}

Result<std::string> read_text(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_error("read " + path, errno);
  std::string text(kMaxPemBytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read " + path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Result<Ed25519Key> read_key(const std::string& path,
                            Result<Ed25519Key> (*parse)(std::string_view pem)) {
  auto text = read_text(path);
  if (!text) return std::move(text).error();
  auto key = parse(text.value());
  if (!key) return std::move(key).error().in(path);
  return key;
}

}  // namespace

Ed25519Key::Ed25519Key(std::shared_ptr<void> key) : key_(std::move(key)) {
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(pkey(key_), raw.data(), &size);
  id_ = hex_text(sha256({std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size())}))
            .substr(0, 16);
}

Result<Ed25519Key> Ed25519Key::parse_private(std::string_view pem) {
  auto key = read_pem(pem, PEM_read_bio_PrivateKey);
  if (key) return Ed25519Key(std::move(key));
  return Error{ErrorKind::config,
               "not an Ed25519 private key in PEM without a password; make one with: openssl "
               "genpkey -algorithm ed25519"};
}

Result<Ed25519Key> Ed25519Key::parse_public(std::string_view pem) {
  auto key = read_pem(pem, PEM_read_bio_PUBKEY);
  if (!key) key = read_pem(pem, PEM_read_bio_PrivateKey);
  if (key) return Ed25519Key(std::move(key));
  return Error{ErrorKind::config,
               "not an Ed25519 public key in PEM; get it from the private one with: openssl pkey "
               "-pubout"};
}

Result<Ed25519Key> Ed25519Key::read_private(const std::string& path) {
  return read_key(path, parse_private);
}

Result<Ed25519Key> Ed25519Key::read_public(const std::string& path) {
  return read_key(path, parse_public);
}

std::string Ed25519Key::sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::array<unsigned char, kSignatureBytes> raw{};
  std::size_t size = raw.size();
  const bool signs =
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey(key_)) == 1 &&
      EVP_DigestSign(context.get(), raw.data(), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  std::string digits;
  if (!signs) return digits;
  for (const unsigned char byte : raw) append_hex(digits, byte);
  return digits;
}

bool Ed25519Key::verify(std::string_view text, std::string_view signature) const {
  if (signature.size() != 2 * kSignatureBytes) return false;
  std::array<unsigned char, kSignatureBytes> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const int high = hex_value(signature[2 * i]);
    const int low = hex_value(signature[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    raw[i] = static_cast<unsigned char>(high * 16 + low);
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const bool holds =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey(key_)) == 1 &&
      EVP_DigestVerify(context.get(), raw.data(), raw.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  return holds;
}

}  // namespace ship
