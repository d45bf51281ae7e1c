#include "tests/unit/net/certificates.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace ship::testing {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* cert) const { X509_free(cert); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Cert = std::unique_ptr<X509, Free>;

struct Pair {
  Key key;
  Cert cert;
};

constexpr long kDay = 24 * 3600;

void extend(X509* cert, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  X509_add_ext(cert, extension.get(), -1);
}

/// Signed by `issuer`, or by itself where that is null.
Pair make(const char* name, const Pair* issuer, bool authority, long from, long to) {
  static long serial = 1;
  Pair made{Key(EVP_EC_gen("P-256")), Cert(X509_new())};
  X509* cert = made.cert.get();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
  X509_gmtime_adj(X509_getm_notBefore(cert), from);
  X509_gmtime_adj(X509_getm_notAfter(cert), to);
  X509_set_pubkey(cert, made.key.get());
  X509_NAME* subject = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer ? issuer->cert.get() : cert;
  X509_set_issuer_name(cert, X509_get_subject_name(signer));
  extend(cert, signer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!authority) extend(cert, signer, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  if (X509_sign(cert, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("cannot sign a certificate");
  }
  return made;
}

Certificate write(const std::string& directory, const std::string& name, const Pair& pair) {
  Certificate files{directory + "/" + name + ".pem", directory + "/" + name + ".key"};
  const std::unique_ptr<std::FILE, Free> cert(std::fopen(files.cert_file.c_str(), "w"));
  const std::unique_ptr<std::FILE, Free> key(std::fopen(files.key_file.c_str(), "w"));
  PEM_write_X509(cert.get(), pair.cert.get());
  PEM_write_PrivateKey(key.get(), pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace

Certificates::Certificates() {
  std::string directory = (std::filesystem::temp_directory_path() / "ship-certs-XXXXXX").string();
  if (!::mkdtemp(directory.data())) throw std::runtime_error("cannot make a directory");
  directory_ = directory;
  const Pair authority = make("test authority", nullptr, true, -kDay, kDay);
  authority_ = write(directory_, "authority", authority);
  server_ = write(directory_, "server", make("server", &authority, false, -kDay, kDay));
  expired_ = write(directory_, "expired", make("expired", &authority, false, -2 * kDay, -kDay));
  self_signed_ = write(directory_, "self", make("self", nullptr, false, -kDay, kDay));
  client_ = write(directory_, "client", make("client", &authority, false, -kDay, kDay));
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace ship::testing
