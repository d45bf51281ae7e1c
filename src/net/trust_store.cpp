#include "net/trust_store.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace ship {
namespace {

constexpr const char* kFiles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Red Hat, Fedora, Amazon Linux
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, without the link to it
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE, without the link to it
    "/etc/ssl/cert.pem",                                  // Alpine without its package
};
constexpr const char* kDirectories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool has_entries(const std::string& directory) {
  std::error_code none;
  const std::filesystem::directory_iterator first(directory, none);
  return !none && first != std::filesystem::directory_iterator();
}

}  // namespace

Result<TrustStore> system_trust(const std::string& root) {
  TrustStore store{environment("SSL_CERT_FILE"), environment("SSL_CERT_DIR")};
  if (!store.file.empty() || !store.directory.empty()) {
    if (Result<void> readable = check_readable(store.file, "SSL_CERT_FILE"); !readable) {
      return std::move(readable).error();
    }
    return store;
  }
  for (const char* file : kFiles) {
    if (::access((root + file).c_str(), R_OK) != 0) continue;
    store.file = root + file;
    break;
  }
  for (const char* directory : kDirectories) {
    if (!has_entries(root + directory)) continue;
    store.directory = root + directory;
    break;
  }
  if (store.file.empty() && store.directory.empty()) {
    return Error{ErrorKind::config,
                 "no certificates of authorities to check the server by: neither " +
                     std::string(kFiles[0]) + " nor " + kFiles[1] +
                     " nor any other usual place has them; install the package ca-certificates, "
                     "or set SSL_CERT_FILE, or ca_file of the sink"};
  }
  return store;
}

Result<void> check_readable(const std::string& path, std::string_view what) {
  if (path.empty()) return {};
  const auto failed = [&](const char* why) {
    return Error{ErrorKind::config,
                 "cannot read the " + std::string(what) + " " + path + ": " + why};
  };
  struct stat status {};
  if (::access(path.c_str(), R_OK) != 0 || ::stat(path.c_str(), &status) != 0) {
    return failed(std::strerror(errno));
  }
  // TLS reads it for each connection: a FIFO would block the first and be empty for the second.
  if (!S_ISREG(status.st_mode)) return failed("not a regular file");
  return {};
}

}  // namespace ship
